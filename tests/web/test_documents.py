"""The passport page, as its owner sends and sees it, as officers see it, and as nobody else does."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text, update

from portal.adapters import antivirus
from portal.clock import now
from portal.db import Database, view_as
from portal.jobs import documents as jobs
from portal.models import Application, AuditEntry, Document, Officer, Review
from portal.services import applications, reviews, sections
from tests import uploads
from tests.answers import ANSWERS
from tests.browsing import ORIGIN, Browser, Page
from tests.interviewing import PASSWORD, account, officer
from tests.scanning import Scanner
from tests.signing_in import sign_in

ACCEPTED = "image/jpeg,image/png,image/heic,application/pdf,.heic,.heif"
EMAIL, STRANGER, OFFICER = "elise@example.org", "stranger@example.org", "officer@agency.example.org"


@pytest.fixture
def reference(database: Database, browser: Browser) -> str:
    """A draft whose holder is signed in."""
    with database.transaction() as session:
        holder = account(session, EMAIL)
        account(session, STRANGER)
        reference = applications.start(session, holder, by=holder).reference
    sign_in(browser, EMAIL, PASSWORD)
    return reference


def _address(reference: str) -> str:
    return f"/en/applications/{reference}/documents/passport_page"


def _send(browser: Browser, reference: str, content: bytes, name: str = "passport.jpg", **options: object) -> Page:
    return browser.fill(_address(reference), upload=(io.BytesIO(content), name), **options)  # type: ignore[arg-type]


@pytest.fixture
def check(worker_database: Database) -> Callable[[], None]:
    """Let the worker check every document."""

    def run() -> None:
        with worker_database.transaction() as session:
            waiting = [str(one) for one in session.scalars(select(Document.id))]
        for document_id in waiting:
            jobs.check_document(worker_database, document_id=document_id)

    return run


def _picture(page: Page) -> str:
    picture = page.soup.find("img", class_="viewer__page")
    assert picture is not None, page.text
    return str(picture["src"])


def test_a_passport_page_is_sent_checked_and_seen(browser: Browser, reference: str, check: Callable[[], None]) -> None:
    page = browser.open(_address(reference))
    assert "Not sent" in page.text
    assert page.soup.find("input", type="file")["accept"] == ACCEPTED  # type: ignore[index]
    page = _send(browser, reference, uploads.jpeg(), "My passport.jpg")
    assert "Being checked" in page.text
    assert "My passport.jpg" in page.text
    check()
    page = browser.open(page.link("See if the check is finished"))
    assert "Readable" in page.text
    shown = browser.client.get(_picture(page), base_url=ORIGIN)
    assert shown.status_code == 200
    assert shown.mimetype == "image/jpeg"
    assert shown.data.startswith(b"\xff\xd8\xff")
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    assert shown.headers["Cache-Control"] == "no-store"
    assert shown.headers["X-Content-Type-Options"] == "nosniff"


def test_a_file_waits_while_the_scanner_is_away(
    browser: Browser,
    database: Database,
    worker_database: Database,
    reference: str,
    check: Callable[[], None],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    scanner = Scanner(tmp_path_factory.mktemp("clamd"))
    scanner.start()
    scanner.stop()
    antivirus.use(scanner.address)
    try:
        _send(browser, reference, uploads.jpeg())
        with pytest.raises(antivirus.ScannerAway):  # the queue tries again, soon at first and then every two minutes
            check()
        page = browser.open(_address(reference))
        assert "Being checked" in page.text
        assert page.soup.find("img", class_="viewer__page") is None
        assert _queued_after(database, worker_database, timedelta(0)) == 1
        assert _queued_after(database, worker_database, timedelta(hours=3)) == 1, "still in the queue: not twice"
        scanner.start()
        check()
        assert browser.open(_address(reference)).soup.find("img", class_="viewer__page") is not None
        assert _queued_after(database, worker_database, timedelta(hours=3), lost=True) == 0
    finally:
        antivirus.use(None)
        scanner.stop()


def test_a_check_that_was_lost_is_queued_again(
    browser: Browser, database: Database, worker_database: Database, reference: str
) -> None:
    _send(browser, reference, uploads.jpeg())
    assert _queued_after(database, worker_database, timedelta(minutes=9), lost=True) == 0
    assert _queued_after(database, worker_database, timedelta(minutes=11)) == 1


def _queued_after(database: Database, worker_database: Database, wait: timedelta, *, lost: bool = False) -> int:
    """How many checks are queued once so much time has passed; first, with `lost`, the queue forgets them all."""
    with worker_database.transaction() as session:
        if lost:
            session.execute(text("delete from procrastinate_jobs"))
        session.execute(update(Document).values(created_at=now() - wait))
    jobs.check_what_waits(worker_database)
    with database.transaction() as session:
        query = text("select count(*) from procrastinate_jobs where task_name = 'check_document' and status = 'todo'")
        return int(session.execute(query).scalar_one())


def test_a_refused_page_says_why_in_both_languages(browser: Browser, reference: str, check: Callable[[], None]) -> None:
    _send(browser, reference, uploads.pdf_with_password(), "passport.pdf")
    check()
    page = browser.open(_address(reference))
    assert "Cannot be used" in page.text
    assert "without a password" in page.text
    assert page.soup.find("img", class_="viewer__page") is None
    french = browser.open(f"/fr/demandes/{reference}/documents/passport_page")
    assert french.language == "fr"
    assert "mot de passe" in french.text


def test_a_wrong_file_is_refused_at_the_field(browser: Browser, reference: str) -> None:
    page = _send(browser, reference, b"<!DOCTYPE html><script>alert(1)</script>", "passport.jpg")
    assert page.status == 422
    assert "not a JPEG" in page.problems[0]
    page = browser.fill(_address(reference))
    assert page.status == 422
    assert page.problems == ["Choose a file to send"]


def test_a_file_over_the_servers_limit_gets_a_clear_page(browser: Browser, reference: str) -> None:
    body, kind = bytes(17 * 1024 * 1024), "multipart/form-data; boundary=edge"
    answer = browser.client.post(_address(reference), data=body, content_type=kind, base_url=ORIGIN)
    page = Page(answer, _address(reference))
    assert page.status == 413
    assert "15 MB" in page.text


def _declare_a_conviction(database: Database, reference: str) -> None:
    with database.transaction() as session:
        application = session.scalars(select(Application).where(Application.reference == reference)).one()
        told = ANSWERS["background"] | {"convicted": {"answer": True, "details": "In 2009"}}
        sections.save(session, application.id, "background", raw={}, answers=told, by=application.account)


def test_the_checklist_follows_the_answers_and_says_where_each_line_stands(
    browser: Browser, database: Database, reference: str, check: Callable[[], None]
) -> None:
    checklist = f"/en/applications/{reference}/documents"
    page = browser.open(checklist)
    assert [link.text for link in page.soup.select(".govuk-task-list__link")] == [
        "Passport page with your photo", "Proof of address",
    ]  # fmt: skip
    _declare_a_conviction(database, reference)
    page = browser.open(checklist)
    assert "You told us of an arrest, a charge or a conviction." in page.text
    _send(browser, reference, uploads.jpeg())
    assert "Being checked" in browser.open(checklist).text
    check()
    page = browser.open(checklist)
    assert "Readable" in page.text and "Not sent" in page.text
    assert "Continue" not in page.text, "the court papers are missing"
    court = page.link("Court papers")
    browser.fill(court, upload=(io.BytesIO(uploads.pdf()), "court.pdf"))
    browser.fill(court, photo=(io.BytesIO(uploads.jpeg()), "image.jpg"))
    check()
    page = browser.open(court)
    assert len(page.soup.find_all("img", class_="viewer__page")) == 2, "court papers may come in several files"
    page = browser.open(browser.open(checklist).link("Continue"))
    assert page.status == 200
    french = browser.open(f"/fr/demandes/{reference}/documents")
    assert "Documents du tribunal" in french.text


def test_one_file_serves_two_lines_and_is_taken_back_line_by_line(
    browser: Browser, database: Database, reference: str, check: Callable[[], None]
) -> None:
    _declare_a_conviction(database, reference)
    _send(browser, reference, uploads.jpeg(), "everything.jpg")
    check()
    court = f"/en/applications/{reference}/documents/court_papers"
    browser.open(court)
    page = browser.press("Use this file here too")
    assert page.soup.find("img", class_="viewer__page") is not None
    assert "Continue" in browser.open(f"/en/applications/{reference}/documents").text
    browser.open(_address(reference))
    page = browser.press("Remove this file")
    assert "Not sent" in page.text
    assert browser.open(court).soup.find("img", class_="viewer__page") is not None, "the other line still has it"
    page = browser.press("Remove this file")
    assert page.soup.find("img", class_="viewer__page") is None
    with database.transaction() as session:
        assert [one.removed_at is None for one in session.scalars(select(Document))] == [False]


def test_a_file_is_replaced_until_the_review_and_the_one_before_stays_until_then(
    browser: Browser, database: Database, reference: str, check: Callable[[], None]
) -> None:
    _send(browser, reference, uploads.jpeg(), "first.jpg")
    check()
    _set_status(database, reference, "awaiting_payment")
    page = _send(browser, reference, uploads.pdf_with_password(), "second.pdf")
    assert "first.jpg" in page.text and "second.pdf" in page.text
    check()
    page = browser.open(_address(reference))
    assert "Cannot be used" in page.text and "first.jpg" in page.text, "what was good is not lost for what is not"
    _send(browser, reference, uploads.png(), "third.png")
    check()
    page = browser.open(_address(reference))
    assert "third.png" in page.text and "first.jpg" not in page.text
    _set_status(database, reference, "under_review")
    page = browser.open(_address(reference))
    assert "can no longer change" in page.text and page.soup.find("input", type="file") is None


def _set_status(database: Database, reference: str, status: str) -> None:
    with database.transaction() as session:
        session.execute(update(Application).where(Application.reference == reference).values(status=status))


def test_a_name_with_markup_is_shown_as_it_is(browser: Browser, reference: str) -> None:
    page = _send(browser, reference, uploads.png(), "<img src=x onerror=alert(1)>.png")
    assert "<img src=x onerror=alert(1)>.png" in page.text
    assert page.soup.find("img", class_="viewer__page") is None


def test_anothers_document_is_not_found(
    app: Flask, browser: Browser, reference: str, check: Callable[[], None]
) -> None:
    _send(browser, reference, uploads.jpeg())
    check()
    picture = _picture(browser.open(_address(reference)))
    stranger = Browser(app)
    assert stranger.client.get(picture, base_url=ORIGIN).status_code == 303, "nobody is sent to the door"
    sign_in(stranger, STRANGER, PASSWORD)
    assert stranger.open(picture).status == 404
    assert stranger.open(_address(reference)).status == 404
    for number in ("2", "2147483648", "9" * 30):
        assert browser.open(picture.replace("/pages/1", f"/pages/{number}")).status == 404


def test_an_officer_with_a_reason_sees_the_page_and_each_look_is_written_down(
    app: Flask, browser: Browser, database: Database, reference: str, check: Callable[[], None]
) -> None:
    _send(browser, reference, uploads.jpeg())
    check()
    picture = _picture(browser.open(_address(reference)))
    seen_by_officers = picture.replace("/en/applications", "/en/officers/applications")
    with database.transaction() as session:
        officer(session, "CA", OFFICER)
    workbench = Browser(app)
    workbench.fill("/en/officers/sign-in", email=OFFICER, password=PASSWORD)
    assert workbench.open(seen_by_officers).status == 404, "a draft is nobody's but its owner's"
    _put_under_review(database, reference)
    assert workbench.open(seen_by_officers).status == 409, "without a reason"
    with database.transaction(viewer="CA") as session:
        review = reviews.of_agency(session, reference, "CA")
        reviews.take(session, review, by=session.scalars(select(Officer)).one())
    shown = workbench.client.get(seen_by_officers, base_url=ORIGIN)
    assert (shown.status_code, shown.mimetype) == (200, "image/jpeg")
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    with database.transaction() as session:
        looks = list(session.scalars(select(AuditEntry).where(AuditEntry.action == "document:view")))
        facts = {"page": 1, "kind": "assigned"}
        assert [(look.agency, look.facts, look.reason) for look in looks] == [("CA", facts, "assigned")]


def _put_under_review(database: Database, reference: str) -> None:
    with database.transaction() as session:
        application = session.scalars(select(Application).where(Application.reference == reference)).one()
        application.status, application.submitted_at = "under_review", now()
        view_as(session, "CA")
        session.add(Review(application=application, application_id=application.id, agency="CA", opened_at=now()))
