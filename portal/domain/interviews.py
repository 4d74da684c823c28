"""The rules of interviews: slots by a centre's own clock, holds, the deadline, missed interviews, what is recorded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from portal.domain.nights import out_of_night
from portal.i18n import Lazy as _l


@dataclass(frozen=True)
class Opening:
    """From when to when a centre interviews on one day, by its own clock."""

    opens: time
    closes: time
    step_minutes: int


def moments_of(day: date, at: time, zone: str) -> list[datetime]:
    """The moments, in UTC, at which a clock in `zone` shows `at` on `day`.

    None when the clock jumps over it in spring, two when it shows it twice in autumn, otherwise one.
    """
    local = datetime.combine(day, at, ZoneInfo(zone))
    found = {local.replace(fold=fold).astimezone(UTC) for fold in (0, 1)}
    return sorted(moment for moment in found if moment.astimezone(local.tzinfo).replace(tzinfo=None) == _bare(local))


def _bare(local: datetime) -> datetime:
    return local.replace(tzinfo=None, fold=0)


def slot_starts(day: date, opening: Opening, zone: str) -> list[datetime]:
    """When each slot of one day starts, in UTC and in order. A slot ends by closing time."""
    return sorted(moment for at in _wall_times(opening) for moment in moments_of(day, at, zone))


def _wall_times(opening: Opening) -> Iterator[time]:
    minutes = range(_minutes(opening.opens), _minutes(opening.closes) - opening.step_minutes + 1, opening.step_minutes)
    for minute in minutes:
        yield time(*divmod(minute, 60))


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute


def deadline_on(approved: datetime, *, days: int) -> date:
    """The last day for the interview, so many days after the conditional approval."""
    return approved.date() + timedelta(days=days)


def is_past(last_day: date | None, day: date) -> bool:
    """Whether `day` lies after the last day for the interview, where there is one."""
    return last_day is not None and day > last_day


LEAST_NOTICE = timedelta(hours=2)
"""Between the end of an offer and the interview itself: somebody has to get there."""


def offer_until(moment: datetime, starts_at: datetime, zone: str, rule: Mapping[str, int]) -> datetime | None:
    """Until when a place that is offered at `moment` is held: shortly where the interview is near, else longer.

    Never ends at night by the clock of the centre (where a traveller is, the portal does not know). `rule` is the
    setting "offer" (rulings, section 3). None where an offer could not end in time: such a place is free for all.
    """
    is_near = starts_at - moment <= timedelta(hours=rule["soon_hours"])
    end = moment + timedelta(minutes=rule["soon_minutes" if is_near else "later_minutes"])
    end = out_of_night(end, zone, quiet_from=rule["quiet_from"], quiet_until=rule["quiet_until"], earlier=False)
    return end if end <= starts_at - LEAST_NOTICE else None


def action_after_missing(missed_before: int, *, repeats: int) -> str:
    """What follows when somebody does not come: "miss" (book again) or "miss_again" (an officer decides)."""
    return "miss" if missed_before < repeats else "miss_again"


def can_be_recorded(interview_on: date, today_there: date, *, early: bool) -> bool:
    """Whether officers may record an interview: from its day on by the centre's clock, or `early` by setting."""
    return early or today_there >= interview_on


DOCUMENTS = {
    "passport": _l("Passport"),
    "resident_card": _l("Permanent resident card"),
    "citizenship_certificate": _l("Citizenship or naturalization certificate"),
    "birth_certificate": _l("Birth certificate"),
    "driving_licence": _l("Driver’s licence"),
    "proof_of_address": _l("Proof of address"),
    "proof_of_work": _l("Proof of employment"),
    "consent_letter": _l("Consent letter of the other parent"),
    "court_papers": _l("Court papers"),
    "visa": _l("Visa or permit"),
}
"""What an officer may have seen at the interview (domain facts, section 3)."""

BIOMETRICS = {
    "fingerprints": _l("Fingerprints"),
    "face": _l("Photo of the face"),
    "iris": _l("Images of the irises"),
}
"""What a capture station delivers to an agency's own system. The portal keeps reference and quality, never an image."""


def bring_list(status: str, *, is_minor: bool) -> tuple[_l, ...]:
    """What somebody brings to the interview, from the citizenship status and age (domain facts, sections 3 and 5.4)."""
    return (
        _l("Your passport, and every other passport in force that you have"),
        *((_l("Your permanent resident card"),) if status.startswith("resident") else ()),
        *(_FOR_MINORS if is_minor else (_l("Your driver’s licence, if you have one"),)),
        _l("A document that shows your address, such as a bill or a bank statement"),
        _l("This confirmation, on paper"),
    )


_FOR_MINORS = (
    _l("The child’s birth certificate"),
    _l("A consent letter of the parent who does not come along, with a copy of that parent’s identification"),
    _l("Any court order about custody"),
)
