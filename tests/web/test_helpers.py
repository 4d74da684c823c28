"""A named helper through pages: asked, agrees, fills in, sees and does nothing else, and is gone at once when ended."""

from __future__ import annotations

import uuid
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal.db import Database
from portal.i18n import speaking
from portal.models import Application, AuditEntry, Event, OutgoingMessage, SectionDraft
from portal.services import helped
from portal.web.officer import panels
from tests.answers import ANSWERS, TYPED
from tests.browsing import Browser
from tests.families import token_of
from tests.signing_in import sign_in
from tests.uploads import pdf
from tests.web.test_application_pages import PASSWORD, at, completed, draft, make_account, marie

__all__ = ["draft", "marie"]
PAUL = "paul@example.org"


def name(browser: Browser, database: Database, email: str = PAUL, **more: Any) -> str:
    """Name a helper; the address of the page to which the mailed link leads."""
    page = browser.fill("/en/helpers/new", name="Paul Roy", email=email, **more)
    assert page.heading == "Let somebody help you" and "has not answered yet" in page.text, page.problems
    with database.transaction() as session:
        return f"/en/helpers/link/{token_of(session, 'helper_invited')}"


@pytest.fixture
def paul(app: Flask, database: Database) -> Browser:
    """A browser in which Paul is signed in, whom nobody has asked yet."""
    make_account(database, PAUL)
    browser = Browser(app)
    sign_in(browser, PAUL, PASSWORD)
    return browser


@pytest.fixture
def helper(paul: Browser, marie: Browser, draft: str, database: Database) -> Browser:
    """The same browser, once Paul has agreed to help with Marie's draft."""
    page = paul.fill(name(marie, database))
    assert page.heading == "Applications that you help with" and draft in page.text
    return paul


def trail(database: Database, action: str) -> list[AuditEntry]:
    with database.transaction() as session:
        return list(session.scalars(select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.id)))


def answers_of(database: Database, reference: str, section: str) -> object:
    with database.transaction() as session:
        query = select(SectionDraft).join(Application).where(Application.reference == reference)
        found = session.scalars(query.where(SectionDraft.section == section)).one_or_none()
        return found.answers if found else None


def test_a_helper_agrees_and_fills_in(helper: Browser, marie: Browser, draft: str, database: Database) -> None:
    assert "Applications that you help with" in helper.open("/en/applications").text
    tasks = helper.open(at(draft, "").rstrip("/"))
    assert "Background questions" not in tasks.text and "Consent" not in tasks.text, "what is not a helper's"
    assert "Withdraw" not in tasks.text and "Check your answers" not in tasks.text
    page = helper.fill(at(draft, "names"), has="no")
    assert page.status == 200 and answers_of(database, draft, "names") == {"names": []}
    helper.fill(at(draft, "addresses/new"), **TYPED["addresses"])
    page = helper.open(at(draft, "identite", "fr"))
    assert "pour l’aider" in page.text and page.language == "fr"
    assert "Filled in by Paul Roy" in marie.open(at(draft, "").rstrip("/")).text
    named = marie.open("/en/helpers")
    assert "Helps since" in named.text and "Other names" in named.text
    assert [entry.facts["section"] for entry in trail(database, "help:fill")] == ["names", "addresses"]
    assert trail(database, "help:view") and {entry.actor_kind for entry in trail(database, "help:view")} == {
        "applicant"
    }


def test_a_helper_sends_a_document(helper: Browser, marie: Browser, draft: str, database: Database) -> None:
    page = helper.fill(at(draft, "documents/passport_page"), upload=(BytesIO(pdf()), "passport.pdf"))
    assert page.status == 200 and not page.problems
    assert "passport.pdf" in marie.open(at(draft, "documents/passport_page")).text
    assert helper.open(at(draft, "documents/court_papers")).status == 404


@pytest.mark.parametrize(
    "page",
    (
        "background",
        "consent",
        "check",
        "withdraw",
        "pay",
        "download.pdf",
        "consents",
        "looks",
        "interview",
        "correction",
    ),
)
def test_a_helper_opens_nothing_else(helper: Browser, draft: str, database: Database, page: str) -> None:
    """Neither the page of the signature nor any other; and what is posted there changes nothing."""
    completed(database, draft)
    before = answers_of(database, draft, "consent")
    assert helper.open(at(draft, page)).status == 404
    token = helper.open(at(draft, "names")).value("csrf_token")
    typed = {"csrf_token": token, "signed_name": "Somebody Else", "agreed": "yes", "convicted": "no"}
    answer = helper.client.post(at(draft, page), data=typed, base_url=helper.origin)
    assert answer.status_code in (404, 405)
    assert answers_of(database, draft, "consent") == before
    assert answers_of(database, draft, "background") == ANSWERS["background"]
    with database.transaction() as session:
        assert session.scalars(select(Application.status)).all() == ["draft"]


def test_what_a_helper_does_not_reach(helper: Browser, app: Flask, database: Database, draft: str) -> None:
    """Another person's application, another help, somebody else's link: not found, or said in words."""
    make_account(database, "zoe@example.org")
    zoe = Browser(app)
    sign_in(zoe, "zoe@example.org", PASSWORD)
    other = zoe.fill("/en/applications/start").url.rsplit("/", 2)[1]
    assert helper.open(at(other, "identity")).status == 404
    assert helper.open(at(other, "").rstrip("/")).status == 404
    link = name(zoe, database, "somebody@example.org")
    page = helper.open(link)
    assert page.status == 403 and "sent to another address" in page.text, "a link that is not his"
    assert helper.open(link.replace("/en/helpers/link/", "/fr/personnes-qui-aident/lien/")).status == 403
    assert len(trail(database, "helper:refuse")) == 2
    token = zoe.open(at(other, "names")).value("csrf_token")
    with database.transaction() as session:
        ids = [
            entry.subject_id for entry in session.scalars(select(AuditEntry).where(AuditEntry.action == "helper:name"))
        ]
    for helper_id in (ids[0], uuid.uuid4()):
        data = {"csrf_token": token}
        assert zoe.client.post(f"/en/helpers/{helper_id}/end", data=data, base_url=zoe.origin).status_code == 404
    assert helper.open(at(draft, "names")).status == 200, "nobody else ended it"


def test_a_help_ends_at_once(helper: Browser, marie: Browser, draft: str, database: Database) -> None:
    """What stood open in the helper's window is refused, and nothing of it is kept."""
    page = helper.open(at(draft, "names"))
    ended = marie.press("End the help of Paul Roy", marie.open("/en/helpers"))
    assert "The help has ended" in ended.text
    assert helper.send(page, has="no").status == 404
    assert answers_of(database, draft, "names") is None
    assert helper.open(at(draft, "names")).status == 404
    assert "has ended" in helper.open("/en/helping").text
    with database.transaction() as session:
        told = [event.name for event in session.scalars(select(Event).order_by(Event.id))]
    assert told[-2:] == ["helper_began", "helper_ended"]


def test_a_helper_stops_helping(helper: Browser, draft: str) -> None:
    page = helper.press("End my help", helper.open("/en/helping"))
    assert "The help has ended" in page.text
    assert helper.open(at(draft, "names")).status == 404


def test_an_invitation_is_taken_back_and_a_link_works_once(
    marie: Browser, draft: str, paul: Browser, database: Database
) -> None:
    link = name(marie, database)
    marie.press("End the help of Paul Roy", marie.open("/en/helpers"))
    assert paul.open(link).status == 409
    link = name(marie, database)
    paul.fill(link)
    again = paul.open(link)
    assert again.status == 409 and "used already" in again.text
    assert paul.open(link[:-4] + "0000").status == 404, "forged"


def test_two_windows_of_traveller_and_helper_show_both_versions(
    helper: Browser, marie: Browser, draft: str, database: Database
) -> None:
    hers, his = marie.open(at(draft, "travel")), helper.open(at(draft, "travel"))
    marie.send(hers, visited=["FR"])
    page = helper.send(his, visited=["BE"])
    assert page.status == 409 and "France" in page.text and "Belgium" in page.text
    assert answers_of(database, draft, "travel") == {"countries": ["FR"], "none": False}


def test_bad_words_and_too_many(marie: Browser, draft: str, database: Database) -> None:
    page = marie.fill("/en/helpers/new", name="Paul", email="marie@example.org")
    assert page.status == 422 and "your own address" in page.text and page.value("name") == "Paul"
    page = marie.fill("/fr/personnes-qui-aident/nouvelle", name="", email="")
    assert page.status == 422 and "Entrez le nom de la personne qui vous aide" in page.text
    for number in range(5):
        name(marie, database, f"paul{number}@example.org")
    page = marie.fill("/en/helpers/new", name="Paul", email="sixth@example.org")
    assert page.status == 422 and "as many helpers" in page.text
    with database.transaction() as session:
        sent = session.scalars(select(OutgoingMessage).where(OutgoingMessage.event == "helper_invited")).all()
        assert len(sent) == 5


def test_officers_read_who_filled_in_what(helper: Browser, marie: Browser, draft: str, database: Database) -> None:
    completed(database, draft, "names")
    helper.fill(at(draft, "names"), has="no")
    check = marie.open(at(draft, "check"))
    assert "Filled in by Paul Roy" in check.text
    assert marie.send(check).status == 200
    assert helper.open(at(draft, "names")).status == 404, "sent: nothing to fill in any more"
    assert "It was sent" in helper.open("/en/helping").text
    with database.transaction() as session, speaking("en"):
        events = session.scalars(select(Event).where(Event.name == helped.FILLED)).all()
        (line,) = panels.history(list(events), {}, helped.names(session, helped.named_in(events)))
    assert (line["title"], line["detail"]) == ("Filled in with a helper", "Paul Roy: Other names")
