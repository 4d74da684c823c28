# ruff: noqa: F811 (fixtures that another module has)
"""The officers' viewer: a document beside its data, turned and enlarged without scripts, with a word on it."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select

from portal.db import Database
from portal.models import (
    Application,
    AuditEntry,
    Document,
    DocumentMark,
    InformationRequest,
    Officer,
    OutgoingMessage,
    Review,
)
from portal.services import reviews
from tests import uploads
from tests.browsing import ORIGIN, Browser, Page
from tests.interviewing import PASSWORD, officer
from tests.web.test_documents import OFFICER, _put_under_review, _send, check, reference  # noqa: F401


@pytest.fixture
def workbench(
    app: Flask,
    browser: Browser,
    database: Database,
    reference: str,
    check: Callable[[], None],
) -> Browser:
    """An officer of Canada holds an application with a passport page of two and a half to one."""
    _send(browser, reference, uploads.jpeg(500, 200))
    check()
    with database.transaction() as session:
        officer(session, "CA", OFFICER)
    _put_under_review(database, reference)
    with database.transaction(viewer="CA") as session:
        reviews.take(session, reviews.of_agency(session, reference, "CA"), by=session.scalars(select(Officer)).one())
    colleague = Browser(app)
    colleague.fill("/en/officers/sign-in", email=OFFICER, password=PASSWORD)
    return colleague


def _open(workbench: Browser, reference: str) -> Page:
    return workbench.open(workbench.open(f"/en/officers/applications/{reference}").link("Open beside its data"))


def _shown(workbench: Browser, page: Page) -> Image.Image:
    picture = page.soup.find("img", class_="viewer__page")
    assert picture is not None
    answer = workbench.client.get(str(picture["src"]), base_url=ORIGIN)
    assert answer.mimetype == "image/jpeg"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    shown = Image.open(io.BytesIO(answer.data))
    assert [str(size) for size in shown.size] == [picture["width"], picture["height"]]
    return shown


def test_a_page_is_turned_and_enlarged_by_links(workbench: Browser, reference: str) -> None:
    page = _open(workbench, reference)
    assert _shown(workbench, page).size == (500, 200)
    page = workbench.open(page.link("Turn right"))
    upright = _shown(workbench, page)
    assert upright.size == (200, 500)
    assert min(upright.getpixel((100, 20))) > 200 > max(upright.getpixel((100, 480))), "the left half is on top"
    page = workbench.open(page.link("Larger"))
    assert page.soup.select_one(".viewer__page--150") is not None and "turned by 90°" in page.text
    page = workbench.open(page.link("Turn left"))
    assert _shown(workbench, page).size == (500, 200)
    assert "150%" in page.text
    keys = {str(link.attrs["accesskey"][0]) for link in page.soup.select("a[accesskey]")}
    assert {"j", "k", "l", "r"} <= keys


@pytest.mark.parametrize("query", ["page=9&zoom=7&turn=11", "page=x&zoom=&turn=-90", "turn=99999999999999999999"])
def test_an_address_that_asks_for_nonsense_shows_the_page(
    workbench: Browser,
    reference: str,
    query: str,
) -> None:
    address = _open(workbench, reference).url.partition("?")[0]
    assert _shown(workbench, workbench.open(f"{address}?{query}"))


def test_what_an_officer_says_is_kept_and_written_down(
    workbench: Browser,
    database: Database,
    reference: str,
) -> None:
    page = workbench.send(_open(workbench, reference), mark="readable")
    assert "Readable" in page.text
    page = workbench.send(page, mark="not_needed")
    with database.transaction(viewer="CA") as session:
        [mark] = session.scalars(select(DocumentMark))
        assert (mark.agency, mark.mark) == ("CA", "not_needed")
        looks = session.scalars(select(AuditEntry).where(AuditEntry.action == "document:mark"))
        assert [look.facts for look in looks] == [{"mark": "readable"}, {"mark": "not_needed"}]
        assert session.scalars(select(AuditEntry).where(AuditEntry.action == "document:view")).first() is not None
        holder = session.scalars(select(Application.account_id)).one()
    for viewer in ("US", str(holder)):
        with database.transaction(viewer=viewer) as session:
            assert session.scalars(select(DocumentMark)).all() == [], "for the own agency's eyes"


def test_a_document_that_cannot_be_read_is_asked_for_again_in_the_applicants_language(
    workbench: Browser,
    database: Database,
    reference: str,
) -> None:
    page = workbench.send(_open(workbench, reference), mark="ask")
    assert page.status == 200 and "Unreadable" in page.text
    with database.transaction(viewer="CA") as session:
        asked = session.scalars(select(InformationRequest)).one()
        assert asked.wants_document and asked.question is not None
        assert asked.question.startswith("We could not read this document: Passport page")
        assert session.scalars(select(Review)).one().state == "awaiting_applicant"
    with database.transaction() as session:
        sent = session.scalars(select(OutgoingMessage.event).where(OutgoingMessage.application_id.is_not(None)))
        assert sent.all() == ["document_unreadable"]


def test_only_the_holder_has_a_word(
    app: Flask,
    workbench: Browser,
    database: Database,
    reference: str,
) -> None:
    address = _open(workbench, reference).url.partition("?")[0]
    with database.transaction() as session:
        officer(session, "CA", "second@agency.example.org")
        officer(session, "US", "third@agency.example.org")
    second, third = Browser(app), Browser(app)
    second.fill("/en/officers/sign-in", email="second@agency.example.org", password=PASSWORD)
    third.fill("/en/officers/sign-in", email="third@agency.example.org", password=PASSWORD)
    assert "/reason" in second.open(address).url, "a reason is asked first"
    page = second.fill(second.page.url, kind="question", reason="A call")
    page = second.open(address)
    assert "Whoever holds the review" in page.text
    assert page.soup.find("input", type="radio") is None
    assert third.open(address).status == 404, "the other agency has no such review"
    with database.transaction() as session:
        assert session.scalars(select(Document)).one().state == "ready"
