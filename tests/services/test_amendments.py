"""Changes after sending: a new version beside the old one, screened anew; a finished check is opened again."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.adjudication import Stage
from portal.domain.amendments import AMENDABLE
from portal.domain.errors import NotOpenToThis, RuleViolation
from portal.models import AgencyDecision, Application, ApplicationVersion, Event, OutgoingMessage, Review
from portal.services import adjudication, amendments, reviews, screening
from tests import reviewing
from tests.interviewing import officer

PASSPORT = {
    "passport_number": "ZZ999999", "passport_country": "CA", "passport_issued_on": "2025-01-02",
    "passport_expires_on": "2035-01-02", "passport_given_names": "Élise", "passport_family_name": "Tremblay",
}  # fmt: skip


@pytest.fixture
def application(session: Session) -> Application:
    found = reviewing.paid(session)
    reviewing.lists(session, reviewing.STRANGER)
    reviewing.screened(session, found)
    return found


def amend(session: Session, application: Application, part: str, change: dict[str, Any]) -> bool:
    return amendments.amend(session, application, AMENDABLE[part], change, by=application.account)


def cleared_by_canada(session: Session, application: Application) -> Review:
    by = officer(session, "CA")
    review = reviewing.held(session, application, by)
    reviews.clear(session, review, by)
    return review


def test_a_change_makes_a_version_and_both_agencies_see_the_difference(
    session: Session, application: Application
) -> None:
    assert amend(session, application, "contact", {"phone": "+15145550199"})
    assert len(session.scalars(select(ApplicationVersion)).all()) == 2
    (line,) = amendments.differences(session, application)
    assert (line.label, line.before, line.after) == ("Phone number", "+1 514-555-0123", "+1 514-555-0199")
    event = session.scalars(select(Event).where(Event.name == "details_changed")).one()
    assert event.agency is None, "both see it"
    assert session.scalars(select(OutgoingMessage).where(OutgoingMessage.event == "details_changed")).one()
    assert not amend(session, application, "contact", {"phone": "+15145550199"}), "it says the same"


def test_a_new_passport_opens_a_finished_check_again(session: Session, application: Application) -> None:
    review = cleared_by_canada(session, application)
    assert review.state == "finished"
    amend(session, application, "passport", PASSPORT)
    assert (review.state, review.officer_id, review.finished_at) == ("waiting", None, None)
    assert adjudication.decision_of(session, application, "CA", Stage.REVIEW) is None
    kept = session.scalars(select(AgencyDecision).where(AgencyDecision.application_id == application.id)).all()
    assert all(decision.superseded_at for decision in kept), "it stays on record and no longer counts"
    (number,) = (line for line in amendments.differences(session, application) if line.label == "Passport number")
    assert "ZZ999999" not in number.after and number.after.endswith("9999"), "masked, as everywhere"


def test_nobody_is_cleared_before_the_new_answers_are_screened(session: Session, application: Application) -> None:
    amend(session, application, "passport", PASSPORT)
    by = officer(session, "CA")
    review = reviewing.held(session, application, by)
    with pytest.raises(RuleViolation, match="not finished"):
        reviews.clear(session, review, by)
    screening.run(session, application, "CA")
    reviews.clear(session, review, by)
    decision = adjudication.decision_of(session, application, "CA", Stage.REVIEW)
    assert decision is not None and decision.version_number == 2


def test_a_telephone_number_opens_no_check(session: Session, application: Application) -> None:
    review = cleared_by_canada(session, application)
    amend(session, application, "contact", {"phone": "+15145550199"})
    assert review.state == "finished"


@pytest.mark.parametrize("status", ["draft", "awaiting_payment", "approved", "denied", "withdrawn"])
def test_before_the_payment_and_after_the_decision_nothing_is_changed_here(
    session: Session, application: Application, status: str
) -> None:
    application.status = status
    session.flush()
    assert amendments.parts(session, application) == []
    with pytest.raises(NotOpenToThis):
        amend(session, application, "contact", {"phone": "+15145550199"})
