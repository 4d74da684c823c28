"""How a pilot does beside the permanent centres: use, times, no-shows, outcomes, as asked before it is expanded.

Counts only, over both agencies: nobody can be made out, and outcomes of fewer than five people are not told.
"""

from __future__ import annotations

import csv
import io
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.models import EnrolmentCentre, Officer
from portal.models.viewers import JOINT, viewing_as
from portal.services import audit

FEWEST = 5
FIGURES = text(
    """
    select count(*), count(place.closure_id), count(place.interview_part_id),
           count(*) filter (where part.state = 'done'),
           count(*) filter (where part.state = 'missed' and part.minutes_late is null),
           count(*) filter (where part.state = 'missed' and part.minutes_late is not null),
           count(*) filter (where part.state = 'done' and application.status = 'approved'),
           count(*) filter (where part.state = 'done' and application.status = 'denied'),
           percentile_cont(0.5) within group (order by slot.local_on - application.conditionally_approved_at::date),
           percentile_cont(0.9) within group (order by slot.local_on - application.conditionally_approved_at::date),
           count(*) filter (where extract(hour from place.starts_at at time zone centre.zone) < 12),
           count(part.id) filter (where extract(hour from place.starts_at at time zone centre.zone) < 12)
    from place
    join slot on slot.id = place.slot_id
    join enrolment_centre centre on centre.id = place.centre_id
    left join interview_part part on part.id = place.interview_part_id
    left join interview on interview.id = part.interview_id
    left join application on application.id = interview.application_id
    where place.centre_id = any(:centres) and place.second_of_id is null
      and place.starts_at >= :begins and place.starts_at < :ends and slot.local_on between :first_on and :last_on
    """
)


@dataclass(frozen=True)
class Figures:
    """Of some centres in a period. `wait_*`: days from the conditional approval to the interview."""

    centres: int
    places: int
    closed: int
    booked: int
    done: int
    no_shows: int
    too_late: int
    approved: int | None
    denied: int | None
    wait_median: int | None
    wait_most: int | None
    morning_places: int
    morning_booked: int

    @property
    def use(self) -> int | None:
        """Booked of the open places, per cent."""
        return _share(self.booked, self.places - self.closed)

    @property
    def no_show_rate(self) -> int | None:
        """Of the interviews that were held or missed, per cent."""
        return _share(self.no_shows, self.done + self.no_shows + self.too_late)

    @property
    def morning_use(self) -> int | None:
        """Booked of the places before noon, per cent."""
        return _share(self.morning_booked, self.morning_places)

    @property
    def later_use(self) -> int | None:
        """Booked of the places from noon on, per cent."""
        return _share(self.booked - self.morning_booked, self.places - self.morning_places)

    @property
    def approval_rate(self) -> int | None:
        """Approved of those decided after an interview, per cent; None where the two are not told."""
        if self.approved is None or self.denied is None:
            return None
        return _share(self.approved, self.approved + self.denied)


@dataclass(frozen=True)
class Report:
    """A pilot and what it is compared with, from one local day to another."""

    first_on: date
    last_on: date
    pilot: Figures
    others: Figures


def subjects(known: Sequence[EnrolmentCentre]) -> tuple[list[EnrolmentCentre], list[str]]:
    """What can be evaluated: the centres that are pilots, and the modes that somebody travels by."""
    return [one for one in known if one.pilot_since], sorted({mode for one in known for mode in one.modes})


def chosen(known: Sequence[EnrolmentCentre], subject: str) -> tuple[list[EnrolmentCentre], list[EnrolmentCentre]]:
    """The centres of a subject (a mode, or the number of a pilot centre), and the permanent ones it is compared with.

    Raises LookupError for anything else.
    """
    pilots, modes = subjects(known)
    if subject in modes:
        these = [one for one in known if subject in one.modes]
    else:
        these = [one for one in pilots if str(one.number) == subject]
    if not these:
        raise LookupError(subject)
    ids = {one.id for one in these}
    return these, [one for one in known if one.id not in ids and one.pilot_since is None]


def evaluate(
    session: Session, known: Sequence[EnrolmentCentre], subject: str, first_on: date, last_on: date, *, by: Officer
) -> Report:
    """The figures of a subject and of the permanent centres beside it. Raises LookupError for an unknown subject."""
    these, others = chosen(known, subject)
    audit.record(session, "pilot:evaluate", "enrolment_centre", evaluated=subject, by=by)
    with viewing_as(session, JOINT):
        told = [_figures(session, [one.id for one in group], first_on, last_on) for group in (these, others)]
    return Report(first_on, last_on, *told)


def as_csv(report: Report, names: tuple[str, str]) -> str:
    """The report as a table: a line for the pilot, a line for the others."""
    file = io.StringIO()
    writer = csv.writer(file)
    counted = [field.name for field in fields(Figures)]
    rates = ["use", "no_show_rate", "morning_use", "later_use", "approval_rate"]
    writer.writerow(["group", "first_day", "last_day", *counted, *(f"{name}_percent" for name in rates)])
    for name, figures in zip(names, (report.pilot, report.others), strict=True):
        values = ["" if (told := getattr(figures, one)) is None else told for one in (*counted, *rates)]
        writer.writerow([name, report.first_on, report.last_on, *values])
    return file.getvalue()


def _figures(session: Session, centres: list[uuid.UUID], first_on: date, last_on: date) -> Figures:
    values = {
        "centres": centres, "first_on": first_on, "last_on": last_on,
        "begins": _midnight(first_on) - timedelta(days=1), "ends": _midnight(last_on) + timedelta(days=2),
    }  # fmt: skip
    row = list(session.execute(FIGURES, values).one())
    approved, denied, median, most = row[6:10]
    if approved + denied < FEWEST:
        row[6:8] = None, None
    row[8:10] = (None if days is None else round(days) for days in (median, most))
    return Figures(len(centres), *row)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), ZoneInfo("UTC"))


def _share(part: int, whole: int) -> int | None:
    return round(100 * part / whole) if whole else None
