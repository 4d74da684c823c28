"""Free times as anybody may read them: for the public interface of tools, and for the page without signing in."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.clock import now
from portal.models import EnrolmentCentre
from portal.models.statements import Statement

FREE = "place.interview_part_id is null and (place.held_until is null or place.held_until <= :now)"
SOONEST = Statement(
    f"""
    select centre.id, soonest.* from unnest(cast(:centres as uuid[])) with ordinality as asked (id, line)
    join enrolment_centre centre on centre.id = asked.id
    cross join lateral (
        select distinct on (place.starts_at, place.slot_id) place.starts_at, slot.minutes, slot.local_on
        from place join slot on slot.id = place.slot_id
        where place.centre_id = centre.id and place.starts_at > :now and {FREE}
          and (cast(:from_on as date) is null or slot.local_on >= :from_on)
          and (cast(:until_on as date) is null or slot.local_on <= :until_on)
          and (cardinality(cast(:weekdays as integer[])) = 0
               or extract(isodow from slot.local_on) - 1 = any(cast(:weekdays as integer[])))
          and (cast(:from_time as time) is null or (place.starts_at at time zone centre.zone)::time >= :from_time)
          and (cast(:until_time as time) is null or (place.starts_at at time zone centre.zone)::time < :until_time)
          and (:minimum = 1 or :minimum <= (
              select count(*) from place other where other.slot_id = place.slot_id
                 and other.interview_part_id is null and (other.held_until is null or other.held_until <= :now)
          ))
        order by place.starts_at, place.slot_id limit :limit
    ) soonest
    order by asked.line, soonest.starts_at
    """  # noqa: S608  # here and below: no part of a statement comes from outside
)
OF_CENTRE = Statement(
    f"""
    select slot.starts_at, slot.minutes, counted.total, counted.active, counted.pending from (
        select slot_id, count(*) as total, count(*) filter (where {FREE}) as active,
               count(*) filter (where place.interview_part_id is null and place.held_until > :now) as pending
        from place where centre_id = :centre and starts_at >= :starts and starts_at < :ends group by slot_id
    ) counted join slot on slot.id = counted.slot_id and slot.centre_id = :centre
       and slot.starts_at >= :starts and slot.starts_at < :ends
    order by slot.starts_at limit :limit
    """  # noqa: S608
)
LAST_PUBLISHED = text("select max(starts_at) from slot where centre_id = :centre")
SPEAKING = text(
    """
    select centre.id from enrolment_centre centre where cardinality(centre.agencies) = (
        select count(distinct officer.agency) from officer
        where officer.centre_id = centre.id and officer.disabled_at is null and :language = any(officer.languages)
    )
    """
)


class Soonest(NamedTuple):
    """A free time at a centre."""

    centre_id: uuid.UUID
    starts_at: datetime
    minutes: int
    local_on: date


class Counted(NamedTuple):
    """A slot and its places: all of them, those that are free, those that are held."""

    starts_at: datetime
    minutes: int
    total: int
    active: int
    pending: int


def soonest(
    session: Session,
    centres: Sequence[EnrolmentCentre],
    *,
    each: int,
    minimum: int = 1,
    from_on: date | None = None,
    until_on: date | None = None,
    weekdays: Sequence[int] = (),
    from_time: time | None = None,
    until_time: time | None = None,
) -> list[Soonest]:
    """At most `each` free times of each centre, the soonest first, centre by centre in the order given.

    `minimum` places must be free at once. Weekdays (Monday = 0) and times of the day are those of the centre.
    """
    values: dict[str, Any] = {
        "centres": [centre.id for centre in centres],
        "limit": each,
        "minimum": minimum,
        "from_on": from_on,
        "until_on": until_on,
        "weekdays": list(weekdays),
        "from_time": from_time,
        "until_time": until_time,
        "now": now(),
    }
    return [Soonest._make(row) for row in SOONEST.rows(session, values)]


def of_centre(
    session: Session, centre: EnrolmentCentre, starts: datetime, ends: datetime, *, limit: int
) -> list[Counted]:
    """Every slot of a centre between two moments, free or not, with its places counted."""
    values = {"centre": centre.id, "starts": starts, "ends": ends, "limit": limit, "now": now()}
    return [Counted._make(row) for row in OF_CENTRE.rows(session, values)]


def last_published(session: Session, centre: EnrolmentCentre) -> datetime | None:
    """When the last slot starts that a centre has published."""
    found: datetime | None = session.scalar(LAST_PUBLISHED, {"centre": centre.id})
    return found


def speaking(session: Session, language: str) -> set[uuid.UUID]:
    """The centres where officers of every agency that sits there hold interviews in a language."""
    return set(session.scalars(SPEAKING, {"language": language}))
