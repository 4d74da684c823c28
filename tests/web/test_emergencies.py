"""The pages of an emergency: a banner on the whole file while it lasts, and a second person's judgement afterwards."""

from __future__ import annotations

import pytest
from flask import Flask

from demo import seed
from portal.adapters import passwords
from portal.db import Database, view_as
from portal.services import reviews
from tests import reviewing, servers
from tests.browsing import Browser
from tests.interviewing import PASSWORD
from tests.signing_in import sign_in

BANNER = "Gordon MacLeod took this application over in an emergency"


@pytest.fixture
def file(database: Database) -> str:
    """The address of a case file that Ariane Bouchard holds."""
    with database.transaction() as session:
        with servers.as_owner(session):
            officers = seed.hire(session, passwords.hash(PASSWORD))
        application = reviewing.paid(session)
        view_as(session, "CA")
        reviews.take(session, reviews.of_agency(session, application.reference, "CA"), officers["CA"][0])
        return f"/en/officers/applications/{application.reference}"


@pytest.fixture
def officer(app: Flask) -> Browser:
    """Gordon MacLeod, who does not hold it."""
    return _signed_in(app, "officer2.ca")


def _signed_in(app: Flask, name: str) -> Browser:
    browser = Browser(app)
    sign_in(browser, f"{name}@example.org", PASSWORD, "/en/officers/sign-in")
    return browser


def test_a_banner_stands_on_every_page_of_the_file_while_it_lasts(app: Flask, file: str, officer: Browser) -> None:
    page = officer.fill(f"{file}/emergency", reason="The traveller stands at the border.")
    assert BANNER in page.text and "Give back" not in page.text
    for rest in ("/note", "/ask", "/refuse", "/clear", "/passport-number"):
        assert BANNER in officer.open(file + rest).text, rest
    other = _signed_in(app, "officer1.ca")
    for rest in ("/reason", "/emergency"):
        assert BANNER in other.open(file + rest).text, rest
    officer.press("End the emergency", officer.open(file))
    assert BANNER not in other.open(file).text
    assert "Emergency access ended" in other.open(file).text


def test_a_second_person_judges_it(app: Flask, file: str, officer: Browser) -> None:
    officer.fill(f"{file}/emergency", reason="The traveller stands at the border.")
    auditor = _signed_in(app, "auditor.ca")
    page = auditor.open("/en/officers/emergencies")
    assert "Running now" in page.text and "No emergency waits" in page.text
    officer.press("End the emergency", officer.open(file))
    page = auditor.open(auditor.open("/en/officers/emergencies").link("Judge"))
    assert "The traveller stands at the border." in page.text and "Opened the case file" in page.text
    assert "TREMBLAY" not in page.text, "an auditor reads no application"
    assert auditor.send(page).problems == ["Say whether it was justified", "Write why you say so"]
    page = auditor.send(auditor.open(page.url), verdict="not_justified", judgement="Nobody was there.")
    assert page.heading == "Emergencies" and "Not justified" in page.text and "Ruth Adeyemi" in page.text
    assert auditor.open(page.link(file[-11:])).soup.find(attrs={"name": "verdict"}) is None
    assert officer.open("/en/officers/emergencies").status == 403
