"""Row-level security attacked with plain SQL: an officer's connection finds and changes nothing of the other agency."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.db import view_as
from portal.models.viewers import NOBODY
from portal.services import break_glass, corrections, information_requests, reviews, screening
from tests import reviewing, servers
from tests.interviewing import officer
from tests.reviewing import held, lists, paid

GUARDED = ("review_note", "refusal_proposal", "screening_run", "lookout_hit", "emergency_access")


@pytest.fixture
def full(session: Session) -> Session:
    """Canada has written of everything that is guarded; the session now reads as the United States."""
    by, application = officer(session, "CA"), paid(session)
    lists(session, reviewing.LOOKALIKE)
    review = held(session, application, by)
    screening.run(session, application, "CA")
    reviews.add_note(session, review, "Called the bridge.", by)
    reviews.propose_refusal(session, review, reason="identity", note="Not the face on the page.", by=by)
    break_glass.take_over(session, review, "An emergency.", by=officer(session, "CA"))
    view_as(session, "US")
    return session


def _count(session: Session, table: str) -> int:
    return int(session.execute(text(f"select count(*) from {table}")).scalar_one())


@pytest.mark.parametrize("table", GUARDED)
def test_the_other_agency_finds_no_row(full: Session, table: str) -> None:
    assert _count(full, table) == 0
    view_as(full, NOBODY)
    assert _count(full, table) == 0
    view_as(full, "CA")
    assert _count(full, table) > 0


@pytest.mark.parametrize("table", GUARDED)
def test_the_other_agency_changes_and_deletes_no_row(full: Session, table: str) -> None:
    with servers.as_owner(full):  # the web role has not even the right to try
        full.execute(text(f"grant update, delete on {table} to passage_web"))
    assert full.execute(text(f"update {table} set agency = 'US'")).rowcount == 0
    assert full.execute(text(f"delete from {table}")).rowcount == 0
    view_as(full, "CA")
    assert _count(full, table) > 0


def test_no_row_is_written_in_the_name_of_the_other_agency(full: Session) -> None:
    copied = text(
        "insert into review_note (id, application_id, agency, officer_id, written_at) "
        "select gen_random_uuid(), application_id, 'CA', (select id from officer limit 1), now() from review limit 1"
    )
    with pytest.raises(DBAPIError, match="row-level security"), full.begin_nested():
        full.execute(copied)


def test_a_question_is_seen_by_who_asked_and_by_the_applicant(session: Session) -> None:
    by = officer(session, "CA")
    application = paid(session)
    review = held(session, application, by)
    information_requests.ask(session, review, question="Which year?", wants_document=False, by=by)
    for viewer, count in (("US", 0), (str(application.account_id), 1), ("CA", 1)):
        view_as(session, viewer)
        assert _count(session, "information_request") == count


def test_a_correction_is_answered_by_an_officer_of_the_agency_that_the_row_names(session: Session) -> None:
    application, by, states = paid(session), officer(session, "CA"), officer(session, "US")
    corrections.ask(session, application, section="work", wrong="The city", right="Windsor", by=application.account)
    answer = text(
        "update correction_request set outcome = 'accepted', decided_at = now(), decided_by = :by, agency = :agency"
    )
    for who, agency in ((states, "CA"), (by, "US"), (by, None)):
        with pytest.raises(DBAPIError, match=r"foreign key|decided_by_somebody"), session.begin_nested():
            session.execute(answer, {"by": who.id, "agency": agency})
    session.execute(answer, {"by": by.id, "agency": "CA"})
