"""What is matched: every field that an application and a list have, in whatever way the list's publisher writes it."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from portal.models.viewers import viewing_as
from portal.services import screening
from portal.services.lookout_lists import Row
from portal.services.screening_fields import block_of, country_code, numbers_in, profile_of
from tests.answers import ANSWERS
from tests.reviewing import lists, paid


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("Passport A1234567 (Iran) expires 2009-07-14", ["A1234567"]),
        ("National ID No. 0123-456 (Iraq)", ["0123-456"]),
        ("Passport P-537849 India", ["P-537849"]),
        ("Passport", []),
        ("issued 12/04/1999", []),
    ],
)
def test_numbers_are_found_in_what_a_list_writes(text: str, numbers: list[str]) -> None:
    assert numbers_in(text) == numbers


@pytest.mark.parametrize(
    ("text", "code"), [("Iran", "ir"), ("CA", "ca"), ("Russian Federation", "ru"), ("Korea, North", "kp"), ("Oz", "oz")]
)
def test_countries_have_one_form(text: str, code: str) -> None:
    assert country_code(text) == code


def test_a_country_that_nobody_knows_says_nothing() -> None:
    assert country_code("Ruritania") == ""


def test_a_profile_has_every_name_the_passport_the_place_and_the_citizenships() -> None:
    profile = profile_of(block_of(ANSWERS))
    assert len(profile.names) >= 2 and profile.documents == ("AB123456",)
    assert profile.birth_place == "Québec, Canada" and "ca" in profile.citizenships and profile.given_names


def test_a_block_of_names_and_a_date_is_still_read() -> None:
    assert profile_of({"names": ["Zoe Quimper"], "birth_on": "1986-03-27"}).documents == ()


def test_a_passport_on_a_list_is_a_hit_under_any_name(session: Session) -> None:
    application = paid(session)
    details = {"documents": ["Passport HK482917 (Canada)"], "citizenship": ["Canada"], "weak_names": ["Bob"]}
    lists(session, Row(entry_key="X-9", names=["OKAFOR, Daniel"], birth_dates=["1950-01-30"], details=details))
    with viewing_as(session, "CA"):
        run = screening.run(session, application, "CA")
        (hit,) = screening.hits_of(session, run)
        assert {"document_same", "citizenship_same"} <= {reason["code"] for reason in hit.reasons}


def test_a_run_of_other_weights_is_out_of_date(session: Session) -> None:
    application = paid(session)
    lists(session)
    with viewing_as(session, "CA"):
        run = screening.run(session, application, "CA")
        assert screening.is_current(session, run)
        run.matcher_version = run.matcher_version.replace("weights ", "weights 0.")
        assert not screening.is_current(session, run)
