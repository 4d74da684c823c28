"""Reviews: who holds what, questions, two officers for a refusal, and nobody cleared by a failure."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
import time_machine
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.clock import now, today
from portal.db import Database, view_as
from portal.domain.errors import ChangedMeanwhile, NotFound, NotOpenToThis, RuleViolation
from portal.models import (
    AgencyDecision,
    Application,
    Event,
    Interview,
    Letter,
    Officer,
    OutgoingMessage,
    Review,
    ReviewNote,
)
from portal.models.viewers import JOINT, viewing_as
from portal.services import (
    adjudication,
    applications,
    case_files,
    information_requests,
    reviews,
    screening,
    viewings,
    worklists,
)
from portal.services.actors import SYSTEM
from tests import reviewing
from tests.interviewing import officer
from tests.reviewing import LOOKALIKE, held, lists, paid, review_of, screened


def test_payment_opens_a_review_for_each_agency(session: Session) -> None:
    application = paid(session)
    assert application.status == "under_review"
    found = session.scalars(select(Review).where(Review.application_id == application.id)).all()
    assert {(review.agency, review.state) for review in found} == {("CA", "waiting"), ("US", "waiting")}
    with pytest.raises(NotOpenToThis):
        reviews.open_reviews(session, application, amount_cents=1, paid_on=today(), by=SYSTEM)


def test_the_oldest_is_taken_first(session: Session) -> None:
    by = officer(session, "CA")
    with time_machine.travel(now() - timedelta(days=3)):
        oldest = paid(session)
    paid(session)
    view_as(session, "CA")
    review = reviews.take_next(session, by)
    assert review is not None and review.application_id == oldest.id and review.officer_id == by.id
    assert reviews.take_next(session, by) is not None
    assert reviews.take_next(session, by) is None


def test_what_needs_training_is_offered_to_who_has_it_while_there_is_anybody(session: Session) -> None:
    by, trained = officer(session, "CA"), officer(session, "CA")
    child, grown = paid(session), paid(session)
    child.role = "parent"
    session.flush()
    view_as(session, "CA")
    trained.competences = ["minors"]
    session.flush()
    assert reviews.take_next(session, by).application_id == grown.id  # type: ignore[union-attr]
    assert reviews.take_next(session, by) is None
    trained.disabled_at = now()
    session.flush()
    review = reviews.take_next(session, by)
    assert review is not None and review.application_id == child.id, "nobody is left who was trained"


def test_an_open_hit_is_offered_to_who_was_trained_for_hits(session: Session) -> None:
    by, trained, elsewhere = officer(session, "CA"), officer(session, "CA"), officer(session, "US")
    lists(session, LOOKALIKE)
    application = paid(session)
    screened(session, application)
    view_as(session, "CA")
    elsewhere.competences = ["hits"]
    session.flush()
    trained.competences = ["hits", "minors"]
    session.flush()
    assert reviews.take_next(session, by) is None
    assert reviews.take_next(session, trained).application_id == application.id  # type: ignore[union-attr]


def test_two_officers_at_once_take_different_reviews(database: Database) -> None:
    with database.transaction() as session:
        first, second = officer(session, "CA"), officer(session, "CA")
        applications = {paid(session).id, paid(session).id}
    with database.new_session() as one, database.new_session() as other:
        taken = [reviews.take_next(one, first), reviews.take_next(other, second)]
        assert {review.application_id for review in taken if review} == applications
        one.commit()
        other.commit()


def test_whoever_is_late_reads_who_was_faster(database: Database) -> None:
    with database.transaction() as session:
        first, second = officer(session, "CA"), officer(session, "CA")
        first.name = "Ada Roy"
        application = paid(session)
    with database.new_session() as one, database.new_session() as other:
        late = review_of(other, application, "CA")  # read while nobody had it
        reviews.take(one, review_of(one, application, "CA"), first)
        one.commit()
        with pytest.raises(NotOpenToThis, match="Ada Roy has held this application since"):
            reviews.take(other, late, second)


def test_a_page_that_is_out_of_date_changes_nothing(session: Session) -> None:
    review = held(session, paid(session), officer(session, "CA"))
    with pytest.raises(ChangedMeanwhile):
        reviews.unchanged(review, str(review.revision - 1))
    reviews.unchanged(review, str(review.revision))


def test_only_the_holder_acts_and_can_give_back(session: Session) -> None:
    by, colleague = officer(session, "CA"), officer(session, "CA")
    review = held(session, paid(session), by)
    with pytest.raises(NotOpenToThis):
        reviews.give_back(session, review, colleague)
    reviews.give_back(session, review, by)
    assert (review.state, review.officer_id, review.taken_at) == ("waiting", None, None)
    with pytest.raises(NotOpenToThis):
        reviews.give_back(session, review, by)


def test_a_question_stops_one_clock_and_not_the_other(session: Session) -> None:
    by, application = officer(session, "CA"), paid(session, language="fr")
    review = held(session, application, by)
    with time_machine.travel(now() - timedelta(days=9), tick=False):
        request = information_requests.ask(session, review, question="Quelle année?", wants_document=False, by=by)
    assert request.language == "fr" and request.due_on == (now() - timedelta(days=9)).date() + timedelta(days=30)
    assert review.state == "awaiting_applicant"
    assert review_of(session, application, "US").paused_at is None
    with pytest.raises(NotOpenToThis):
        information_requests.ask(session, review, question="Encore?", wants_document=False, by=by)
    view_as(session, str(application.account_id))
    assert [one.id for one in information_requests.open_of(session, application)] == [request.id]
    due_on = information_requests.extend(session, request, by=application.account)
    assert due_on == request.due_on
    with pytest.raises(RuleViolation):
        information_requests.extend(session, request, by=application.account)
    information_requests.answer(session, request, text="En 2011.", by=application.account)
    assert review.state == "in_review" and review.paused_at is None
    assert review.paused_seconds >= timedelta(days=9).total_seconds()
    with pytest.raises(NotOpenToThis):
        information_requests.answer(session, request, text="En 2012.", by=application.account)


def test_a_question_that_wants_a_document_is_not_answered_by_words_alone(session: Session) -> None:
    by, application = officer(session, "CA"), paid(session)
    request = information_requests.ask(
        session, held(session, application, by), question="Your passport?", wants_document=True, by=by
    )
    with pytest.raises(RuleViolation):
        information_requests.answer(session, request, text="Here it is.", by=application.account)


def test_nobody_is_cleared_before_the_screening_is_finished(session: Session) -> None:
    by, application = officer(session, "CA"), paid(session)
    review = held(session, application, by)
    with pytest.raises(RuleViolation, match="not finished yet"):
        reviews.clear(session, review, by)
    screening.run(session, application, "CA")  # there is no list: it fails
    with pytest.raises(RuleViolation, match="failed"):
        reviews.clear(session, review, by)
    lists(session)
    assert screening.run(session, application, "CA").state == "finished"
    reviews.clear(session, review, by)
    assert review.state == "finished"


def test_an_open_hit_stands_in_the_way(session: Session) -> None:
    by, application = officer(session, "CA"), paid(session)
    lists(session, reviewing.LOOKALIKE)
    review = held(session, application, by)
    (hit,) = screening.hits_of(session, screening.run(session, application, "CA"))
    with pytest.raises(RuleViolation, match="Assess every"):
        reviews.clear(session, review, by)
    with pytest.raises(NotFound):
        screening.assess_hit(session, hit, "not_same", "Another person.", officer(session, "US"), evidence=["face"])
    with pytest.raises(RuleViolation):
        screening.assess_hit(session, hit, "not_same", "", by, evidence=["face"])
    screening.assess_hit(session, hit, "not_same", "Another face on the record.", by, evidence=["face"])
    with pytest.raises(NotOpenToThis):
        screening.assess_hit(session, hit, "same", "I changed my mind.", by, evidence=["face"])
    reviews.clear(session, review, by)
    assert review.state == "finished"


def test_both_clear_and_the_interview_opens(session: Session) -> None:
    application = paid(session)
    lists(session)
    screened(session, application)
    for agency in ("CA", "US"):
        by = officer(session, agency)
        reviews.clear(session, held(session, application, by), by)
    assert application.status == "conditionally_approved"
    assert application.interview_deadline_on == today() + timedelta(days=730)
    assert session.scalars(select(Interview).where(Interview.application_id == application.id)).one().state == "to_book"
    view_as(session, JOINT)
    sent = session.scalars(select(OutgoingMessage.event).where(OutgoingMessage.application_id == application.id)).all()
    assert sorted(sent) == ["application_received", "checks_finished", "conditionally_approved"]


def test_a_refusal_needs_two_officers_of_the_agency(session: Session) -> None:
    by, second, application = officer(session, "CA"), officer(session, "CA"), paid(session)
    review = held(session, application, by)
    reviews.propose_refusal(session, review, reason="untrue_information", note="A seizure was left out.", by=by)
    with pytest.raises(RuleViolation, match="Another officer"):
        reviews.confirm_refusal(session, review, by)
    with pytest.raises(NotFound):
        reviews.confirm_refusal(session, review, officer(session, "US"))
    assert worklists.counts(session, by).to_confirm == 0 and worklists.counts(session, second).to_confirm == 1
    reviews.send_back(session, review, note="Look at the receipt.", by=second)
    assert review.state == "in_review" and review.officer_id == by.id
    reviews.propose_refusal(session, review, reason="untrue_information", note="No receipt exists.", by=by)
    reviews.confirm_refusal(session, review, second)
    assert application.status == "denied" and application.decided_at is not None
    other = review_of(session, application, "US")
    view_as(session, JOINT)
    session.refresh(other)
    assert other.state == "not_needed"
    (letter,) = session.scalars(select(Letter).where(Letter.application_id == application.id)).all()
    assert (letter.kind, letter.agency) == ("refusal", "CA")


def test_a_decision_without_a_second_officer_is_refused_by_service_and_database(session: Session) -> None:
    by, application = officer(session, "CA"), paid(session)
    view_as(session, "CA")
    with pytest.raises(RuleViolation):
        adjudication.decide(session, application, "CA", "review", "refused", reason="identity", by=by, confirmed_by=by)
    with pytest.raises(RuleViolation):
        adjudication.decide(session, application, "CA", "review", "refused", by=by, confirmed_by=officer(session, "CA"))
    with pytest.raises(RuleViolation):
        adjudication.decide(session, application, "US", "review", "cleared", by=by)


def test_neither_agency_knows_the_other_outcome_before_its_own(session: Session) -> None:
    application = paid(session)
    lists(session)
    screened(session, application)
    canadian, american = officer(session, "CA"), officer(session, "US")
    reviews.clear(session, held(session, application, canadian), canadian)
    view_as(session, "US")
    standing = adjudication.standing(session, application, "US")
    assert (standing.own, standing.is_other_finished, standing.joint) == (None, True, None)
    assert session.scalars(select(AgencyDecision)).all() == []
    reviews.clear(session, held(session, application, american), american)
    assert adjudication.standing(session, application, "US").joint == "cleared"
    assert session.info["viewer"] == "US"


def test_what_settles_twice_has_one_effect(session: Session) -> None:
    by, second, application = officer(session, "CA"), officer(session, "CA"), paid(session)
    review = held(session, application, by)
    reviews.propose_refusal(session, review, reason="identity", note="Not the face on the page.", by=by)
    reviews.confirm_refusal(session, review, second)
    assert adjudication.settle(session, application, "review", by=second) == "refused"
    assert len(session.scalars(select(Letter).where(Letter.application_id == application.id)).all()) == 1


def test_both_agencies_clear_at_the_same_time(database: Database, worker_database: Database) -> None:
    with database.transaction() as session:
        officers, application = [officer(session, "CA"), officer(session, "US")], paid(session)
        lists(session)
        for by in officers:
            held(session, application, by)
    with worker_database.transaction() as session:
        for agency in ("CA", "US"):
            assert screening.run(session, session.merge(application), agency).state == "finished"
    _clear_side_by_side(database, application, officers)
    with database.transaction() as session:
        assert session.get_one(Application, application.id).status == "conditionally_approved"


def _clear_side_by_side(database: Database, application: Application, officers: list[Officer]) -> None:
    barrier = Barrier(len(officers), timeout=20)

    def clear(by: Officer) -> None:
        with database.transaction(by.agency) as session:
            review = review_of(session, application, by.agency)
            barrier.wait()
            reviews.clear(session, review, by)

    with ThreadPoolExecutor(len(officers)) as pool:
        for done in [pool.submit(clear, by) for by in officers]:
            done.result(timeout=20)


def test_a_look_needs_a_reason_that_is_kept(session: Session) -> None:
    by, stranger, application = officer(session, "CA"), officer(session, "CA"), paid(session)
    review = held(session, application, by)
    viewings.record(session, review, "application", by)
    with pytest.raises(RuleViolation):
        viewings.record(session, review, "application", stranger)
    viewings.give_reason(session, review, "The holder is away today.", stranger)
    session.flush()
    assert viewings.reason_of(session, review, stranger) == "The holder is away today."
    with time_machine.travel(now() + timedelta(hours=9)):
        assert viewings.reason_of(session, review, stranger) is None
    with pytest.raises(NotFound):
        viewings.give_reason(session, review, "Curious.", officer(session, "US"))


def test_notes_and_history_stay_with_their_agency(session: Session) -> None:
    by, application = officer(session, "CA"), paid(session)
    review = held(session, application, by)
    reviews.add_note(session, review, "Called the bridge.", by)
    assert [note.text for note in reviews.notes_of(session, review)] == ["Called the bridge."]
    with viewing_as(session, "US"):
        session.expire_all()
        other = review_of(session, application, "US")
        assert session.scalars(select(ReviewNote)).all() == []
        assert {event.agency for event in case_files.history(session, other)} == {None}


def test_the_queue_has_pages_in_both_directions(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worklists, "PAGE", 2)
    by = officer(session, "CA")
    order = []
    for day in (5, 4, 3, 2, 1):
        with time_machine.travel(now() - timedelta(days=day)):
            order.append(paid(session).id)
    view_as(session, "CA")
    first = worklists.page(session, "waiting", by)
    second = worklists.page(session, "waiting", by, after=first.after)
    third = worklists.page(session, "waiting", by, after=second.after)
    seen = [line.review.application_id for page in (first, second, third) for line in page.lines]
    assert seen == order and first.total == 5
    assert first.before is None and third.after is None
    back = worklists.page(session, "waiting", by, before=third.before)
    assert [line.review.id for line in back.lines] == [line.review.id for line in second.lines]
    assert worklists.page(session, "waiting", by, before=back.before).before is None


def test_who_takes_and_who_withdraws_at_the_same_moment_never_lock_each_other_out(database: Database) -> None:
    with database.transaction() as session:
        by, application = officer(session, "CA"), paid(session)
    with ThreadPoolExecutor(1) as pool, database.new_session() as taking:
        taking.execute(text("set local lock_timeout = '5s'"))
        review = reviews.take_next(taking, by)
        assert review is not None
        withdrawn = pool.submit(_withdraw, database, application)
        taking.add(Event(application_id=application.id, name="review_taken", at=now(), actor_kind="officer", facts={}))
        taking.commit()
        withdrawn.result(timeout=10)
    with database.transaction() as session:
        assert {session.get_one(Review, review.id).state} == {"not_needed"}


def _withdraw(database: Database, application: Application) -> None:
    with database.transaction() as session:
        found = session.get_one(Application, application.id)
        applications.withdraw(session, found, by=found.account)


def test_an_assignment_is_no_reason_to_look_long_after_the_review(session: Session) -> None:
    by = officer(session, "CA")
    lists(session)
    application = paid(session)
    screened(session, application)
    review = held(session, application, by)
    reviews.clear(session, review, by)
    assert viewings.reason_of(session, review, by) == "assigned"
    with time_machine.travel(now() + timedelta(hours=9)):
        assert viewings.reason_of(session, review, by) is None


@pytest.mark.parametrize("roles", (["auditor"], ["administrator"], ["auditor", "administrator"]))
def test_a_status_is_moved_only_by_those_whose_role_may(session: Session, roles: list[str]) -> None:
    by = officer(session, "CA", roles=roles)
    with pytest.raises(PermissionError, match="take is not for officer"):
        reviews.take(session, review_of(session, paid(session), "CA"), by)
