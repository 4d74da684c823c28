"""What each agency's officers record of an interview, and what follows when both have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.clock import now, today
from portal.domain.adjudication import Stage
from portal.domain.errors import RuleViolation
from portal.domain.interview_models import BOTH, attendance
from portal.domain.interviews import (
    BIOMETRICS,
    DOCUMENTS,
    action_after_missing,
    can_be_recorded,
)
from portal.i18n import Lazy as _l
from portal.models import Interview, InterviewPart, InterviewRecord, Officer
from portal.services import audit, interview_parts, interviews, notifications, programme, transitions
from portal.services.adjudication import both_agencies, decision_of, lock

NOT_BOOKED = _l("No interview is booked now, so there is nothing to record.")
FIRST_PART_FIRST = _l("The part with the other agency comes first, and is not done yet.")
NOTHING_TO_MISS = _l("This part has no appointment that could be missed. Record it when the applicant comes.")
TOO_EARLY = _l("You can record this interview from its day on.")
SETTLED = _l("Both agencies have recorded this interview. It can no longer be changed.")
DECIDED = _l("Your agency has decided on this application. Its record of the interview can no longer be changed.")


@dataclass(frozen=True)
class Biometric:
    """One capture: where the agency's own system keeps it, how good it is (0 to 100), and which device took it."""

    kind: str
    reference: str
    quality: int
    device: str


def record(
    session: Session,
    part: InterviewPart,
    *,
    came: bool,
    documents_seen: Sequence[str] = (),
    biometrics: Sequence[Biometric] = (),
    note: str = "",
    minutes_late: int | None = None,
    early: bool = False,
    by: Officer,
) -> InterviewRecord:
    """Write, or correct, what the officer's agency records of a part.

    Once all agencies of the part have, and agree, the part is done or missed; with all parts the interview is. `early`
    allows it before the day. Raises RuleViolation when it is too early, settled, or a step comes before it.
    """
    interview = part.interview
    lock(session, interview.application)
    session.refresh(interview, ["state", "missed", "revision"])
    check_open(session, part, early, by)
    row = own_record(session, part, by) or _new_record(part, by)
    row.officer_id, row.recorded_at, row.came = by.id, now(), came
    row.documents_seen = [code for code in DOCUMENTS if came and code in documents_seen]
    row.biometrics = [asdict(one) for one in biometrics if came and one.kind in BIOMETRICS]
    row.note = note or None
    if came and minutes_late:
        part.minutes_late = minutes_late
    session.add(row)
    session.flush()
    audit.record(session, "interview:record", row, came=came, by=by)
    _settle(session, interview, part, by)
    return row


def own_record(session: Session, part: InterviewPart, by: Officer) -> InterviewRecord | None:
    """What the officer's agency has recorded of a part."""
    query = select(InterviewRecord).where(InterviewRecord.part_id == part.id, InterviewRecord.agency == by.agency)
    return session.scalars(query).one_or_none()


def awaits_first(interview: Interview, part: InterviewPart) -> bool:
    """Whether a part without an appointment has still to wait for the one before it (domain facts, 5.3)."""
    return part.attendance == "walk_up" and interviews.current_part(interview).state != "done"


def has_disagreement(session: Session, part: InterviewPart, by: Officer) -> bool:
    """Whether both agencies have recorded the part and differ on whether the applicant came.

    Told only to an agency that has recorded: who came is no secret then, and has to be settled between the two.
    """
    came = _came(session, part)
    return part.agency == BOTH and by.agency in came and len(set(came.values())) > 1


def allow_again(session: Session, interview: Interview, *, by: Officer) -> None:
    """Let somebody who missed the interview too often book once more. Raises NotOpenToThis when that is not so."""
    lock(session, interview.application)
    transitions.perform(session, interview, "allow_again", by=by)
    interviews.add_part(session, interview, interview_parts.needed(interview) or BOTH)


def is_due(session: Session, part: InterviewPart, *, early: bool) -> bool:
    """Whether a part can be recorded now: from its day on by the centre's clock, or `early`; without one, any day."""
    place = interviews.booked_place(session, part)
    if place is None:
        return part.attendance == "walk_up"
    today_there = now().astimezone(ZoneInfo(place.centre.zone)).date()
    return can_be_recorded(place.slot.local_on, today_there, early=early)


def is_recorded(session: Session, part: InterviewPart) -> bool:
    """Whether any agency has recorded anything of a part."""
    return bool(_came(session, part))


def check_open(session: Session, part: InterviewPart, early: bool, by: Officer) -> None:
    """Raises RuleViolation where the officer's agency cannot record anything of a part now."""
    interview = part.interview
    if interview.state in ("attended", "finished") or part.state in ("done", "missed"):
        raise RuleViolation(SETTLED)
    if interview.state != "booked":
        raise RuleViolation(NOT_BOOKED)
    if awaits_first(interview, part):
        raise RuleViolation(FIRST_PART_FIRST)
    if not is_due(session, part, early=early):
        raise RuleViolation(TOO_EARLY)
    if decision_of(session, interview.application, by.agency, Stage.FINAL) is not None:
        raise RuleViolation(DECIDED)


def _new_record(part: InterviewPart, by: Officer) -> InterviewRecord:
    application = part.interview.application
    return InterviewRecord(part=part, application=application, application_id=application.id, agency=by.agency)


def _came(session: Session, part: InterviewPart) -> dict[str, bool]:
    query = select(InterviewRecord.agency, InterviewRecord.came).where(InterviewRecord.part_id == part.id)
    with both_agencies(session):
        return dict(session.execute(query).all())


def _settle(session: Session, interview: Interview, part: InterviewPart, by: Officer) -> None:
    came = attendance(part.agency, _came(session, part))
    if came is None:
        return
    if not came and part.follows_id and interviews.current_part(interview).state != "done":
        raise RuleViolation(FIRST_PART_FIRST)  # who is missed there is missed in both parts, by that record
    if came:
        part.state = "done"
        _go_on(session, interview, part, by)
    elif part.attendance == "walk_up":
        raise RuleViolation(NOTHING_TO_MISS)
    else:
        _miss(session, interview, part, by)


def _go_on(session: Session, interview: Interview, part: InterviewPart, by: Officer) -> None:
    """The interview is attended, or the applicant is told which part comes next."""
    session.flush()
    session.expire(interview, ["parts"])
    if interview_parts.needed(interview) is None:
        transitions.perform(session, interview, "attend", by=by)
        return
    transitions.note(session, interview.application, "interview_part_done", by=by)
    following = next((one for one in interview_parts.attempt(interview) if one.state != "done"), None)
    if following is not None:
        place = interviews.booked_place(session, following)
        facts = {"agency": following.agency, "place_id": str(place.id) if place else None}
        notifications.send(session, "interview_part_done", interview.application, facts=facts)


def _miss(session: Session, interview: Interview, part: InterviewPart, by: Officer) -> None:
    repeats = programme.setting(session, "missed_interviews", today())["repeats"]
    action = action_after_missing(interview.missed, repeats=repeats)
    for one in interview_parts.attempt(interview):
        if one.state != "done":
            one.state = "missed"
    interview.missed += 1
    left = max(0, repeats + 1 - interview.missed)
    transitions.perform(session, interview, action, by=by, facts={"part_id": str(part.id), "left": left})
    if action == "miss":
        interviews.add_part(session, interview, interview_parts.needed(interview) or BOTH)
