"""Past the usual time: told once, may ask, is answered by a sentence that is the same for everybody. N8 and N9."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.clock import now, telling
from portal.db import view_as
from portal.domain.errors import NotFound, NotOpenToThis
from portal.models import Application, Enquiry, OutgoingMessage
from portal.models.viewers import JOINT, viewing_as
from portal.services import lateness, progress, reviews, usual_times
from tests import reviewing
from tests.interviewing import officer
from tests.reviewing import held, lists, paid, screened


@pytest.fixture
def long_ago(session: Session, monkeypatch: pytest.MonkeyPatch) -> Application:
    """An application that waits for forty days, where nine in ten waited for ten."""
    with telling(now() - timedelta(days=10, hours=-1)):
        earlier = paid(session)
    for agency in ("CA", "US"):
        review = reviewing.review_of(session, earlier, agency)
        review.state, review.finished_at = "finished", now()
    monkeypatch.setattr(usual_times, "ENOUGH", 1)
    with telling(now() - timedelta(days=40)):
        return paid(session)


def _mails(session: Session, application: Application) -> list[tuple[str, str | None]]:
    query = select(OutgoingMessage).where(OutgoingMessage.application_id == application.id)
    with viewing_as(session, JOINT):
        found = session.scalars(query).all()
    rows = sorted(found, key=lambda row: (row.created_at, row.event, str(row.facts)))
    return [(row.event, row.facts.get("agency")) for row in rows if row.event != "application_received"]


def test_who_waits_longer_than_nine_in_ten_is_told_once_for_each_agency(
    session: Session, long_ago: Application
) -> None:
    assert lateness.late(session, paid(session)) == ()
    assert lateness.late(session, long_ago) == ("CA", "US")
    assert (lateness.tell(session), lateness.tell(session)) == (2, 0)
    assert sorted(_mails(session, long_ago)) == [("longer_than_usual", "CA"), ("longer_than_usual", "US")]


def test_below_a_hundred_nobody_is_late(
    session: Session, long_ago: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(usual_times, "ENOUGH", 100)
    assert lateness.late(session, long_ago) == () and lateness.tell(session) == 0
    with pytest.raises(NotOpenToThis):
        lateness.ask(session, long_ago, by=long_ago.account)


def test_who_is_late_asks_and_is_answered(session: Session, long_ago: Application) -> None:
    told = progress.of(session, long_ago, "en")
    assert told.action and told.action.endpoint == "applicant.ask_about_application"
    assert "not a sign of refusal" in " ".join(told.sentences)
    lateness.ask(session, long_ago, by=long_ago.account)
    with pytest.raises(NotOpenToThis):
        lateness.ask(session, long_ago, by=long_ago.account)
    by = officer(session, "CA")
    view_as(session, "CA")
    (enquiry,) = lateness.waiting(session, by)
    theirs = session.scalars(select(Enquiry)).all()
    assert [one.agency for one in theirs] == ["CA"]  # the other agency's question is not this one's to see
    with pytest.raises(NotFound):
        lateness.answer(session, enquiry, "goes_on", by=officer(session, "US"))
    lateness.answer(session, enquiry, "goes_on", by=by)
    with pytest.raises(NotOpenToThis):
        lateness.answer(session, enquiry, "soon", by=by)
    assert ("enquiry_answered", None) in _mails(session, long_ago)
    view_as(session, str(long_ago.account_id))
    answers = {one.agency: one.answer for one in lateness.asked(session, long_ago)}
    assert answers == {"CA": "We are still checking. Nothing is missing from you.", "US": None}
    assert lateness.may_ask(session, long_ago) == ("CA",)


def test_one_agency_that_finishes_is_told_and_both_together_by_another_mail(session: Session) -> None:
    application = paid(session)
    lists(session)
    screened(session, application)
    for agency in ("CA", "US"):
        by = officer(session, agency)
        reviews.clear(session, held(session, application, by), by)
    assert _mails(session, application) == [("checks_finished", "CA"), ("conditionally_approved", None)]
