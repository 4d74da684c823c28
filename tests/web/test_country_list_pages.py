"""The pages of country lists: one officer brings, the supervisor publishes, and everybody reads what holds."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal.clock import today
from portal.db import Database
from portal.models import AuditEntry, Officer
from portal.models.viewers import view_as
from tests import servers
from tests.browsing import Browser, Page
from tests.interviewing import PASSWORD, officer

HEAD = "nationality,requirement,if_resident,stay_days,condition_en,condition_fr,source\n"
CANADAS = HEAD + "MX,visa,exempt,,By air,Par avion,Section 5\nFR,exempt,,90,,,Section 6\nXXA,visa,,,,,Section 7\n"
STATES = HEAD + "MX,visa,exempt,,,,Part 3\nFR,electronic,,90,,,Part 4\n"
REMARKS = {"remark_en": "Invented for a test.", "remark_fr": "Inventée pour un essai."}


class Desk:
    """An officer and a supervisor of each country."""

    def __init__(self, app: Flask, database: Database) -> None:
        self.app = app
        with database.transaction() as session:
            self.people = {agency: (officer(session, agency), officer(session, agency)) for agency in ("CA", "US")}
            for _officer, supervisor in self.people.values():
                with servers.as_owner(session):
                    supervisor.roles = ["supervisor"]

    def sign_in(self, by: Officer) -> Browser:
        browser = Browser(self.app)
        browser.fill("/en/officers/sign-in", email=by.email, password=PASSWORD)
        return browser

    def pair(self, agency: str) -> tuple[Browser, Browser]:
        first, second = self.people[agency]
        return self.sign_in(first), self.sign_in(second)


@pytest.fixture
def desk(app: Flask, database: Database) -> Desk:
    return Desk(app, database)


def _bring(browser: Browser, content: str, **fields: Any) -> Page:
    day = today()
    dates = {"valid_from-day": str(day.day), "valid_from-month": str(day.month), "valid_from-year": str(day.year)}
    files = {"file": (io.BytesIO(content.encode()), "list.csv")}
    return browser.fill("/en/officers/country-lists/bring", **dates | files | REMARKS | fields)


def _publish(desk: Desk, agency: str, content: str) -> str:
    first, second = desk.pair(agency)
    draft = _bring(first, content)
    assert "Another person of your agency publishes it." in draft.text, draft.text
    assert second.fill(f"{draft.url}/publish").heading.endswith("version 1")
    return draft.url


def test_what_two_persons_published_is_compared_for_everybody(desk: Desk, app: Flask, database: Database) -> None:
    url = _publish(desk, "CA", CANADAS)
    _publish(desk, "US", STATES)
    anybody = Browser(app)
    page = anybody.open("/en/entry-requirements")
    assert "Invented for a test." in page.text and "differ for 2 of 3" in page.text
    assert "Stateless person" in page.text and "Not on the list" in page.text and "By air" in page.text
    french = anybody.open("/fr/conditions-d-entree")
    assert "Inventée pour un essai." in french.text and "Par avion" in french.text and "Mexique" in french.text
    filtered = anybody.open("/en/entry-requirements?nationality=franc&only=differ&requirement=electronic")
    assert "1 nationality is shown." in filtered.text and "Mexico" not in filtered.text
    file = anybody.client.get(filtered.link("Download this table as CSV")).get_data(as_text=True)
    rows = list(csv.DictReader(io.StringIO(file.removeprefix("\ufeff"))))
    assert [(row["Code"], row["Do they differ?"], row["Remark"]) for row in rows] == [
        ("FR", "Yes", "Invented for a test.")
    ]
    unfit = anybody.open("/en/entry-requirements?on-day=31&on-month=2&on-year=2026")
    assert unfit.status in (200, 422) and "0 nationalities are shown." in unfit.text
    with database.transaction() as session:
        view_as(session, "CA")
        actions = session.scalars(select(AuditEntry.action).where(AuditEntry.action.like("country_list:%"))).all()
    assert {"country_list:import", "country_list:publish", "country_list:view", "country_list:list"} <= set(actions)
    other, _second = desk.pair("US")
    seen = other.open(url)
    assert seen.heading.endswith("version 1") and "Brought by" not in seen.text
    again = other.client.get(seen.link("Download this version as CSV")).get_data(as_text=True)
    assert "MX,visa,exempt,,By air,Par avion,Section 5" in again
    assert "Version" in other.open("/en/officers/country-lists").text


def test_the_eligibility_check_says_what_to_have_at_the_border_and_changes_nothing_else(desk: Desk, app: Flask) -> None:
    asked = {"standing": "resident_us", "residence": "here", "age": "adult", "past": "none", "nationality": "MX"}
    anybody = Browser(app)
    before = anybody.fill("/en/eligibility", **asked)
    assert before.heading == "You can apply" and "At the border" not in before.text
    _publish(desk, "CA", CANADAS.replace("MX,visa,exempt", "MX,visa,electronic"))
    page = anybody.fill("/en/eligibility", **asked)
    assert page.heading == "You can apply"
    assert "Canada: Electronic travel authorization" in page.text and "Invented for a test." in page.text
    assert "At the border" not in anybody.fill("/en/eligibility", **asked | {"nationality": None}).text
    french = anybody.fill("/fr/admissibilite", **asked)
    assert "Autorisation de voyage électronique" in french.text and "Inventée pour un essai." in french.text
    assert "no visa" in anybody.fill("/en/eligibility", **asked | {"nationality": "FR"}).text


def test_what_is_unfit_is_named_on_the_page_and_in_a_file_and_goes_when_discarded(desk: Desk) -> None:
    first, _second = desk.pair("CA")
    page = _bring(first, HEAD + "=Q,visa,,,,,S\nMX,visa,,,,,\n")
    assert "2 lines are unfit" in page.text and "does not say where the rule stands" in page.text
    file = first.client.get(page.link("Download every error as CSV")).get_data(as_text=True)
    assert file.splitlines()[1].startswith("2,'=Q,") and file.splitlines()[2].startswith("3,MX,")
    assert first.press("Discard", page).heading == "Country lists"
    assert "A remark must stand there in English and in French" in _bring(first, CANADAS, remark_fr="").text


def test_an_earlier_version_is_brought_back_as_a_draft(desk: Desk) -> None:
    url = _publish(desk, "CA", CANADAS)
    first, second = desk.pair("CA")
    draft = _bring(first, CANADAS.replace("FR,exempt", "FR,visa"))
    assert "Changed (1)" in draft.text
    second.fill(f"{draft.url}/publish")
    back = first.press("Bring this version back", first.open(url))
    assert "Changed (1)" in back.text
    assert second.fill(f"{back.url}/publish").heading.endswith("version 3")
