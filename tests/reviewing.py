"""Stories about reviews: a paid application, look-out lists, officers of both agencies, a screening that is done."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from portal.clock import now, today
from portal.db import view_as
from portal.domain import AGENCIES
from portal.domain.references import new_reference
from portal.models import AccountPerson, Application, ApplicationVersion, Officer, Person, Review
from portal.models.viewers import JOINT, viewing_as
from portal.services import reviews, screening
from portal.services.actors import SYSTEM
from portal.services.lookout_lists import Row
from tests.interviewing import account
from tests.publishing import publish

ANSWERS: dict[str, Any] = {
    "identity": {
        "given_names": "Élise Marie",
        "family_name": "Tremblay",
        "birth_on": "1986-04-12",
        "birth_city": "Longueuil",
        "birth_country": "CA",
        "sex": "F",
        "phone": "+15145550123",
        "street": "88 rue de la Commune",
        "unit": "",
        "city": "Longueuil",
        "region": "QC",
        "postal_code": "J4B 5X9",
        "country": "CA",
    },
    "citizenship": {
        "status": "citizen_ca",
        "citizenships": ["CA"],
        "passport_number": "HK482917",
        "passport_country": "CA",
        "passport_issued_on": "2022-06-30",
        "passport_expires_on": "2032-06-30",
        "passport_given_names": "Elise Marie",
        "passport_family_name": "Tremblay",
    },
    "travel": {"countries": ["FR"], "none": False},
    "background": {
        "convicted": {"answer": True, "details": "A fine in 2011."},
        "waiver": {"answer": False, "details": ""},
        "rehabilitation": {"answer": False, "details": ""},
        "violation": {"answer": False, "details": ""},
    },
}

LOOKALIKE = Row(
    entry_key="X-1", names=["TREMBLAY, Elyse"], birth_dates=["1986-12-04"], details={"remarks": "Invented."}
)
STRANGER = Row(entry_key="X-2", names=["OKAFOR, Daniel"], birth_dates=["1979"], details={})


def paid(session: Session, language: str = "en", **identity: str) -> Application:
    """An application that was sent and paid: both reviews are open, nothing is screened yet."""
    holder, person = account(session, language=language), Person()
    answers = ANSWERS | {"identity": ANSWERS["identity"] | identity}
    person.given_names, person.family_name = answers["identity"]["given_names"], answers["identity"]["family_name"]
    person.birth_on = date.fromisoformat(answers["identity"]["birth_on"])
    session.add(AccountPerson(account=holder, person=person, role="self"))
    application = Application(
        reference=new_reference(),
        person=person,
        account=holder,
        status="awaiting_payment",
        language=language,
        changed_at=now(),
        submitted_at=now(),
    )
    session.add(application)
    session.flush()
    session.add(ApplicationVersion(application=application, number=1, answers=answers, made_at=now()))
    session.flush()
    reviews.open_reviews(session, application, amount_cents=12000, paid_on=today(), by=SYSTEM)
    session.flush()
    return application


def lists(session: Session, *rows: Row) -> None:
    """A look-out list of each agency with these rows, or with one that resembles nobody."""
    for agency in AGENCIES:
        publish(session, f"List {agency}", agency, rows or (STRANGER,))


def screened(session: Session, application: Application) -> None:
    """Screen the application for both agencies, as the worker does."""
    for agency in AGENCIES:
        with viewing_as(session, agency):
            screening.run(session, application, agency)


def review_of(session: Session, application: Application, agency: str) -> Review:
    """One agency's review, whoever the session reads as."""
    with viewing_as(session, JOINT):
        return reviews.of_agency(session, application.reference, agency)


def held(session: Session, application: Application, by: Officer) -> Review:
    """The review of the officer's agency, taken by that officer, and the session reading as that agency."""
    view_as(session, by.agency)
    review = review_of(session, application, by.agency)
    reviews.take(session, review, by)
    return review
