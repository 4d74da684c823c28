"""Interviews as the traveller has them: opened, a place held, booked, moved, cancelled."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.orm import Session, lazyload, selectinload
from sqlalchemy.orm.attributes import set_committed_value

from portal.clock import now, today
from portal.domain.errors import NotFound, RuleViolation
from portal.domain.interview_models import BOTH
from portal.domain.interviews import bring_list
from portal.domain.sections import age_on
from portal.i18n import Lazy as _l
from portal.models import (
    Account,
    Application,
    ApplicationVersion,
    EnrolmentCentre,
    Hold,
    Interview,
    InterviewPart,
    Person,
    Place,
    Slot,
)
from portal.models.statements import Statement, Whole, parts
from portal.services import audit, booking, interview_parts, offers, places, programme, transitions
from portal.services.actors import Actor
from portal.services.booking import Standing

ADULT_AGE = 18

NO_MORE_EXTENSIONS = _l("This time was held as long as the rules allow. Book it now or choose another one.")


_INTERVIEW, _APPLICATION, _PERSON = Whole(Interview), Whole(Application), Whole(Person)
_PART, _PLACE, _HOLD = Whole(InterviewPart), Whole(Place), Whole(Hold)
_BOOKED = Statement(f"select {_PLACE.sql} from place where interview_part_id = :part")  # noqa: S608
_HELD = Statement(
    f"""
    select {_HOLD.sql}, {_PLACE.sql} from hold left join place on place.hold_id = hold.id and place.starts_at > :now
    where hold.interview_id = :interview and hold.purpose <> 'offer'
    """  # noqa: S608  # here and below: no part of a statement comes from outside
)
_OWN = Statement(
    f"""
    select {_INTERVIEW.sql}, {_APPLICATION.sql}, {_PERSON.sql}, {_PART.sql}
    from application join person on person.id = application.person_id
    join interview on interview.application_id = application.id
    left join interview_part on interview_part.interview_id = interview.id
    where application.reference = :reference and application.account_id = :account
    order by interview_part.position
    """  # noqa: S608  # no part of it comes from outside
)
_OF_ALL = Statement(f"select {_INTERVIEW.sql} from interview where application_id = any(cast(:applications as uuid[]))")  # noqa: S608


def open_for(session: Session, application: Application) -> Interview:
    """The interview of a conditionally approved application, with one part for both agencies; made when first asked."""
    found = of(session, application)
    if found is not None:
        return found
    interview = Interview(application=application)
    session.add(interview)
    add_part(session, interview)
    return interview


def add_part(session: Session, interview: Interview, agency: str = BOTH) -> InterviewPart:
    """A new part for both agencies, or the one still needed, to be booked: the first, or one that repeats."""
    part = InterviewPart(position=len(interview.parts) + 1, agency=agency, attendance="booked", interview=interview)
    session.add(part)
    session.flush()
    return part


def of(session: Session, application: Application) -> Interview | None:
    """The application's interview, where there is one."""
    return session.scalars(select(Interview).where(Interview.application_id == application.id)).one_or_none()


def of_all(session: Session, found: Sequence[Application]) -> dict[uuid.UUID, Interview]:
    """The interviews of several applications, by application, in one query."""
    session.flush()
    by_id = {application.id: application for application in found}
    rows = _OF_ALL.rows(session, {"applications": list(by_id)})
    at = _INTERVIEW.names.index("application_id")
    return {row[at]: cast(Interview, _INTERVIEW.made(session, row, application=by_id[row[at]])) for row in rows}


def own(session: Session, account: Account, reference: str) -> Interview:
    """The interview of the account's application with this reference. Raises NotFound, also for somebody else's."""
    session.flush()
    rows = _OWN.rows(session, {"reference": reference, "account": account.id})
    if not rows:
        raise NotFound(reference)
    interview, application, person = parts(rows[0], _INTERVIEW, _APPLICATION, _PERSON)
    whose = _APPLICATION.made(session, application, person=_PERSON.made(session, person))
    found = cast(Interview, _INTERVIEW.made(session, interview, application=whose))
    if "parts" not in found.__dict__:
        made = [_PART.made(session, row[-len(_PART) :], interview=found) for row in rows]
        set_committed_value(found, "parts", [part for part in made if part])
    return found


def current_part(interview: Interview) -> InterviewPart:
    """The part that counts now and is booked by itself: the last one. Another may follow it."""
    return interview_parts.lead_of(interview)


def booked_place(session: Session, part: InterviewPart) -> Place | None:
    """The place that is booked for a part."""
    row = _BOOKED.first(session, {"part": part.id})
    return _PLACE.made(session, row, anew=True) if row else None


def hold_of(session: Session, interview: Interview) -> Hold | None:
    """The hold of an interview, expired or not."""
    query = select(Hold).where(Hold.interview_id == interview.id, Hold.purpose != "offer")
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def held_place(session: Session, hold: Hold | None) -> Place | None:
    """The place that a hold still has: nobody else has taken it, and its time has not come."""
    if hold is None:
        return None
    query = select(Place).where(Place.hold_id == hold.id, Place.starts_at > now())
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def held(session: Session, interview: Interview) -> tuple[Hold | None, Place | None]:
    """The hold of an interview, expired or not, and the place that it still has: one look for both."""
    row = _HELD.first(session, {"interview": interview.id, "now": now()})
    if row is None:
        return None, None
    hold, place = parts(row, _HOLD, _PLACE)
    return _HOLD.made(session, hold, anew=True), _PLACE.made(session, place, anew=True)


def hold(session: Session, interview: Interview, centre: EnrolmentCentre, starts_at: datetime, *, by: Actor) -> Hold:
    """Hold a place at this centre and time; see `booking.hold`. Raises NotFound where there is no such slot."""
    booking.hold(session, _look(session, interview, _slot(session, centre, starts_at)), by=by)
    found = hold_of(session, interview)  # of two clicks at once, the other may have given it another name by now
    if found is None:
        raise booking.HoldLost
    return found


def extend(session: Session, interview: Interview, *, by: Actor) -> Hold:
    """Hold the place for the full time again. Raises RuleViolation after the last extension, HoldLost."""
    _lock(session, interview)
    held = hold_of(session, interview)
    if held is None:
        raise booking.HoldLost
    if held.extensions >= _hold_setting(session, "extensions"):
        raise RuleViolation(NO_MORE_EXTENSIONS)
    held.until, held.extensions = _hold_end(session), held.extensions + 1
    if places.keep(session, held.id, until=held.until, now=now()) is None:
        raise booking.HoldLost
    audit.record(session, "interview:extend_hold", interview, by=by)
    return held


def confirm(session: Session, interview: Interview, *, by: Actor) -> Place:
    """Book the held place, or move the interview there; see `booking.confirm`."""
    booking.confirm(session, _look(session, interview), by=by)
    session.expire(interview, ["parts"])
    session.refresh(interview)
    session.refresh(current_part(interview))
    place = booked_place(session, current_part(interview))
    if place is None:
        raise LookupError("a booking without a place")
    return place


def cancel(session: Session, interview: Interview, *, by: Actor) -> None:
    """Free the booked place. The application goes on, and another time can be booked until the deadline.

    Raises RuleViolation when the interview has begun, NotOpenToThis when none is booked.
    """
    _lock(session, interview)
    part = current_part(interview)
    _check_not_begun(session, part)
    interview_parts.let_go_of_second(session, part.id)
    place_id = places.let_go_of_booked(session, part.id)
    _drop_hold(session, hold_of(session, interview))
    interview_parts.open_again(interview)
    transitions.perform(session, interview, "cancel", by=by, facts=_facts(part, place_id))
    if place_id is not None:
        offers.offer_place(session, place_id)


def lock_booked(session: Session, part: InterviewPart) -> Place | None:
    """The place of a part that is booked and has not begun, while nobody else moves it; None where it is not booked."""
    _lock(session, part.interview)
    place = booked_place(session, part)
    return place if part.interview.state == "booked" and place and place.starts_at > now() else None


def call_off(session: Session, part: InterviewPart, place: Place, *, facts: dict[str, Any], by: Actor) -> None:
    """The centre calls the interview off: another time can be booked, and the applicant is told. Locked before."""
    interview_parts.let_go_of_second(session, part.id)
    interview_parts.open_again(part.interview)
    transitions.perform(session, part.interview, "call_off", by=by, facts=_facts(part, place.id) | facts)


def book_kept(session: Session, interview: Interview, place: Place, *, by: Actor) -> Place:
    """Book a place that is kept for the interview without a hold. Raises HoldLost, NotOpenToThis when one is booked."""
    _lock(session, interview)
    check_open(interview)
    part = current_part(interview)
    if not places.take_kept(session, place.id, part.id, now=now()):
        raise booking.HoldLost
    _drop_hold(session, hold_of(session, interview))
    session.refresh(place)
    interview_parts.arrange(session, part, place)
    part.state = "booked"
    transitions.perform(session, interview, "book", by=by, facts=_facts(part, place.id))
    return place


def what_to_bring(session: Session, application: Application) -> tuple[_l, ...]:
    """What this applicant brings along, by the newest answers and the age."""
    query = select(ApplicationVersion).where(ApplicationVersion.application_id == application.id)
    version = session.scalars(query.order_by(ApplicationVersion.number.desc()).limit(1)).first()
    citizenship = ((version.answers if version else None) or {}).get("citizenship") or {}
    born = application.person.birth_on
    return bring_list(citizenship.get("status", ""), is_minor=born is not None and age_on(born, today()) < ADULT_AGE)


def let_go(session: Session, application: Application, *, by: Actor) -> None:
    """Free what an application holds or has booked, because it ends before the interview."""
    interview = of(session, application)
    if interview is None:
        return
    offers.withdraw(session, [interview.id], by=by)
    part = current_part(interview)
    place = booked_place(session, part)
    if interview.state == "booked" and part.state == "booked" and place is not None and place.starts_at > now():
        cancel(session, interview, by=by)
    else:
        _drop_hold(session, hold_of(session, interview))


def check_open(interview: Interview) -> None:
    """Raise RuleViolation unless a time can be booked or moved: conditionally approved, and before the deadline."""
    application = interview.application
    booking.check_open(application.status, interview.state, application.interview_deadline_on)


def _look(session: Session, interview: Interview, slot: Slot | None = None) -> Standing:
    application = interview.application
    session.flush()
    return booking.look(session, application.account_id, application.reference, slot.id if slot else None)


def _lock(session: Session, interview: Interview) -> None:
    # One traveller's clicks in two windows wait for each other; nobody else ever waits for this row. The parts come
    # with a statement of their own: they are read as they are once the lock is ours.
    query = (
        select(Interview)
        .where(Interview.id == interview.id)
        .options(lazyload(Interview.application), selectinload(Interview.parts))
        .with_for_update(of=Interview)
    )
    application = interview.application
    session.scalars(query.execution_options(populate_existing=True)).one()
    set_committed_value(interview, "application", application)  # the claim itself looks at the status once more


def _slot(session: Session, centre: EnrolmentCentre, starts_at: datetime) -> Slot:
    found = session.scalars(select(Slot).where(Slot.centre_id == centre.id, Slot.starts_at == starts_at)).one_or_none()
    if found is None:
        raise NotFound
    return found


def _drop_hold(session: Session, held: Hold | None) -> None:
    if held is not None:
        places.let_go_of_held(session, held.id)
        session.delete(held)
        session.flush()


def _hold_end(session: Session) -> datetime:
    return now() + timedelta(minutes=_hold_setting(session, "minutes"))


def _hold_setting(session: Session, name: str) -> int:
    return int(programme.setting(session, "hold", today())[name])


def _check_not_begun(session: Session, part: InterviewPart) -> None:
    place = booked_place(session, part)
    if part.state == "done" or (place is not None and place.starts_at <= now()):
        raise RuleViolation(booking.HAS_BEGUN)


def _facts(part: InterviewPart, place_id: object) -> dict[str, Any]:
    part.calendar_sequence += 1
    return {"part_id": str(part.id), "place_id": str(place_id), "sequence": part.calendar_sequence}
