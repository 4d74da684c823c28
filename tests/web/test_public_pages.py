"""What anybody can open: the choice of language, the home page, the check of eligibility, the pages around."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from portal.db import Database
from portal.models import Base
from portal.services import centres
from tests.browsing import Browser

PAGES = ("/en/", "/en/help", "/en/privacy", "/en/accessibility", "/en/enrolment-centres")
ANSWERS = {"standing": "citizen_ca", "residence": "not_resident", "age": "adult", "past": "none"}


def test_both_languages_are_offered_equally(browser: Browser) -> None:
    page = browser.open("/")
    buttons = page.soup.select(".choice__shore")
    assert [button["lang"] for button in buttons] == ["en-CA", "fr-CA"]
    assert len({str(button.a and button.a["class"]) for button in buttons}) == 1


@pytest.mark.parametrize(("home", "language"), [("/fr/", "fr"), ("/en/", "en")])
def test_the_choice_is_remembered(browser: Browser, home: str, language: str) -> None:
    browser.open(home)
    assert browser.open("/").url.endswith(home)
    assert browser.page and browser.page.language == language


@pytest.mark.parametrize("path", PAGES)
def test_each_page_stands_in_both_languages(browser: Browser, path: str) -> None:
    english = browser.open(path)
    french = browser.open(english.link("Français"))
    assert (english.status, french.status) == (200, 200)
    assert (english.language, french.language) == ("en", "fr")
    assert english.heading != french.heading
    assert browser.open(french.link("English")).url.endswith(path)


@pytest.mark.parametrize("path", PAGES)
def test_each_page_says_when_it_was_modified(browser: Browser, path: str) -> None:
    assert browser.open(path).soup.select_one(".modified time[datetime]")


def test_the_home_page_says_the_price_and_begins(browser: Browser) -> None:
    page = browser.open("/en/")
    assert "US$120.00" in page.text
    assert browser.open(page.link("Check if you can apply")).heading == "Check if you can apply"


def test_whoever_can_apply_is_told_so(browser: Browser) -> None:
    page = browser.fill("/en/eligibility", **ANSWERS)
    assert (page.status, page.heading) == (200, "You can apply")
    assert browser.open(page.link("Create an account")).heading == "Create an account"


def test_reasons_are_given_with_their_source_and_are_no_refusal(browser: Browser) -> None:
    page = browser.fill("/en/eligibility", **ANSWERS | {"past": ["offence", "refused"]})
    assert page.heading == "You may not be able to become a member"
    assert "This is not a refusal" in page.text
    assert page.text.count("Where it stands:") == 2


def test_for_somebody_under_18_a_parent_applies(browser: Browser) -> None:
    assert browser.fill("/en/eligibility", **ANSWERS | {"age": "minor"}).heading == "A parent or guardian applies"


def test_an_unanswered_question_keeps_the_others(browser: Browser) -> None:
    page = browser.fill("/en/eligibility", **ANSWERS | {"age": None})
    assert (page.status, page.problems, page.value("past")) == (422, ["Choose an age"], "none")


def test_a_permanent_resident_must_say_where_they_lived(browser: Browser) -> None:
    page = browser.fill("/en/eligibility", **ANSWERS | {"standing": "resident_ca"})
    assert page.status == 422
    assert len(page.problems) == 1


def test_the_result_can_be_read_in_the_other_language_and_changed(browser: Browser) -> None:
    browser.fill("/en/eligibility", **ANSWERS | {"past": "charge"})
    page = browser.press("Français")
    assert (page.language, page.status) == ("fr", 200)
    assert page.soup.select(".checklist li")
    page = browser.send(press="change=1")
    assert (page.value("standing"), page.value("past")) == ("citizen_ca", "charge")
    assert page.soup.find(attrs={"name": "standing", "checked": True})


def test_checking_leaves_no_trace(browser: Browser, database: Database) -> None:
    browser.fill("/en/eligibility", **ANSWERS | {"past": "offence"})
    with database.transaction() as session:
        filled = [
            name for name, table in Base.metadata.tables.items() if session.execute(select(table).limit(1)).first()
        ]
    assert set(filled) <= {"key_use", "programme_setting"}


def test_the_centres_are_listed_with_what_can_be_booked(browser: Browser, database: Database) -> None:
    with database.transaction() as session:
        centres.load(session)
        expected = centres.all_centres(session)
    page = browser.open("/en/enrolment-centres")
    items = page.soup.select(".centres__item")
    assert len(items) == len(expected) == 24  # and not the other sides, which are booked with the first
    assert page.text.count("Book online") == 24
