"""One's own data through pages, without JavaScript: another address, a copy, a correction, the end of the account."""

from __future__ import annotations

import hashlib
import io
import json
import re
import uuid
import zipfile
from datetime import timedelta

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select, update

from portal.adapters import passwords
from portal.clock import now, telling
from portal.db import Database
from portal.domain.consent import TEXT_VERSION, TEXT_VERSIONS
from portal.i18n import LANGUAGES
from portal.jobs.own_data import land_email_changes, make_export
from portal.models import Account, AuditEntry, Consent, DataExport, EmailChange, OutgoingMessage, SignIn
from portal.models.accounts import email_index
from portal.services import accounts, consents, outbox, reviews, screening
from tests import reviewing
from tests.browsing import Browser, Page
from tests.interviewing import officer
from tests.web.test_accounts import KNOWN, PASSWORD, _make, _sign_in

OTHER, NEW = "other@example.org", "new.address@example.org"
THREE_DAYS = timedelta(hours=72)
MINUTE = timedelta(minutes=1)
WORDS = {
    ("2026-11", "en"): "743d3b301f99a4d1",
    ("2026-11", "fr"): "ba97229c911584d9",
    ("guardian-2026-11", "en"): "07b6345d71d1c9a5",
    ("guardian-2026-11", "fr"): "dc579d4e577c3f8e",
}
"""The beginning of the hash of each version's words, tags left out."""


class Home:
    """Somebody who is signed in."""

    def __init__(self, app: Flask, database: Database) -> None:
        self.app, self.database = app, database
        _make(database, KNOWN)
        self.browser = Browser(app)
        _sign_in(self.browser)

    def ask(self, email: str = NEW, language: str = "en") -> Page:
        slug = {"en": "account/change-email", "fr": "compte/changer-courriel"}[language]
        return self.browser.fill(f"/{language}/{slug}", email=email)

    def code(self) -> str:
        with self.database.transaction() as session:
            query = select(OutgoingMessage).where(OutgoingMessage.event == "email_change_code")
            message = session.scalars(query.order_by(OutgoingMessage.created_at.desc())).first()
            assert message and message.secrets
            assert message.secrets["address"] == NEW
            assert str(outbox.compose(session, message)["To"]) == NEW
            return str(message.secrets["code"])

    def events(self, email: str | None = None) -> list[str]:
        with self.database.transaction() as session:
            query = select(OutgoingMessage.event).join(Account, Account.id == OutgoingMessage.account_id)
            if email:
                query = query.where(Account.email_index == email_index(email))
            return list(session.scalars(query.order_by(OutgoingMessage.created_at)))

    def can_sign_in(self, email: str) -> bool:
        return "/sign-in" not in _sign_in(Browser(self.app), email).url


@pytest.fixture
def home(app: Flask, database: Database) -> Home:
    return Home(app, database)


@pytest.mark.parametrize("language", LANGUAGES)
def test_another_address_takes_its_place_after_three_days(home: Home, worker_database: Database, language: str) -> None:
    assert home.ask(language=language).status == 200
    assert home.browser.send(code="000000" if home.code() != "000000" else "111111").status == 422
    page = home.browser.send(code=home.code())
    assert page.status == 200 and NEW in page.text, page.text
    assert "email_change_begun" in home.events(KNOWN)
    with telling(now() + THREE_DAYS - MINUTE):
        land_email_changes(worker_database)
    assert home.can_sign_in(KNOWN) and not home.can_sign_in(NEW)
    with telling(now() + THREE_DAYS + MINUTE):
        land_email_changes(worker_database)
    assert home.can_sign_in(NEW) and not home.can_sign_in(KNOWN)
    with home.database.transaction() as session:
        told = select(OutgoingMessage).where(OutgoingMessage.event == "email_changed")
        addresses = {str(outbox.compose(session, message)["To"]) for message in session.scalars(told)}
    assert addresses == {KNOWN, NEW}


def test_a_change_is_stopped_from_the_account_page(home: Home, worker_database: Database) -> None:
    home.ask()
    home.browser.send(code=home.code())
    assert "takes the place of your present address" in home.browser.open("/en/account/change-email").text
    page = home.browser.press("cancel the change", home.browser.open("/en/account"))
    assert "Your address stays as it is" in page.text
    with telling(now() + THREE_DAYS + MINUTE):
        land_email_changes(worker_database)
    assert home.can_sign_in(KNOWN) and not home.can_sign_in(NEW)


def test_who_asks_does_not_learn_whose_an_address_is(home: Home) -> None:
    _make(home.database, OTHER)
    seen = []
    for email in (NEW, OTHER):
        page = home.ask(email)
        guess = home.browser.send(page, code="123456")
        seen.append((page.status, guess.status, guess.problems, re.sub(rf"{email}|value=\"[^\"]*\"", "", page.html)))
    assert seen[0] == seen[1]
    assert home.events(OTHER)[-1] == "account_exists", "its holder is told, and nobody else"


def test_an_address_that_is_taken_meanwhile_stays_with_its_holder(home: Home, worker_database: Database) -> None:
    home.ask()
    home.browser.send(code=home.code())
    _make(home.database, NEW)
    with telling(now() + THREE_DAYS + MINUTE):
        land_email_changes(worker_database)
    with home.database.transaction() as session:
        assert session.scalars(select(EmailChange.outcome)).one() == "taken"
        assert accounts.find(session, email_index(KNOWN)) is not None


def test_an_address_that_somebody_only_typed_is_no_obstacle(home: Home, worker_database: Database) -> None:
    _make(home.database, NEW, password=None)
    home.ask()
    home.browser.send(code=home.code())
    with telling(now() + THREE_DAYS + MINUTE):
        land_email_changes(worker_database)
    with home.database.transaction() as session:
        assert session.scalars(select(EmailChange.outcome)).one() == "done"


class Case:
    """A paid application with everything that its applicant must not learn: hits, notes, an officer who looked."""

    def __init__(self, app: Flask, database: Database, worker: Database, language: str = "fr") -> None:
        self.app, self.database = app, database
        with database.transaction() as session:
            self.officer = officer(session, "CA")
            self.officer.name = "Ada Roy-Officer"
            self.application = reviewing.paid(session, language=language)
            reviewing.lists(session, reviewing.LOOKALIKE)
            self.account = self.application.account
            self.account.email, self.account.email_index = KNOWN, email_index(KNOWN)
            self.account.email_confirmed_at = now()
            session.add(
                Consent(
                    application=self.application, account_id=self.account.id, text_version=TEXT_VERSION, language="fr",
                    signed_name="Élise Marie Tremblay", given_at=now(),
                )
            )  # fmt: skip
        with worker.transaction() as session:
            for agency in ("CA", "US"):
                screening.run(session, session.get_one(type(self.application), self.application.id), agency)
        with database.transaction("CA") as session:
            review = reviews.of_agency(session, self.application.reference, "CA")
            by = session.get_one(type(self.officer), self.officer.id)
            reviews.take(session, review, by)
            reviews.add_note(session, review, "A secret note of Canada.", by)
        self.set_password()

    def set_password(self) -> None:
        with self.database.transaction() as session:
            session.execute(
                update(Account).where(Account.id == self.account.id).values(password_hash=passwords.hash(PASSWORD))
            )

    def applicant(self) -> Browser:
        browser = Browser(self.app)
        _sign_in(browser)
        return browser


@pytest.fixture
def case(app: Flask, database: Database, worker_database: Database) -> Case:
    return Case(app, database, worker_database)


def _download(case: Case, worker: Database, browser: Browser) -> tuple[str, bytes]:
    page = browser.press("Ask for a copy", browser.open("/en/account/your-data"))
    assert "putting your data together" in page.text
    with worker.transaction() as session:
        export = session.scalars(select(DataExport)).one()
    make_export(worker, export_id=str(export.id))
    make_export(worker, export_id=str(export.id))
    link = browser.open("/en/account/your-data").link("Download")
    response = browser.client.get(link, base_url=browser.origin)
    assert response.status_code == 200 and response.mimetype == "application/zip"
    assert response.headers["Cache-Control"] == "no-store"
    return link, response.data


def test_a_copy_holds_everything_and_nothing_of_the_officers(case: Case, worker_database: Database) -> None:
    link, content = _download(case, worker_database, browser := case.applicant())
    archive = zipfile.ZipFile(io.BytesIO(content))
    assert {"data.json", "copy.pdf"} <= set(archive.namelist())
    text = archive.read("data.json").decode()
    data = json.loads(text)
    assert data["format"] == "passage-data" and data["account"]["email"] == KNOWN
    assert data["applications"][0]["versions"][0]["answers"]["citizenship"]["passport_number"] == "HK482917"
    assert data["consents"][0]["signed_name"] == "Élise Marie Tremblay" and data["consents"][0]["text"]
    reader = PdfReader(io.BytesIO(archive.read("copy.pdf")))
    words = " ".join(page.extract_text() for page in reader.pages)
    root = reader.trailer["/Root"]
    assert "HK482917" in words and root["/Lang"] == "fr-CA" and "/StructTreeRoot" in root
    for told in (text, words):
        for secret in ("Roy-Officer", "secret note", "Elyse", "score", "lookout", "hit_", "review_taken", "refusal"):
            assert secret.lower() not in told.lower(), secret
    assert str(case.officer.id) not in text
    with case.database.transaction() as session:
        events = session.scalars(select(OutgoingMessage.event)).all()
        assert events.count("data_ready") == 1
        query = select(AuditEntry.action).where(AuditEntry.action.startswith("data_export"))
        assert list(session.scalars(query.order_by(AuditEntry.id))) == [
            "data_export:ask", "data_export:make", "data_export:download",
        ]  # fmt: skip
    with telling(now() + timedelta(days=8)), case.database.transaction() as session:
        session.execute(update(SignIn).values(seen_at=now(), created_at=now(), proved_at=now()))
    with telling(now() + timedelta(days=8)):
        assert browser.open(link).status == 404, "its week is over"


def test_nobody_else_can_fetch_it(case: Case, worker_database: Database) -> None:
    link, _content = _download(case, worker_database, case.applicant())
    _make(case.database, OTHER)
    stranger = Browser(case.app)
    _sign_in(stranger, OTHER)
    assert stranger.open(link).status == 404
    assert "/sign-in" in Browser(case.app).open(link).url
    assert stranger.open(f"/en/account/your-data/copy/{uuid.uuid4()}").status == 404


def test_the_words_that_were_signed_can_be_read_again(case: Case) -> None:
    page = case.applicant().open("/en/account/agreed")
    signed = page.soup.find(attrs={"lang": "fr-CA", "class": "card"})
    assert signed is not None and "renseignements" in signed.get_text().lower()
    assert f"Version {TEXT_VERSION}" in page.text and "Élise Marie Tremblay" in page.text


def test_each_version_of_the_words_can_be_shown(app: Flask) -> None:
    assert TEXT_VERSION in TEXT_VERSIONS
    assert all(consents.words(version, language) for version in TEXT_VERSIONS for language in LANGUAGES)
    assert consents.words("1999-01", "en") == ""


@pytest.mark.parametrize("signed", WORDS)
def test_words_that_were_signed_never_change(app: Flask, signed: tuple[str, str]) -> None:
    said = " ".join(re.sub(r"<[^>]*>", " ", consents.words(*signed)).split())
    assert hashlib.sha256(said.encode()).hexdigest()[:16] == WORDS[signed], "changed words are a new version"


def test_every_version_is_guarded() -> None:
    assert set(WORDS) == {(version, language) for version in TEXT_VERSIONS for language in LANGUAGES}


def test_a_correction_is_asked_for_answered_and_told(case: Case) -> None:
    reference = case.application.reference
    browser, where = case.applicant(), f"/fr/demandes/{case.application.reference}/correction"
    assert len(browser.fill(where).problems) == 3
    page = browser.fill(where, section="work", wrong="La ville", right="Lévis <b>")
    assert page.status == 200 and "Lévis <b>" in page.text

    staff = Browser(case.app)
    staff.fill("/en/officers/sign-in", email=case.officer.email, password="three quiet lanterns")
    file = staff.open(f"/en/officers/applications/{reference}")
    assert "Corrections that the applicant asked for" in file.text and "Lévis <b>" in file.text
    link = file.link("Answer")
    assert len(staff.fill(link).problems) == 2
    file = staff.fill(link, outcome="accepted", reply="Nous avons corrigé la ville.")
    assert "Correction accepted" in file.text and "accepted" in file.text
    assert "answered already" in staff.open(link).text

    assert "Nous avons corrigé la ville." in browser.open(where).text
    assert "Ada Roy" not in browser.open(where).text
    with case.database.transaction() as session:
        assert "correction_decided" in session.scalars(select(OutgoingMessage.event)).all()


def test_a_draft_is_changed_and_not_corrected(home: Home) -> None:
    home.browser.fill("/en/applications/start", who="self")
    reference = re.search(r"P-[0-9A-Z]{4}-[0-9A-Z*~$=]{4}", home.browser.open("/en/applications").text)
    assert reference
    assert home.browser.open(f"/en/applications/{reference[0]}/correction").status == 409


@pytest.mark.parametrize(("language", "where"), [("en", "/en/account/close"), ("fr", "/fr/compte/fermer")])
def test_a_closed_account_cannot_be_opened_any_more(home: Home, language: str, where: str) -> None:
    elsewhere = Browser(home.app)
    _sign_in(elsewhere)
    assert len(home.browser.fill(where).problems) == 1, "one has to be sure"
    page = home.browser.fill(where, sure="y")
    assert page.status == 200 and page.language == language
    assert not home.can_sign_in(KNOWN)
    for browser in (home.browser, elsewhere):
        assert "/sign-in" in browser.open("/en/account").url
    assert home.events(KNOWN)[-1] == "account_closed"


def test_an_account_stays_open_under_a_review(case: Case) -> None:
    browser = case.applicant()
    page = browser.open("/en/account/close")
    assert "An application is being checked" in page.text and "Close my account" not in page.text
    page.link("Withdraw")


@pytest.mark.parametrize("where", ["/en/account/create", "/fr/compte/creer"])
def test_the_notice_stands_where_something_is_asked(browser: Browser, where: str) -> None:
    page = browser.open(where)
    assert "DHS/CBP-002" in page.text and "11.1" in page.text
