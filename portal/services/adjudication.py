"""What the agencies decide, put together: the one place that reads both agencies' decisions and acts on them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portal.clock import now, today
from portal.domain import AGENCIES
from portal.domain.adjudication import JointOutcome, Outcome, Stage, joint_outcome, refusal_reason
from portal.domain.errors import NotOpenToThis, RuleViolation
from portal.domain.lifecycle import Status
from portal.i18n import Lazy as _l
from portal.models import AgencyDecision, Application, ApplicationVersion, InformationRequest, Letter, Officer, Review
from portal.models.viewers import JOINT, viewing_as
from portal.services import audit, guardian_consents, interviews, letters, memberships, programme, transitions
from portal.services.actors import SYSTEM, Actor

HELD_REVIEW_STATES = ("in_review", "awaiting_applicant", "refusal_proposed")
OPEN_REVIEW_STATES = ("waiting", *HELD_REVIEW_STATES)


@contextmanager
def both_agencies(session: Session) -> Iterator[None]:
    """Read as the joint viewer inside the block: for putting decisions together, never for showing them."""
    with viewing_as(session, JOINT):
        yield


def lock(session: Session, application: Application) -> None:
    """Let one actor at a time work on this application; whoever waited then sees what the other did."""
    session.flush()
    session.execute(select(Application.id).where(Application.id == application.id).with_for_update(key_share=True))
    session.refresh(application)


def latest_version(session: Session, application: Application) -> int:
    """The number of the newest answers: what is decided is decided on them. 0 before anything was sent."""
    query = select(func.max(ApplicationVersion.number)).where(ApplicationVersion.application_id == application.id)
    return session.scalar(query) or 0


def decide(
    session: Session,
    application: Application,
    agency: str,
    stage: str,
    outcome: str,
    *,
    reason: str | None = None,
    by: Officer,
    confirmed_by: Officer | None = None,
) -> AgencyDecision:
    """Record what `agency` decides at `stage`, and do what both decisions together then mean.

    A refusal needs a reason that may be given at this stage, and another officer of the agency in `confirmed_by`.
    Raises RuleViolation where these are missing and NotOpenToThis where the agency has decided already.
    """
    _check_authority(agency, by, confirmed_by)
    _check_refusal(stage, outcome, reason, by, confirmed_by)
    lock(session, application)
    if outcome == Outcome.CLEARED and guardian_consents.is_missing(session, application):
        raise RuleViolation(_l("Another parent or guardian withdrew the consent. Nobody can approve without it."))
    if decision_of(session, application, agency, stage) is not None:
        raise NotOpenToThis(_l("Your agency has already decided this."))
    decision = AgencyDecision(
        application=application,
        application_id=application.id,
        agency=agency,
        stage=str(stage),
        outcome=str(outcome),
        reason=reason,
        version_number=latest_version(session, application),
        decided_by=by.id,
        decided_at=now(),
        confirmed_by=confirmed_by.id if confirmed_by else None,
        confirmed_at=now() if confirmed_by else None,
    )
    session.add(decision)
    audit.record(session, "decision:record", decision, by=confirmed_by or by, stage=str(stage))
    settle(session, application, stage, by=confirmed_by or by)
    return decision


def _check_authority(agency: str, by: Officer, confirmed_by: Officer | None) -> None:
    if any(officer.agency != agency for officer in (by, confirmed_by) if officer is not None):
        raise RuleViolation(_l("An officer decides for the officer’s own agency only."))


def _check_refusal(stage: str, outcome: str, reason: str | None, by: Officer, confirmed_by: Officer | None) -> None:
    if outcome != Outcome.REFUSED:
        return
    if reason is None or stage not in refusal_reason(reason).stages:
        raise RuleViolation(_l("A refusal needs one of the reasons of the programme."))
    if confirmed_by is None or confirmed_by.id == by.id:
        raise RuleViolation(_l("Another officer of your agency must confirm a refusal."))


def decision_of(session: Session, application: Application, agency: str, stage: str) -> AgencyDecision | None:
    """What `agency` decided at `stage`, as far as the reader may see it."""
    query = select(AgencyDecision).where(
        AgencyDecision.application_id == application.id,
        AgencyDecision.agency == agency,
        AgencyDecision.stage == str(stage),
        AgencyDecision.superseded_at.is_(None),
    )
    return session.scalars(query).one_or_none()


def settle(session: Session, application: Application, stage: str, by: Actor) -> JointOutcome:
    """Do what the decisions of one stage mean together. Done twice, it has one effect."""
    with both_agencies(session):
        return _settle(session, application, stage, by)


def _settle(session: Session, application: Application, stage: str, by: Actor) -> JointOutcome:
    decisions = _decisions(session, application, stage)
    outcome = joint_outcome({agency: made for agency, (made, _reason) in decisions.items()})
    if outcome is JointOutcome.REFUSED:
        _deny(session, application, decisions)
    elif outcome is JointOutcome.CLEARED and stage == Stage.REVIEW and application.status == Status.UNDER_REVIEW:
        _approve_conditionally(session, application)
    elif outcome is JointOutcome.CLEARED and stage == Stage.FINAL and _awaits_final(application):
        _approve(session, application, by)
    return outcome


def _awaits_final(application: Application) -> bool:
    return application.status == Status.CONDITIONALLY_APPROVED


def _decisions(session: Session, application: Application, stage: str) -> dict[str, tuple[str, str | None]]:
    columns = (AgencyDecision.agency, AgencyDecision.outcome, AgencyDecision.reason)
    query = select(*columns).where(
        AgencyDecision.application_id == application.id,
        AgencyDecision.stage == str(stage),
        AgencyDecision.superseded_at.is_(None),
    )
    with both_agencies(session):
        return {agency: (outcome, reason) for agency, outcome, reason in session.execute(query)}


def _approve_conditionally(session: Session, application: Application) -> None:
    days = programme.setting(session, "interview_deadline", today())["days"]
    application.conditionally_approved_at = now()
    application.interview_deadline_on = today() + timedelta(days=days)
    facts = {"deadline_on": application.interview_deadline_on.isoformat()}
    transitions.perform(session, application, "approve_conditionally", by=SYSTEM, facts=facts)
    interviews.open_for(session, application)


def _approve(session: Session, application: Application, by: Actor) -> None:
    application.decided_at = now()
    memberships.grant(session, application, by=by)
    transitions.perform(session, application, "approve", by=SYSTEM)
    letters.write(session, application, kind="approval")


def _deny(session: Session, application: Application, decisions: dict[str, tuple[str, str | None]]) -> None:
    if application.status in (Status.UNDER_REVIEW, Status.CONDITIONALLY_APPROVED):
        application.decided_at = now()
        transitions.perform(session, application, "deny", by=SYSTEM)
        close_reviews(session, application)
        interviews.let_go(session, application, by=SYSTEM)
    for agency, (outcome, reason) in decisions.items():
        if outcome == Outcome.REFUSED and not _has_letter(session, application, agency):
            letters.write(session, application, kind="refusal", agency=agency, reason=reason)


def _has_letter(session: Session, application: Application, agency: str) -> bool:
    query = select(Letter.id).where(
        Letter.application_id == application.id, Letter.kind == "refusal", Letter.agency == agency
    )
    return session.scalars(query).first() is not None


def close_reviews(session: Session, application: Application) -> None:
    """Close every review that is still open, and the questions to the applicant: they are not needed any more."""
    # Whoever is taking a review this moment is waited for, and what they made of it is read.
    query = (
        select(Review)
        .where(Review.application_id == application.id, Review.state.in_(OPEN_REVIEW_STATES))
        .with_for_update(of=Review, key_share=True)
        .execution_options(populate_existing=True)
    )
    for review in session.scalars(query).all():
        review.finished_at = now()
        transitions.perform(session, review, "close", by=SYSTEM)
    open_questions = (
        update(InformationRequest)
        .where(InformationRequest.application_id == application.id, InformationRequest.closed_at.is_(None))
        .values(closed_at=now())
    )
    with both_agencies(session):
        session.execute(open_questions)


@dataclass(frozen=True)
class Standing:
    """What an officer may know of both agencies' decisions at one stage (rulings, section 2)."""

    own: str | None
    is_other_finished: bool
    joint: JointOutcome | None
    """None until the own agency has decided."""


def standing(session: Session, application: Application, agency: str, stage: str = Stage.REVIEW) -> Standing:
    """How `agency` stands with the application: the joint outcome only after its own decision."""
    decisions = _decisions(session, application, stage)
    own, _reason = decisions.get(agency, (None, None))
    joint = joint_outcome({one: made for one, (made, _reason) in decisions.items()}) if own else None
    return Standing(own, other_agency(agency) in decisions, joint)


def other_agency(agency: str) -> str:
    """The agency that is not `agency`."""
    return next(one for one in AGENCIES if one != agency)
