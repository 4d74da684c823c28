"""What the machine-readable zone of a document says beside what the applicant wrote: equal, different, unreadable."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from portal.domain import mrz
from portal.domain.answers import Answers, masked
from portal.domain.mrz import BY_KIND, MRZ
from portal.domain.mrz_states import country_of
from portal.i18n import Lazy as _l
from portal.i18n import format_date

EQUAL, DIFFERENT, UNREADABLE = "equal", "different", "unreadable"

LABELS = {
    "name": _l("Name on the passport"),
    "birth": _l("Date of birth"),
    "number": _l("Passport number"),
    "expiry": _l("Expires on"),
    "nationality": _l("Citizenship"),
    "issuing_state": _l("Country that issued it"),
}


@dataclass(frozen=True)
class Compared:
    """A field of the document beside the answer: how they compare, and what the document says where they differ."""

    field: str
    state: str
    read: str = ""


def compared(zone: MRZ | None, identity: Answers, citizenship: Answers, today: date) -> list[Compared]:
    """Each field that both have. What no check digit proves and is not what was written counts as unreadable."""
    if zone is None:
        return [Compared(field, UNREADABLE) for field in LABELS]
    return list(_compared(zone, identity, citizenship, today))


def _compared(zone: MRZ, identity: Answers, citizenship: Answers, today: date) -> Iterator[Compared]:
    name = " ".join(part for part in (zone["family_name"], zone["given_names"]) if part)
    yield _verdict("name", _names(zone, identity, citizenship), zone, name, is_proven=True)
    born, expires = zone.born(today), zone.expires(today)
    yield _verdict("birth", _iso(born) == identity.get("birth_on"), zone, _day(born))
    number = str(citizenship.get("passport_number", ""))
    yield _verdict("number", zone["number"] == number, zone, masked(zone["number"]))
    yield _verdict(
        "expiry", _iso(expires) == citizenship.get("passport_expires_on"), zone, format_date(expires) if expires else ""
    )
    for field, codes in (
        ("nationality", citizenship.get("citizenships") or []),
        ("issuing_state", [citizenship.get("passport_country")]),
    ):
        yield _verdict(field, country_of(zone[field]) in codes, zone, zone[field], is_proven=True)


def _verdict(field: str, is_equal: bool, zone: MRZ, read: str, *, is_proven: bool | None = None) -> Compared:
    if is_equal:  # a reading that is wrong does not happen to be just what was written
        return Compared(field, EQUAL)
    is_proven = zone.fields[field].is_verified if is_proven is None else is_proven
    return Compared(field, DIFFERENT, read) if is_proven and read else Compared(field, UNREADABLE)


def _names(zone: MRZ, identity: Answers, citizenship: Answers) -> bool:
    """Whether the zone prints the name that the applicant gave for the passport, shortened as zones shorten names."""
    row, start, end = BY_KIND[zone.kind].places["names"]
    printed = zone.lines[row][start:end].rstrip("<")
    family, given = (
        str(citizenship.get(f"passport_{part}") or identity.get(part) or "") for part in ("family_name", "given_names")
    )
    return printed == mrz.fitting_names(family, given, end - start)


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def _day(day: date | None) -> str:
    return format_date(day) if day else ""
