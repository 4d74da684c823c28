"""The forms of the application: what cannot be is refused in words, at the question that it concerns."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from portal.domain import heights
from portal.web.applicant.forms import ENTRY_FORMS, SECTION_FORMS, About, SectionForm
from tests.answers import ANSWERS, TYPED

BORN = date(1986, 3, 27)


def form_of(section: str, **fields: Any) -> SectionForm:
    """The form with the traveller's answers, but for `fields`; None leaves a box out."""
    typed = {name: value for name, value in {**TYPED[section], **fields}.items() if value is not None}
    forms = SECTION_FORMS | ENTRY_FORMS
    form = forms[section].from_typed({name: [v] if isinstance(v, str) else v for name, v in typed.items()})
    form.about = About(born=BORN, given_names="Marie-Ève", family_name="Tremblay")
    return form


def day(name: str, day: str, month: str, year: str) -> dict[str, str]:
    return {f"{name}-day": day, f"{name}-month": month, f"{name}-year": year}


@pytest.mark.parametrize(
    "section", ["identity", "names", "addresses", "work", "travel", "licence", "vehicles", "background", "consent"]
)
def test_what_is_typed_well_becomes_the_answers(section: str) -> None:
    form = form_of(section)
    assert form.validate(), form.problems
    wanted = ANSWERS[section]["entries"][0] if section in ENTRY_FORMS else ANSWERS[section]
    said = {key: value for key, value in wanted.items() if key not in ("id", "signed_name")}
    assert {key: form.answers()[key] for key in said} == said


@pytest.mark.parametrize(
    "section", ["identity", "names", "citizenship", "addresses", "work", "travel", "licence", "vehicles", "background"]
)
def test_kept_answers_open_as_a_form_that_says_the_same(section: str) -> None:
    answers = ANSWERS[section]["entries"][0] if section in ENTRY_FORMS else ANSWERS[section]
    kind = (SECTION_FORMS | ENTRY_FORMS)[section]
    said = {key: value for key, value in answers.items() if key != "id"}
    assert kind(data=kind.known(answers)).answers() == said


@pytest.mark.parametrize(
    ("section", "fields", "problem"),
    [
        ("identity", day("birth_on", "1", "1", "2199"), "must be in the past"),
        ("identity", day("birth_on", "1", "1", "1860"), "more than 130 years"),
        ("identity", day("birth_on", "31", "2", "1986"), "only 28 days"),
        ("identity", {"given_names": "Mar1e"}, "cannot have “1”"),
        ("identity", {"given_names": "Олена"}, "from A to Z"),
        ("identity", {"given_names": ""}, "one name only"),
        ("identity", {"one_name": "yes"}, "two names"),
        ("identity", {"phone": "555"}, "Enter a phone number"),
        ("identity", {"region": "Bavaria"}, "province or territory of Canada"),
        ("identity", {"postal_code": "K1A 0B1"}, "K1A 0B1 is not a postal code of Quebec"),
        ("identity", {"family_name": "x" * 10_000}, "100 characters or fewer"),
        ("citizenship", {"citizenship_1": "FR"}, "as a citizen of Canada"),
        ("citizenship", day("passport_expires_on", "1", "4", "2022"), "after the day on which it was issued"),
        ("citizenship", day("passport_expires_on", "1", "4", "2025"), "has expired"),
        ("citizenship", day("passport_issued_on", "1", "5", "2199"), "cannot be in the future"),
        ("citizenship", day("passport_issued_on", "1", "5", "1980"), "after your birth"),
        ("citizenship", {"passport_number": "A/1"}, "4 to 15 letters"),
        ("identity", {"height": "tall"}, "height like 170"),
        ("identity", {"member_number": "12"}, "nine numbers"),
        ("citizenship", {"apply_as": "resident_ca"}, "Enter your permanent resident card"),
        ("citizenship", {"apply_as": "viajero", "citizenship_1": "MX"}, "Viajero Confiable"),
        ("citizenship", {"kind_1": "birth", "country_1": "CA"}, "number of the document"),
        ("citizenship", {"kind_1": "pr_card", **day("expires_on_1", "1", "1", "2020")}, "document has expired"),
        ("names", {"kind_1": ""}, "what kind of name"),
        ("names", {"given_1": "", "family_1": ""}, "Enter the name"),
        ("names", {"until_1-month": "1", "until_1-year": "1980"}, "before it began"),
        ("licence", {"number": ""}, "number of your licence"),
        ("licence", {"region": "Bavaria"}, "province of Canada"),
        ("licence", {"expires_on-year": "2020"}, "has expired"),
        ("licence", {"has": None}, "Say whether"),
        ("vehicles", {"plate_1": ""}, "licence plate"),
        ("vehicles", {"year_1": "2199"}, "in the future"),
        ("vehicles", {"owner_1": "person"}, "name of the owner"),
        ("vehicles", {"region_1": "Bavaria"}, "province of Canada"),
        ("travel", {"visited": None}, "Choose each country"),
        ("travel", {"nowhere": "yes"}, "Keep one of the two"),
        ("background", {"waiver": "yes"}, "Say what happened"),
        ("background", {"waiver": "yes", "waiver_details": "x"}, "when it was"),
        ("background", {"waiver": "yes", "waiver_details": "x"}, "in which place and country"),
        ("background", {"violation": None}, "question 4"),
        ("consent", {"signed_name": "Marie Tremblay"}, "Marie-Ève Tremblay"),
        ("consent", {"agreed": None}, "Tick the box"),
        ("addresses", {"since-year": "2199"}, "in the future"),
        ("addresses", {"since-year": "1960"}, "before your birth"),
        ("addresses", {"goes_on": None, "until-month": "1", "until-year": "2009"}, "before it began"),
        ("addresses", {"until-month": "1", "until-year": "2020"}, "not both"),
        ("addresses", {"goes_on": None}, "when it ended"),
        ("addresses", {"since-month": "13"}, "1 to 12"),
        ("work", {"employer": ""}, "name of the employer"),
        ("work", {"kind": None}, "Choose what you did"),
    ],
)
def test_what_cannot_be_is_refused_in_words(section: str, fields: dict[str, Any], problem: str) -> None:
    form = form_of(section, **fields)
    if section == "citizenship" and not fields.get("passport_family_name"):
        form["passport_family_name"].data = "Tremblay"
    assert not form.validate()
    assert any(problem in sentence for _href, sentence in form.problems), form.problems


@pytest.mark.parametrize(
    ("typed", "height"),
    [("170", 170), ("170 cm", 170), ("1,70 m", 170), ("5 ft 7", 170), ("5'7\"", 170), ("6 pi", 183), ("5 ft 12", None),
     ("9999", None), ("12", None), ("x" * 10_000, None)],
)  # fmt: skip
def test_a_height_is_read_in_either_measure(typed: str, height: int | None) -> None:
    assert heights.centimetres(typed) == height


def test_a_residents_card_and_an_accident_abroad_are_kept() -> None:
    card = {"kind_1": "pr_card", "number_1": "RA0302123456", "country_1": "CA", **day("expires_on_1", "1", "5", "2032")}
    form = form_of("citizenship", apply_as="resident_ca", citizenship_1="FR", passport_family_name="Tremblay", **card)
    assert form.validate(), form.problems
    (proof,) = form.answers()["proofs"]
    assert proof == {
        "kind": "pr_card",
        "number": "RA0302123456",
        "country": "CA",
        "name": "",
        "expires_on": "2032-05-01",
    }
    happened = {
        "convicted": "yes",
        "convicted_when": "2011",
        "convicted_where": "Lyon, France",
        "convicted_details": "x",
    }
    form = form_of("background", **happened)
    assert form.validate() and form.answers()["convicted"]["where"] == "Lyon, France"


def test_a_single_name_and_a_foreign_address_and_phone_are_good() -> None:
    abroad = {
        "country": "FR",
        "street": "8 rue de la Paix",
        "city": "Paris",
        "unit": "",
        "region": "",
        "postal_code": "",
    }
    form = form_of("identity", **abroad, given_names="", family_name="Ng", one_name="yes", phone="01 42 68 53 00")
    assert form.validate(), form.problems
    assert form.answers()["phone"] == "+33142685300"
