"""What an applicant may change alone after sending, until the decision, and which checks a change opens again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portal.i18n import Lazy as _l


@dataclass(frozen=True)
class Amendable:
    """A part of the answers: in which section it lies, and whether a check that was finished rests on it."""

    key: str
    section: str
    title: _l
    opens_checks: bool


AMENDABLE = {
    one.key: one
    for one in (
        Amendable("contact", "identity", _l("Telephone and mailing address"), opens_checks=False),
        Amendable("passport", "citizenship", _l("Passport"), opens_checks=True),
        Amendable("licence", "licence", _l("Driver’s licence"), opens_checks=True),
        Amendable("vehicles", "vehicles", _l("Vehicles"), opens_checks=False),
    )
}
"""Name and birth are corrected by an officer, who is asked in words. A new passport or licence is looked up again."""


def amended(answers: Mapping[str, Any], part: Amendable, change: Mapping[str, Any]) -> dict[str, Any]:
    """All answers, with what `change` says of one part in the place of what was said before."""
    before = answers.get(part.section) or {}
    after = dict(change) if part.key == part.section else {**before, **change}
    return {**answers, part.section: after}
