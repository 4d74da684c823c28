"""Enrolment centres: loading the facts about them, and finding them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from portal.domain.centre_facts import CENTRES
from portal.domain.centres import DESKS, FACTS_HOLD_FROM, CentreFacts
from portal.models import EnrolmentCentre, OpeningRule
from portal.services import programme


def load(session: Session, facts: Iterable[CentreFacts] = CENTRES) -> list[EnrolmentCentre]:
    """Write the centres into the database, or bring them up to date; loaded twice, nothing changes.

    Opening rules are written for a new centre only: later they belong to whoever runs it.
    """
    known = {centre.number: centre for centre in session.scalars(select(EnrolmentCentre))}
    return [_load_one(session, known.get(each.number), each) for each in facts]


def _load_one(session: Session, centre: EnrolmentCentre | None, facts: CentreFacts) -> EnrolmentCentre:
    columns = _columns(facts)
    if centre is None:
        centre = EnrolmentCentre(**columns)
        session.add(centre)
        session.flush()
        minutes = programme.setting(session, "slots", FACTS_HOLD_FROM)["minutes"]
        session.add_all(_rules(centre, facts, minutes))
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


_LONG = (defer(EnrolmentCentre.instructions), defer(EnrolmentCentre.second_site))


def all_centres(session: Session) -> list[EnrolmentCentre]:
    """Every centre, by country, region and city. Long texts are read when asked for: a list of times needs none."""
    order = (EnrolmentCentre.country, EnrolmentCentre.region, EnrolmentCentre.city, EnrolmentCentre.number)
    return list(session.scalars(select(EnrolmentCentre).order_by(*order).options(*_LONG)))


def some(session: Session, ids: Iterable[uuid.UUID]) -> list[EnrolmentCentre]:
    """The centres with these identifiers, without their long texts."""
    return list(session.scalars(select(EnrolmentCentre).where(EnrolmentCentre.id.in_(set(ids))).options(*_LONG)))


def by_number(session: Session, number: int) -> EnrolmentCentre | None:
    """The centre with this number, where there is one."""
    return session.scalars(select(EnrolmentCentre).where(EnrolmentCentre.number == number)).one_or_none()


BOOKED_ONLINE = ("joint",)
"""The interview models whose interviews are booked online."""


def can_be_booked(centre: EnrolmentCentre) -> bool:
    """Whether its interviews are booked online: only joint ones for now."""
    return centre.interview_model in BOOKED_ONLINE
