"""Places: one desk at one time, claimed by one statement each, so that two people can never have the same.

No look before the leap: the statement that claims is the one that finds. Those who come second are told at once,
because a place that somebody is claiming is skipped, not waited for.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

HOLD = text(
    """
    update place set hold_id = :hold, held_until = :until
    where id = (
        select id from place
        where slot_id = :slot and interview_part_id is null and (held_until is null or held_until <= :now)
        order by desk limit 1
        for update skip locked
    )
    returning id
    """
)
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
SWEEP = text(
    """
    with expired as (
        select place.id from place where held_until <= :now for update skip locked
    )
    update place set hold_id = null, held_until = null from expired where place.id = expired.id
    """
)
FORGET = text("delete from hold where until <= :now and not exists (select from place where hold_id = hold.id)")


def hold(
    session: Session, slot_id: uuid.UUID, hold_id: uuid.UUID, *, until: datetime, now: datetime
) -> uuid.UUID | None:
    """Hold a free place of the slot; None when there is none. A hold that has expired is no hindrance."""
    parameters = {"slot": slot_id, "hold": hold_id, "until": until, "now": now}
    found: uuid.UUID | None = session.execute(HOLD, parameters).scalar()
    return found


def keep(session: Session, hold_id: uuid.UUID, *, until: datetime, now: datetime) -> uuid.UUID | None:
    """Lock the place that is held, and hold it until then; None when somebody else has it, or its time has come.

    An expired hold that nobody else has taken up is still good.
    """
    found: uuid.UUID | None = session.execute(KEEP, {"hold": hold_id, "until": until, "now": now}).scalar()
    return found


def book(session: Session, place_id: uuid.UUID, part_id: uuid.UUID) -> None:
    """Turn the held place into a booked one. The caller has locked it with `keep`."""
    session.execute(BOOK, {"place": place_id, "part": part_id})


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
