"""Help at a centre's desk: a sheet printed once, a recovery confirmed, and nothing told to who only guesses."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from portal.clock import now, telling
from portal.db import Database
from portal.models import Account, AuditEntry, Person
from portal.services import recovery, sheets
from portal.services.limits import LIMITS
from tests import reviewing
from tests.browsing import Browser, Page
from tests.interviewing import PASSWORD, account, officer
from tests.signing_in import sign_in

DESK = "/en/officers/help-at-the-desk"
UNKNOWN = "No request with this reference waits for a desk. Check the reference."
DAYS = timedelta(hours=72)


class Desk:
    """A traveller whose name an application told, and an officer of the United States at a desk."""

    def __init__(self, app: Flask, database: Database, language: str = "en") -> None:
        self.database = database
        with database.transaction() as session:
            application = reviewing.paid(session, language, given_names="Élise", family_name="Tremblay")
            self.account_id, self.email = application.account_id, application.account.email or ""
            self.by = officer(session, "US")
        self.traveller, self.browser = Browser(app), Browser(app)
        self.browser.fill("/en/officers/sign-in", email=self.by.email, password=PASSWORD)

    def ask_for_sheet(self, delivery: str = "centre") -> str:
        """The reference of a sheet that the traveller asks for."""
        with self.database.transaction() as session:
            return sheets.request(session, session.get_one(Account, self.account_id), delivery=delivery).reference

    def ask_for_recovery(self, way: str = recovery.CENTRE) -> str:
        """The reference of a recovery that the traveller asks for."""
        with self.database.transaction() as session:
            return recovery.begin(session, session.get_one(Account, self.account_id), way=way, wait=DAYS).reference

    def show(self, reference: str) -> Page:
        """The page that the officer sees who types this reference."""
        return self.browser.fill(DESK, shown_reference=reference)

    def audited(self) -> list[str]:
        """What the officer did, by the audit trail, since the sign-in."""
        with self.database.transaction() as session:
            query = select(AuditEntry).where(AuditEntry.actor_id == self.by.id).order_by(AuditEntry.id)
            return [row.action for row in session.scalars(query) if not row.action.startswith("sign_in")]


@pytest.fixture
def desk(app: Flask, database: Database) -> Desk:
    return Desk(app, database)


def _codes(page: Page) -> list[str]:
    return [item.get_text() for item in page.soup.select("ol.codes code")]


def test_a_sheet_is_printed_once_and_its_code_works_once(desk: Desk) -> None:
    page = desk.show(desk.ask_for_sheet().lower().replace("-", " "))
    assert page.heading == "Print a sheet of codes" and "Élise T." in page.text
    assert "Tremblay" not in page.html and desk.email not in page.html
    assert desk.browser.send(page).problems == [
        "Choose the document",
        "Compare the document with the person and the name, then tick the box",
    ]
    paper = desk.browser.send(page, paper="driving_licence", compared="y")
    codes = _codes(paper)
    assert len(set(codes)) == 20 and paper.response.headers["Cache-Control"] == "no-store"
    assert paper.soup.select_one(".specimen") and not paper.soup.find("nav")
    assert "Élise" not in paper.text and desk.email not in paper.text
    again = desk.browser.send(page, paper="driving_licence", compared="y")
    assert "This request is over" in again.text and not _codes(again)
    assert desk.audited() == [
        *["printed_sheet:view"] * 2, "printed_sheet:check_identity", "printed_sheet:print",
    ]  # fmt: skip
    assert _half_way(desk, codes[0]).url.endswith("/en/applications")
    desk.traveller = Browser(desk.traveller.client.application)
    assert "not right" in _half_way(desk, codes[0]).problems[0]


def _half_way(desk: Desk, code: str) -> Page:
    desk.traveller.fill("/en/sign-in", email=desk.email, password=PASSWORD)
    return desk.traveller.send(code=code)


def test_the_paper_speaks_the_travellers_language(app: Flask, database: Database) -> None:
    desk = Desk(app, database, "fr")
    paper = desk.browser.send(desk.show(desk.ask_for_sheet("post")), paper="passport", compared="y")
    assert paper.language == "fr" and len(_codes(paper)) == 20
    assert desk.browser.open(DESK).language == "en"


def test_a_recovery_is_confirmed_and_goes_on_at_once(desk: Desk) -> None:
    desk.traveller.fill("/en/sign-in", email=desk.email, password=PASSWORD)
    asked = desk.traveller.fill("/en/sign-in/recover", way="centre")
    found = re.search(r"R-\w{4}-\w{4}", asked.text)
    assert found and "Go on" not in asked.text
    page = desk.show(found.group())
    assert page.heading == "Confirm a recovery in person" and "Élise T." in page.text
    assert desk.browser.send(page, paper="driving_licence", compared="y").status == 422
    page = desk.browser.send(page, paper="passport", compared="y")
    assert "The recovery is confirmed" in page.text
    assert desk.show(found.group()).problems == [UNKNOWN], "it is confirmed once"
    assert desk.audited()[-3:] == [
        "recovery_request:check_identity", "recovery_request:confirm", "desk_help:refuse",
    ]  # fmt: skip
    with desk.database.transaction() as session:
        row = session.scalars(select(AuditEntry).where(AuditEntry.action == "recovery_request:check_identity")).one()
        assert row.facts["document"] == "passport"
    assert desk.traveller.press("Go on", desk.traveller.open("/en/sign-in/recover")).status == 200


def test_without_a_name_nobody_is_recovered(desk: Desk) -> None:
    reference = desk.ask_for_recovery()
    with desk.database.transaction() as session:
        for person in session.scalars(select(Person)):
            person.given_names = person.family_name = None
    page = desk.show(reference)
    assert "No name yet" in page.text
    page = desk.browser.send(page, paper="passport", compared="y")
    assert page.status == 422 and "It cannot be recovered at a desk." in page.problems[0]
    assert "recovery_request:confirm" not in desk.audited()


def test_wrong_references_are_answered_alike_and_limited(desk: Desk) -> None:
    over, waits = desk.ask_for_sheet(), desk.ask_for_recovery(recovery.WAITING)
    desk.ask_for_sheet()
    with desk.database.transaction() as session:
        application = reviewing.paid(session).reference
    wrong = ["S-0000-0000", "nothing", over, waits, application]
    for typed in wrong:
        page = desk.show(typed)
        assert (page.status, page.problems) == (422, [UNKNOWN]), typed
    assert desk.audited() == ["desk_help:refuse"] * len(wrong)
    for _ in range(LIMITS["desk_reference"].free - len(wrong)):
        desk.show("S-0000-0000")
    assert desk.show("S-0000-0000").status == 429


def test_it_wants_a_fresh_proof(desk: Desk) -> None:
    reference = desk.ask_for_sheet()
    with telling(now() + timedelta(minutes=11)):
        assert desk.show(reference).heading == "Show that it is you"
        assert desk.browser.send(password=PASSWORD).heading == "Print a sheet of codes"


def test_a_traveller_does_not_help_themselves(desk: Desk) -> None:
    reference = desk.ask_for_sheet()
    address = desk.show(reference).url
    with desk.database.transaction() as session:
        email = account(session).email or ""
    sign_in(desk.traveller, email, PASSWORD)
    assert desk.traveller.open(DESK).status == desk.traveller.open(address).status == 403
    assert Browser(desk.traveller.client.application).open(DESK).url.endswith(f"/officers/sign-in?next={DESK}")


def test_a_sheet_goes_by_post_to_the_address_of_the_application(desk: Desk) -> None:
    reference = desk.ask_for_sheet("post")
    page = desk.browser.open("/en/officers/sheets-to-post")
    assert reference in page.text and "Tremblay" not in page.text
    page = desk.browser.open(page.link(f"Open – {reference}"))
    assert "ÉLISE TREMBLAY" in page.text
    page = desk.browser.send(page)
    assert "ÉLISE TREMBLAY" in page.text and len(page.soup.select("ol.codes li")) == sheets.HOW_MANY
    assert "No sheet waits for the post" in desk.browser.open("/en/officers/sheets-to-post").text
    assert {"printed_sheet:view", "printed_sheet:print"} <= set(desk.audited())
    with desk.database.transaction() as session:
        person = session.get_one(Account, desk.account_id)
        assert sheets.left(session, person) == sheets.HOW_MANY


def test_nobody_asks_for_post_without_an_address(app: Flask, database: Database) -> None:
    with database.transaction() as session:
        email = account(session).email or ""
    browser = Browser(app)
    sign_in(browser, email, PASSWORD)
    page = browser.fill("/en/account/printed-sheet", delivery="post")
    assert page.problems == ["No application of yours that was sent says where you live. Choose an enrolment centre."]
    assert "You have asked for a printed sheet" in browser.send(page, delivery="centre").text
