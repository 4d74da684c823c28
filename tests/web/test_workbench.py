"""The workbench: from the queue to a decision, in both languages, each look recorded, stale pages refused."""

from __future__ import annotations

import io

import pytest
from bs4 import Tag
from flask import Flask
from sqlalchemy import select, text

from bench.mrz.__main__ import OCR_B
from bench.mrz.pictures import Damage, paint
from portal.adapters import imaging
from portal.db import Database, view_as
from portal.domain import mrz
from portal.domain.documents import USUAL_LIMITS
from portal.domain.lifecycle import LIFECYCLES, REVIEW
from portal.models import Application, AuditEntry, Document, Officer
from portal.services import (
    documents,
    information_requests,
    person_indexes,
    reviews,
    screening,
    transitions,
    worklists,
)
from portal.web.officer import words
from tests import reviewing, uploads
from tests.browsing import ORIGIN, Browser, Page
from tests.interviewing import PASSWORD, officer


class Desk:
    """Two officers of Canada and one of the United States, before one paid application that was screened."""

    def __init__(self, app: Flask, database: Database, worker: Database) -> None:
        self.app, self.database = app, database
        with database.transaction() as session:
            self.first, self.second, self.american = (officer(session, agency) for agency in ("CA", "CA", "US"))
            self.first.name, self.second.name = "Ada Roy", "Ben Côté"
            self.application = reviewing.paid(session, language="fr")
            self.reference = self.application.reference
            reviewing.lists(session, reviewing.LOOKALIKE)
        with worker.transaction() as session:
            for agency in ("CA", "US"):
                screening.run(session, session.get_one(Application, self.application.id), agency)

    def sign_in(self, by: Officer) -> Browser:
        """A browser in which this officer is signed in."""
        browser = Browser(self.app)
        page = browser.fill("/en/officers/sign-in", email=by.email, password=PASSWORD)
        assert page.heading == "My work"
        return browser

    def url(self, *rest: str) -> str:
        """The address of the case file, or of a page of it."""
        return "/".join((f"/en/officers/applications/{self.reference}", *rest))

    def audited(self) -> list[tuple[str, str | None]]:
        """What the audit trail says of the application."""
        query = select(AuditEntry.action, AuditEntry.reason).where(AuditEntry.application_id == self.application.id)
        with self.database.transaction() as session:
            return [tuple(row) for row in session.execute(query.order_by(AuditEntry.id))]  # type: ignore[misc]


@pytest.fixture
def desk(app: Flask, database: Database, worker_database: Database) -> Desk:
    return Desk(app, database, worker_database)


def _assess(desk: Desk, browser: Browser) -> Page:
    link = browser.open(desk.url()).link("Compare and assess")
    return browser.fill(link, verdict="not_same", evidence=["face"], assessment="Another face on the record.")


def test_an_officer_takes_asks_assesses_and_clears(desk: Desk) -> None:
    browser = desk.sign_in(desk.first)
    page = browser.press("Take next application")
    assert page.heading == "TREMBLAY, Élise Marie"
    assert "Canada: In review" in page.text and "United States: Not finished" in page.text
    assert "A fine in 2011." in page.text and "TREMBLAY, Elyse" in page.text
    assert ("application:view", "assigned") in desk.audited()
    assert "Assess every look-out hit first" in browser.fill(desk.url("clear")).text
    assert browser.page and browser.page.status == 422
    assert "Not the same person" in _assess(desk, browser).text
    page = browser.fill(desk.url("note"), text="Called the bridge.")
    assert "Called the bridge." in page.text and "Ada Roy" in page.text
    page = browser.fill(desk.url("clear"))
    assert page.heading == "My work"
    assert "Canada: Finished" in browser.open(desk.url()).text


def test_a_question_is_asked_in_the_language_of_the_applicant(desk: Desk) -> None:
    browser = desk.sign_in(desk.first)
    browser.press("Take next application")
    page = browser.open(desk.url("ask"))
    assert "Write in French" in page.text
    assert page.soup.find("textarea", attrs={"name": "question", "lang": "fr-CA"})
    assert browser.fill(desk.url("ask")).status == 422
    page = browser.fill(desk.url("ask"), question="En quelle année?")
    assert "Waiting for applicant" in page.text and "En quelle année?" in page.text


def test_the_same_person_takes_two(desk: Desk) -> None:
    browser = desk.sign_in(desk.first)
    link = browser.press("Take next application").link("Compare and assess")
    page = browser.open(link)
    assert "List CA, version 1, a list of Canada" in page.text and "The agency that keeps it, alone" in page.text
    page = browser.send(page, verdict="same", assessment="The same scar.")
    assert page.problems == ["Say what you compared"]
    page = browser.fill(link, verdict="same", evidence=["face"], assessment="The same scar.")
    assert "The same person, to be confirmed" in page.text
    assert "second officer has to settle first" in browser.fill(desk.url("clear")).text
    page = browser.open(f"{link}/confirm")
    assert "Another officer of your agency must confirm it" in page.text
    colleague = desk.sign_in(desk.second)
    page = colleague.open("/en/officers/work")
    assert "wait for a second officer" in page.text
    page = colleague.open(f"{link}/confirm")
    assert "The same scar." in page.text and "A face: photo and record" in page.text
    assert colleague.send(page, decision="send_back").problems == ["Write why you send it back"]
    assert colleague.send(colleague.open(f"{link}/confirm"), decision="confirm").heading == "My work"
    assert "confirmed by Ben Côté" in browser.open(link).text


def test_a_refusal_takes_two(desk: Desk) -> None:
    browser = desk.sign_in(desk.first)
    browser.press("Take next application")
    page = browser.open(desk.url("refuse"))
    assert "was not true" in page.text and page.soup.find("span", lang="fr-CA")
    browser.fill(desk.url("refuse"), reason="untrue_information", note="A seizure was left out.")
    page = browser.open(desk.url("confirm-refusal"))
    assert "Another officer of your agency must settle it" in page.text and not page.soup.find(
        attrs={"name": "decision"}
    )
    colleague = desk.sign_in(desk.second)
    page = colleague.open("/en/officers/work")
    assert "TREMBLAY, Élise Marie" in page.text
    page = colleague.fill(desk.url("confirm-refusal"), decision="send_back")
    assert page.problems == ["Write why you send it back"]
    assert colleague.fill(desk.url("confirm-refusal"), decision="confirm").heading == "My work"
    with desk.database.transaction() as session:
        assert session.get_one(Application, desk.application.id).status == "denied"


def test_who_does_not_hold_it_gives_a_reason_first(desk: Desk) -> None:
    browser = desk.sign_in(desk.second)
    page = browser.open(desk.url())
    assert page.heading == "Why do you need to look at this application?" and "TREMBLAY" not in page.text
    page = browser.fill(desk.url("reason"), reason="The traveller is at my desk.")
    assert page.heading == "TREMBLAY, Élise Marie"
    assert ("application:view", "The traveller is at my desk.") in desk.audited()


def test_nobody_writes_a_note_without_a_reason(desk: Desk) -> None:
    browser = desk.sign_in(desk.second)
    form = browser.open(desk.url("reason"))
    assert browser.send(form, form=_to(form, desk.url("note")), text="Hello.").status == 409


def _to(page: Page, action: str) -> Tag:
    """The form of a page, led elsewhere."""
    form = page.form()
    form["action"] = action
    return form


@pytest.mark.parametrize("page", ["ask", "clear", "refuse", "note", "confirm-refusal"])
def test_no_page_of_a_case_opens_without_a_reason(desk: Desk, page: str) -> None:
    found = desk.sign_in(desk.second).open(desk.url(page))
    assert found.status == 409 and "TREMBLAY" not in found.text


def test_each_agency_sees_its_own_and_no_outcome_of_the_other(desk: Desk) -> None:
    browser = desk.sign_in(desk.first)
    browser.press("Take next application")
    browser.fill(desk.url("note"), text="Called the bridge.")
    _assess(desk, browser)
    browser.fill(desk.url("clear"))
    american = desk.sign_in(desk.american)
    page = american.press("Take next application")
    assert "Canada: Finished" in page.text
    for secret in ("Called the bridge", "Another face", "Ada Roy", "Cleared", "Review taken by"):
        assert secret not in page.text
    _assess(desk, american)
    american.fill(desk.url("clear"))
    assert "Canada: Cleared" in american.open(desk.url()).text


def test_another_agency_s_hit_is_not_there(desk: Desk) -> None:
    browser = desk.sign_in(desk.first)
    link = browser.press("Take next application").link("Compare and assess")
    american = desk.sign_in(desk.american)
    american.press("Take next application")
    assert american.open(link).status == 404


def test_the_history_names_nobody_of_the_other_agency(desk: Desk) -> None:
    with desk.database.transaction() as session:
        application = session.get_one(Application, desk.application.id)
        american = session.get_one(Officer, desk.american.id)
        american.name = "Uma Stone"
        transitions.note(session, application, "interview_attended", by=american)  # as perform() does for an interview
    page = desk.sign_in(desk.first).press("Take next application")
    assert "Interview attended" in page.text and "Uma Stone" not in page.text


def _asked_for_by_the_american(desk: Desk) -> str:
    """The address of the picture of a document that the United States asked for."""
    with desk.database.transaction() as session:
        application, by = session.get_one(Application, desk.application.id), session.get_one(Officer, desk.american.id)
        review = reviewing.held(session, application, by)
        request = information_requests.ask(session, review, question="Which bridge?", wants_document=True, by=by)
        upload = documents.Upload("bridge.jpg", io.BytesIO(uploads.jpeg()))
        document = documents.receive(session, application, documents.REQUESTED, upload, by=application.account)
        documents.check(session, document)
        information_requests.answer(session, request, text="Here.", document=document, by=application.account)
        return desk.url("documents", str(document.id), "pages", "1")


def _passport_page(number: str) -> bytes:
    """A photo of a page whose lines give this number."""
    lines = mrz.compose(
        "TD3", document="P", issuing_state="CAN", family_name="Somebody", given_names="Else", number=number,
        nationality="CAN", birth="860327", sex="F", expiry="310327",
    )  # fmt: skip
    font = OCR_B / "OCRB.otf"
    written = io.BytesIO()
    paint(lines, font, Damage(megapixels=1), 5, [font]).picture.save(written, "JPEG", quality=90)
    return written.getvalue()


def test_the_lines_of_the_passport_stand_beside_the_answers(desk: Desk) -> None:
    with desk.database.transaction() as session:
        application = session.get_one(Application, desk.application.id)
        photo = _passport_page("XY7654321")
        document = Document(
            application=application, application_id=application.id, kind="passport_page", name="p.jpg", size=1,
            media_type="image/jpeg", sha256=b"", file_key="none", state="checking",
        )  # fmt: skip
        session.add(document)
        session.flush()
        drawing = imaging.draw(photo, USUAL_LIMITS, is_read=True)
        documents.finish_check(session, document, drawing, is_read=True)
        kept = session.scalar(text("select reading from document where id = :id"), {"id": document.id})
        assert kept and b"SOMEBODY" not in kept
        shown = str(document.id)
    browser = desk.sign_in(desk.first)
    browser.press("Take next application")
    page_shown = browser.open(f"{desk.url()}?document={shown}")
    assert "What the passport’s lines say" in page_shown.text
    assert "SOMEBODY ELSE" in page_shown.text
    for page in (page_shown, browser.open(desk.url("documents", shown))):
        assert "What the passport’s lines say" in page.text
        assert "•••• 4321" in page.text and "XY7654321" not in page.text


def test_a_document_that_one_agency_asked_for_is_not_shown_to_the_other(desk: Desk) -> None:
    picture, title = _asked_for_by_the_american(desk), "Document that an officer asked for"
    american = desk.sign_in(desk.american)
    assert title in american.open(desk.url()).text
    assert american.client.get(picture, base_url=ORIGIN).mimetype == "image/jpeg"
    browser = desk.sign_in(desk.first)
    assert title not in browser.press("Take next application").text
    assert browser.open(picture).status == 404


def test_a_stale_page_says_so(desk: Desk) -> None:
    browser = desk.sign_in(desk.first)
    browser.press("Take next application")
    page = browser.open(desk.url("ask"))
    with desk.database.transaction() as session:
        view_as(session, "CA")
        review = reviews.of_agency(session, desk.reference, "CA")
        reviews.give_back(session, review, session.get_one(Officer, desk.first.id))
        reviews.take(session, review, session.get_one(Officer, desk.first.id))
    stale = browser.send(page, question="En quelle année?")
    assert stale.status == 409 and "has changed since you opened it" in stale.text


def test_whoever_is_late_reads_who_has_it(desk: Desk) -> None:
    late = desk.sign_in(desk.second)
    page = late.open(desk.url("reason"))
    desk.sign_in(desk.first).press("Take next application")
    answer = late.press("Take this application", page)
    assert answer.status == 409 and "Ada Roy has held this application since" in answer.text


def test_the_queue_finds_by_reference_and_keeps_its_state_in_the_address(desk: Desk) -> None:
    browser = desk.sign_in(desk.first)
    page = browser.open("/en/officers/queue?view=open")
    assert "TREMBLAY, Élise Marie" in page.text and page.value("view") == "open"
    assert "view=open" in str(page.soup.find("a", class_="language")["href"])  # type: ignore[index]
    assert browser.open("/fr/agents/file?view=open").status == 200
    page = browser.open("/en/officers/queue?view=open")
    finder = page.form(containing="find")
    found = browser.send(page, form=finder, find=desk.reference.lower().replace("-", " "))
    assert found.heading == "Why do you need to look at this application?"
    assert browser.open("/en/officers/queue?after=nonsense&view=nonsense").status == 200


def test_people_are_found_by_name_and_passport_and_no_address_holds_what_was_typed(desk: Desk) -> None:
    with desk.database.transaction() as session:
        twin = reviewing.paid(session, given_names="Elisa", family_name="Trembley")
        for application in (session.get_one(Application, desk.application.id), twin):
            person_indexes.write(session, application.person, reviews.answers_of(session, application))
    browser = desk.sign_in(desk.first)
    page = browser.open("/en/officers/queue")
    page = browser.send(page, form=page.form(containing="find"), find="hk 482917")
    assert page.status == 200 and page.url.endswith("/en/officers/find")
    assert desk.reference in page.text and "TREMBLAY, Élise Marie" in page.text and twin.reference in page.text
    assert "Your agency reviews no application" in browser.send(page, find="Nobody Atall").text
    assert browser.send(browser.open("/en/officers/find"), find=" ").problems == [
        "Enter a reference, a passport number or a name"
    ]
    browser.press("Take next application", browser.open("/en/officers/queue"))
    case = browser.open(desk.url())
    assert "Another person’s application gives the same passport:" in case.text and twin.reference in case.text
    assert browser.open("/fr/agents/chercher").language == "fr"


def test_everything_that_can_happen_has_words() -> None:
    assert {line.event for lines in LIFECYCLES.values() for line in lines} <= set(words.EVENTS)
    assert set(words.REVIEW_STATES) == {state for line in REVIEW for state in (*line.sources, line.target)}
    assert set(words.QUEUE_VIEWS) == set(words.QUEUE_SENTENCES) == set(worklists.VIEWS)


def test_pages_speak_french(desk: Desk) -> None:
    browser = desk.sign_in(desk.first)
    browser.press("Take next application")
    for page in ("", "/question", "/favorable", "/refuser", "/note", "/motif"):
        found = browser.open(f"/fr/agents/demandes/{desk.reference}{page}")
        assert found.status == 200 and found.language == "fr", page
