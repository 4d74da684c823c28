"""Stories about interviews: a centre with free times, an applicant who may book, officers of both agencies."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.adapters import passwords
from portal.clock import now, today
from portal.domain.references import new_reference
from portal.models import (
    Account,
    AccountPerson,
    Application,
    ApplicationVersion,
    EnrolmentCentre,
    Interview,
    Officer,
    OpeningRule,
    Person,
    Place,
    Slot,
)
from portal.models.accounts import email_index
from portal.services import interviews, slots
from tests import servers
from tests.signing_in import give_app

PASSWORD = "three quiet lanterns"


def centre(
    session: Session, *, number: int = 5020, zone: str = "America/Toronto", model: str = "joint"
) -> EnrolmentCentre:
    """A centre that interviews on weekdays from 9 to 12 by its own clock, at one desk."""
    made = EnrolmentCentre(
        number=number,
        name_en=f"Centre {number}",
        name_fr=f"Centre {number} (fr)",
        is_french_name_ours=True,
        address="1 Bridge Plaza",
        city="Sampleton",
        region="ON",
        postal_code="K1A 0A0",
        country="CA",
        zone=zone,
        modes=["land"],
        interview_model=model,
        agencies=["CA", "US"],
        instructions=[{"topic": "bring", "en": "Bring originals.", "fr": "Apportez des originaux."}],
        are_hours_stated=False,
    )
    session.add(made)
    session.flush()
    return made


def split(session: Session, *, number: int = 5022, desks: int = 2, days: int = 2) -> tuple[EnrolmentCentre, list[Slot]]:
    """A centre on both sides of a bridge, Canada first, an hour apart; the first halves of some days to come."""
    made = centre(session, number=number, model="split")
    made.second_site = {"first": "CA", "agency": "US"}
    across = centre(session, number=900_000 + number, model="split")
    across.second_of_id, across.travel_minutes, across.country, across.agencies = made.id, 60, "US", ["US"]
    first = today() + timedelta(days=7)
    session.flush()
    for day in (first + timedelta(days=ahead) for ahead in range(days)):
        session.add(rule(made, day.weekday(), time(9), time(10), desks=desks))
    session.flush()
    slots.make(session, made, first, first + timedelta(days=days))
    return made, list(session.scalars(select(Slot).where(Slot.centre_id == made.id).order_by(Slot.starts_at)))


def rule(made: EnrolmentCentre, weekday: int, opens: time, closes: time, desks: int = 1) -> OpeningRule:
    """An opening rule of a centre."""
    return OpeningRule(
        centre_id=made.id,
        weekday=weekday,
        opens=opens,
        closes=closes,
        step_minutes=15,
        desks=desks,
        valid_from=date(2020, 1, 1),
    )


def slot(session: Session, at: EnrolmentCentre, starts_at: datetime, desks: int = 1) -> Slot:
    """A slot with free places."""
    made = Slot(centre=at, centre_id=at.id, starts_at=starts_at, local_on=starts_at.date(), minutes=15)
    session.add(made)
    session.flush()
    for desk in range(1, desks + 1):
        session.add(Place(slot_id=made.id, centre_id=at.id, starts_at=starts_at, desk=desk))
    session.flush()
    return made


def soon(days: int = 7, hour: int = 15) -> datetime:
    """A round moment some days ahead: in the morning at the centres."""
    return datetime.combine(today() + timedelta(days=days), time(hour), UTC)


def account(session: Session, email: str | None = None, language: str = "en") -> Account:
    """A traveller who can sign in."""
    email = email or f"traveller-{secrets.token_hex(4)}@example.org"
    made = Account(email_index=email_index(email), language=language, email_confirmed_at=now())
    made.email = email
    made.password_hash = passwords.hash(PASSWORD)
    session.add(made)
    session.flush()
    give_app(session, made)
    return made


def applicant(session: Session, email: str | None = None, *, deadline_on: date | None = None) -> Interview:
    """A conditionally approved traveller with an interview to book."""
    holder = account(session, email)
    person = Person()
    person.given_names, person.family_name, person.birth_on = "Élise", "Tremblay", date(1990, 5, 17)
    session.add(AccountPerson(account=holder, person=person, role="self"))
    application = Application(
        reference=new_reference(),
        person=person,
        account=holder,
        status="conditionally_approved",
        language=holder.language,
        changed_at=now(),
        submitted_at=now(),
        conditionally_approved_at=now(),
        interview_deadline_on=deadline_on or today() + timedelta(days=730),
    )
    session.add(application)
    session.flush()
    answers = {
        "identity": {"given_names": "Élise", "family_name": "Tremblay"},
        "citizenship": {"status": "resident_ca"},
    }
    session.add(ApplicationVersion(application=application, number=1, answers=answers, made_at=now()))
    session.flush()
    return interviews.open_for(session, application)


def officer(session: Session, agency: str, email: str | None = None, roles: Sequence[str] = ("officer",)) -> Officer:
    """An active officer of an agency."""
    email = email or f"officer-{secrets.token_hex(4)}@example.org"
    made = Officer(email_index=email_index(email), agency=agency, roles=list(roles), language="en", activated_at=now())
    made.email, made.name = email, f"Officer of {agency}"
    made.password_hash, made.staff_number = passwords.hash(PASSWORD), secrets.token_hex(6).upper()
    with servers.as_owner(session):
        session.add(made)
    return made
