"""Closures: planned with a new time kept for everybody whom they hit, put in force in one step, reopened.

Nobody learns of a plan. When it comes into force each interview in it is called off, its free places cannot be booked
any more, and each applicant is told of the new time, which stays kept while they decide.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select, text
from sqlalchemy.orm import Session, aliased, joinedload

from portal.clock import now, today
from portal.domain.closures import NEVER_FREE
from portal.domain.errors import NotFound, NotOpenToThis, RuleViolation
from portal.i18n import Lazy as _l
from portal.models import (
    Application,
    Closure,
    EnrolmentCentre,
    Interview,
    InterviewPart,
    Offer,
    Officer,
    Place,
    Replacement,
)
from portal.services import audit, offers, programme, replacements
from portal.services.actors import SYSTEM

LONGEST = timedelta(days=366)
ENDS_FIRST = _l("The end must come after the beginning")
IS_PAST = _l("The end of the closure is past")
TOO_LONG = _l("A closure lasts a year at most")
NOT_PLANNED = _l("This closure is not planned any more.")
NOT_IN_FORCE = _l("This closure is not in force.")
LAPSED = _l("The new times are no longer kept. Look again who is hit.")
TURNS = 5
"""How often a closure looks again for somebody who booked while it was put in force."""

CLOSE_FREE = text(
    """
    update place set closure_id = :closure, hold_id = null, held_until = :never
    where centre_id = :centre and starts_at < :ends_at and interview_part_id is null and closure_id is null
      and held_until is distinct from '9999-01-01T00:00:00Z'
      and (starts_at >= :starts_at or is_half and exists (
          select from place second where second.second_of_id = place.id
             and second.starts_at >= :starts_at and second.starts_at < :ends_at
      ))
    """
)
REOPEN = text("update place set closure_id = null, held_until = null where closure_id = :closure")


@dataclass(frozen=True)
class Hit:
    """One booked interview in a closure: when it is, and the new time kept for it."""

    reference: str
    starts_at: datetime
    new_place: Place | None


def plan(
    session: Session, centre: EnrolmentCentre, starts_at: datetime, ends_at: datetime, *, reason: str, by: Officer
) -> Closure:
    """Plan to close a centre, and keep a new time for each interview that it hits.

    Nothing changes for anybody yet: the new times are kept for some minutes, and a plan that is left alone lets go of
    them. Raises RuleViolation for a time that is past, ends first, or lasts more than a year.
    """
    _check(starts_at, ends_at)
    closure = Closure(
        centre=centre, starts_at=starts_at, ends_at=ends_at, reason=reason, planned_by=by.id, kept_until=now()
    )
    session.add(closure)
    session.flush()
    look_again(session, closure, by=by)
    return closure


def look_again(session: Session, closure: Closure, *, by: Officer) -> None:
    """Find anew whom a planned closure hits, and keep the new times for some minutes more."""
    _lock(session, closure, "planned")
    replacements.let_go(session, closure)
    closure.kept_until = now() + timedelta(minutes=int(_setting(session)["planned_minutes"]))
    replacements.keep(session, closure, booked_in(session, closure), until=closure.kept_until)
    audit.record(session, "closure:plan", closure, by=by)


def hits(session: Session, closure: Closure) -> list[Hit]:
    """Whom a closure hits, in the order of their interviews; each is audited by who asks for the page."""
    query = (
        select(Replacement, Application.reference)
        .join(Replacement.interview)
        .join(Interview.application)
        .where(Replacement.closure_id == closure.id)
        .options(joinedload(Replacement.old_place), joinedload(Replacement.place))
    )
    found = [
        Hit(reference, one.old_place.starts_at, one.place if one.settled_at is None else None)
        for one, reference in session.execute(query)
    ]
    return sorted(found, key=lambda hit: hit.starts_at)


def drop(session: Session, closure: Closure, *, by: Officer) -> None:
    """Give a plan up, and let go of what it kept."""
    _lock(session, closure, "planned")
    replacements.let_go(session, closure)
    closure.state = "dropped"
    audit.record(session, "closure:drop", closure, by=by)


def publish(session: Session, closure: Closure, *, by: Officer) -> int:
    """Put a planned closure in force: free places are closed, interviews called off, everybody is told.

    Gives the number of interviews called off. Whoever books while this happens either is called off too or finds the
    place gone. Raises NotOpenToThis where it is not planned any more, or no longer keeps its new times.
    """
    _lock(session, closure, "planned")
    if not is_kept(closure):
        raise NotOpenToThis(LAPSED)
    closure.state, closure.published_at = "in_force", now()
    audit.record(session, "closure:publish", closure, by=by)
    called_off = 0
    for _turn in range(TURNS):
        close_free_places(session, closure)
        booked = booked_in(session, closure)
        if not booked:
            break
        replacements.keep(session, closure, booked, until=closure.kept_until)
        called_off += sum(replacements.call_off(session, closure, part, by=by) for part in booked)
    return called_off


def reopen(session: Session, closure: Closure, *, by: Officer) -> None:
    """End a closure early: the waiting list is asked first, then its places can be booked. Kept new times stay kept."""
    _lock(session, closure, "in_force")
    closure.state = "reopened"
    session.execute(REOPEN, {"closure": closure.id})
    offers.offer_released(session, closure.centre, closure.starts_at.astimezone(ZoneInfo(closure.centre.zone)).date())
    audit.record(session, "closure:reopen", closure, by=by)


def close_free_places(session: Session, closure: Closure) -> None:
    """Nobody books a free place of a closure that is in force; a hold on one is lost, an offer of one withdrawn."""
    session.execute(
        CLOSE_FREE,
        {
            "closure": closure.id,
            "never": NEVER_FREE,
            "centre": closure.centre_id,
            "starts_at": closure.starts_at,
            "ends_at": closure.ends_at,
        },
    )
    of_closed = select(Offer).join(Place, Place.id == Offer.place_id).where(Place.closure_id == closure.id)
    for offer in session.scalars(of_closed.where(Offer.state == "open")).all():
        offers.settle(session, offer, "withdrawn", by=SYSTEM)


def of_centre(session: Session, centre: EnrolmentCentre) -> Sequence[Closure]:
    """The closures of a centre that are planned or in force and not over, the next one first."""
    query = select(Closure).where(
        Closure.centre_id == centre.id, Closure.ends_at > now(), Closure.state.in_(("planned", "in_force"))
    )
    return session.scalars(query.order_by(Closure.starts_at)).all()


def find(session: Session, centre: EnrolmentCentre, closure_id: uuid.UUID) -> Closure:
    """One closure of the centre. Raises NotFound."""
    closure = session.get(Closure, closure_id)
    if closure is None or closure.centre_id != centre.id:
        raise NotFound(str(closure_id))
    return closure


def is_kept(closure: Closure) -> bool:
    """Whether a planned closure still keeps the new times that it found."""
    return closure.state == "planned" and closure.kept_until > now()


def booked_in(session: Session, closure: Closure) -> Sequence[InterviewPart]:
    """The parts of interviews that are booked in a closure and not begun, the first one first.

    An interview in two halves is hit where either half is, since both are called off together.
    """
    second = aliased(Place)
    query = (
        select(InterviewPart)
        .join(Place, Place.interview_part_id == InterviewPart.id)
        .join(InterviewPart.interview)
        .where(Place.centre_id == closure.centre_id, Interview.state == "booked", InterviewPart.state == "booked")
        .outerjoin(second, second.second_of_id == Place.id)
        .where(Place.starts_at > now(), Place.starts_at < closure.ends_at)
        .where((Place.starts_at >= closure.starts_at) | (second.starts_at >= closure.starts_at))
        .options(joinedload(InterviewPart.place))
        .order_by(Place.starts_at, Place.desk)
    )
    return session.scalars(query.execution_options(populate_existing=True)).all()


def lock_centre(session: Session, centre_id: uuid.UUID) -> None:
    """Keep two closures of one centre, and the making of its slots, from passing each other; travellers do not wait."""
    # Without the key: whoever holds and books in one transaction has it checked that the centre is there.
    query = select(EnrolmentCentre.id).where(EnrolmentCentre.id == centre_id)
    session.execute(query.with_for_update(key_share=True))


def _lock(session: Session, closure: Closure, state: str) -> None:
    lock_centre(session, closure.centre_id)
    session.refresh(closure)
    if closure.state != state:
        raise NotOpenToThis(NOT_PLANNED if state == "planned" else NOT_IN_FORCE)


def _check(starts_at: datetime, ends_at: datetime) -> None:
    if starts_at >= ends_at:
        raise RuleViolation(ENDS_FIRST)
    if ends_at <= now():
        raise RuleViolation(IS_PAST)
    if ends_at - starts_at > LONGEST:
        raise RuleViolation(TOO_LONG)


def _setting(session: Session) -> dict[str, int]:
    found: dict[str, int] = programme.setting(session, "closure", today())
    return found
