"""The synthetic travellers who are measured: with drafts to save, with interviews to book, each signed in."""

from __future__ import annotations

import hashlib
import itertools
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flask import Flask, session
from sqlalchemy.orm import Session

from portal.clock import now, today
from portal.domain.references import new_reference
from portal.models import (
    Account,
    AccountPerson,
    Application,
    ApplicationVersion,
    Interview,
    InterviewPart,
    Person,
    SignIn,
)
from portal.models.accounts import email_index
from portal.services import applications, centres, interviews, sign_ins, slots
from portal.web import csrf

ANSWERS = {"identity": {"given_names": "Élise", "family_name": "Tremblay"}, "citizenship": {"status": "citizen_ca"}}


def open_centres(database: Session) -> None:
    """Load the centres and make their slots, as they stand in production on its first day."""
    slots.generate(database, centres.load(database), days=180)


@dataclass(frozen=True)
class Traveller:
    """A signed-in traveller: the application's reference, the browser's cookie, and the token of the pages' forms."""

    reference: str
    cookie: str
    token: str

    def form(self, **fields: str) -> dict[str, str]:
        """A form as the browser sends it, with a key of its own."""
        return {"csrf_token": self.token, "form_key": secrets.token_urlsafe(16), **fields}


class Browser:
    """What the portal gives a browser: the token of its forms, and the cookie that goes with it."""

    def __init__(self, app: Flask) -> None:
        with app.test_request_context("/"):
            self.token = csrf.token()
            self.seed = session["csrf"]
        self.signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]

    def of(self, reference: str, token: str) -> Traveller:
        """The traveller with this application who signed in under the token."""
        cookie = self.signer.dumps({"_user_id": token, "_fresh": True, "csrf": self.seed})
        return Traveller(reference, f"passage={cookie}", self.token)


def with_draft(app: Flask, database: Session) -> Traveller:
    """Somebody who has begun an application."""
    account = _account(database)
    return _signed_in(app, database, account, applications.start(database, account, by=account))


def saving(drafts: Sequence[Traveller]) -> Iterator[tuple[Traveller, int]]:
    """Each draft in turn, for ever, with the version of the section that its page was opened with."""
    for seq in itertools.count():
        for draft in drafts:
            yield draft, seq


def with_interview_to_book(app: Flask, database: Session) -> Traveller:
    """Somebody who is conditionally approved."""
    account, person = _account(database), Person()
    person.given_names, person.family_name, person.birth_on = "Élise", "Tremblay", date(1990, 5, 17)
    application = _application(account, person)
    version = ApplicationVersion(application=application, number=1, answers=ANSWERS, made_at=now())
    database.add_all([AccountPerson(account=account, person=person, role="self"), application, version])
    database.flush()
    interviews.open_for(database, application)
    return _signed_in(app, database, account, application)


def crowd(app: Flask, database: Session, count: int) -> list[Traveller]:
    """So many who are conditionally approved and signed in, written many at once."""
    browser = Browser(app)
    made = []
    for number in range(count):
        token = secrets.token_urlsafe(32)
        made.append(browser.of(_approved(database, token), token))
        if number % 500 == 499:
            database.flush()
            database.expunge_all()
    database.flush()
    return made


def _approved(database: Session, token: str) -> str:
    account, person = _new_account(), Person()
    application = _application(account, person)
    interview = Interview(application=application)
    part = InterviewPart(position=1, agency="both", attendance="booked", interview=interview)
    row = SignIn(
        token_hash=hashlib.sha256(token.encode()).digest(),
        account=account,
        seen_at=now(),
        proved_at=now(),
        device="bench",
    )
    database.add_all([AccountPerson(account=account, person=person, role="self"), application, interview, part, row])
    return application.reference


def _application(account: Account, person: Person) -> Application:
    return Application(
        reference=new_reference(),
        person=person,
        account=account,
        status="conditionally_approved",
        language="en",
        changed_at=now(),
        submitted_at=now(),
        conditionally_approved_at=now(),
        interview_deadline_on=today() + timedelta(days=730),
    )


def _new_account() -> Account:
    email = f"{secrets.token_hex(8)}@example.org"
    account = Account(email_index=email_index(email), language="en", email_confirmed_at=now())
    account.email = email
    return account


def _account(database: Session) -> Account:
    account = _new_account()
    database.add(account)
    database.flush()
    return account


def _signed_in(app: Flask, database: Session, account: Account, application: Application) -> Traveller:
    token = secrets.token_urlsafe(32)
    sign_ins.begin(database, account, token_hash=hashlib.sha256(token.encode()).digest(), device="bench")
    return Browser(app).of(application.reference, token)
