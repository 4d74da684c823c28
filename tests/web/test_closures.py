"""Closing a centre page by page, and what somebody whose interview it calls off reads and presses."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from demo import seed
from portal.adapters import passwords
from portal.clock import today
from portal.db import Database
from portal.i18n import format_date
from portal.models import Interview
from portal.services import interviews
from tests import servers
from tests.browsing import Browser
from tests.interviewing import PASSWORD, applicant, centre, slot, soon
from tests.signing_in import sign_in

EMAIL, CENTRE = "elise@example.org", "/en/officers/centres/5020"


@pytest.fixture
def traveller(database: Database, browser: Browser) -> str:
    """The page of an interview in a week; its traveller is signed in. There is one other free time, the day after."""
    with database.transaction() as session:
        with servers.as_owner(session):
            seed.hire(session, passwords.hash(PASSWORD))
        here = centre(session)
        interview = applicant(session, EMAIL)
        slot(session, here, soon(7))
        interviews.hold(session, interview, here, soon(7), by=interview.application.account)
        interviews.confirm(session, interview, by=interview.application.account)
        slot(session, here, soon(8))
        address = f"/en/applications/{interview.application.reference}/interview"
    sign_in(browser, EMAIL, PASSWORD)
    return address


@pytest.fixture
def supervisor(app: Flask, traveller: str) -> Browser:
    browser = Browser(app)
    sign_in(browser, "supervisor.ca@example.org", PASSWORD, "/en/officers/sign-in")
    return browser


def _days(first: int, last: int) -> dict[str, str]:
    told = {"first_day": today() + timedelta(days=first), "last_day": today() + timedelta(days=last)}
    return {
        f"{name}-{part}": str(getattr(day, part)) for name, day in told.items() for part in ("day", "month", "year")
    }


def _state(database: Database) -> str:
    with database.transaction() as session:
        return session.scalars(select(Interview)).one().state


def test_from_a_plan_to_a_new_time_in_one_press(
    database: Database, supervisor: Browser, browser: Browser, traveller: str
) -> None:
    page = supervisor.fill(f"{CENTRE}/closures", **_days(7, 7), reason="weather")
    assert "1 booked interview is hit" in page.text and "A new time is kept for 1 of 1" in page.text
    assert _state(database) == "booked" and "had to cancel" not in browser.open(traveller).text
    page = supervisor.press("Put it in force", page)
    assert "1 interview was called off" in page.text and _state(database) == "to_book"
    page = browser.open(traveller)
    assert "because of the weather" in page.text
    assert "because of the weather" in browser.open(f"{traveller}/times").text
    assert "Your interview is booked" in browser.press("Accept the new time", page).text
    assert "Your interview is booked" in browser.press("Accept the new time", page).text  # pressed twice


def test_a_plan_can_be_dropped_and_a_centre_reopened(database: Database, supervisor: Browser) -> None:
    page = supervisor.fill(f"{CENTRE}/closures", **_days(7, 7), reason="weather")
    assert "The plan was dropped" in supervisor.press("Drop the plan", page).text
    assert "not planned any more" in supervisor.press("Put it in force", page).text
    assert _state(database) == "booked"
    page = supervisor.press("Put it in force", supervisor.fill(f"{CENTRE}/closures", **_days(8, 9), reason="staff"))
    assert "0 interviews were called off" in page.text
    closure = supervisor.open(page.link("–"))
    assert "The centre is open again" in supervisor.press("Reopen the centre", closure).text


def test_what_was_typed_survives_a_mistake(supervisor: Browser) -> None:
    page = supervisor.fill(f"{CENTRE}/closures", **_days(9, 7), from_time="26:00", reason="staff")
    assert page.status == 422 and page.value("from_time") == "26:00"
    assert "must be a time" in page.text
    page = supervisor.fill(f"{CENTRE}/closures", **_days(9, 7), from_time="9 h 30", reason="staff")
    assert page.problems == ["The end must come after the beginning"] and page.value("from_time") == "9 h 30"


def test_a_day_is_added_and_seen(supervisor: Browser) -> None:
    day = today() + timedelta(days=6)
    told = {f"day-{part}": str(getattr(day, part)) for part in ("day", "month", "year")}
    page = supervisor.fill(f"{CENTRE}/extra-day", **told, opens="9:00", closes="10:00", desks="2")
    assert "4 new times can be booked" in page.text and "0/8" in page.text
    page = supervisor.fill(f"{CENTRE}/extra-day", **told, opens="10:00", closes="9:00", desks="2")
    assert page.problems == ["The end must be later than the beginning"]
    assert supervisor.open("/en/officers/centres/424242").status == 404


def test_a_new_time_whose_hour_has_come_is_not_given(
    database: Database, supervisor: Browser, browser: Browser, traveller: str
) -> None:
    supervisor.press("Put it in force", supervisor.fill(f"{CENTRE}/closures", **_days(7, 7), reason="power"))
    page = browser.open(traveller)
    with database.transaction() as session:
        session.connection().exec_driver_sql("update place set held_until = now() where closure_id is null")
    assert "Choose a time" in browser.press("Accept the new time", page).text
    assert _state(database) == "to_book"


def test_a_rule_of_release_is_saved_and_announced(database: Database, supervisor: Browser, browser: Browser) -> None:
    address, day = f"{CENTRE}/release", today() + timedelta(days=2)
    told = {f"valid_from-{part}": str(getattr(day, part)) for part in ("day", "month", "year")}
    refused = supervisor.fill(address, **told, kind="monthly", at="9:00", days_ahead="90")
    assert refused.status == 422 and len(refused.problems) == 2
    page = supervisor.fill(address, **told, kind="rolling", at="6:30", days_ahead="90")
    assert page.status == 200 and "The rule is saved" in page.text and "at 6:30" in page.text
    until = format_date(day + timedelta(days=90))
    assert until in browser.open("/en/enrolment-centres").text
    told_by_api = browser.client.get("/schedulerapi/locations", base_url="http://localhost").json
    assert told_by_api[0]["nextRelease"]["upTo"] == (day + timedelta(days=90)).isoformat()
    assert told_by_api[0]["nextRelease"]["timestamp"] == f"{day}T06:30"


def test_holidays_are_chosen_and_told(database: Database, supervisor: Browser, browser: Browser) -> None:
    page = supervisor.fill(f"{CENTRE}/holidays", lists=["CA", "CA-ON"])
    assert "The holidays are saved" in page.text and "Christmas Day" in page.text
    assert "The next holidays without interviews" in browser.open("/en/enrolment-centres").text
    kept = browser.client.get("/schedulerapi/locations", base_url="http://localhost").json[0]["holidays"]
    assert f"{today().year}-12-25" in kept or f"{today().year + 1}-07-01" in kept


def test_the_rule_for_late_arrivals_is_what_travellers_read(
    supervisor: Browser, browser: Browser, traveller: str
) -> None:
    page = supervisor.fill(f"{CENTRE}/late-arrivals", minutes="0", rule="call")
    assert "The rule is saved" in page.text
    told = browser.open(traveller).text
    assert "does not interview those who are late" in told and "call ahead" in told
