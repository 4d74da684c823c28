"""No datum is asked twice for one person: every box of an application's forms stands for one datum in this map.

A new box stands nowhere and fails until it is placed. A datum may stand in more than one section only where the later
form is filled in from the earlier one (`suggested`), and the tests try that.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

from portal.web.applicant.forms import ENTRY_FORMS, GAP_FORMS, SECTION_FORMS
from portal.web.applicant.forms.amending import AMENDING_FORMS
from tests.answers import ANSWERS

MAP: dict[str, dict[str, str]] = {
    "identity": {
        "given_names": "the applicant: given names",
        "family_name": "the applicant: family name",
        "birth_on": "the applicant: date of birth",
        "birth_city": "the applicant: city of birth",
        "birth_country": "the applicant: country of birth",
        "sex": "the applicant: sex",
        "phone": "the applicant: phone number",
        "suffix": "the applicant: suffix",
        "one_name": "the applicant: has one name only",
        "height": "the applicant: height",
        "eyes": "the applicant: colour of the eyes",
        "hair": "the applicant: colour of the hair",
        "member_number": "the applicant: earlier membership number",
        "country": "where the applicant lives: country",
        "street": "where the applicant lives: street",
        "unit": "where the applicant lives: unit",
        "city": "where the applicant lives: city",
        "region": "where the applicant lives: region",
        "postal_code": "where the applicant lives: postal code",
    },
    "names": {
        "has": "other names: whether any",
        "kind": "other names: kind",
        "given": "other names: given names",
        "family": "other names: family name",
        "since": "other names: from",
        "until": "other names: until",
    },
    "citizenship": {
        "apply_as": "the status on which the application rests",
        "citizenship": "countries of citizenship",
        "passport_number": "passport: number",
        "passport_country": "passport: country",
        "passport_issued_on": "passport: date of issue",
        "passport_expires_on": "passport: date of expiry",
        "passport_given_names": "the applicant: given names",
        "passport_family_name": "the applicant: family name",
        "kind": "other proofs: kind",
        "number": "other proofs: number",
        "country": "other proofs: country",
        "expires_on": "other proofs: date of expiry",
        "name": "other proofs: name printed",
    },
    "guardian": {
        "given_names": "who applies: given names",
        "family_name": "who applies: family name",
        "birth_on": "who applies: date of birth",
        "birth_city": "who applies: city of birth",
        "birth_country": "who applies: country of birth",
        "sex": "who applies: sex",
        "phone": "who applies: phone number",
        "membership_number": "who applies: membership number",
        "relation": "who applies: relation to the child; of the others: theirs",
        "custody": "how it stands with the other parent",
        "basis": "by which right an adult is represented",
        "details": "custody or right: details",
        "protects": "whether the address is kept from the other parent",
        "name": "other guardians: name",
        "way": "other guardians: how they consent",
        "email": "other guardians: email address",
        "language": "other guardians: language",
    },
    "travel": {
        "nowhere": "countries visited: none",
        "visited": "countries visited",
    },
    "licence": {
        "has": "licence: whether any",
        "number": "licence: number",
        "country": "licence: country",
        "region": "licence: region",
        "expires_on": "licence: date of expiry",
        "name": "licence: name printed",
        "enhanced": "licence: enhanced",
        "commercial": "licence: commercial",
        "hazardous": "licence: hazardous goods",
    },
    "vehicles": {
        "has": "vehicles: whether any",
        "make": "vehicles: make",
        "model": "vehicles: model",
        "year": "vehicles: model year",
        "colour": "vehicles: colour",
        "plate": "vehicles: plate",
        "country": "vehicles: country of the plate",
        "region": "vehicles: region of the plate",
        "vin": "vehicles: identification number",
        "government": "vehicles: government plate",
        "owner": "vehicles: owner",
        "owner_name": "vehicles: name of the owner",
        "owner_phone": "vehicles: phone number of the owner",
        "owner_address": "vehicles: address of the owner",
    },
    "background": {
        "convicted": "offence: yes or no",
        "convicted_when": "offence: when",
        "convicted_where": "offence: where",
        "convicted_details": "offence: what happened",
        "waiver": "waiver: yes or no",
        "waiver_when": "waiver: when",
        "waiver_where": "waiver: where",
        "waiver_details": "waiver: what happened",
        "rehabilitation": "rehabilitation: yes or no",
        "rehabilitation_when": "rehabilitation: when",
        "rehabilitation_where": "rehabilitation: where",
        "rehabilitation_details": "rehabilitation: what happened",
        "violation": "violation: yes or no",
        "violation_when": "violation: when",
        "violation_where": "violation: where",
        "violation_details": "violation: what happened",
    },
    "consent": {
        "agreed": "consent: given",
        "signed_name": "consent: signature",
        "assented": "assent: given",
        "assented_name": "assent: signature",
    },
    "addresses": {
        "since": "addresses: from",
        "until": "addresses: until",
        "goes_on": "addresses: whether it goes on",
        "country": "where the applicant lives: country",
        "street": "where the applicant lives: street",
        "unit": "where the applicant lives: unit",
        "city": "where the applicant lives: city",
        "region": "where the applicant lives: region",
        "postal_code": "where the applicant lives: postal code",
    },
    "work": {
        "kind": "work: kind",
        "since": "work: from",
        "until": "work: until",
        "goes_on": "work: whether it goes on",
        "occupation": "work: occupation",
        "employer": "work: employer",
        "phone": "work: phone number of the employer",
        "country": "work: country of the employer",
        "street": "work: street of the employer",
        "city": "work: city of the employer",
        "region": "work: region of the employer",
        "postal_code": "work: postal code of the employer",
    },
    "gap in addresses": {
        "reason": "gap in the addresses: reason",
        "text": "gap in the addresses: details",
    },
    "gap in work": {
        "reason": "gap in the work: reason",
        "text": "gap in the work: details",
    },
}
"""Section → box → datum. A number at the end of a box, one for each row, is left out."""

SUGGESTED: dict[str, set[str]] = {
    "citizenship": {"passport_given_names", "passport_family_name"},
    "guardian": {"birth_city", "birth_country", "birth_on", "family_name", "given_names", "phone", "sex"},
    "licence": {"country", "name", "region"},
    "vehicles": {"country", "region"},
    "addresses": {"city", "country", "postal_code", "region", "street", "unit"},
    "work": {"country"},
}
"""Data that stand in a second section, which is filled in from the first: the person reads them, and types nothing."""


def _boxes(form: Any) -> set[str]:
    return {re.sub(r"_\d$", "", name) for name in form()._fields}


def _all_boxes(app: Any) -> dict[str, set[str]]:
    with app.test_request_context("/en/"):
        return {
            **{key: _boxes(form) for key, form in SECTION_FORMS.items()},
            **{key: _boxes(form) for key, form in ENTRY_FORMS.items()},
            **{f"gap in {key}": _boxes(form) for key, form in GAP_FORMS.items()},
        }


def test_every_box_has_its_datum(app: Any) -> None:
    assert {key: sorted(boxes) for key, boxes in _all_boxes(app).items()} == {
        key: sorted(boxes) for key, boxes in MAP.items()
    }


def test_no_datum_is_asked_twice() -> None:
    places: dict[str, list[str]] = defaultdict(list)
    for section, boxes in MAP.items():
        for box, datum in boxes.items():
            places[datum].append(f"{section}.{box}")
    twice = {datum: where for datum, where in places.items() if len(where) > 1}
    told_again = {where for section, boxes in SUGGESTED.items() for where in (f"{section}.{box}" for box in boxes)}
    asked = {datum: [one for one in where if one not in told_again] for datum, where in twice.items()}
    assert {datum: where for datum, where in asked.items() if len(where) > 1} == {}


def test_what_is_known_is_filled_in(app: Any) -> None:
    forms = {**SECTION_FORMS, **ENTRY_FORMS}
    holder = {"holder": ANSWERS["identity"]}
    with app.test_request_context("/en/"):
        for section, boxes in SUGGESTED.items():
            known = forms[section].suggested(ANSWERS | holder)
            given = {re.sub(r"_\d$", "", name) for name, value in known.items() if value}
            assert boxes <= given | {"suffix"}, (section, boxes - given)


def test_a_correction_after_sending_is_filled_in_with_what_was_sent(app: Any) -> None:
    source = {"contact": "identity", "passport": "citizenship", "licence": "licence", "vehicles": "vehicles"}
    with app.test_request_context("/en/"):
        for part, form in AMENDING_FORMS.items():
            filled = form(data=form.known(ANSWERS[source[part]]))
            assert any(field.data for field in filled), part
