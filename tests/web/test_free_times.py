"""Free times for everybody: the interface that travellers' tools read, and the page for people."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal.clock import telling
from portal.db import Database
from portal.domain.centre_facts import CENTRES as FACTS
from portal.domain.distances import CENTRES, kilometres, place_of, to_centre
from portal.models import Place
from portal.services import interviews
from portal.web.api import slots as interface
from tests import interviewing
from tests.browsing import Browser

AUTUMN = datetime(2027, 11, 7, 5, 30, tzinfo=UTC)  # 1:30 in Toronto, the first of the two
OPENAPI: dict[str, Any] = json.loads(Path(interface.__file__).with_name("openapi.json").read_text())


def _ask(app: Flask, path: str) -> Any:
    return app.test_client().get(f"/schedulerapi/{path}", base_url="http://localhost")


def test_the_soonest_free_times_come_as_tools_read_them(app: Flask, database: Database) -> None:
    with database.transaction() as session:
        near, far = interviewing.centre(session), interviewing.centre(session, number=5021, zone="America/Vancouver")
        first = interviewing.slot(session, far, interviewing.soon(5), desks=2)
        interviewing.slot(session, near, interviewing.soon(6))
        interviewing.slot(session, near, interviewing.soon(7))
    answer = _ask(app, "slots?orderBy=soonest&limit=2")
    assert "public" in answer.headers["Cache-Control"] and answer.headers["ETag"]
    assert [slot["locationId"] for slot in answer.json] == [5021, 5020]
    slot = answer.json[0]
    assert set(slot) == set(OPENAPI["components"]["schemas"]["Slot"]["required"])
    told = datetime.fromisoformat(slot["startTimestamp"] + slot["offset"])
    assert told == first.starts_at and slot["duration"] == 15 and "+" not in slot["startTimestamp"]
    assert [one["locationId"] for one in _ask(app, "slots?minimum=2").json] == [5021]
    assert [one["id"] for one in _ask(app, "slots/asLocations?minimum=2").json] == [5021]
    assert len(_ask(app, "slots?locationId=5020").json) == 2
    again = app.test_client().get(
        "/schedulerapi/slots?orderBy=soonest&limit=2", base_url="http://localhost",
        headers={"If-None-Match": answer.headers["ETag"]},
    )  # fmt: skip
    assert again.status_code == 304


def test_a_centre_tells_what_is_free_held_and_taken(app: Flask, database: Database) -> None:
    with database.transaction() as session:
        centre, interview = interviewing.centre(session), interviewing.applicant(session)
        slot = interviewing.slot(session, centre, interviewing.soon(5), desks=3)
        booker, by = interviewing.applicant(session), interview.application.account
        interviews.hold(session, interview, centre, slot.starts_at, by=by)
        interviews.hold(session, booker, centre, slot.starts_at, by=booker.application.account)
        interviews.confirm(session, booker, by=booker.application.account)
    (counted,) = _ask(app, "locations/5020/slots").json
    assert (counted["total"], counted["active"], counted["pending"]) == (3, 1, 1)
    assert set(counted) == set(OPENAPI["components"]["schemas"]["CountedSlot"]["properties"])
    begins = (slot.starts_at + timedelta(minutes=1)).isoformat()
    assert _ask(app, f"locations/5020/slots?startTimestamp={begins}").json == []
    known = _ask(app, "slot-availability?locationId=5020").json
    assert known["lastPublishedDate"] == counted["timestamp"] and len(known["availableSlots"]) == 1


def test_the_hour_that_comes_twice_is_told_apart_by_its_offset(app: Flask, database: Database) -> None:
    with database.transaction() as session:
        centre = interviewing.centre(session)
        for hours in (0, 1):
            interviewing.slot(session, centre, AUTUMN + timedelta(hours=hours))
    with telling(AUTUMN - timedelta(days=1)):
        found = _ask(app, "slots?locationId=5020").json
    assert [one["startTimestamp"] for one in found] == ["2027-11-07T01:30"] * 2
    assert [one["offset"] for one in found] == ["-04:00", "-05:00"]


@pytest.mark.parametrize(
    "path",
    [
        "slots?limit=many", "slots?minimum=-1", "slots?locationId=999999", "slot-availability", "slots?locationId=x",
        "locations/999999/slots", "locations/5020/slots?startTimestamp=tomorrow",
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_in_words(app: Flask, database: Database, path: str) -> None:
    with database.transaction() as session:
        interviewing.centre(session)
    answer = _ask(app, path)
    assert answer.status_code == 400 and len(answer.json["error"]) > 10


def test_the_description_names_every_address_and_no_other(app: Flask) -> None:
    rules = {re.sub(r"<int:number>", "{id}", rule.rule) for rule in app.url_map.iter_rules()}
    ours = {rule for rule in rules if rule.startswith("/schedulerapi/")} - {"/schedulerapi/openapi.json"}
    assert set(OPENAPI["paths"]) == ours
    assert _ask(app, "openapi.json").json == OPENAPI


def test_a_tool_that_asks_without_end_has_to_wait(app: Flask, database: Database) -> None:
    answers = [_ask(app, "locations").status_code for _number in range(245)]
    assert answers[0] == 200 and answers[-1] == 429


# The page for people


def test_the_nearest_centre_comes_first_and_the_filters_hold(app: Flask, database: Database) -> None:
    with database.transaction() as session:
        blaine, champlain = (interviewing.centre(session, number=number) for number in (5020, 5021))
        interviewing.slot(session, blaine, interviewing.soon(3))
        slot = interviewing.slot(session, champlain, interviewing.soon(9))
    browser = Browser(app)
    assert _centres(browser, "") == ["Centre 5020", "Centre 5021"]
    assert _centres(browser, "postal_code=H2Y") == ["Centre 5021", "Centre 5020"]
    assert _centres(browser, "postal_code=v6b+1a1") == ["Centre 5020", "Centre 5021"]
    assert "about 60" in browser.open("/en/free-times?postal_code=H2Y&people=1").text
    day = slot.local_on
    assert _centres(browser, f"from_on-day={day.day}&from_on-month={day.month}&from_on-year={day.year}") == [
        "Centre 5021"
    ]
    assert _centres(browser, "people=2") == [] and _centres(browser, "mode=ferry") == []
    assert _centres(browser, "spoken=fr") == []
    refused = browser.open("/fr/heures-libres?postal_code=%21%21&people=1")
    assert refused.status == 422 and len(refused.problems) == 1


def test_what_is_taken_is_not_shown(app: Flask, database: Database) -> None:
    with database.transaction() as session:
        interviewing.slot(session, interviewing.centre(session), interviewing.soon(3))
        for place in session.scalars(select(Place)):
            session.delete(place)
    assert _centres(Browser(app), "") == []


def _centres(browser: Browser, query: str) -> list[str]:
    page = browser.open(f"/en/free-times?{query}")
    return [heading.get_text(strip=True) for heading in page.soup.select(".centres__name")]


def test_every_real_centre_has_its_point_and_distances_are_sane() -> None:
    assert {facts.number for facts in FACTS} == set(CENTRES)
    toronto, detroit = place_of("M5V 2T6"), place_of("48216")
    assert toronto is not None and detroit is not None and 300 < kilometres(toronto, detroit) < 420
    assert to_centre(16511, place_of("N9A")) is not None and (to_centre(16511, place_of("N9A")) or 0) <= 20
    known = {typed: place_of(typed) is not None for typed in ("", "D1A", "K", "k1a 0b1", "1", "14", "0!", "Z9Z 9Z9")}
    assert [typed for typed, is_known in known.items() if is_known] == ["K", "k1a 0b1", "14"]
