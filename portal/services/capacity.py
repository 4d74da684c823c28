"""How many interviews a centre can hold: its load by day, its opening rules, extra days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.clock import now, today
from portal.domain import public_holidays
from portal.domain.errors import RuleViolation
from portal.domain.interviews import Opening, slot_starts
from portal.domain.public_holidays import Holiday
from portal.i18n import Lazy as _l
from portal.models import EnrolmentCentre, Officer, OpeningRule, Place, Slot
from portal.services import audit, closures, offers, programme, slots

WEEKS = 26
NOTICE_PAST = _l("The last day must not be past")
DAY_PAST = _l("The day must be in the future")
NOT_RELEASED = _l("Times are released up to %(day)s. Choose a day before that.")
CLOSES_FIRST = _l("The end must be later than the beginning")
NO_TIME = _l("No interview fits between the two times. Check them.")


@dataclass(frozen=True)
class Load:
    """One day of a centre: its places, how many of them are booked, and how many are closed."""

    day: date
    places: int
    booked: int
    closed: int

    @property
    def level(self) -> int:
        """How full the open places are, from 0 (all free, or none there) to 4 (all booked)."""
        can_be_used = self.places - self.closed
        return -(-4 * self.booked // can_be_used) if can_be_used else 0


@dataclass(frozen=True)
class Week:
    """Seven days from a Monday on; None for a day without places."""

    monday: date
    days: Sequence[Load | None]
    holidays: Sequence[str | None]
    """The name of the holiday that each day is, if any."""


def weeks(session: Session, centre: EnrolmentCentre) -> list[Week]:
    """The load of the centre in the coming half year, by its own calendar; weeks without a place are left out."""
    first = now().astimezone(ZoneInfo(centre.zone)).date()
    monday = first - timedelta(days=first.weekday())
    query = (
        select(Slot.local_on, func.count(), func.count(Place.interview_part_id), func.count(Place.closure_id))
        .join(Place, Place.slot_id == Slot.id)
        .where(Slot.centre_id == centre.id, Slot.local_on.between(first, monday + timedelta(weeks=WEEKS)))
        .group_by(Slot.local_on)
    )
    loads = {row[0]: Load(*row) for row in session.execute(query)}
    mondays = [monday + timedelta(weeks=number) for number in range(WEEKS)]
    names = {one.day: one.name for one in holidays(centre)}
    found = [_week(one, loads, names) for one in mondays]
    return [week for week in found if any(week.days)]


def _week(monday: date, loads: Mapping[date, Load], names: Mapping[date, str]) -> Week:
    days = [monday + timedelta(days=number) for number in range(7)]
    return Week(monday, [loads.get(day) for day in days], [names.get(day) for day in days])


def holidays(centre: EnrolmentCentre) -> list[Holiday]:
    """The holidays of the coming half year on which the centre interviews only where an extra day says so."""
    first = now().astimezone(ZoneInfo(centre.zone)).date()
    return public_holidays.between(centre.holiday_lists, first, first + timedelta(weeks=WEEKS))


def keep_holidays(session: Session, centre: EnrolmentCentre, lists: Sequence[str], *, by: Officer) -> None:
    """Keep the holidays of these lists from the next release on. Times that are out stay out: a closure takes them."""
    for code in lists:
        public_holidays.in_year([code], today().year)
    centre.holiday_lists = list(lists)
    session.flush()
    audit.record(session, "capacity:holidays", centre, lists=",".join(lists), by=by)


def rules(session: Session, centre: EnrolmentCentre) -> Sequence[OpeningRule]:
    """The opening rules that hold today or later, by weekday; those of one day last."""
    query = (
        select(OpeningRule)
        .where(OpeningRule.centre_id == centre.id)
        .where(OpeningRule.valid_to.is_(None) | (OpeningRule.valid_to >= today()))
    )
    order = (OpeningRule.valid_to.is_not(None), OpeningRule.weekday, OpeningRule.opens)
    return session.scalars(query.order_by(*order)).all()


def add_day(
    session: Session, centre: EnrolmentCentre, day: date, opens: time, closes: time, *, desks: int, by: Officer
) -> int:
    """Interview on one more day, or for longer on a day; its places can be booked at once. Gives how many times.

    Raises RuleViolation for a day that is past or not released yet, and for hours in which nothing fits.
    """
    _check_day(session, centre, day)
    if opens >= closes:
        raise RuleViolation(CLOSES_FIRST)
    minutes = int(programme.setting(session, "slots", today())["minutes"])
    if not slot_starts(day, Opening(opens, closes, minutes), centre.zone):
        raise RuleViolation(NO_TIME)
    closures.lock_centre(session, centre.id)
    rule = OpeningRule(
        centre_id=centre.id,
        weekday=day.weekday(),
        opens=opens,
        closes=closes,
        step_minutes=minutes,
        desks=desks,
        valid_from=day,
        valid_to=day,
    )
    session.add(rule)
    session.flush()
    audit.record(session, "capacity:add_day", rule, day=day.isoformat(), desks=desks, by=by)
    made = slots.make(session, centre, day, day + timedelta(days=1))
    offers.offer_released(session, centre, day)
    return made


def add_notice(session: Session, centre: EnrolmentCentre, words: dict[str, str], until: date, *, by: Officer) -> None:
    """Tell whoever comes something, in both languages, until a day. Raises RuleViolation for a day that is past."""
    if until < now().astimezone(ZoneInfo(centre.zone)).date():
        raise RuleViolation(NOTICE_PAST)
    centre.notices = [*centre.notices, words | {"until": until.isoformat()}]
    session.flush()
    audit.record(session, "capacity:add_notice", centre, until=until.isoformat(), by=by)


def remove_notice(session: Session, centre: EnrolmentCentre, position: int, *, by: Officer) -> None:
    """Take a notice away. Nothing happens where there is none at this position any more."""
    if position < len(centre.notices):
        centre.notices = [one for number, one in enumerate(centre.notices) if number != position]
        session.flush()
        audit.record(session, "capacity:remove_notice", centre, by=by)


def describe(
    session: Session, centre: EnrolmentCentre, iris_capture: str, pilot_since: date | None, *, by: Officer
) -> None:
    """Say whether images of irises are taken at a centre ("yes", "no", "unknown"), and since when it is a pilot."""
    centre.iris_capture, centre.pilot_since = iris_capture, pilot_since
    session.flush()
    audit.record(session, "capacity:describe", centre, iris_capture=iris_capture, by=by)


def _check_day(session: Session, centre: EnrolmentCentre, day: date) -> None:
    if day <= now().astimezone(ZoneInfo(centre.zone)).date():
        raise RuleViolation(DAY_PAST)
    last = centre.released_until or slots.last_made(session, centre)
    if last is None or day > last:  # a day beyond would hide from the next release the days between
        raise RuleViolation(_l(NOT_RELEASED.message, day=last or today()))
