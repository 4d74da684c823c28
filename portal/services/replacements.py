"""The new time of somebody whose interview a closure calls off: kept, offered, taken by one press, let go of."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select, text, update
from sqlalchemy.orm import Session, joinedload

from portal.clock import now, today
from portal.domain.closures import NEVER_FREE, REASONS, Keeping, days_closed, kept_until
from portal.i18n import Lazy as _l
from portal.models import Closure, Interview, InterviewPart, Officer, Place, Replacement
from portal.models.statements import Statement
from portal.services import booking, interviews, offers, programme
from portal.services.actors import Actor

_IS_KEPT = Statement("select exists (select from replacement where interview_id = :interview and settled_at is null)")
KEEP = text(
    """
    with picked as (
        select id, starts_at, desk from place
        where centre_id = :centre and interview_part_id is null and (held_until is null or held_until <= :now)
          and starts_at >= :soonest and not (starts_at >= :closed_from and starts_at < :closed_to)
          and not (is_half and exists (
              select from place second where second.second_of_id = place.id
                 and second.starts_at >= :closed_from and second.starts_at < :closed_to
          ))
        order by starts_at, desk limit :count
        for update skip locked
    ), kept as (
        update place set hold_id = null, held_until = :until from picked where place.id = picked.id
        returning place.id, place.starts_at, place.desk
    )
    select id from kept order by starts_at, desk
    """
)
LET_GO = text(
    """
    with gone as (
        delete from replacement where closure_id = :closure returning place_id, settled_at
    )
    update place set held_until = null from gone
    where place.id = gone.place_id and gone.settled_at is null and place.held_until = :until
      and hold_id is null and interview_part_id is null
    """
)
SETTLE = text(
    """
    with known as (
        select replacement.id, place.id as place,
               coalesce(place.held_until, :now) > :now and hold_id is null and interview_part_id is null as is_kept,
               closure.state <> 'planned' and interview.state <> 'to_book' as is_unwanted
        from replacement join place on place.id = replacement.place_id
             join closure on closure.id = replacement.closure_id join interview on interview.id = interview_id
        where settled_at is null
    ), settled as (
        update replacement set settled_at = :now from known
        where known.id = replacement.id and (is_unwanted or not is_kept)
    )
    update place set held_until = null from known where place.id = known.place and is_kept and is_unwanted
    returning place.id
    """
)


@dataclass(frozen=True)
class Offer:
    """The new time that is kept for somebody, and why it is needed."""

    place: Place
    until: datetime
    """By the centre's own clock."""
    reason: _l


def keep(session: Session, closure: Closure, parts: Sequence[InterviewPart], *, until: datetime) -> None:
    """Keep for each part that has none yet the soonest free place of the centre outside the closure, in their order."""
    known = set(session.scalars(select(Replacement.interview_id).where(Replacement.closure_id == closure.id)))
    lacking = [part for part in parts if part.interview_id not in known]
    if not lacking:
        return
    settle(session)
    found = session.execute(
        KEEP,
        {
            "centre": closure.centre_id,
            "now": now(),
            "soonest": now() + timedelta(hours=int(_setting(session)["soonest_hours"])),
            "closed_from": closure.starts_at,
            "closed_to": closure.ends_at,
            "count": len(lacking),
            "until": until,
        },
    ).scalars()
    places = [*found, *[None] * len(lacking)]
    session.add_all(
        Replacement(closure=closure, interview_id=part.interview_id, old_place_id=_old(part), place_id=place)
        for part, place in zip(lacking, places, strict=False)
    )
    session.flush()


def let_go(session: Session, closure: Closure) -> None:
    """Free what a planned closure keeps, and forget whom it hit."""
    session.execute(LET_GO, {"closure": closure.id, "until": closure.kept_until})


def call_off(session: Session, closure: Closure, part: InterviewPart, *, by: Officer) -> bool:
    """Call one interview off, with the new time that is kept for it; False where it was moved or cancelled meanwhile.

    The last day for the interview moves on by the days of the closure (rulings, section 3).
    """
    old = interviews.lock_booked(session, part)
    if old is None or not _is_in(closure, old):
        return False
    replacement = session.scalars(_of(closure, part.interview)).one_or_none()
    new = _still_kept(session, replacement)
    if new is not None:
        new.held_until = kept_until(now(), new.starts_at, new.centre.zone, _keeping(session))
    old.interview_part_id, old.closure_id, old.held_until = None, closure.id, NEVER_FREE
    application = part.interview.application
    if application.interview_deadline_on is not None:
        application.interview_deadline_on += timedelta(
            days=days_closed(closure.starts_at, closure.ends_at, closure.centre.zone)
        )
    facts = {
        "closure_reason": closure.reason,
        "new_place_id": str(new.id) if new else None,
        "kept_until": new.held_until.isoformat() if new and new.held_until else None,
    }
    interviews.call_off(session, part, old, facts=facts, by=by)
    return True


def offer(session: Session, interview: Interview) -> Offer | None:
    """The new time that is kept for an interview that was called off, while it is."""
    session.flush()
    if interview.state != "to_book" or not _IS_KEPT.value(session, {"interview": interview.id}):
        return None  # as for nearly everybody who looks for a time
    query = (
        select(Replacement)
        .join(Replacement.place)
        .join(Replacement.closure)
        .where(Replacement.interview_id == interview.id, Replacement.settled_at.is_(None))
        .where(Closure.state.in_(("in_force", "reopened")), Place.held_until > now(), Place.hold_id.is_(None))
        .options(joinedload(Replacement.place), joinedload(Replacement.closure))
        .limit(1)
    )
    found = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if found is None or found.place is None or found.place.held_until is None:
        return None
    until = found.place.held_until.astimezone(ZoneInfo(found.place.centre.zone))
    return Offer(found.place, until, REASONS[found.closure.reason])


def accept(session: Session, interview: Interview, *, by: Actor) -> Place:
    """Book the new time that is kept. Raises HoldLost when its time is over, RuleViolation when none may be."""
    kept = offer(session, interview)
    if kept is None:
        raise booking.HoldLost
    place = interviews.book_kept(session, interview, kept.place, by=by)
    query = update(Replacement).where(Replacement.place_id == place.id, Replacement.settled_at.is_(None))
    session.execute(query.values(settled_at=now()))
    return place


def settle(session: Session) -> None:
    """Free the new times of those who chose another one, and note those whose time is over: once a minute."""
    for place_id in session.execute(SETTLE, {"now": now()}).scalars().all():
        offers.offer_place(session, place_id)


def _of(closure: Closure, interview: Interview) -> Select[Replacement]:
    return (
        select(Replacement)
        .where(Replacement.closure_id == closure.id, Replacement.interview_id == interview.id)
        .options(joinedload(Replacement.place))
    )


def _still_kept(session: Session, replacement: Replacement | None) -> Place | None:
    """The place of a replacement, locked, where nobody has taken it since its plan let go of it."""
    if replacement is None or replacement.place_id is None:
        return None
    query = select(Place).where(
        Place.id == replacement.place_id,
        Place.interview_part_id.is_(None),
        Place.hold_id.is_(None),
        Place.held_until == replacement.closure.kept_until,
    )
    found = session.scalars(query.with_for_update().execution_options(populate_existing=True)).one_or_none()
    if found is None:
        replacement.settled_at = now()
    return found


def _is_in(closure: Closure, place: Place) -> bool:
    begins = [place.starts_at, *([place.second.starts_at] if place.second else [])]
    return place.centre_id == closure.centre_id and any(closure.starts_at <= at < closure.ends_at for at in begins)


def _old(part: InterviewPart) -> uuid.UUID:
    assert part.place is not None
    return part.place.id


def _setting(session: Session) -> dict[str, int]:
    found: dict[str, int] = programme.setting(session, "closure", today())
    return found


def _keeping(session: Session) -> Keeping:
    night = programme.setting(session, "offer", today())
    told = _setting(session)
    return Keeping(told["days"], told["hours_before"], night["quiet_from"], night["quiet_until"])
