"""What an officer can be trained for beside languages, and an application can need: given by an administrator.

Programme rules name no such list; each agency trains its own people. Work that needs a competence is offered first to
who has it (`reviews.take_next`); where nobody of the agency has it, to everybody, so that nothing waits for ever.
"""

from __future__ import annotations

from portal.i18n import Lazy
from portal.i18n import Lazy as _l

MINORS, HITS = "minors", "hits"
COMPETENCES: dict[str, tuple[Lazy, Lazy]] = {
    MINORS: (_l("Minors"), _l("Applications that a parent or guardian sent for a child")),
    HITS: (_l("Look-out hits"), _l("Applications with a hit that nobody has assessed yet")),
}
"""By key: what it is called, and which applications need it."""
