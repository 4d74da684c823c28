"""Who may apply for somebody else, and whose consent it needs (SOR/2003-323, section 7(2) and (2.1)).

Every other parent, and everybody else whom a court gave custody, must consent to a child's application. An adult whom
somebody represents consents too, or the one does who represents them by law.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.i18n import Lazy as _l

RELATIONS = {
    "mother": _l("Mother"),
    "father": _l("Father"),
    "parent": _l("Parent"),
    "guardian": _l("Guardian"),
}

TOGETHER = "together"

CUSTODY = {
    TOGETHER: _l("Another parent or guardian must consent too"),
    "sole": _l("A court gave me sole custody"),
    "one_on_certificate": _l("I am the only parent on the birth certificate"),
    "court": _l("A court order lets me apply without the other parent"),
    "dead": _l("The other parent has died"),
    "unknown": _l("Nobody knows who or where the other parent is"),
}
"""The six ways in which it can stand with the other parent."""

CUSTODY_PROOFS = {
    TOGETHER: _l("The consent of the other parent or guardian"),
    "sole": _l("The court order that gives you sole custody"),
    "one_on_certificate": _l("The long birth certificate, which names one parent"),
    "court": _l("The court order"),
    "dead": _l("The death certificate"),
    "unknown": _l("A statement under oath of what you did to find the other parent"),
}
"""What proves each of them, for the checklist and the interview."""

DETAILS_NEEDED = ("court", "unknown")

BASES = {
    "court_order": _l("A court named me as guardian or representative"),
    "mandate": _l("A mandate or a power of attorney that is in force"),
    "consents": _l("The person has a disability and agrees that I apply for them"),
}
BASIS_PROOFS = {
    "court_order": _l("The court order that names you"),
    "mandate": _l("The mandate or the power of attorney"),
    "consents": _l("The person’s own consent, confirmed at the interview"),
}

WAYS = {
    "link": _l("Online, by a link that we email"),
    "letter": _l("In a signed letter that I upload"),
}

IDENTITY_PAPERS = {
    "passport": _l("Passport"),
    "licence": _l("Driver’s licence"),
    "identity_card": _l("Identity card"),
    "other": _l("Another document with a photo"),
}

STATES = {
    "waiting": (_l("Waiting"), "attention"),
    "given": (_l("Consent given"), "success"),
    "refused": (_l("Consent not given"), "error"),
    "withdrawn": (_l("Consent withdrawn"), "error"),
}
"""What a consent's state is called, and its colour."""


def others_to_ask(guardian: Mapping[str, Any] | None) -> list[Mapping[str, Any]]:
    """Everybody else whose consent the application needs, as the section on parents and guardians says."""
    if not guardian or guardian.get("custody") != TOGETHER:
        return []
    return list(guardian.get("others", ()))


def needs_persons_word(guardian: Mapping[str, Any] | None) -> bool:
    """Whether the represented adult must agree in person."""
    return bool(guardian and guardian.get("basis") == "consents")
