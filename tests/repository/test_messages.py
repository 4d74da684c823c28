"""Every message: its templates, both languages, and nothing in it that a stranger may not read."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy.orm import Session

from portal.clock import now
from portal.domain.references import new_reference
from portal.i18n import LANGUAGES
from portal.models import (
    Account,
    AccountPerson,
    Application,
    EnrolmentCentre,
    Interview,
    InterviewPart,
    Officer,
    OutgoingMessage,
    Person,
    Place,
    Slot,
)
from portal.models.accounts import email_index
from portal.services import links, notifications, outbox
from tests import servers

TEMPLATES = Path(__file__).parent.parent.parent / "templates" / "emails"
FAMILY, GIVEN, MIDDLE = "Tremblay-Okafor", "Élise", "Marguerite"
SECRETS = {"code": "482917", "token": "a-token-for-the-test"}
LONGEST_SUBJECT = 70


def test_each_message_has_its_templates_and_the_reverse() -> None:
    files = {path.name for path in TEMPLATES.iterdir() if path.stem != "layout" and not path.name.startswith("_")}
    wanted = {f"{event}.{kind}" for event in notifications.MESSAGES for kind in ("txt", "html")}
    assert files == wanted


def test_each_link_leads_to_the_page_that_the_message_names(app: Flask) -> None:
    routes = app.url_map.bind("localhost")
    for message in notifications.MESSAGES.values():
        for language in LANGUAGES:
            path = links.path(message.page, language, **SECRETS)
            endpoint, values = routes.match(path)
            assert (endpoint, values["language"]) == (message.page, language), path
    assert set(links.PATHS) == {message.page for message in notifications.MESSAGES.values()}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("event", notifications.MESSAGES)
def test_a_message_says_enough_and_tells_nothing(session: Session, event: str, language: str) -> None:
    row, application = an_example(session, event, language)
    email = outbox.compose(session, row)

    plain, rich = (email.get_body((kind,)) for kind in ("plain", "html"))
    assert plain is not None and rich is not None
    text, html = str(plain.get_content()), str(rich.get_content())
    check_subject(str(email["Subject"]), event)
    for told in (text, html, str(email["Subject"])):
        for secret in (FAMILY, MIDDLE, "1991", application.reference, "example.net", "refus", "not approved"):
            assert secret.lower() not in told.lower(), secret
    assert text.count("http") == 1 and "SPECIMEN" in text
    soup = BeautifulSoup(html, "html5lib")
    assert len(soup.find_all("a")) == 1 and not soup.find_all(["img", "script", "link"])
    assert soup.html is not None and soup.html["lang"] == f"{language}-CA"
    greets = row.account is not None and not notifications.MESSAGES[event].to_other
    assert (f"{GIVEN}," in text) == greets
    assert email["Message-ID"] == outbox.compose(session, row)["Message-ID"]
    assert bool(list(email.iter_attachments())) == notifications.MESSAGES[event].with_calendar


def check_subject(subject: str, event: str) -> None:
    assert 8 < len(subject) <= LONGEST_SUBJECT, subject
    assert GIVEN not in subject and "%(" not in subject
    if event == "email_code":
        assert re.search(r"\b482 917\b", subject)


def test_the_two_languages_differ(session: Session) -> None:
    for event in notifications.MESSAGES:
        bodies = [str(outbox.compose(session, an_example(session, event, language)[0])) for language in LANGUAGES]
        subjects = [re.search(r"^Subject: (.*)$", body, re.MULTILINE) for body in bodies]
        assert subjects[0] and subjects[1] and subjects[0][1] != subjects[1][1], event


@pytest.mark.parametrize(
    "address", ["a@example.org\r\nBcc: b@example.org", "a@example.org, b@example.org", "not an address", ""]
)
def test_an_address_that_is_not_one_is_given_up_at_once(session: Session, address: str) -> None:
    account = Account(email=address, email_index=email_index(address), language="en")
    session.add(account)
    row = notifications.send(session, "password_changed", to=account)
    assert outbox.take(session, row.id) is None
    assert row.failed_at is not None


def test_what_is_kept_can_be_read_in_the_account(session: Session) -> None:
    row, _ = an_example(session, "decision_made", "fr")
    assert row.account is not None
    assert [message.id for message in outbox.messages_of(session, row.account)] == [row.id]
    shown = outbox.show(session, row)
    assert shown.link == "/fr/demandes" and "<p>" in shown.body and "http" not in shown.body


def an_example(session: Session, event: str, language: str) -> tuple[OutgoingMessage, Application]:
    """The message about somebody's application, with an example of each fact."""
    account, application = an_applicant(session, language)
    reader = an_officer(session, language) if event.startswith("officer_") else account
    facts = {
        "agency": "US",
        "amount_cents": 12000,
        "paid_on": "2027-02-02",
        "returned_on": "2027-02-03",
        "currency": "USD",
        "due_on": "2027-03-24",
        "deadline_on": "2029-02-09",
        "days": 7,
        "left": 1,
        "until_at": "2027-02-02T20:30:00+00:00",
        "what": "passkey_added",
        "device": "Firefox on Linux",
        "changed_on": "2027-02-02",
        "way": "waiting",
        "hours": 72,
        "done": 3,
        "count": 11,
        "officers": 3,
        "week_on": "2027-02-01",
        "lands_on": "2027-03-24",
        "until_on": "2027-03-24",
        "kept_on": "2029-03-24",
        "closure_reason": "power",
        "kept_until": "2027-03-17T22:00:00+00:00",
        **an_appointment(session, application),
    }
    facts["new_place_id"] = facts["place_id"]
    about = application if reader is account else None
    return notifications.send(session, event, about, to=reader, facts=facts, secrets=SECRETS), application


def an_applicant(session: Session, language: str) -> tuple[Account, Application]:
    email = f"{uuid.uuid4().hex}@example.net"
    account = Account(email=email, email_index=email_index(email), language=language)
    person = Person(given_names=f"{GIVEN} {MIDDLE}", family_name=FAMILY, birth_on=date(1991, 6, 14))
    application = Application(
        reference=new_reference(), person=person, account=account, language=language, changed_at=now()
    )
    session.add_all([account, person, application])
    session.flush()
    session.add(AccountPerson(account=account, person=person, role="self"))
    session.flush()
    return account, application


def an_officer(session: Session, language: str) -> Officer:
    email = f"{uuid.uuid4().hex}@example.net"
    officer = Officer(
        name=f"Ada {FAMILY}", email=email, email_index=email_index(email), agency="US", roles=["officer"],
        language=language, staff_number=uuid.uuid4().hex.upper(),
    )  # fmt: skip
    with servers.as_owner(session):
        session.add(officer)
    return officer


def an_appointment(session: Session, application: Application) -> dict[str, str | int]:
    """A booked interview at a centre, as the facts of its message."""
    centre = EnrolmentCentre(
        number=uuid.uuid4().int % 10**6, name_en="Peace Bridge", name_fr="Pont Peace", is_french_name_ours=True,
        address="10 Queen Street", city="Fort Erie", region="ON", postal_code="L2A 1A1", country="CA",
        zone="America/Toronto", modes=["land"], interview_model="joint", agencies=["CA", "US"], second_site=None,
        instructions=[], are_hours_stated=False,
    )  # fmt: skip
    session.add(centre)
    session.flush()
    starts_at = datetime.combine(date(2027, 3, 18), time(13, 30), UTC)
    slot = Slot(centre=centre, starts_at=starts_at, local_on=date(2027, 3, 18), minutes=15)
    interview = Interview(application=application)
    session.add_all([slot, interview])
    session.flush()
    part = InterviewPart(interview=interview, position=1, agency="both", attendance="booked", state="booked")
    place = Place(slot=slot, centre=centre, starts_at=starts_at, desk=1)
    session.add_all([part, place])
    session.flush()
    return {"part_id": str(part.id), "place_id": str(place.id), "sequence": 1}
