"""What a named helper may do: fill in a draft, less what only officers and the applicant know; never sign, send or pay.

Who may know what is the registry's (rulings, section 2 [V]); the database holds the same lines (migration `helpers`).
"""

from __future__ import annotations

from portal.domain.facts import Fact, Viewer
from portal.domain.permissions import Permission, Role
from portal.domain.registry import may, may_know

NEVER = ("consent",)
"""Sections of an application that no helper opens: an applicant, a parent or a representative signs."""
FACTS = {"background": Fact.BACKGROUND_ANSWERS, "uploads": Fact.DOCUMENTS}
"""What a section tells; all others tell answers."""
WITHHELD_DOCUMENTS = ("court_papers", "pardon_papers", "consent_letter")
"""Documents that tell what background answers do, or what another parent says."""
MOST_HELPERS = 5
"""Of one account, those not answered yet counted."""


def fills(section: str, status: str) -> bool:
    """Whether a helper opens and fills in this section of an application in `status`."""
    fact = FACTS.get(section, Fact.ANSWERS)
    is_open = may((Role.APPLICANT,), Permission.APPLICATION_HELP, status)
    return is_open and section not in NEVER and may_know(Viewer.HELPER, fact, status)
