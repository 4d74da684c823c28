"""A passport answers for its owner: by its photo or its typed lines, and only what the owner confirms."""

from __future__ import annotations

import io

import pytest
from sqlalchemy import select

from portal.db import Database
from portal.domain import mrz
from portal.domain.lifecycle import Status
from portal.jobs import documents as jobs
from portal.models import Application, AuditEntry, Document, SectionDraft
from portal.services import applications, sections
from tests.browsing import Browser, Page
from tests.interviewing import PASSWORD, account
from tests.passports import NAMES, PRINTED, photo
from tests.signing_in import sign_in

EMAIL = "elise@example.org"
LINES = mrz.compose("TD3", **PRINTED)
CARD = mrz.compose("TD1", **{**PRINTED, "document": "CA", "number": "RA0123456", "nationality": "FRA"})


@pytest.fixture
def reference(database: Database, browser: Browser) -> str:
    """A draft whose holder is signed in."""
    with database.transaction() as session:
        holder = account(session, EMAIL)
        reference = applications.start(session, holder, by=holder).reference
    sign_in(browser, EMAIL, PASSWORD)
    return reference


def _read(browser: Browser, reference: str, kind: str = "passport_page", **typed: object) -> Page:
    return browser.fill(f"/en/applications/{reference}/read/{kind}", **typed)  # type: ignore[arg-type]


def _lines(lines: tuple[str, ...], step: str = "read", **typed: object) -> dict[str, object]:
    return {f"line_{number}": line for number, line in enumerate(lines, start=1)} | {"step": step} | typed


def _ticked(page: Page) -> set[str]:
    return {str(box["value"]) for box in page.soup.select("input[name=take][checked]")}


def _offered(page: Page) -> set[str]:
    return {str(box["value"]) for box in page.soup.select("input[name=take]")}


def _drafts(database: Database) -> dict[str, SectionDraft]:
    with database.transaction() as session:
        return {draft.section: draft for draft in session.scalars(select(SectionDraft))}


def test_typed_lines_are_shown_first_and_fill_in_only_what_was_confirmed(
    browser: Browser, database: Database, reference: str
) -> None:
    page = browser.open(f"/en/applications/{reference}/identity")
    page = browser.open(page.link("Let your passport fill in part of this"))
    assert page.heading == "Fill in answers from your passport"
    page = _read(browser, reference, **_lines(LINES))
    assert page.status == 200
    everything = {"family_name", "given_names", "birth_on", "sex", "nationality", "number", "country", "expires_on"}
    assert _offered(page) == _ticked(page) == everything
    assert "Passport" not in page.problems and "Number of the document: AB1234567" in page.text
    assert _drafts(database) == {}, "nothing is filled in by reading"
    page = browser.send(page, **_lines(LINES, "fill", take=["family_name", "birth_on", "number"]))
    assert page.url.endswith("/identity?filled=yes")
    assert "Your answers are filled in below" in page.text
    assert page.value("family_name") == "Tremblay"
    assert (page.value("birth_on-day"), page.value("birth_on-year")) == ("27", "1986")
    assert page.value("given_names") == ""
    citizenship = browser.open(f"/en/applications/{reference}/citizenship")
    assert citizenship.value("passport_number") == "AB1234567"
    assert citizenship.value("passport_family_name") == "Tremblay"
    with database.transaction() as session:
        row = session.scalars(select(AuditEntry).where(AuditEntry.action == "application:take_over")).one()
    assert row.facts["answers"] == "family_name birth_on number" and row.facts["typed"] is True
    assert "1234567" not in str(row.facts)


def test_each_answer_stands_beside_what_was_typed_and_replaces_it_only_where_it_is_chosen(
    browser: Browser, database: Database, reference: str
) -> None:
    browser.fill(f"/en/applications/{reference}/identity", given_names="Marie-Ève", family_name="Roy",
                 **{"birth_on-day": "28", "birth_on-month": "3", "birth_on-year": "1986"})  # fmt: skip
    page = _read(browser, reference, **_lines(LINES))
    assert "The same as you typed" in page.text and "Marie-Ève" in page.text, "the lines know no accents"
    assert "given_names" not in _offered(page)
    assert {"family_name", "birth_on"} <= _offered(page) - _ticked(page), "what differs is never ticked beforehand"
    assert "You typed: Roy. That is different." in page.text
    assert "28 March 1986" in page.text.replace("March 28, 1986", "28 March 1986")
    page = browser.send(page, **_lines(LINES, "fill", take=["birth_on"]))
    assert page.value("family_name") == "Roy"
    assert page.value("birth_on-day") == "27"
    assert page.value("given_names") == "Marie-Ève"


def test_mistakes_are_said_at_their_line_and_what_was_typed_stays(
    browser: Browser, database: Database, reference: str
) -> None:
    wrong = (LINES[0], LINES[1].replace("860327", "860328"))
    page = _read(browser, reference, **_lines(wrong))
    assert page.status == 422
    assert page.problems[0].startswith("Line 2, places 14 to 20: the date of birth does not fit the check number")
    assert page.value("line_2") == wrong[1]
    assert page.soup.select_one('.govuk-error-summary a[href="#line_2"]')
    assert _offered(page) == set()
    page = browser.send(page, **_lines(wrong, "fill", take=["family_name"]))
    assert page.status == 422 and _drafts(database) == {}
    page = browser.fill(f"/fr/demandes/{reference}/lire/passport_page", **_lines(wrong))
    assert page.language == "fr"
    assert page.problems[0].startswith("Ligne 2, positions 14 à 20 : la date de naissance")
    assert _read(browser, reference, step="read").status == 422


def test_a_permanent_resident_card_fills_in_its_own_row(browser: Browser, reference: str) -> None:
    page = _read(browser, reference, "resident_card", **_lines(CARD))
    page = browser.send(page, **_lines(CARD, "fill", take=["number", "country", "expires_on", "nationality"]))
    assert page.url.endswith("/citizenship?filled=yes")
    assert page.value("number_1") == "RA0123456"
    assert page.soup.select_one('select[name="kind_1"] option[selected]')["value"] == "pr_card"  # type: ignore[index]
    assert page.soup.select_one('select[name="citizenship_1"] option[selected]')["value"] == "FR"  # type: ignore[index]
    assert page.value("passport_number") == ""
    again = _read(browser, reference, "resident_card", **_lines(CARD))
    assert "number" not in _offered(again) and "RA0123456" in again.text
    assert "number" not in _offered(_read(browser, reference, "member_card", **_lines(CARD)))


def test_a_photo_is_read_and_offered_and_not_taken_over(
    browser: Browser, database: Database, worker_database: Database, reference: str
) -> None:
    address = f"/en/applications/{reference}/documents/passport_page"
    browser.fill(address, upload=(io.BytesIO(photo(LINES)), "passport.jpg"))
    waiting = browser.open(f"/en/applications/{reference}/read/passport_page")
    assert "We are reading your photo" in waiting.text
    with worker_database.transaction() as session:
        document_id = str(session.scalars(select(Document.id)).one())
    jobs.check_document(worker_database, document_id=document_id)
    page = browser.open(browser.open(address).link("See which answers it can fill in, or compare it with yours"))
    assert {"family_name", "number", "birth_on"} <= _ticked(page)
    assert set(_drafts(database)) <= {"uploads"}, "nothing is filled in without a word"
    page = browser.send(page, step="fill", take=["family_name", "given_names", "number"])
    assert (page.value("family_name"), page.value("given_names")) == NAMES
    other = _read(browser, reference, step="fill", take=[])
    assert other.status == 422 and "Choose what to fill in" in other.problems[0]


def test_another_window_that_was_faster_is_not_overwritten(
    browser: Browser, database: Database, reference: str
) -> None:
    page = _read(browser, reference, **_lines(LINES))
    stale = browser.open(f"/en/applications/{reference}/identity")
    browser.send(page, **_lines(LINES, "fill", take=["birth_on"]))
    clash = browser.send(stale, given_names="Ana")
    assert clash.status == 409 and "1986" in clash.text


def test_nothing_is_offered_once_the_application_was_sent(browser: Browser, database: Database, reference: str) -> None:
    page = _read(browser, reference, **_lines(LINES))
    with database.transaction() as session:
        session.scalars(select(Application)).one().status = Status.AWAITING_PAYMENT
    assert browser.send(page, **_lines(LINES, "fill", take=["birth_on"])).status == 409
    assert sections.SENT.message in browser.open(f"/en/applications/{reference}/read/passport_page").text
