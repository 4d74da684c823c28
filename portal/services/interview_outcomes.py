"""What an agency decides after the interview: passed by one officer, refused by two."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.clock import now
from portal.domain.adjudication import Outcome, Stage, refusal_reason
from portal.domain.errors import NotOpenToThis, RuleViolation
from portal.domain.lifecycle import Status
from portal.i18n import Lazy as _l
from portal.models import AgencyDecision, Interview, InterviewPart, InterviewRecord, Officer, RefusalProposal
from portal.services import adjudication, audit, interview_parts, interview_records, screening, transitions
from portal.services.actors import SYSTEM
from portal.services.interview_records import own_record

NOTHING_SEEN = _l("Tick the documents that you saw before you approve.")
RECORD_FIRST = _l("Record the interview first: who came, and what you saw.")
NOT_AWAITED = _l("This application is decided. Nothing more can be recorded.")
PROPOSED_ALREADY = _l("A refusal is proposed already. Another officer of your agency must confirm it first.")
NOT_AFTER_INTERVIEW = _l("This reason cannot be given after an interview.")
SETTLED_ALREADY = _l("This proposal was settled already.")
NOT_BY_YOURSELF = _l("You proposed this refusal. Another officer of your agency must settle it.")


def approve(session: Session, part: InterviewPart, *, by: Officer) -> AgencyDecision:
    """Approve for the officer's agency. Both agencies' approval makes the applicant a member.

    Raises RuleViolation while the agency has not recorded that the applicant came, and with which documents.
    """
    application = part.interview.application
    if not _check_awaited(session, part, by).documents_seen:
        raise RuleViolation(NOTHING_SEEN)
    screening.require_current(session, application, by.agency)
    decision = adjudication.decide(session, application, by.agency, Stage.FINAL, Outcome.CLEARED, by=by)
    finish(session, part.interview)
    return decision


def propose_refusal(session: Session, part: InterviewPart, *, reason: str, note: str, by: Officer) -> RefusalProposal:
    """Propose to refuse, for a reason with public text and with a note for colleagues; another officer decides."""
    _check_awaited(session, part, by)
    if Stage.FINAL not in refusal_reason(reason).stages:
        raise RuleViolation(NOT_AFTER_INTERVIEW)
    application = part.interview.application
    proposal = RefusalProposal(
        application=application,
        application_id=application.id,
        agency=by.agency,
        stage=str(Stage.FINAL),
        reason=reason,
        note=note,
        version_number=adjudication.latest_version(session, application),
        proposed_by=by.id,
        proposed_at=now(),
    )
    session.add(proposal)
    session.flush()
    audit.record(session, "refusal:propose", proposal, by=by)
    return proposal


def open_proposal(session: Session, interview: Interview, by: Officer) -> RefusalProposal | None:
    """The proposal of the officer's agency that waits for a second officer, where there is one."""
    query = select(RefusalProposal).where(
        RefusalProposal.application_id == interview.application_id,
        RefusalProposal.agency == by.agency,
        RefusalProposal.stage == str(Stage.FINAL),
        RefusalProposal.settled_at.is_(None),
    )
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def to_settle(session: Session, by: Officer) -> list[RefusalProposal]:
    """The colleagues' proposals to refuse after an interview that wait for a second officer, the oldest first."""
    query = (
        select(RefusalProposal)
        .where(
            RefusalProposal.agency == by.agency,
            RefusalProposal.stage == str(Stage.FINAL),
            RefusalProposal.settled_at.is_(None),
            RefusalProposal.proposed_by != by.id,
        )
        .options(joinedload(RefusalProposal.application))
    )
    return list(session.scalars(query.order_by(RefusalProposal.proposed_at)))


def confirm_refusal(session: Session, interview: Interview, *, by: Officer) -> AgencyDecision:
    """Confirm a colleague's proposal: the agency refuses. Raises RuleViolation for the officer who proposed it."""
    proposal = _settle(session, interview, by, is_confirmed=True)
    decision = adjudication.decide(
        session,
        interview.application,
        by.agency,
        Stage.FINAL,
        Outcome.REFUSED,
        reason=proposal.reason,
        by=session.get_one(Officer, proposal.proposed_by),
        confirmed_by=by,
    )
    finish(session, interview)
    return decision


def send_back(session: Session, interview: Interview, *, by: Officer) -> None:
    """Send a colleague's proposal back: the agency has not decided, and decides anew."""
    proposal = _settle(session, interview, by, is_confirmed=False)
    audit.record(session, "refusal:send_back", proposal, by=by)


def next_step(session: Session, interview: Interview, *, early: bool, by: Officer) -> str:
    """What the officer's agency can do with an interview now.

    record, decide or settle (a colleague's proposal); allow (let somebody who missed it book again); otherwise why
    there is nothing to do: wait (for a colleague to settle), decided, closed, unbooked, early, or first (when the
    other agency's part comes first).
    """
    proposal = open_proposal(session, interview, by)
    if adjudication.decision_of(session, interview.application, by.agency, Stage.FINAL) is not None:
        return "decided"
    if interview.application.status != Status.CONDITIONALLY_APPROVED:
        return "closed"
    if proposal is not None:
        return "wait" if proposal.proposed_by == by.id else "settle"
    part = interview_parts.of_agency(interview, by.agency)
    if part is not None and part.state == "done":
        return "decide"
    if part is not None and interview.state == "booked":
        if interview_records.awaits_first(interview, part):
            return "first"
        return "record" if interview_records.is_due(session, part, early=early) else "early"
    return {"attended": "decide", "with_officer": "allow"}.get(interview.state, "unbooked")


def finish(session: Session, interview: Interview) -> None:
    """Finish an interview that both agencies attended and after which both decided."""
    if interview.state == "attended" and _is_decided(session, interview):
        transitions.perform(session, interview, "finish", by=SYSTEM)


def _is_decided(session: Session, interview: Interview) -> bool:
    query = select(AgencyDecision.agency).where(
        AgencyDecision.application_id == interview.application_id, AgencyDecision.stage == str(Stage.FINAL)
    )
    with adjudication.both_agencies(session):
        return len(session.execute(query).all()) == 2


def standing(session: Session, interview: Interview, by: Officer) -> adjudication.Standing:
    """What the officer may know: the own outcome, whether the other agency has finished, then the joint one."""
    return adjudication.standing(session, interview.application, by.agency, Stage.FINAL)


def _check_awaited(session: Session, part: InterviewPart, by: Officer) -> InterviewRecord:
    adjudication.lock(session, part.interview.application)
    if part.interview.application.status != Status.CONDITIONALLY_APPROVED:
        raise NotOpenToThis(NOT_AWAITED)
    row = own_record(session, part, by)
    if row is None or not row.came:
        raise RuleViolation(RECORD_FIRST)
    if open_proposal(session, part.interview, by) is not None:
        raise RuleViolation(PROPOSED_ALREADY)
    return row


def _settle(session: Session, interview: Interview, by: Officer, *, is_confirmed: bool) -> RefusalProposal:
    adjudication.lock(session, interview.application)
    proposal = open_proposal(session, interview, by)
    if proposal is None:
        raise NotOpenToThis(SETTLED_ALREADY)
    if proposal.proposed_by == by.id:
        raise RuleViolation(NOT_BY_YOURSELF)
    proposal.settled_by, proposal.settled_at, proposal.is_confirmed = by.id, now(), is_confirmed
    return proposal
