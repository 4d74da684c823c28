"""Slots: made ahead from the opening rules of each centre, and looked through for free ones."""

from __future__ import annotations

import functools
import uuid
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session, joinedload

from portal.clock import now
from portal.domain import public_holidays
from portal.domain.errors import NotFound
from portal.domain.interview_models import JOINT, SPLIT, TWO_STEP
from portal.domain.interviews import Opening, slot_starts
from portal.models import EnrolmentCentre, OpeningRule, Slot
from portal.models.statements import Statement
from portal.services import closures, interview_parts, places, releases
from portal.services.centres import can_be_booked

Cursor = tuple[datetime, uuid.UUID]
ALL_MODELS = {JOINT, SPLIT, TWO_STEP}
DAY, WEEK = timedelta(days=1), timedelta(days=7)

INSERT_SLOTS = text(
    """
    insert into slot (id, centre_id, starts_at, local_on, minutes)
    select gen_random_uuid(), :centre, starts_at, local_on, minutes
    from unnest(cast(:starts as timestamptz[]), cast(:days as date[]), cast(:minutes as integer[]))
         as wanted (starts_at, local_on, minutes)
    on conflict (centre_id, starts_at) do nothing
    """
)
INSERT_PLACES = text(
    """
    insert into place (id, slot_id, centre_id, starts_at, desk)
    select gen_random_uuid(), slot.id, slot.centre_id, slot.starts_at, desk
    from unnest(cast(:starts as timestamptz[]), cast(:desks as integer[])) as wanted (starts_at, desks)
    join slot on slot.centre_id = :centre and slot.starts_at = wanted.starts_at,
         generate_series(1, wanted.desks) as desk
    on conflict (slot_id, desk) do nothing
    """
)


COLUMNS = "place.slot_id, place.starts_at, slot.local_on, slot.minutes, place.centre_id"
IS_FREE = f"{places.FREE} and place.starts_at > :now"


def _side(where: str, elsewhere: int, before_or_after: str, order: str) -> str:
    """The free slots on one side of a moment, nearest first: the index is walked no further than needed."""
    return f"""
        (select distinct on (place.starts_at, place.slot_id) {COLUMNS}, {elsewhere} as elsewhere
         from place join slot on slot.id = place.slot_id
         where {IS_FREE} and {where} and place.slot_id <> :slot and place.starts_at {before_or_after}
           and (cast(:until_on as date) is null or slot.local_on <= :until_on)
         order by place.starts_at {order}, place.slot_id limit :limit)
    """  # noqa: S608  # here and below: no part of a statement comes from outside


NEAREST = Statement(
    f"""
    with near as (
        {_side("place.centre_id = :centre", 0, ">= :at and place.starts_at <= :ends", "asc")} union all
        {_side("place.centre_id = :centre", 0, "< :at and place.starts_at >= :begins", "desc")} union all
        {_side("place.centre_id <> :centre", 1, ">= :at and place.starts_at <= :day_ends", "asc")} union all
        {_side("place.centre_id <> :centre", 1, "< :at and place.starts_at >= :day_begins", "desc")}
    ), chosen as (
        select * from near order by elsewhere, abs(extract(epoch from starts_at - :at)), slot_id limit :limit
    )
    select slot_id, starts_at, local_on, minutes, centre_id from chosen order by starts_at, slot_id
    """  # noqa: S608
)
# The bounds of the time are those that the index understands; the days and the cursor are exact.
NARROWED = {
    "centre": "place.centre_id = :centre",
    "models": "place.centre_id in (select id from enrolment_centre where interview_model = any(:models))",
    "from": "slot.local_on >= :from_on and place.starts_at > :begins",
    "until": "slot.local_on <= :until_on and place.starts_at < :ends",
    "after": "place.starts_at >= :after_at and (place.starts_at, place.slot_id) > (:after_at, :after_id)",
}


@functools.cache
def _free(*narrowed: str) -> Statement:
    """The soonest free slots, narrowed in these ways."""
    conditions = " and ".join((IS_FREE, *(NARROWED[name] for name in narrowed)))
    return Statement(
        f"""
        select distinct on (place.starts_at, place.slot_id) {COLUMNS}
        from place join slot on slot.id = place.slot_id
        where {conditions} order by place.starts_at, place.slot_id limit :limit
        """  # noqa: S608
    )


@dataclass(frozen=True)
class Wanted:
    """A slot that ought to be there."""

    starts_at: datetime
    local_on: date
    minutes: int
    desks: int


def generate(session: Session, centres: Iterable[EnrolmentCentre], *, days: int | None = None) -> int:
    """Make the slots and places that each centre's rule has released by now, or those of the next `days`.

    Goes on from the last day that a centre has slots for, so that made again nothing changes. Returns how many slots
    are new. Refreshes the planner's statistics: on those of an empty table its plans are a hundred times slower.
    """
    made = sum(_generate_at(session, centre, days) for centre in centres if can_be_booked(centre))
    if made:
        session.execute(text("select refresh_slot_statistics()"))
    return made


def last_day(session: Session, centre: EnrolmentCentre) -> date:
    """The last local day for which a centre has slots; today where it has none."""
    found = session.scalar(select(func.max(Slot.local_on)).where(Slot.centre_id == centre.id))
    return found or now().astimezone(ZoneInfo(centre.zone)).date()


def _generate_at(session: Session, centre: EnrolmentCentre, days: int | None) -> int:
    closures.lock_centre(session, centre.id)
    today_there = now().astimezone(ZoneInfo(centre.zone)).date()
    if days is None:
        until = releases.due_until(releases.rules(session, [centre])[centre.id], centre)
    else:
        until = today_there + timedelta(days=days - 1)
    first = max(today_there, last_made(session, centre) or today_there)
    made = make(session, centre, first, until + DAY)
    centre.released_until = max(until, centre.released_until or until)
    return made


def last_made(session: Session, centre: EnrolmentCentre) -> date | None:
    """The last day of the centre's calendar that has slots."""
    return session.scalar(select(func.max(Slot.local_on)).where(Slot.centre_id == centre.id))


def make(session: Session, centre: EnrolmentCentre, first: date, end: date) -> int:
    """Make what is lacking of the slots and places of each day from `first` on and before `end`; gives how many slots.

    What lies in a closure that is in force comes closed. The caller has locked the centre.
    """
    rules = session.scalars(select(OpeningRule).where(OpeningRule.centre_id == centre.id)).all()
    closed = {one.day for one in public_holidays.between(centre.holiday_lists, first, end)}
    wanted = list(wanted_slots(rules, centre.zone, first, end, closed))
    starts = [slot.starts_at for slot in wanted]
    made = session.execute(
        INSERT_SLOTS,
        {
            "centre": centre.id,
            "starts": starts,
            "days": [slot.local_on for slot in wanted],
            "minutes": [slot.minutes for slot in wanted],
        },
    )
    session.execute(INSERT_PLACES, {"centre": centre.id, "starts": starts, "desks": [slot.desks for slot in wanted]})
    interview_parts.make_second_places(session, centre, first, end)
    for closure in closures.of_centre(session, centre):
        if closure.state == "in_force":
            closures.close_free_places(session, closure)
    return int(made.rowcount)  # type: ignore[attr-defined]


def wanted_slots(
    rules: Sequence[OpeningRule], zone: str, first: date, end: date, closed: Collection[date] = ()
) -> Iterator[Wanted]:
    """The slots of each day from `first` on and before `end`; on `closed` days, those of an extra day only."""
    for day in (first + timedelta(days=number) for number in range((end - first).days)):
        for rule in rules:
            if _holds(rule, day) and (day not in closed or rule.valid_from == rule.valid_to):
                opening = Opening(rule.opens, rule.closes, rule.step_minutes)
                for start in slot_starts(day, opening, zone):
                    yield Wanted(start, day, rule.step_minutes, rule.desks)


def _holds(rule: OpeningRule, day: date) -> bool:
    in_time = rule.valid_from <= day and (rule.valid_to is None or day <= rule.valid_to)
    return in_time and rule.weekday == day.weekday()


class FreeSlot(NamedTuple):
    """A time at which at least one place is free."""

    id: uuid.UUID
    starts_at: datetime
    local_on: date
    minutes: int
    centre_id: uuid.UUID

    @property
    def cursor(self) -> Cursor:
        """Where the next page of a list begins after this slot."""
        return self.starts_at, self.id


def find(session: Session, slot_id: uuid.UUID) -> Slot:
    """The slot with this identifier and its centre, free or not. Raises NotFound."""
    slot = session.get(Slot, slot_id, options=[joinedload(Slot.centre)])
    if slot is None:
        raise NotFound(slot_id)
    return slot


def free(
    session: Session,
    *,
    centre: EnrolmentCentre | None = None,
    models: Sequence[str] | None = None,
    from_on: date | None = None,
    until_on: date | None = None,
    after: Cursor | None = None,
    limit: int = 50,
) -> list[FreeSlot]:
    """Free slots from now on, soonest first over all centres or at one, between two local days; `after` pages on.

    `models`: only centres that interview so.
    """
    values: dict[str, Any] = {"now": now(), "limit": limit}
    narrowed: dict[str, dict[str, Any]] = {}
    if centre is not None:
        narrowed["centre"] = {"centre": centre.id}
    if models is not None and set(models) != ALL_MODELS:
        narrowed["models"] = {"models": list(models)}
    if from_on is not None:
        narrowed["from"] = {"from_on": from_on, "begins": _midnight(from_on) - DAY}
    if until_on is not None:
        narrowed["until"] = {"until_on": until_on, "ends": _midnight(until_on) + 2 * DAY}
    if after is not None:
        narrowed["after"] = {"after_at": after[0], "after_id": after[1]}
    for more in narrowed.values():
        values |= more
    session.flush()
    return [FreeSlot._make(row) for row in _free(*narrowed).rows(session, values)]


def nearest(session: Session, slot: Slot, *, until_on: date | None = None, limit: int = 6) -> list[FreeSlot]:
    """The free slots nearest to one that is taken: at the same centre within a week, then elsewhere within a day."""
    values = {
        "slot": slot.id, "centre": slot.centre_id, "at": slot.starts_at, "now": now(), "until_on": until_on,
        "begins": slot.starts_at - WEEK, "ends": slot.starts_at + WEEK,
        "day_begins": slot.starts_at - DAY, "day_ends": slot.starts_at + DAY, "limit": limit,
    }  # fmt: skip
    session.flush()
    return [FreeSlot._make(row) for row in NEAREST.rows(session, values)]


def _midnight(day: date) -> datetime:
    # A bound for the index, a day wide of the exact one: no zone is further from UTC than that.
    return datetime.combine(day, time(0), UTC)
