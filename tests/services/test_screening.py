"""Screening: the sealed profile, runs that fail and are tried again, lists whose versions never change."""

from __future__ import annotations

import pytest
from cryptography.exceptions import InvalidTag
from sqlalchemy import select, update
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from portal.db import Database, view_as
from portal.domain.errors import NotOpenToThis, RuleViolation
from portal.jobs.screening import ScreeningFailed, screen_application
from portal.models import LookoutEntry, LookoutHit, ScreeningProfile, ScreeningRun
from portal.models.viewers import viewing_as
from portal.screening import THRESHOLD
from portal.services import lookout_lists, reviews, screening
from portal.services.lookout_lists import Row
from tests import reviewing
from tests.interviewing import officer
from tests.publishing import publish
from tests.reviewing import lists, paid, screened


def test_the_profile_is_sealed_and_opened_only_for_its_person(session: Session) -> None:
    application, other = paid(session), paid(session, family_name="Roy")
    profile = session.get_one(ScreeningProfile, application.person_id)
    assert not any(name in profile.block.lower() for name in (b"tremblay", b"1986"))
    assert screening._profile(session, application.person_id).names == ("Élise Marie Tremblay", "Elise Marie Tremblay")
    session.get_one(ScreeningProfile, other.person_id).block = profile.block
    with pytest.raises(InvalidTag):
        screening._profile(session, other.person_id)


def test_a_run_says_what_it_searched_and_with_what(session: Session) -> None:
    application = paid(session)
    lists(session, reviewing.LOOKALIKE, reviewing.STRANGER)
    with viewing_as(session, "CA"):
        run = screening.run(session, application, "CA")
        (version,) = lookout_lists.versions(session, run.list_versions)
        assert (run.state, version.lookout_list.name, run.threshold) == ("finished", "List CA", THRESHOLD)
        (hit,) = screening.hits_of(session, run)
        assert {reason["code"] for reason in hit.reasons} == {"name_close", "name_extra", "birth_swapped"}
        assert screening.run(session, application, "CA") is run and len(screening.hits_of(session, run)) == 1


def test_each_agency_searches_its_own_lists_and_what_is_shared(session: Session) -> None:
    lists(session)
    publish(session, "Shared", "US", [reviewing.LOOKALIKE], is_shared=True)
    publish(session, "Secret", "US", [reviewing.STRANGER])
    with viewing_as(session, "CA"):
        names = [version.lookout_list.name for version in lookout_lists.current_versions(session, "CA")]
    assert names == ["List CA", "Shared"]


def test_a_version_is_never_changed(session: Session) -> None:
    view_as(session, "CA")
    first = publish(session, "A", "CA", [reviewing.STRANGER])
    assert publish(session, "A", "CA", [reviewing.STRANGER]) is first
    second = publish(session, "A", "CA", [reviewing.LOOKALIKE])
    assert (first.number, second.number, second.entry_count) == (1, 2, 1)
    kept = session.scalars(select(LookoutEntry).where(LookoutEntry.version_id == first.id)).all()
    assert [entry.entry_key for entry in kept] == ["X-2"]
    for change in (lambda: session.execute(update(LookoutEntry).values(names=[])), lambda: session.delete(kept[0])):
        with pytest.raises(ProgrammingError, match="never change"), session.begin_nested():
            change()
            session.flush()


@pytest.mark.parametrize("line", ["X-1,,1986", ",Roy,1986", "X-1,Roy,86", "X-1,Roy,1986-4-1"])
def test_a_line_that_is_not_fit_is_named(line: str) -> None:
    with pytest.raises(RuleViolation, match="Line 2"):
        lookout_lists.rows_of_csv(f"entry_key,names,birth_dates\n{line}\n")


def test_a_failed_run_stays_visible_and_is_tried_again(database: Database, worker_database: Database) -> None:
    with database.transaction() as session:
        application = paid(session)
    with pytest.raises(ScreeningFailed):
        screen_application(worker_database, str(application.id))
    with worker_database.transaction() as session:
        assert set(session.scalars(select(ScreeningRun.state))) == {"failed"}
        lists(session, reviewing.LOOKALIKE)
    screen_application(worker_database, str(application.id))
    screen_application(worker_database, str(application.id))
    with worker_database.transaction() as session:
        assert list(session.scalars(select(ScreeningRun.state))) == ["finished", "finished"]
        assert len(session.scalars(select(LookoutHit)).all()) == 2


def test_a_new_version_of_a_list_is_searched_before_anybody_is_cleared(session: Session) -> None:
    application, by = paid(session), officer(session, "CA")
    lists(session, reviewing.STRANGER)
    screened(session, application)
    review = reviewing.held(session, application, by)
    lists(session, reviewing.STRANGER, reviewing.LOOKALIKE)
    with pytest.raises(RuleViolation, match="new version"):
        reviews.clear(session, review, by)
    assert screening.request_behind(session) == 1
    screened(session, application)
    assert screening.request_behind(session) == 0
    with pytest.raises(RuleViolation, match="Assess every"):
        reviews.clear(session, review, by)


def test_an_assessment_lasts_while_the_entry_says_the_same_whatever_its_number(session: Session) -> None:
    application, by = paid(session), officer(session, "CA")
    lists(session, reviewing.LOOKALIKE)
    screened(session, application)
    reviewing.held(session, application, by)
    (first,) = screening.hits_of(session, screening.run_of(session, application, "CA"))
    screening.assess_hit(session, first, "not_same", "Another face.", by, evidence=["face"])

    renumbered = Row(**{**reviewing.LOOKALIKE, "entry_key": "X-77"})  # type: ignore[typeddict-item]
    lists(session, renumbered)
    screened(session, application)
    (second,) = screening.hits_of(session, screening.run_of(session, application, "CA"))
    assert second.id != first.id and second.entry.entry_key == "X-77"
    assert (second.state, second.assessment, second.assessed_by) == ("not_same", "Another face.", by.id)

    lists(session, Row(**{**renumbered, "birth_dates": ["1986-04-12"]}))  # type: ignore[typeddict-item]
    screened(session, application)
    (third,) = screening.hits_of(session, screening.run_of(session, application, "CA"))
    assert third.state == "open"
    with pytest.raises(NotOpenToThis, match="screened again"):
        screening.assess_hit(session, second, "same", "Too late.", by, evidence=["face"])


def test_the_worker_screens_whom_a_published_list_leaves_behind(database: Database, worker_database: Database) -> None:
    with database.transaction() as session:
        application = paid(session)
        lists(session, reviewing.STRANGER)
    with worker_database.transaction() as session:
        assert screening.request_behind(session) == 1
    screen_application(worker_database, str(application.id))
    with worker_database.transaction() as session:
        assert screening.request_behind(session) == 0
        lists(session, reviewing.STRANGER, reviewing.LOOKALIKE)
        assert screening.request_behind(session) == 1
    screen_application(worker_database, str(application.id))
    with worker_database.transaction() as session:
        assert screening.request_behind(session) == 0
        newest = session.scalars(select(LookoutHit).join(LookoutHit.run).where(ScreeningRun.is_newest)).all()
        assert len(newest) == 2
