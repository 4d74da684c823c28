"""The schedule: what is past its time goes, what is not stays, and a legal hold keeps everything about a person."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from portal.adapters import files as store
from portal.clock import now, telling
from portal.config import Settings
from portal.db import Database, view_as
from portal.domain.errors import NotOpenToThis, RuleViolation
from portal.jobs.own_data import forget_drafts, purge
from portal.models import (
    Account,
    Application,
    AuditEntry,
    DataExport,
    Document,
    LegalHold,
    Person,
    RetentionReport,
    ScreeningProfile,
    SectionDraft,
    SignIn,
)
from portal.models.accounts import email_index
from portal.models.encryption import Erased
from portal.services import (
    applications,
    closing,
    draft_warnings,
    exports,
    files,
    legal_holds,
    memberships,
    retention,
    reviews,
    screening,
    sections,
    viewings,
)
from portal.services.actors import SYSTEM
from tests import reviewing
from tests.interviewing import account, officer
from tests.services.test_outbox_kill import environment_of

PORTAL = Path(sys.executable).with_name("portal")
DAY = timedelta(days=1)
TWO_YEARS = timedelta(days=731)


def withdrawn(session: Session) -> Application:
    """An application that was checked for a while, then withdrawn, with a profile and a document."""
    application = reviewing.paid(session)
    screening.update_profile(session, application.person, reviewing.ANSWERS)
    key = files.keep(application.person, b"a passport page")
    session.add(
        Document(
            application=application, kind="passport_page", name="passport.jpg", media_type="image/jpeg", size=15,
            sha256=b"", file_key=key, state="ready", checked_at=now(),
        )
    )  # fmt: skip
    applications.withdraw(session, application, by=application.account)
    session.flush()
    return application


@contextmanager
def later(time: timedelta) -> Iterator[None]:
    with telling(now() + time):
        yield


def test_a_person_is_erased_when_the_time_has_come_and_not_before(worker_database: Database) -> None:
    with worker_database.transaction() as session:
        application = withdrawn(session)
        key = session.scalars(select(Document.file_key)).one()
    with later(TWO_YEARS - DAY):
        purge(worker_database)
    with worker_database.transaction() as session:
        person = session.get_one(Person, application.person_id)
        assert person.family_name == "Tremblay" and store.exists(key)
    with later(TWO_YEARS + DAY):
        purge(worker_database)
    with worker_database.transaction() as session:
        person = session.get_one(Person, application.person_id)
        assert person.wrapped_key is None and person.full_name == ""
        with pytest.raises(Erased):
            _ = person.family_name
        assert not store.exists(key)
        assert session.get(ScreeningProfile, person.id) is None
        assert session.get_one(Application, application.id).reference == application.reference
        erased = select(AuditEntry.action).where(AuditEntry.subject_id == person.id)
        assert "person:erase" in session.scalars(erased).all()


def test_some_kinds_of_documents_go_before_the_person_does(worker_database: Database) -> None:
    with worker_database.transaction() as session:
        application = withdrawn(session)
        application.status = "approved"  # a member's application is kept for longer
        keys = {}
        for kind in ("residence_proof", "court_papers"):
            keys[kind] = files.keep(application.person, b"a paper", of=application.id)
            session.add(
                Document(
                    application=application, kind=kind, name="paper.pdf", media_type="application/pdf", size=7,
                    sha256=b"", file_key=keys[kind], state="ready", checked_at=now(),
                )
            )  # fmt: skip
        memberships.grant(session, application, by=SYSTEM)
    with later(TWO_YEARS - DAY):
        purge(worker_database)
    assert [store.exists(key) for key in keys.values()] == [True, True]
    with later(TWO_YEARS + DAY):
        purge(worker_database)
    assert [store.exists(key) for key in keys.values()] == [False, True]
    with worker_database.transaction() as session:
        assert session.scalars(select(RetentionReport)).all()[-1].counts["documents"] == 1


def test_a_legal_hold_keeps_everything_until_it_is_lifted(worker_database: Database) -> None:
    with worker_database.transaction() as session:
        application, by = withdrawn(session), officer(session, "CA")
        review = reviews.of_agency(session, application.reference, "CA")
        give_reason(session, application, by)
        legal_holds.place(session, review, "A court asks.", by)
        with pytest.raises(NotOpenToThis):
            legal_holds.place(session, review, "Twice.", by)
        closing.close(session, application.account)
    with later(TWO_YEARS + DAY):
        forget_drafts(worker_database, account_id=str(application.account_id))
        purge(worker_database)
    with worker_database.transaction() as session:
        assert session.get_one(Person, application.person_id).wrapped_key is not None
        assert session.get_one(Account, application.account_id).wrapped_key is not None
        give_reason(session, application, by)
        legal_holds.lift(session, reviews.of_agency(session, application.reference, "CA"), "Over.", by)
    with later(TWO_YEARS + DAY):
        purge(worker_database)
    with worker_database.transaction() as session:
        assert session.get_one(Person, application.person_id).wrapped_key is None
        actions = set(session.scalars(select(AuditEntry.action)))
        assert {"legal_hold:place", "legal_hold:lift"} <= actions


def give_reason(session: Session, application: Application, by: object) -> None:
    """Let the officer look."""
    review = reviews.of_agency(session, application.reference, by.agency)  # type: ignore[attr-defined]
    viewings.give_reason(session, review, "to place a hold", by)  # type: ignore[arg-type]


def test_the_other_agency_and_the_applicant_see_no_hold(session: Session) -> None:
    application, by = withdrawn(session), officer(session, "CA")
    give_reason(session, application, by)
    view_as(session, "CA")
    legal_holds.place(session, reviews.of_agency(session, application.reference, "CA"), "A court asks.", by)
    for viewer, seen in (("US", 0), ("", 0), ("CA", 1)):
        view_as(session, viewer)
        assert session.execute(text("select count(*) from legal_hold")).scalar_one() == seen, viewer
    assert b"A court" not in (session.scalars(select(LegalHold)).one()._reason or b"")


def test_drafts_are_left_alone_while_nobody_is_warned_and_go_after_two_warnings(worker_database: Database) -> None:
    with worker_database.transaction() as session:
        draft = applications.start(session, holder := account(session), by=holder)
        sections.save(session, draft.id, "travel", raw={"typed": {}}, answers={"countries": []}, by=holder)
    with later(timedelta(days=91)):
        purge(worker_database)
    with worker_database.transaction() as session:
        assert session.scalars(select(SectionDraft)).all()
    for days, warned in ((59, 0), (61, 1), (62, 0), (84, 1), (85, 0)):
        with later(days * DAY), worker_database.transaction() as session:
            assert draft_warnings.send_due(session) == warned, days
    for time, status, count in ((89 * DAY, "draft", 1), (91 * DAY, "lapsed", 0)):
        with later(time):
            purge(worker_database)
        with worker_database.transaction() as session:
            assert session.get_one(Application, draft.id).status == status
            assert len(session.scalars(select(SectionDraft)).all()) == count


def test_a_closed_account_is_forgotten_and_its_address_is_free_again(worker_database: Database) -> None:
    with worker_database.transaction() as session:
        holder = account(session)
        holder.email_index = email_index(holder.email or "")
        draft = applications.start(session, holder, by=holder)
        sections.save(session, draft.id, "travel", raw={"typed": {}}, answers={"countries": []}, by=holder)
        session.add(SignIn(token_hash=b"t", account=holder, seen_at=now()))
        closing.close(session, holder)
        email = holder.email or ""
    forget_drafts(worker_database, account_id=str(holder.id))
    with worker_database.transaction() as session:
        closed = session.get_one(Account, holder.id)
        assert closed.disabled_at and closed.closed_at and closed.password_hash is None and closed.email == email
        assert not session.scalars(select(SectionDraft)).all()
        assert session.scalars(select(Person)).one().wrapped_key is None, "nobody checked anything of this person"
        session.execute(text("update outgoing_message set sent_at = now()"))
    for time, is_free in ((6 * DAY, False), (8 * DAY, True)):
        with later(time):
            purge(worker_database)
        with worker_database.transaction() as session:
            found = session.scalars(select(Account).where(Account.email_index == email_index(email))).first()
            assert (found is None) == is_free
    with worker_database.transaction() as session:
        assert not session.scalars(select(SignIn)).all()
        assert session.get_one(Account, holder.id).email is None


def test_no_account_is_closed_under_a_review(session: Session) -> None:
    application = reviewing.paid(session)
    with pytest.raises(RuleViolation, match="Withdraw it first"):
        closing.close(session, application.account)
    assert application.account.closed_at is None
    applications.withdraw(session, application, by=application.account)
    last = closing.kept_until(session, application.account)
    assert last == application.changed_at.date() + TWO_YEARS
    closing.close(session, application.account)


def test_a_copy_goes_after_a_week_and_the_report_says_so(worker_database: Database, worker_settings: Settings) -> None:
    with worker_database.transaction() as session:
        export = exports.ask(session, account(session))
        exports.make(session, export.id)
    with worker_database.transaction() as session:
        key = session.get_one(DataExport, export.id).file_key
        assert key and store.exists(key)
    with later(6 * DAY):
        purge(worker_database)
    assert store.exists(key)
    with later(8 * DAY):
        with worker_database.transaction() as session:
            assert retention.plan(session)["exports"] == 1
        purge(worker_database)
    assert not store.exists(key)
    with worker_database.transaction() as session:
        report = session.scalars(select(RetentionReport).order_by(RetentionReport.id.desc())).first()
        assert report is not None and report.counts["exports"] == 1
        assert set(report.counts) == {line.name for line in retention.LINES}
    assert "exports 1" in said(worker_settings, "report")
    assert len(said(worker_settings, "plan").splitlines()) == len(retention.LINES)


def said(settings: Settings, command: str) -> str:
    """What an operator reads."""
    environment = environment_of(settings, settings.smtp_url)
    return subprocess.run(
        [PORTAL, "retention", command], env=environment, capture_output=True, text=True, check=True
    ).stdout


def test_more_than_one_batch_goes(worker_database: Database) -> None:
    with worker_database.transaction() as session:
        holder = account(session)
        for number in range(retention.BATCH * 2 + 1):
            session.add(SignIn(token_hash=f"{number}".encode(), account=holder, seen_at=now()))
        session.flush()
        session.execute(update(SignIn).values(created_at=now() - timedelta(days=366)))
    purge(worker_database)
    with worker_database.transaction() as session:
        assert not session.scalars(select(SignIn)).all()
