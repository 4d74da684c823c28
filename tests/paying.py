"""The payment company for tests: the demonstration's own, in threads of this process; and travellers who are to pay."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from flask import Flask
from sqlalchemy.orm import Session

from demo.payment_books import Books
from demo.payments import Company, Running
from portal.adapters import payments
from portal.clock import now, today
from portal.config import Settings
from portal.domain.references import new_reference
from portal.models import AccountPerson, Application, ApplicationVersion, Person
from tests.browsing import ORIGIN
from tests.interviewing import account
from tests.mailbox import free_port

TEST_CARD, DECLINED_CARD = "4242 4242 4242 4242", "4000 0000 0000 0002"


@contextmanager
def payment_company(
    settings: Settings, folder: Path, deliver: Callable[[bytes, str], int] | None = None
) -> Iterator[Running]:
    """The company at work, and the portal's adapter speaking to it; its courier delivers when it is told to."""
    port = free_port()
    address = f"http://localhost:{port}"
    told = Company(
        address=address,
        customer=settings.external_url,
        key=settings.stripe_key.get_secret_value(),
        webhook_secret=settings.stripe_webhook_secret.get_secret_value(),
        books=Books(folder / "payments.json"),
    )
    payments.configure(settings.model_copy(update={"stripe_api_base": address}))
    try:
        with Running(told, port, deliver).serving() as running:
            yield running
    finally:
        payments.configure(settings)


def to_portal(app: Flask) -> Callable[[bytes, str], int]:
    """Delivers a notice to the application itself; gives the status of its answer."""

    def deliver(body: bytes, proof: str) -> int:
        headers = {"Stripe-Signature": proof, "Content-Type": "application/json"}
        answer = app.test_client().post("/webhooks/payments", data=body, headers=headers, base_url=ORIGIN)
        return answer.status_code

    return deliver


def ready_to_pay(session: Session, email: str | None = None, *, born: date | None = None) -> Application:
    """An application that was sent and waits for its fee; the applicant is an adult unless `born` says otherwise."""
    holder = account(session, email)
    person = Person()
    person.given_names, person.family_name, person.birth_on = "Élise", "Tremblay", born or date(1990, 5, 17)
    session.add(AccountPerson(account=holder, person=person, role="self" if born is None else "parent"))
    application = Application(
        reference=new_reference(),
        person=person,
        account=holder,
        status="awaiting_payment",
        language=holder.language,
        changed_at=now(),
        submitted_at=now(),
    )
    session.add(application)
    session.flush()
    identity = {"given_names": "Élise", "family_name": "Tremblay", "birth_on": person.birth_on.isoformat()}
    answers = {"identity": identity, "citizenship": {"status": "citizen_ca"}}
    session.add(ApplicationVersion(application=application, number=1, answers=answers, made_at=now()))
    session.flush()
    return application


def years_ago(years: int) -> date:
    """The day on which somebody was born who has this age today."""
    day = today()
    return day.replace(year=day.year - years, day=min(day.day, 28))
