"""Invented families: a parent's account with children in it, and the answers of a child's application."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.clock import today
from portal.models import Account, Application, GuardianConsent, OutgoingMessage
from portal.services import applications, family, guardian_consents, sections
from tests.answers import ANSWERS, HOME, complete
from tests.interviewing import account

OTHER = {"name": "Luc Gagnon", "relation": "father", "way": "link", "email": "luc@example.org", "language": "fr"}
LETTER = {**OTHER, "way": "letter", "email": ""}
MOTHER = ANSWERS["identity"]
GUARDIAN: dict[str, Any] = {
    **{key: MOTHER[key] for key in ("given_names", "family_name", "birth_on", "birth_city", "birth_country", "sex")},
    "phone": MOTHER["phone"], "membership_number": "", "relation": "mother", "custody": "sole", "basis": None,
    "details": "", "protects": False, "others": [],
}  # fmt: skip
TOGETHER = {**GUARDIAN, "custody": "together", "others": [OTHER]}


def born_years_ago(years: int) -> date:
    """The day on which somebody was born who has this age today."""
    day = today()
    return day.replace(year=day.year - years, day=min(day.day, 28))


def child_answers(age: int = 7, name: str = "Léo", guardian: dict[str, Any] | None = None) -> dict[str, Any]:
    """The answers of a child of this age that differ from the mother's."""
    born = born_years_ago(age)
    since = max(born.isoformat()[:7], "2010-01")
    return {
        "identity": {
            **MOTHER,
            "given_names": name,
            "family_name": "Tremblay",
            "birth_on": born.isoformat(),
            "sex": "M",
        },
        "names": {"names": []},
        "guardian": guardian or GUARDIAN,
        "addresses": {"entries": [{"id": "a" * 16, "from": since, "to": None, **HOME}], "explanations": []},
        "consent": {"signed_name": "Marie-Ève Tremblay", "text_version": "2026-11", "language": "en"}
        | ({"assented_name": f"{name} Tremblay"} if age >= 14 else {}),
    }


def mother(session: Session, *, sent: bool = False) -> Account:
    """A mother's account with her own application, begun or sent."""
    holder = account(session)
    own = applications.start(session, holder, by=holder)
    complete(session, own, holder)
    if sent:
        applications.submit(session, own, by=holder)
    return holder


def child_of(session: Session, holder: Account, age: int = 7, **more: Any) -> Application:
    """A child's application in a parent's account, complete and not sent."""
    person = family.add(session, holder, "parent", by=holder)
    application = applications.start(session, holder, held=family.Held(person, "parent"), by=holder)
    asked = {section.key for section in sections.sections_for(age, "parent")}
    complete(session, application, holder, *(set(ANSWERS) - asked), **child_answers(age, **more))
    return application


def sent_child(session: Session, holder: Account, age: int = 7, **more: Any) -> Application:
    """A child's application, sent."""
    application = child_of(session, holder, age, **more)
    applications.submit(session, application, by=holder)
    return application


def token_of(session: Session, event: str) -> str:
    """The token in the newest message of this kind."""
    query = select(OutgoingMessage).where(OutgoingMessage.event == event)
    newest = session.scalars(query.order_by(OutgoingMessage.created_at.desc())).first()
    assert newest is not None and newest.secrets is not None, event
    return str(newest.secrets["token"])


def consent_of(session: Session, application: Application) -> GuardianConsent:
    """The one consent that an application waits for."""
    (consent,) = guardian_consents.of_application(session, application)
    return consent


def world_values(session: Session, holder: Account) -> dict[str, str]:
    """For the table of who may open what: a child that waits for a consent, and a person who came of age."""
    child = sent_child(session, holder, guardian=TOGETHER)
    grown = family.add(session, holder, "parent", by=holder)
    grown.given_names, grown.birth_on = "Ida", born_years_ago(18)
    session.flush()
    return {
        "reference": child.reference,
        "consent_id": str(consent_of(session, child).id),
        "person_id": str(grown.id),
    }
