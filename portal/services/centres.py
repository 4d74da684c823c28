"""Enrolment centres: loading the facts about them, and finding them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.centre_facts import CENTRES
from portal.domain.centres import DESKS, FACTS_HOLD_FROM, CentreFacts, SecondSite
from portal.domain.interview_models import SPLIT
from portal.models import EnrolmentCentre, OpeningRule
from portal.models.statements import Statement, Whole
from portal.services import programme

SECOND_SITES_FROM = 900_000
"""The other side of a split centre has the centre's number and this: no list of the programme gives it one."""


def load(session: Session, facts: Iterable[CentreFacts] = CENTRES) -> list[EnrolmentCentre]:
    """Write the centres into the database, or bring them up to date; loaded twice, nothing changes.

    Opening rules and holidays are written for a new centre only: later they belong to whoever runs it.
    """
    known = {centre.number: centre for centre in session.scalars(select(EnrolmentCentre))}
    return [_load_with_second(session, known, each) for each in facts]


def _load_with_second(session: Session, known: Mapping[int, EnrolmentCentre], facts: CentreFacts) -> EnrolmentCentre:
    centre = _load_one(session, known.get(facts.number), facts)
    site = facts.second_site
    if site is not None:
        number = SECOND_SITES_FROM + facts.number
        _write(session, known.get(number), _columns_of_second(centre, number, site))
    return centre


def _load_one(session: Session, known: EnrolmentCentre | None, facts: CentreFacts) -> EnrolmentCentre:
    centre = _write(session, known, _columns(facts))
    if known is None:
        centre.holiday_lists = list(facts.holiday_lists)
        centre.late_rule, centre.late_minutes = facts.late
        centre.pilot_since, centre.iris_capture = facts.pilot_since, facts.iris_capture
        minutes = programme.setting(session, "slots", FACTS_HOLD_FROM)["minutes"]
        session.add_all(_rules(centre, facts, minutes))
        session.flush()
    return centre


def _write(session: Session, centre: EnrolmentCentre | None, columns: dict[str, Any]) -> EnrolmentCentre:
    if centre is None:
        centre = EnrolmentCentre(**columns)
        session.add(centre)
    for name, value in columns.items():
        if getattr(centre, name) != value:
            setattr(centre, name, value)
    session.flush()
    return centre


def _columns(facts: CentreFacts) -> dict[str, Any]:
    same = (
        "number", "name_en", "name_fr", "is_french_name_ours", "address", "city", "region", "postal_code", "country",
        "zone", "is_invented",
    )  # fmt: skip
    return {
        **{name: getattr(facts, name) for name in same},
        "modes": list(facts.modes),
        "interview_model": facts.model,
        "agencies": list(facts.agencies),
        "second_site": asdict(facts.second_site) if facts.second_site else None,
        "instructions": [asdict(instruction) for instruction in facts.instructions],
        "are_hours_stated": bool(facts.stated_hours),
    }


def _columns_of_second(centre: EnrolmentCentre, number: int, site: SecondSite) -> dict[str, Any]:
    """The other side of a split centre: a place to go to, never one to book by itself."""
    return {
        "number": number,
        "name_en": site.name_en,
        "name_fr": site.name_fr,
        "is_french_name_ours": True,
        "address": site.address,
        "city": site.city,
        "region": site.region,
        "postal_code": site.postal_code or "",
        "country": site.country,
        "zone": centre.zone,
        "modes": centre.modes,
        "interview_model": SPLIT,
        "agencies": [site.agency],
        "instructions": [asdict(instruction) for instruction in site.instructions],
        "are_hours_stated": False,
        "is_invented": centre.is_invented,
        "second_of_id": centre.id,
        "travel_minutes": site.travel_minutes,
    }


def _rules(centre: EnrolmentCentre, facts: CentreFacts, minutes: int) -> list[OpeningRule]:
    return [
        OpeningRule(
            centre_id=centre.id,
            weekday=weekday,
            opens=hours.opens,
            closes=hours.closes,
            step_minutes=minutes,
            desks=DESKS,
            valid_from=FACTS_HOLD_FROM,
        )
        for hours in facts.hours
        for weekday in hours.weekdays
    ]


_SHORT = Whole(EnrolmentCentre, without=("instructions", "second_site", "notices"))
_IN_ORDER = "order by country, region, city, number"
_FIRST_SIDES = Statement(f"select {_SHORT.sql} from enrolment_centre where second_of_id is null {_IN_ORDER}")  # noqa: S608
_EVERY_SIDE = Statement(f"select {_SHORT.sql} from enrolment_centre {_IN_ORDER}")  # noqa: S608
_SOME = Statement(f"select {_SHORT.sql} from enrolment_centre where id = any(cast(:ids as uuid[]))")  # noqa: S608


def all_centres(session: Session) -> list[EnrolmentCentre]:
    """Every centre, by country, region and city. Long texts are read when asked for: a list of times needs none."""
    return _made(session, _FIRST_SIDES)


def where_officers_sit(session: Session) -> list[EnrolmentCentre]:
    """Every centre, and the other side of those whose interviews have a second half across the border."""
    return _made(session, _EVERY_SIDE)


def some(session: Session, ids: Iterable[uuid.UUID]) -> list[EnrolmentCentre]:
    """The centres with these identifiers, without their long texts."""
    return _made(session, _SOME, ids=list(set(ids)))


def _made(session: Session, statement: Statement, **values: Any) -> list[EnrolmentCentre]:
    session.flush()
    return [cast(EnrolmentCentre, _SHORT.made(session, row)) for row in statement.rows(session, values)]


def by_number(session: Session, number: int) -> EnrolmentCentre | None:
    """The centre with this number, where there is one."""
    query = select(EnrolmentCentre).where(EnrolmentCentre.number == number, EnrolmentCentre.second_of_id.is_(None))
    return session.scalars(query).one_or_none()


def can_be_booked(centre: EnrolmentCentre) -> bool:
    """Whether interviews begin there. The other side of a split centre is booked with its first, never by itself."""
    return centre.second_of_id is None


def second_site_of(session: Session, centre: EnrolmentCentre) -> EnrolmentCentre | None:
    """Where the second half of an interview at a split centre is held."""
    return session.scalars(select(EnrolmentCentre).where(EnrolmentCentre.second_of_id == centre.id)).one_or_none()
