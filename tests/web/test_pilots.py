"""A pilot beside the permanent centres; what a centre is; notices that go by themselves."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from portal.clock import now, telling, today
from portal.db import Database
from portal.domain.instructions import in_force
from portal.models import EnrolmentCentre
from portal.services import interviews, pilots
from tests import interviewing
from tests.browsing import Browser
from tests.signing_in import sign_in

HERE = "/en/officers/centres/5020"


@pytest.fixture
def supervisor(app: Flask, database: Database) -> Browser:
    """A supervisor, a pilot centre with two of four places booked, and a permanent one with one of two."""
    with database.transaction() as session:
        interviewing.officer(session, "CA", "sue@example.org", roles=["supervisor"])
        with telling(now() - timedelta(days=20)):
            pilot, other = interviewing.centre(session), interviewing.centre(session, number=5021)
            pilot.pilot_since = today()
            for centre, hours, states in (
                (pilot, (14, 15, 19, 20), ("done", "missed")), (other, (14, 15), ("missed",)),
            ):  # fmt: skip
                found = [interviewing.slot(session, centre, interviewing.soon(5, hour=hour)) for hour in hours]
                for slot, state in zip(found, states, strict=False):
                    interview = interviewing.applicant(session)
                    by = interview.application.account
                    interviews.hold(session, interview, centre, slot.starts_at, by=by)
                    interviews.confirm(session, interview, by=by)
                    part = interviews.current_part(interview)
                    part.state, part.minutes_late = state, 40 if centre is other else None
    browser = Browser(app)
    sign_in(browser, "sue@example.org", interviewing.PASSWORD, "/en/officers/sign-in")
    return browser


def test_a_pilot_is_compared_with_the_permanent_centres(supervisor: Browser, database: Database) -> None:
    page = supervisor.open("/en/officers/pilots?subject=5020")
    cells = {
        row.th.get_text(strip=True): [cell.get_text(strip=True) for cell in row.find_all("td")]
        for row in page.soup.select("tbody tr")
    }
    assert cells["Places"] == ["4", "2"] and cells["Booked of the open places"] == ["50 %", "50 %"]
    assert cells["Booked of the places before noon"] == ["100 %", "50 %"]
    assert cells["Did not come"] == ["1", "0"] and cells["Came too late"] == ["0", "1"]
    assert cells["Did not come, of all"] == ["50 %", "0 %"]
    assert cells["Approved after the interview"] == ["–", "–"]  # fewer than five
    assert cells["Days from the conditional approval to the interview, half of them"] == ["5", "5"]
    answer = supervisor.client.get("/en/officers/pilots/figures?subject=5020", base_url="http://localhost")
    pilot, permanent = csv.DictReader(io.StringIO(answer.text))
    assert (pilot["places"], pilot["no_shows"], permanent["too_late"]) == ("4", "1", "1")
    assert pilot["approved"] == "" and pilot["use_percent"] == "50"
    assert supervisor.open("/fr/agents/projets-pilotes?subject=land").status == 200
    for wrong in ("5021", "99", "sea"):
        assert supervisor.open(f"/en/officers/pilots?subject={wrong}").status == 422
    with database.transaction() as session, pytest.raises(LookupError):
        pilots.chosen(list(session.scalars(select(EnrolmentCentre))), "5021")


def test_a_period_is_exact_and_one_that_ends_first_is_refused(supervisor: Browser) -> None:
    def asked(**ends: int) -> str:
        days = {name: today() + timedelta(days=ahead) for name, ahead in ends.items()}
        parts = "&".join(
            f"{name}-{part}={getattr(day, part)}" for name, day in days.items() for part in ("day", "month", "year")
        )
        return f"/en/officers/pilots?subject=5020&{parts}"

    assert supervisor.open(asked(until_on=-20, from_on=-10)).status == 422
    page = supervisor.open(asked(from_on=-10, until_on=0))
    assert page.soup.select("tbody tr td")[2].get_text(strip=True) == "0"


def test_a_notice_is_read_until_its_last_day_and_then_gone(supervisor: Browser, app: Flask, database: Database) -> None:
    until, words = (
        today() + timedelta(days=3),
        {"topic": "entry", "en": "The east door is closed.", "fr": "Fermé à l’est."},
    )
    last = {f"until-{part}": str(getattr(until, part)) for part in ("day", "month", "year")}
    assert supervisor.fill(f"{HERE}/notices", **words, **(last | {"until-year": "2020"})).status == 422
    assert "The east door is closed." in supervisor.fill(f"{HERE}/notices", **words, **last).text
    with database.transaction() as session:
        centre = session.scalars(select(EnrolmentCentre).where(EnrolmentCentre.number == 5020)).one()
        interview = interviewing.applicant(session, "elise@example.org")
        interviewing.slot(session, centre, interviewing.soon(9))
        interviews.hold(session, interview, centre, interviewing.soon(9), by=interview.application.account)
        interviews.confirm(session, interview, by=interview.application.account)
        asked, reference = [*centre.instructions, *centre.notices], interview.application.reference
    browser = Browser(app)
    sign_in(browser, "elise@example.org", interviewing.PASSWORD)
    page = browser.open(f"/en/applications/{reference}/interview")
    assert "The way there: The east door is closed." in page.text and "is not known" in page.text
    told = [one.topic for one in in_force(asked, "fr", until)]
    assert told == ["entry", "bring"] and [one.topic for one in in_force(asked, "fr", until + timedelta(days=1))] == [
        "bring"
    ]
    page = supervisor.open(HERE)
    assert "east door" not in supervisor.press("Remove the notice: The east door is closed.").text


def test_what_a_centre_is_can_be_changed_and_is_public(supervisor: Browser) -> None:
    page = supervisor.fill(
        f"{HERE}/about", iris_capture="no", **{"pilot_since-day": "", "pilot_since-month": "", "pilot_since-year": ""}
    )
    assert "A permanent centre." in page.text
    assert "No images of the irises are taken here" in supervisor.open("/en/enrolment-centres").text
