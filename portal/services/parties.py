"""A family books its interviews together: all or none, and what it has stays until the new times are its own."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.clock import now, today
from portal.domain.errors import NotFound, RuleViolation
from portal.domain.interview_models import BOTH
from portal.domain.lifecycle import Status
from portal.domain.parties import MOST_PEOPLE, FreePlace, Sitting, sittings
from portal.i18n import Lazy as _l
from portal.models import Account, Application, EnrolmentCentre, Hold, Interview, Place, Slot
from portal.services import audit, booking, family, interview_parts, interviews, places, programme, ties
from portal.services.actors import Actor

TURNS = 3
"""How often other places are tried, when somebody was faster."""
LOOKED_THROUGH = 1500
"""Free places in the order of time among which a family's are looked for at once."""

FREE = text(
    f"""
    select place.id, place.slot_id, place.centre_id, place.starts_at, slot.minutes, slot.local_on
    from place join slot on slot.id = place.slot_id
    where {places.FREE} and place.starts_at > :from_moment and place.starts_at < :to_moment
      and (cast(:centre as uuid) is null or place.centre_id = :centre)
      and (cast(:last_on as date) is null or slot.local_on <= :last_on)
    order by place.starts_at, place.slot_id, place.desk limit {LOOKED_THROUGH}
    """  # noqa: S608  # no part of it comes from outside
)
LOCK = text(
    f"select id from place where id = any(:ids) and {places.FREE} order by id for update skip locked"  # noqa: S608
)
GIVE = text("update place set hold_id = :hold, held_until = :until where id = :place")

NOBODY = _l("Choose for whom you book.")
TOO_MANY = _l("At most six people can be booked together.")
TAKEN = _l("Somebody has just taken one of these times. Choose others.")


@dataclass(frozen=True)
class Member:
    """Somebody for whom the account may book, and the time that is booked now, if any."""

    interview: Interview
    name: str
    is_own: bool
    booked: Place | None

    @property
    def reference(self) -> str:
        return self.interview.application.reference


class SittingTaken(RuleViolation):
    """Not all of the places are free any more. Nothing has changed."""

    def __init__(self) -> None:
        super().__init__(TAKEN)


def members(session: Session, account: Account) -> list[Member]:
    """For whom the account may book now: its own people, and linked adults who let it. Those who can be booked only.

    The caller may read beyond the account's rows. Of a linked adult it learns the given name and the time.
    """
    linked = {one.id: ties.given_name(session, one) for one in ties.let_book(session, account)}
    query = (
        select(Interview)
        .join(Interview.application)
        .where(Application.account_id.in_([account.id, *linked]))
        .where(Application.status == Status.CONDITIONALLY_APPROVED, Interview.state.in_(("to_book", "booked")))
        .order_by(Application.conditionally_approved_at, Application.id)
    )
    found = [_member(session, one, account, linked) for one in session.scalars(query)]
    return sorted((one for one in found if one), key=lambda member: not member.is_own)


def _member(session: Session, interview: Interview, account: Account, linked: dict[uuid.UUID, str]) -> Member | None:
    application = interview.application
    is_own = application.account_id == account.id
    if not is_own and application.role != "self":
        return None  # a linked adult's children are booked by whoever acts for them
    place = interviews.booked_place(session, interviews.current_part(interview))
    has_begun = place is not None and interview.state == "booked" and place.starts_at <= now()
    if has_begun or interview_parts.needed(interview) != BOTH:
        return None
    name = family.given_name(application.person) if is_own else linked[application.account_id]
    return Member(interview, name or application.reference, is_own, place if interview.state == "booked" else None)


def chosen(session: Session, account: Account, references: Sequence[str]) -> list[Member]:
    """Those of the account's members whose references are named. Raises NotFound for anybody else, RuleViolation."""
    known = {member.reference: member for member in members(session, account)}
    wanted = list(dict.fromkeys(references))
    if not wanted:
        raise RuleViolation(NOBODY)
    if len(wanted) > MOST_PEOPLE:
        raise RuleViolation(TOO_MANY)
    if not set(wanted) <= known.keys():
        raise NotFound(wanted)
    return [known[reference] for reference in wanted]


def last_day(party: Sequence[Member]) -> date | None:
    """The last day on which all of them may still be interviewed."""
    days = [day for one in party if (day := one.interview.application.interview_deadline_on)]
    return min(days, default=None)


def free(
    session: Session,
    people: int,
    *,
    centre: EnrolmentCentre | None = None,
    from_on: date | None = None,
    last_on: date | None = None,
    limit: int = 24,
) -> list[Sitting]:
    """Where and when so many can be interviewed together, the soonest first over all centres or at one."""
    begin = max(now(), datetime.combine(from_on, time(0), UTC) - timedelta(hours=14)) if from_on else now()
    found: list[Sitting] = []
    while len(found) < limit:
        seen = _free_places(session, begin, begin + timedelta(days=3660), centre, last_on)
        found += [one for one in sittings(seen, people) if from_on is None or one[0].local_on >= from_on]
        if len(seen) < LOOKED_THROUGH or seen[-1].starts_at - timedelta(hours=2) <= begin:
            break
        begin = seen[-1].starts_at - timedelta(hours=2)  # a sitting may lie across the end of what was looked through
    by_slot = {sitting[0].slot_id: sitting for sitting in found}
    return list(by_slot.values())[:limit]


def hold(session: Session, party: Sequence[Member], slot_id: uuid.UUID, *, by: Account) -> None:
    """Hold places for all of them from this time on, beside what each has booked; what they held before goes.

    Raises SittingTaken, and what they held stays, where not all can be had; RuleViolation where one may not book.
    """
    slot = session.get(Slot, slot_id)
    if slot is None:
        raise NotFound(slot_id)
    _lock(session, party)
    for member in party:
        interviews.check_open(member.interview)
    last = last_day(party)
    if last is not None and slot.local_on > last:
        raise RuleViolation(booking.BEYOND_DEADLINE)
    with session.begin_nested():
        _drop_holds(session, party)
        for place, member in zip(_claim(session, slot, len(party)), party, strict=True):
            _give(session, place, member, by)


def held(session: Session, party: Sequence[Member]) -> list[tuple[Hold, Place]]:
    """What is held for each of them, in their order; fewer where something is lost."""
    found = [interviews.held(session, member.interview) for member in party]
    return [(hold, place) for hold, place in found if hold is not None and place is not None]


def confirm(session: Session, party: Sequence[Member], shown: Sequence[str], *, by: Account) -> None:
    """Book what is held for all of them, or move all there: everybody or nobody. Sent twice, it is booked once.

    `shown` are the slots that the page showed. Raises HoldLost where anything of it is not held any more.
    """
    _lock(session, party)
    with session.begin_nested():
        for member, slot in zip(party, shown, strict=True):
            application = member.interview.application
            standing = booking.look(session, application.account_id, application.reference)
            if str(standing.booked_slot_id) == slot:
                continue
            if str(standing.held_slot_id) != slot:
                raise booking.HoldLost
            booking.confirm(session, standing, by=by)
    for member in party:
        session.expire(member.interview)


def extend(session: Session, party: Sequence[Member], *, by: Account) -> None:
    """Hold everything for the full time again: all or nothing, as often as a single hold may be."""
    with session.begin_nested():
        for member in party:
            interviews.extend(session, member.interview, by=by)


def _free_places(
    session: Session, begin: datetime, end: datetime, centre: EnrolmentCentre | None, last_on: date | None
) -> list[FreePlace]:
    values = {"now": now(), "from_moment": begin, "to_moment": end, "last_on": last_on,
              "centre": centre.id if centre else None}  # fmt: skip
    return [FreePlace(*row) for row in session.execute(FREE, values)]


def _claim(session: Session, slot: Slot, people: int) -> list[uuid.UUID]:
    """Lock places for so many from this slot on. Whoever locks some of them meanwhile is not waited for."""
    for _turn in range(TURNS):
        begin, end = slot.starts_at - timedelta(seconds=1), slot.starts_at + timedelta(hours=6)
        seen = _free_places(session, begin, end, session.get_one(EnrolmentCentre, slot.centre_id), None)
        sitting = next((one for one in sittings(seen, people) if one[0].slot_id == slot.id), None)
        if sitting is None:
            break
        wanted = [place.id for place in sitting]
        if len(session.execute(LOCK, {"ids": wanted, "now": now()}).all()) == people:
            return wanted
    raise SittingTaken


def _give(session: Session, place_id: uuid.UUID, member: Member, by: Actor) -> None:
    interview = member.interview
    until = now() + timedelta(minutes=int(programme.setting(session, "hold", today())["minutes"]))
    hold = Hold(interview_id=interview.id, purpose="swap" if interview.state == "booked" else "book", until=until)
    session.add(hold)
    session.flush()
    session.execute(GIVE, {"hold": hold.id, "until": until, "place": place_id})
    audit.record(session, "interview:hold", interview, place_id=str(place_id), together=True, by=by)


def _drop_holds(session: Session, party: Sequence[Member]) -> None:
    for member in party:
        hold = interviews.hold_of(session, member.interview)
        if hold is not None:
            places.let_go_of_held(session, hold.id)
            session.delete(hold)
    session.flush()


def _lock(session: Session, party: Sequence[Member]) -> None:
    # In one order for everybody: two adults who book for one another wait for each other, and for nobody else.
    session.flush()
    query = text("select id from interview where id = any(:ids) order by id for update")
    session.execute(query, {"ids": [member.interview.id for member in party]})
    for member in party:
        session.refresh(member.interview, ["state", "revision"])
