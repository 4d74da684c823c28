"""Places: one desk at one time, claimed by one statement each, so that two people can never have the same.

No look before the leap: the statement that claims is the one that finds. Those who come second are told at once,
because a place that somebody is claiming is skipped, not waited for.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy.orm import Session

from portal.models.statements import Statement
from portal.services import audit, transitions

FREE = "place.interview_part_id is null and (place.held_until is null or place.held_until <= :now)"
OWN = "(select id from hold where interview_id = :interview and purpose <> 'offer')"
WANTED = f"""
    select id, slot_id from place where slot_id = :slot and ({FREE} or hold_id = {OWN} and interview_part_id is null)
    order by hold_id is not distinct from {OWN} desc, desk limit 1 for update skip locked
"""  # noqa: S608  # here and below: no part of a statement comes from outside
CLOSEST = 8
NEAR = f"""
    select place.id, place.slot_id from place join (
        (select id, starts_at from place where centre_id = :centre and {FREE} and slot_id is distinct from :not_slot
          and starts_at > :at and starts_at < :day_ends order by starts_at limit {CLOSEST})
        union all
        (select id, starts_at from place where centre_id = :centre and {FREE} and slot_id is distinct from :not_slot
          and starts_at < :at and starts_at > :day_begins order by starts_at desc limit {CLOSEST})
    ) near on near.id = place.id join slot on slot.id = place.slot_id and slot.local_on = :local_on
    where {FREE}
    order by abs(extract(epoch from near.starts_at - :at)) limit 1
    for update of place skip locked
"""  # noqa: S608
CLAIM = """
    with picked as ({place}), kept as (
        insert into hold (id, interview_id, purpose, until, extensions, created_at)
        select cast(:hold as uuid), cast(:interview as uuid), cast(:purpose as text), cast(:until as timestamptz), 0,
               cast(:now as timestamptz)
        from picked
        on conflict (interview_id) where purpose <> 'offer' do update
            set id = excluded.id, purpose = excluded.purpose, until = excluded.until, extensions = 0,
                created_at = excluded.created_at
        returning id, until
    ), let_go as (
        update place set hold_id = null, held_until = null
        where hold_id = {own}
          and id not in (select id from picked) and exists (select from picked)
    ), claimed as (
        update place set hold_id = kept.id, held_until = kept.until from picked, kept where place.id = picked.id
        returning kept.id, place.slot_id, kept.until
    ), {trail}
    select id, slot_id, until from claimed
"""
CLAIM_WANTED = Statement(CLAIM.format(place=WANTED, own=OWN, trail=audit.in_sql("claimed")))
CLAIM_NEAR = Statement(CLAIM.format(place=NEAR, own=OWN, trail=audit.in_sql("claimed")))
KEEP = Statement(
    """
    update place set held_until = :until
    where hold_id = :hold and interview_part_id is null and starts_at > :now
    returning id
    """
)
SWAP_OUT = Statement(
    """
    with kept as (
        select id from place where hold_id = :hold and interview_part_id is null and starts_at > :now for update
    )
    update place set interview_part_id = null from kept where place.interview_part_id = :part
    returning place.id
    """
)
TAKE = Statement(
    f"""
    with taken as (
        update place set interview_part_id = :part, hold_id = null, held_until = null
        where id = :place and hold_id = :hold and interview_part_id is null and starts_at > :now
          and exists (select from application where id = :application and status = 'conditionally_approved')
        returning id
    ), forgotten as (
        delete from hold using taken where hold.id = :hold
    ), part as (
        update interview_part set state = 'booked', calendar_sequence = calendar_sequence + 1
        from taken where interview_part.id = :part
    ), {transitions.in_sql("interview", "taken")}
    select id from taken
    """  # noqa: S608
)
LET_GO_OF_HELD = Statement("update place set hold_id = null, held_until = null where hold_id = :hold")
LET_GO_OF_BOOKED = Statement("update place set interview_part_id = null where interview_part_id = :part returning id")
TAKE_KEPT = Statement(
    """
    update place set interview_part_id = :part, held_until = null
    where id = :place and interview_part_id is null and hold_id is null and held_until > :now and starts_at > :now
    returning id
    """
)
SWEEP = Statement(
    """
    with expired as (
        select place.id from place where held_until <= :now for update skip locked
    )
    update place set hold_id = null, held_until = null from expired where place.id = expired.id
    """
)
FORGET = Statement("delete from hold where until <= :now and not exists (select from place where hold_id = hold.id)")

Claimed = tuple[uuid.UUID, uuid.UUID, datetime]
"""The hold, the slot, and until when."""


def claim(session: Session, values: dict[str, Any]) -> Claimed | None:
    """Hold a free place of a slot for an interview, let go of what its hold had before, and write the trail.

    None, and nothing changed, when no place is free. A hold that has expired is no hindrance, nor is its own: of two
    clicks at once, the second finds what the first has done.
    """
    return CLAIM_WANTED.first(session, values)


def claim_near(
    session: Session,
    values: dict[str, Any],
    *,
    centre_id: uuid.UUID,
    starts_at: datetime,
    local_on: date,
    not_slot: uuid.UUID | None,
) -> Claimed | None:
    """The same with the free place nearest to `starts_at` at a centre on that local day; not one of `not_slot`."""
    noon = datetime.combine(local_on, time(12), starts_at.tzinfo)
    span = {
        "centre": centre_id,
        "at": starts_at,
        "local_on": local_on,
        "not_slot": not_slot,
        "day_begins": max(values["now"], noon - timedelta(days=1, hours=3)),  # no zone is further from UTC than this
        "day_ends": noon + timedelta(days=1, hours=3),
    }
    return CLAIM_NEAR.first(session, values | span)


def keep(session: Session, hold_id: uuid.UUID, *, until: datetime, now: datetime) -> uuid.UUID | None:
    """Lock the place that is held, and hold it until then; None when somebody else has it, or its time has come.

    An expired hold that nobody else has taken up is still good.
    """
    found: uuid.UUID | None = KEEP.value(session, {"hold": hold_id, "until": until, "now": now})
    return found


def swap_out(session: Session, part_id: uuid.UUID, hold_id: uuid.UUID, *, now: datetime) -> uuid.UUID | None:
    """Let go of the booked place and return it, but only with the held one locked: None where that is gone."""
    found: uuid.UUID | None = SWAP_OUT.value(session, {"part": part_id, "hold": hold_id, "now": now})
    return found


def take(session: Session, values: dict[str, Any]) -> bool:
    """Book the held place for a part, end the hold, and write status, history, trail and message; one statement.

    An expired hold that nobody else has taken up is still good. An application that has ended meanwhile takes nothing.
    """
    return TAKE.first(session, values) is not None


def take_kept(session: Session, place_id: uuid.UUID, part_id: uuid.UUID, *, now: datetime) -> bool:
    """Book for a part a place that is kept without a hold; False when it is not kept any more."""
    return TAKE_KEPT.first(session, {"place": place_id, "part": part_id, "now": now}) is not None


def let_go_of_held(session: Session, hold_id: uuid.UUID) -> None:
    """Free the place that is held, if there is one."""
    LET_GO_OF_HELD.execute(session, {"hold": hold_id})


def let_go_of_booked(session: Session, part_id: uuid.UUID) -> uuid.UUID | None:
    """Free the place that is booked for a part; returns it, or None when none was."""
    found: uuid.UUID | None = LET_GO_OF_BOOKED.value(session, {"part": part_id})
    return found


def sweep(session: Session, *, now: datetime) -> None:
    """Free every place whose hold has expired, and forget the holds that hold nothing."""
    SWEEP.execute(session, {"now": now})
    FORGET.execute(session, {"now": now})
