"""What the machine-readable zone of a document can answer, for its owner to confirm; nothing is believed unasked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from portal.domain import countries
from portal.domain.mrz import MRZ
from portal.domain.mrz_states import country_of
from portal.domain.passport_names import mrz_line
from portal.domain.questions import SEXES
from portal.i18n import Lazy as _l
from portal.i18n import format_date

PASSPORT, MEMBER_CARD = "passport_page", "member_card"
KINDS = (PASSPORT, "other_passport", "resident_card", MEMBER_CARD)
"""The kinds of documents that have a zone."""

LABELS = {
    "family_name": _l("Family name"),
    "given_names": _l("Given names"),
    "birth_on": _l("Date of birth"),
    "sex": _l("Sex"),
    "nationality": _l("Citizenship"),
    "number": _l("Number of the document"),
    "country": _l("Country that issued it"),
    "expires_on": _l("Expires on"),
}
ABOUT_THE_PAPER = ("number", "country", "expires_on")
CUT_OFF = _l("The line has no room for the whole name. Type it as the page above the lines shows it.")


@dataclass(frozen=True)
class ReadAnswer:
    """One answer in a zone. `value` as the application keeps it, "" where it cannot be read; `shown` as people read it.

    `is_sure`: its check digit proves it, or nothing in it was in doubt. `remark` says why it cannot be taken over.
    """

    key: str
    value: str
    shown: str
    is_sure: bool
    remark: _l | None = None

    @property
    def label(self) -> _l:
        return LABELS[self.key]


def answers_in(zone: MRZ, kind: str, today: date) -> list[ReadAnswer]:
    """Every answer that the zone of such a document gives. A membership card says nothing of itself that is asked."""
    found = [*_about_the_person(zone, today), *_about_the_paper(zone, today)]
    return [one for one in found if kind != MEMBER_CARD or one.key not in ABOUT_THE_PAPER]


def is_same_name(zone: MRZ, key: str, typed: str) -> bool:
    """Whether a name that was typed is printed so in the zone, which knows no accents."""
    family, given = (typed, "") if key == "family_name" else ("", typed)
    return bool(typed) and mrz_line(family, given, length=None) == zone[key].replace(" ", "<")


def _about_the_person(zone: MRZ, today: date) -> Iterator[ReadAnswer]:
    is_sure, remark = zone.is_sure("names"), None if zone.has_room_for_names else CUT_OFF
    for key in ("family_name", "given_names"):
        name = zone[key].title()
        if name or key == "family_name":
            yield ReadAnswer(key, name, name, is_sure, remark)
    yield _day("birth_on", zone.born(today), zone.is_sure("birth"))
    sex = zone["sex"] or "X"
    yield ReadAnswer("sex", sex if sex in SEXES else "", str(SEXES.get(sex, "")), zone.is_sure("sex"))
    yield _country("nationality", zone, "nationality")


def _about_the_paper(zone: MRZ, today: date) -> Iterator[ReadAnswer]:
    yield ReadAnswer("number", zone["number"], zone["number"], zone.is_sure("number"))
    yield _country("country", zone, "issuing_state")
    yield _day("expires_on", zone.expires(today), zone.is_sure("expiry"))


def _country(key: str, zone: MRZ, field: str) -> ReadAnswer:
    code = country_of(zone[field])
    known = code if code in countries.CODES or code in countries.PASSPORT_CODES else ""
    return ReadAnswer(key, known, countries.name(known) if known else "", zone.is_sure(field))


def _day(key: str, day: date | None, is_sure: bool) -> ReadAnswer:
    return ReadAnswer(key, day.isoformat() if day else "", format_date(day) if day else "", is_sure)
