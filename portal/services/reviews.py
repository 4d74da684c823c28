"""An agency's review of an application: opened, taken, given back, cleared by one officer or refused by two."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import not_, select
from sqlalchemy.orm import Session

from portal.clock import now
from portal.domain import AGENCIES
from portal.domain.adjudication import Outcome, Stage, refusal_reason
from portal.domain.errors import ChangedMeanwhile, NotFound, NotOpenToThis, RuleViolation
from portal.i18n import Lazy as _l
from portal.i18n import format_datetime
from portal.models import Application, ApplicationVersion, Officer, RefusalProposal, Review, ReviewNote
from portal.services import adjudication, audit, competent, lateness, screening, transitions
from portal.services.actors import SYSTEM, Actor
from portal.services.transitions import CHANGED

END_IT = _l("End the emergency instead: the application then goes back to who held it.")
IT_ENDED = _l("Your emergency access to this application has ended.")


def open_reviews(
    session: Session, application: Application, *, amount_cents: int, paid_on: date, by: Actor
) -> list[Review]:
    """Begin the review of a paid application: one review for each agency, and the screening queued."""
    application.paid_at = now()
    facts = {"amount_cents": amount_cents, "paid_on": paid_on.isoformat()}
    transitions.perform(session, application, "begin_review", by=by, facts=facts)
    reviews = [
        Review(application=application, application_id=application.id, agency=agency, opened_at=now())
        for agency in AGENCIES
    ]
    session.add_all(reviews)
    screening.update_profile(session, application.person, answers_of(session, application))
    screening.request(session, application, by=by)
    return reviews


def answers_of(session: Session, application: Application) -> dict[str, dict[str, object]]:
    """The newest answers that were sent, by section; nothing before the first sending."""
    query = (
        select(ApplicationVersion)
        .where(ApplicationVersion.application_id == application.id)
        .order_by(ApplicationVersion.number.desc())
        .limit(1)
    )
    version = session.scalars(query).first()
    return version.answers or {} if version else {}


def of_agency(session: Session, reference: str, agency: str) -> Review:
    """The review by `agency` of the application with this reference. Raises NotFound."""
    query = select(Review).join(Review.application)
    review = session.scalars(query.where(Application.reference == reference, Review.agency == agency)).one_or_none()
    if review is None:
        raise NotFound(reference)
    return review


def take(session: Session, review: Review, by: Officer) -> None:
    """Take a review that waits. Raises NotOpenToThis, naming who holds it, when somebody was faster."""
    lock(session, review, by)
    _refuse_when_held_by_another(session, review, by)
    assign(review, by.id)
    transitions.perform(session, review, "take", by=by)


def take_next(session: Session, by: Officer) -> Review | None:
    """Take the review of the officer's agency that has waited longest and that nobody is taking now, if any.

    What needs a competence that the officer lacks is left to the colleagues who have it, while there are any.
    """
    query = (
        select(Review.id)
        .where(Review.agency == by.agency, Review.state == "waiting", not_(competent.is_for_others(by)))
        .order_by(Review.opened_at, Review.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    review_id = session.scalar(query)
    if review_id is None:
        return None
    review = session.get_one(Review, review_id, populate_existing=True)
    assign(review, by.id)
    transitions.perform(session, review, "take", by=by)
    return review


def give_back(session: Session, review: Review, by: Officer) -> None:
    """Put a review back into the queue, with everything that was found so far."""
    hold(session, review, by)
    if review.held_until is not None:
        raise NotOpenToThis(END_IT)
    assign(review, None)
    transitions.perform(session, review, "give_back", by=by)


def assign(review: Review, officer_id: uuid.UUID | None, *, until: datetime | None = None) -> None:
    """From now on this officer, or nobody, holds the review; in an emergency `until` a moment only."""
    review.officer_id, review.held_until = officer_id, until
    review.taken_at = now() if officer_id else None


def to_the_queue(session: Session, review: Review) -> None:
    """Let a review wait for somebody again where its emergency ended and nobody was there to get it back."""
    if review.officer_id is None and review.state == "in_review":
        transitions.perform(session, review, "give_back", by=SYSTEM)


def clear(session: Session, review: Review, by: Officer) -> None:
    """Clear the application for the agency.

    Raises RuleViolation while the screening is not finished or a hit is open: a failure never clears anyone.
    """
    hold(session, review, by)
    screening.require_finished(session, review)
    review.finished_at = now()
    transitions.perform(session, review, "clear", by=by)
    adjudication.decide(session, review.application, review.agency, Stage.REVIEW, Outcome.CLEARED, by=by)
    lateness.finished(session, review)


def propose_refusal(session: Session, review: Review, *, reason: str, note: str, by: Officer) -> RefusalProposal:
    """Propose to refuse, for a reason with public text and with a note for colleagues; another officer decides."""
    hold(session, review, by)
    if Stage.REVIEW not in refusal_reason(reason).stages:
        raise RuleViolation(_l("This reason cannot be given after a review."))
    transitions.perform(session, review, "propose_refusal", by=by)
    proposal = RefusalProposal(
        application=review.application,
        application_id=review.application_id,
        agency=review.agency,
        stage=str(Stage.REVIEW),
        reason=reason,
        note=note,
        version_number=adjudication.latest_version(session, review.application),
        proposed_by=by.id,
        proposed_at=now(),
    )
    session.add(proposal)
    session.flush()
    return proposal


def proposal_of(session: Session, review: Review) -> RefusalProposal | None:
    """The proposal to refuse that waits for a second officer, if there is one."""
    query = select(RefusalProposal).where(
        RefusalProposal.application_id == review.application_id,
        RefusalProposal.agency == review.agency,
        RefusalProposal.stage == str(Stage.REVIEW),
        RefusalProposal.settled_at.is_(None),
    )
    return session.scalars(query).one_or_none()


def confirm_refusal(session: Session, review: Review, by: Officer) -> None:
    """Confirm a colleague's proposal: the agency refuses. Raises RuleViolation for the proposer's own."""
    proposal = _settle_proposal(session, review, by, is_confirmed=True)
    review.finished_at = now()
    transitions.perform(session, review, "confirm_refusal", by=by)
    adjudication.decide(
        session,
        review.application,
        review.agency,
        Stage.REVIEW,
        Outcome.REFUSED,
        reason=proposal.reason,
        by=session.get_one(Officer, proposal.proposed_by),
        confirmed_by=by,
    )


def send_back(session: Session, review: Review, *, note: str, by: Officer) -> None:
    """Send a proposal back to the colleague who made it, with a note that says why."""
    _settle_proposal(session, review, by, is_confirmed=False)
    transitions.perform(session, review, "send_back", by=by)
    to_the_queue(session, review)
    _write_note(session, review, note, by)


def _settle_proposal(session: Session, review: Review, by: Officer, *, is_confirmed: bool) -> RefusalProposal:
    lock(session, review, by)
    proposal = proposal_of(session, review)
    if proposal is None:
        raise NotOpenToThis(_l("This proposal was settled already."))
    if proposal.proposed_by == by.id:
        raise RuleViolation(_l("You proposed this refusal. Another officer of your agency must settle it."))
    proposal.settled_by, proposal.settled_at, proposal.is_confirmed = by.id, now(), is_confirmed
    return proposal


def add_note(session: Session, review: Review, text: str, by: Officer) -> ReviewNote:
    """Write a note for colleagues of the same agency. It is never edited, only followed by another."""
    check_agency(review, by)
    return _write_note(session, review, text, by)


def _write_note(session: Session, review: Review, text: str, by: Officer) -> ReviewNote:
    note = ReviewNote(
        application=review.application,
        application_id=review.application_id,
        agency=review.agency,
        officer_id=by.id,
        text=text,
        written_at=now(),
    )
    session.add(note)
    audit.record(session, "note:add", note, by=by)
    session.flush()
    return note


def notes_of(session: Session, review: Review) -> list[ReviewNote]:
    """The agency's notes on the application, the newest first."""
    query = select(ReviewNote).where(
        ReviewNote.application_id == review.application_id, ReviewNote.agency == review.agency
    )
    return list(session.scalars(query.order_by(ReviewNote.written_at.desc(), ReviewNote.id)))


def unchanged(review: Review, revision: str) -> None:
    """Raise ChangedMeanwhile unless the review is as it was when a page showed this `revision`."""
    if revision != str(review.revision):
        raise ChangedMeanwhile(CHANGED)


def check_agency(review: Review, by: Officer) -> None:
    """The other agency’s review is not there for this officer. Raises NotFound."""
    if review.agency != by.agency:
        raise NotFound(review.id)


def lock(session: Session, review: Review, by: Officer) -> None:
    """Let one actor at a time work on the review, and read it anew."""
    # The application first and then the review, always in this order, so that two agencies never wait for each other.
    check_agency(review, by)
    adjudication.lock(session, review.application)
    session.refresh(review)


def hold(session: Session, review: Review, by: Officer) -> None:
    """Lock the review, and make sure that it is this officer who holds it."""
    lock(session, review, by)
    _refuse_when_held_by_another(session, review, by)
    if review.officer_id is None:
        raise NotOpenToThis(_l("Take this application first."))
    if not holds(review, by):
        raise NotOpenToThis(IT_ENDED)


def _refuse_when_held_by_another(session: Session, review: Review, by: Officer) -> None:
    if review.officer_id in (None, by.id) or review.taken_at is None:
        return
    holder = session.get_one(Officer, review.officer_id)
    since = format_datetime(review.taken_at)
    raise NotOpenToThis(_l("%(name)s has held this application since %(since)s (UTC).", name=holder.name, since=since))


def holds(review: Review, by: Officer) -> bool:
    """Whether this officer holds the review now; what was taken over in an emergency, for its hours only."""
    return review.officer_id == by.id and (review.held_until is None or review.held_until > now())


def emergency_until(review: Review) -> datetime | None:
    """When the emergency ends in which the review is held now; None where there is none."""
    is_running = review.state in adjudication.HELD_REVIEW_STATES and (review.held_until or now()) > now()
    return review.held_until if is_running else None
