"""After sending, through pages: what a traveller changes alone, and what can be taken along at every stage."""

from __future__ import annotations

import json

import pytest

from tests.world import World


@pytest.mark.parametrize(
    ("language", "root", "verb"), [("en", "applications", "change"), ("fr", "demandes", "modifier")]
)
def test_a_part_is_changed_alone_and_what_is_wrong_is_kept(here: World, language: str, root: str, verb: str) -> None:
    reference = here.values["paid"]["reference"]
    browser = here.traveller("paid")
    slug = {"en": "contact", "fr": "coordonnees"}[language]
    page = browser.fill(f"/{language}/{root}/{reference}/{verb}/{slug}", phone="12", street="")
    assert page.status == 422 and len(page.problems) == 2 and page.value("phone") == "12"
    phone = {"en": "519 555-0177", "fr": "519 555-0178"}[language]
    page = browser.send(page, phone=phone, street="1 Example Street")
    assert "changed=yes" in page.url and page.status == 200
    page = browser.fill(f"/{language}/{root}/{reference}/{verb}/{slug}")
    assert "changed=no" in page.url


def test_a_new_passport_is_told_to_the_officer(here: World) -> None:
    reference = here.values["paid"]["reference"]
    page = here.traveller("paid").fill(f"/en/applications/{reference}/change/passport", passport_number="QQ 123456")
    assert "changed=yes" in page.url, page.problems
    text = here.officer("officer1.ca").open(f"/en/officers/applications/{reference}").text
    assert "Changed by the applicant after sending" in text and "•••• 3456" in text


@pytest.mark.parametrize("stage", ["begun", "paid", "approved"])
def test_an_application_is_taken_along_at_every_stage(here: World, stage: str) -> None:
    reference = here.values[stage]["reference"]
    browser = here.traveller(stage)
    for language, root, tail in (("en", "applications", "copy"), ("fr", "demandes", "copie")):
        answer = browser.client.get(f"/{language}/{root}/{reference}/{tail}/pdf", base_url="http://localhost")
        assert answer.status_code == 200 and answer.get_data().startswith(b"%PDF-")
    answer = browser.client.get(f"/en/applications/{reference}/copy/json", base_url="http://localhost")
    assert json.loads(answer.get_data())["reference"] == reference
    assert browser.client.get(f"/en/applications/{reference}/copy/exe", base_url="http://localhost").status_code == 404


def test_a_strangers_application_is_not_found(here: World) -> None:
    reference = here.values["paid"]["reference"]
    stranger = here.traveller("stranger")
    for tail in ("copy/pdf", "copy/json", "change/passport", "change/vehicles"):
        assert stranger.open(f"/en/applications/{reference}/{tail}").status == 404
