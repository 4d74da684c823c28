"""What the tracker says: stages and dates, what to do now, usual times; never what only officers know."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from portal.clock import now, telling
from portal.db import view_as
from portal.models import Application
from portal.models.viewers import viewing_as
from portal.services import information_requests, progress, reviews, usual_times
from tests import reviewing
from tests.interviewing import officer
from tests.reviewing import held, lists, paid, screened


def _told(session: Session, application: Application) -> progress.Progress:
    with viewing_as(session, str(application.account_id)):
        return progress.of(session, application, "en")


def _checks(told: progress.Progress) -> dict[str | None, tuple[str, str]]:
    return {step.agency: (step.title, step.state) for step in told.steps if step.agency}


def test_both_check_and_nothing_has_to_be_done(session: Session) -> None:
    told = _told(session, paid(session))
    assert told.title == "You do not need to do anything now" and told.action is None
    assert _checks(told) == {"CA": ("Being checked", "now"), "US": ("Being checked", "now")}
    assert {usual.text for usual in told.usual} == {"Not known yet"}


def test_taking_hits_and_proposals_change_nothing_that_an_applicant_reads(session: Session) -> None:
    by, application = officer(session, "CA"), paid(session)
    before = _told(session, application)
    lists(session, reviewing.LOOKALIKE)
    screened(session, application)
    assert _told(session, application) == before
    review = held(session, application, by)
    assert _told(session, application) == before
    view_as(session, "CA")
    reviews.propose_refusal(session, review, reason="identity", note="Not the face.", by=by)
    assert _told(session, application) == before


def test_a_question_is_what_to_do_now(session: Session) -> None:
    by, application = officer(session, "CA"), paid(session)
    review = held(session, application, by)
    request = information_requests.ask(session, review, question="Which year?", wants_document=False, by=by)
    told = _told(session, application)
    assert told.action and told.action.endpoint == "applicant.answer_request"
    assert told.action.values == {"reference": application.reference, "request_id": str(request.id)}
    assert _checks(told) == {"CA": ("Waiting for your answer", "now"), "US": ("Being checked", "now")}


def test_the_interview_follows_when_both_have_finished(session: Session) -> None:
    application = paid(session)
    lists(session)
    screened(session, application)
    for agency in ("CA", "US"):
        by = officer(session, agency)
        reviews.clear(session, held(session, application, by), by)
    told = _told(session, application)
    assert {title for title, _state in _checks(told).values()} == {"Checks finished"}
    assert told.action and told.action.endpoint == "applicant.choose_slot"


@pytest.mark.parametrize(("finished", "words"), [(99, "Not known yet"), (100, "Half of people wait up to 10 days")])
def test_usual_times_are_told_from_a_hundred_on(
    session: Session, monkeypatch: pytest.MonkeyPatch, finished: int, words: str
) -> None:
    application = paid(session)
    with telling(now() - timedelta(days=10, hours=-1)):
        earlier = paid(session)
    review = reviewing.review_of(session, earlier, "CA")
    review.state, review.finished_at = "finished", now()
    session.flush()
    monkeypatch.setattr(usual_times, "ENOUGH", 1 if finished == 100 else 2)
    (usual,) = [usual for usual in _told(session, application).usual if usual.agency == "CA"]
    assert words in usual.text


def test_the_number_that_is_enough_is_a_hundred() -> None:
    assert usual_times.ENOUGH == 100
