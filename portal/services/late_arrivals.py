"""Who comes later than a centre allows: seen all the same, or sent away to choose another time."""

from __future__ import annotations

from sqlalchemy.orm import Session

from portal.clock import now, today
from portal.domain.errors import RuleViolation
from portal.domain.interview_models import BOTH
from portal.domain.interviews import action_after_missing
from portal.domain.late_arrivals import can_be_sent_away
from portal.i18n import Lazy as _l
from portal.models import EnrolmentCentre, InterviewPart, Officer, Place
from portal.services import audit, interview_parts, interview_records, interviews, programme, transitions
from portal.services.adjudication import lock

IS_SEEN = _l("This centre interviews whoever is up to %(minutes)s minutes late. Record the interview.")
IS_RECORDED = _l("Somebody has recorded this interview already.")
NO_APPOINTMENT = _l("This part has no appointment, so nobody can be late for it.")


def minutes_late(place: Place) -> int:
    """How many minutes ago the appointment began; 0 before it, and not more than a day."""
    passed = int((now() - place.starts_at).total_seconds() // 60)
    return min(max(passed, 0), 1440)


def set_rule(session: Session, centre: EnrolmentCentre, rule: str, minutes: int, *, by: Officer) -> None:
    """Wait so many minutes at a centre, and then let people choose another time, or call ahead."""
    centre.late_rule, centre.late_minutes = rule, minutes
    session.flush()
    audit.record(session, "capacity:late_rule", centre, rule=rule, minutes=minutes, by=by)


def send_away(session: Session, part: InterviewPart, minutes: int, *, early: bool = False, by: Officer) -> None:
    """Send away somebody who is so late: another time can be booked at once, and the applicant is told in writing.

    It counts as a missed interview only where the setting "late_arrivals" says so. Raises RuleViolation where the
    centre still sees them, where an agency has recorded the interview, or where there is no appointment.
    """
    interview = part.interview
    lock(session, interview.application)
    session.refresh(interview, ["state", "missed", "revision"])
    interview_records.check_open(session, part, early, by)
    place = interviews.booked_place(session, part)
    if place is None:
        raise RuleViolation(NO_APPOINTMENT)
    if not can_be_sent_away(minutes, place.centre.late_minutes):
        raise RuleViolation(_l(IS_SEEN.message, minutes=place.centre.late_minutes))
    if interview_records.is_recorded(session, part):
        raise RuleViolation(IS_RECORDED)
    part.minutes_late = minutes
    audit.record(session, "interview:send_away", interview, minutes=minutes, by=by)
    _turn_away(session, part, by)


def _turn_away(session: Session, part: InterviewPart, by: Officer) -> None:
    interview = part.interview
    action, left = "turn_away", None
    if programme.setting(session, "late_arrivals", today())["counts_as_missed"]:
        repeats = programme.setting(session, "missed_interviews", today())["repeats"]
        if action_after_missing(interview.missed, repeats=repeats) == "miss_again":
            action = "turn_away_again"
        interview.missed += 1
        left = max(0, repeats + 1 - interview.missed)
    for one in interview_parts.attempt(interview):
        if one.state != "done":
            one.state = "missed"
    transitions.perform(session, interview, action, by=by, facts={"part_id": str(part.id), "left": left})
    if action == "turn_away":
        interviews.add_part(session, interview, interview_parts.needed(interview) or BOTH)
