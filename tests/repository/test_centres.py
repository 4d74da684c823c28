"""The 24 centres: complete, bilingual, in zones that exist, and as the programme's public list has them."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from demo.centres import FERRY_TERMINAL
from portal.domain.centre_facts import CENTRES
from portal.domain.centres import CentreFacts
from portal.models import EnrolmentCentre, OpeningRule
from portal.services import centres

BESIDE = Path(__file__).parents[3] / "shared/data/enrolment-centres.csv"
LIST = Path(os.environ.get("PASSAGE_LIST_OF_CENTRES", BESIDE))
MODELS = {"joint_land": "joint", "split_land": "split", "two_step_airport": "two_step"}
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def test_there_are_24_each_with_both_languages_and_a_zone() -> None:
    assert len({facts.number for facts in CENTRES}) == 24
    for facts in (*CENTRES, FERRY_TERMINAL):
        ZoneInfo(facts.zone)
        assert facts.name_en and facts.name_fr and facts.name_en != facts.name_fr, facts.number
        assert all(one.en and one.fr and one.en != one.fr for one in facts.instructions), facts.number


def test_only_the_ferry_terminal_is_invented() -> None:
    assert FERRY_TERMINAL.is_invented
    assert not any(facts.is_invented for facts in CENTRES)


def test_loading_twice_changes_nothing(session: Session) -> None:
    first = {centre.id for centre in centres.load(session)}
    rules = session.scalar(select(func.count(OpeningRule.id)))
    assert {centre.id for centre in centres.load(session)} == first
    assert session.scalar(select(func.count(OpeningRule.id))) == rules
    assert len(centres.all_centres(session)) == 24
    assert session.scalar(select(func.count(EnrolmentCentre.id))) == 24 + 3  # the other sides of the split ones


def test_hours_that_nobody_states_are_marked(session: Session) -> None:
    loaded = {centre.number: centre for centre in centres.load(session)}
    assert loaded[5024].are_hours_stated and not loaded[5020].are_hours_stated


@pytest.mark.skipif(
    not LIST.exists(), reason="no list of centres beside the project, and PASSAGE_LIST_OF_CENTRES names none"
)
def test_the_facts_are_those_of_the_public_list() -> None:
    with LIST.open(encoding="utf-8") as file:
        rows = {int(row["id"]): row for row in csv.DictReader(file)}
    assert rows.keys() == {facts.number for facts in CENTRES}
    for facts in CENTRES:
        _compare(facts, rows[facts.number])


def _compare(facts: CentreFacts, row: dict[str, str]) -> None:
    same = {"name_en": "name", "zone": "timezone"}
    for ours in ("name_en", "address", "city", "region", "postal_code", "country", "zone"):
        assert getattr(facts, ours) == row[same.get(ours, ours)], (facts.number, ours)
    assert facts.is_french_name_ours is not bool(row["name_fr"])
    assert not row["name_fr"] or facts.name_fr == row["name_fr"]
    assert facts.model == MODELS[row["interview_model"]]
    assert list(facts.modes) == row["modes"].split("|")
    agencies = {"CBSA": "CA", "CBP": "US"}
    assert sorted(facts.agencies) == sorted(agencies[name] for name in row["agencies_on_site"].split("|"))
    second = json.loads(row["second_interview_site"] or "null")
    assert (facts.second_site is None) is (second is None)
    if facts.second_site:
        assert facts.second_site.agency == agencies[second["agency"]]
        assert (facts.second_site.first == "CA") is second["order"].startswith("Canada")
        for part in ("address", "city", "region", "postal_code", "country"):
            assert getattr(facts.second_site, part) == second[part], (facts.number, part)
    stated = json.loads(row["opening_hours"] or "[]")
    ours_stated = {
        (day, f"{hours.opens:%H:%M}", f"{hours.closes:%H:%M}") for hours in facts.stated_hours for day in hours.weekdays
    }
    assert ours_stated == {(DAYS.index(day), one["open"], one["close"]) for one in stated for day in one["days"]}
