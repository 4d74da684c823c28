"""Places: one desk at one time, claimed by one statement each, so that two people can never have the same.

No look before the leap: the statement that claims is the one that finds. Those who come second are told at once,
because a place that somebody is claiming is skipped, not waited for.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.models import Hold

CLAIM = text(
    """
    with picked as (
        select id from place
        where slot_id = :slot and interview_part_id is null and (held_until is null or held_until <= :now)
        order by desk limit 1
        for update skip locked
    ), kept as (
        insert into hold (id, interview_id, purpose, until, extensions, created_at)
        select cast(:hold as uuid), cast(:interview as uuid), cast(:purpose as text), cast(:until as timestamptz), 0,
               cast(:now as timestamptz)
        from picked
        on conflict (interview_id) do update
            set id = excluded.id, purpose = excluded.purpose, until = excluded.until, extensions = 0,
                created_at = excluded.created_at
        returning id, interview_id, purpose, until, extensions, created_at
    ), let_go as (
        update place set hold_id = null, held_until = null
        where hold_id = :before and id not in (select id from picked) and exists (select from picked)
    ), claimed as (
        update place set hold_id = kept.id, held_until = kept.until from picked, kept where place.id = picked.id
        returning place.id
    )
    select kept.id, interview_id, purpose, until, extensions, created_at from kept, claimed
    """
).columns(Hold.id, Hold.interview_id, Hold.purpose, Hold.until, Hold.extensions, Hold.created_at)
KEEP = text(
    """
    update place set held_until = :until
    where hold_id = :hold and interview_part_id is null and starts_at > :now
    returning id
    """
)
LET_GO_OF_HELD = text("update place set hold_id = null, held_until = null where hold_id = :hold")
LET_GO_OF_BOOKED = text("update place set interview_part_id = null where interview_part_id = :part returning id")
BOOK = text(
    "update place set interview_part_id = :part, hold_id = null, held_until = null where id = :place returning id"
)
TAKE = text(
    """
    with taken as (
        update place set interview_part_id = :part, hold_id = null, held_until = null
        from hold join interview on interview.id = hold.interview_id
                  join application on application.id = interview.application_id
        where hold.interview_id = :interview and place.hold_id = hold.id and place.interview_part_id is null
          and place.starts_at > :now and application.status = 'conditionally_approved'
        returning place.id, hold.id as held
    ), forgotten as (
        delete from hold using taken where hold.id = taken.held
    )
    select id from taken
    """
)
SWEEP = text(
    """
    with expired as (
        select place.id from place where held_until <= :now for update skip locked
    )
    update place set hold_id = null, held_until = null from expired where place.id = expired.id
    """
)
FORGET = text("delete from hold where until <= :now and not exists (select from place where hold_id = hold.id)")


def claim(
    session: Session,
    slot_id: uuid.UUID,
    interview_id: uuid.UUID,
    *,
    purpose: str,
    until: datetime,
    now: datetime,
    before: uuid.UUID | None,
) -> Hold | None:
    """Hold a free place of the slot for an interview, and let go of what its hold `before` had; one statement.

    None, and nothing changed, when no place is free. A hold that has expired is no hindrance.
    """
    values = {
        "slot": slot_id,
        "interview": interview_id,
        "hold": uuid.uuid4(),
        "purpose": purpose,
        "until": until,
        "now": now,
        "before": before,
    }
    return session.scalars(select(Hold).from_statement(CLAIM), values).one_or_none()


def keep(session: Session, hold_id: uuid.UUID, *, until: datetime, now: datetime) -> uuid.UUID | None:
    """Lock the place that is held, and hold it until then; None when somebody else has it, or its time has come.

    An expired hold that nobody else has taken up is still good.
    """
    found: uuid.UUID | None = session.execute(KEEP, {"hold": hold_id, "until": until, "now": now}).scalar()
    return found


def book(session: Session, place_id: uuid.UUID, part_id: uuid.UUID) -> None:
    """Turn the held place into a booked one. The caller has locked it with `keep`."""
    session.execute(BOOK, {"place": place_id, "part": part_id})


def take(session: Session, interview_id: uuid.UUID, part_id: uuid.UUID, *, now: datetime) -> uuid.UUID | None:
    """Book for a part what its interview holds, and end the hold; one statement. None when nothing is held any more.

    An expired hold that nobody else has taken up is still good. An application that has ended meanwhile takes nothing.
    """
    values = {"interview": interview_id, "part": part_id, "now": now}
    found: uuid.UUID | None = session.execute(TAKE, values).scalar()
    return found


def let_go_of_held(session: Session, hold_id: uuid.UUID) -> None:
    """Free the place that is held, if there is one."""
    session.execute(LET_GO_OF_HELD, {"hold": hold_id})


def let_go_of_booked(session: Session, part_id: uuid.UUID) -> uuid.UUID | None:
    """Free the place that is booked for a part; returns it, or None when none was."""
    found: uuid.UUID | None = session.execute(LET_GO_OF_BOOKED, {"part": part_id}).scalar()
    return found


def sweep(session: Session, *, now: datetime) -> None:
    """Free every place whose hold has expired, and forget the holds that hold nothing."""
    session.execute(SWEEP, {"now": now})
    session.execute(FORGET, {"now": now})
