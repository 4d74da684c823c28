"""The demonstration's own pages: what to try, who can sign in, and the emails, with nothing in them run."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pyotp
import pytest
from flask import Flask

from demo.centres import FERRY_TERMINAL
from demo.mail_folder import sanitised
from demo.mail_server import keep
from portal.clock import now
from portal.config import Settings
from portal.db import Database
from portal.services import authenticator, centres
from portal.start import prepare
from tests.browsing import ORIGIN, Browser
from tests.interviewing import account

CALENDAR = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"


@pytest.fixture
def folder(settings: Settings) -> Iterator[Path]:
    """The folder of the mail server, with one email in it."""
    assert settings.mail_folder is not None
    settings.mail_folder.mkdir(exist_ok=True)
    keep(settings.mail_folder, an_email().as_bytes())
    yield settings.mail_folder
    for path in settings.mail_folder.iterdir():
        path.unlink()


def an_email() -> EmailMessage:
    email = EmailMessage()
    email["Subject"] = "Votre entrevue"
    email["From"], email["To"] = "no-reply@example.org", "elise@example.org"
    email["Content-Language"] = "fr-CA"
    email.set_content("Bonjour Élise,\n\nÀ bientôt:\nhttp://localhost/fr/demandes\n")
    rich = '<style>p{}</style><p onclick="x()">Bonjour <script>x()</script><a href="javascript:x()">vous</a></p>'
    email.add_alternative(rich, subtype="html")
    email.add_attachment(CALENDAR, maintype="text", subtype="calendar", filename="interview.ics")
    return email


@pytest.mark.parametrize("path", ["/en/demo", "/fr/demonstration"])
def test_a_stranger_sees_what_to_try_and_who_can_sign_in(browser: Browser, path: str) -> None:
    page = browser.open(path)
    assert page.status == 200 and page.language == path[1:3]
    assert len(page.soup.select("tbody tr")) > 5 and page.text.count("example.org") > 5


def test_an_email_can_be_read_with_its_attachment(browser: Browser, folder: Path) -> None:
    page = browser.open("/demo/mail")
    page = browser.open(page.link("Votre entrevue"))
    assert page.heading == "Votre entrevue" and "Bonjour Élise," in page.text
    assert page.link("http://localhost/fr/demandes") == "http://localhost/fr/demandes"
    assert "x()" not in page.html and "javascript:" not in page.html
    answer = browser.client.get(page.link("interview.ics"), base_url="http://localhost")
    assert answer.data == CALENDAR and answer.headers["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize("name", ["..", "../secret", "20270101T000000.000000Z-00000000", "%2e%2e%2fx"])
def test_only_the_emails_that_are_there(browser: Browser, folder: Path, name: str) -> None:
    assert browser.open(f"/en/demo/mail/{name}").status == 404
    assert browser.open(f"/en/demo/mail/{next(folder.iterdir()).stem}/1").status == 404


def test_sanitising_keeps_words_only() -> None:
    source = '<h1>A</h1><p style="x">b &amp; c<br><img src=x onerror=y><iframe>d</iframe><a href="https://e.org/?a=1&amp;b">f</a>'
    assert sanitised(source) == '<h3>A</h3><p>b &amp; c<br>d<a href="https://e.org/?a=1&amp;b">f</a>'


def test_production_does_not_start_on_the_demonstration_s_database(
    app: Flask, database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    production = settings.model_copy(update={"demonstration": False})
    monkeypatch.setitem(app.extensions, "settings", production)
    client = app.test_client()
    assert client.get("/health/ready", base_url=ORIGIN).json["unfit"] == []
    with database.transaction() as session:
        centres.load(session, [FERRY_TERMINAL])
    with pytest.raises(SystemExit, match="holds the demonstration"):
        prepare(production)
    assert client.get("/health/ready", base_url=ORIGIN).json["unfit"] == ["demonstration"]
    prepare(settings).engine.dispose()


def test_a_stranger_without_an_app_reads_the_code_of_an_own_account(browser: Browser, database: Database) -> None:
    with database.transaction() as session:
        holder = account(session, "stranger@example.org")
        app = authenticator.begin(session, holder)
        code = pyotp.TOTP(app.secret or "").at(now())
    assert code in browser.open("/en/demo").text
