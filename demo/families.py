"""A family of the demonstration: a parent’s two children, one of whom waits for the other parent’s consent."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from demo.cast import CastTraveller
from demo.passport import page_of
from portal.clock import today
from portal.domain.consent import TEXT_VERSION
from portal.domain.sections import PARENT
from portal.models import Account, Application, OutgoingMessage
from portal.models.accounts import email_index
from portal.models.viewers import as_helper, viewing_as
from portal.services import applications, documents, family, named_helpers, sections

OTHER = {"name": "Luc Gagnon", "relation": "father", "way": "link", "email": "luc.gagnon@example.org", "language": "fr"}


@dataclass(frozen=True)
class Child:
    """A child: given name, age in years, and whether another parent must consent."""

    name: str
    age: int
    is_held_by_both: bool


CHILDREN = (Child("Léo", 8, True), Child("Anaïs", 5, False))


def add_children(session: Session, account: Account, parent: CastTraveller, answers: dict[str, dict[str, Any]]) -> None:
    """Add the children of `parent`, whose own answers are given, and send their applications."""
    own = applications.of_account(session, account)[0]
    for child in CHILDREN:
        _add(session, account, own, parent, answers, child)


def lend_help(session: Session, *, asks: CastTraveller, helps: CastTraveller) -> None:
    """Let one traveller fill in another's draft: asked, agreed, and one task filled in."""
    asker, helper = (
        session.scalars(select(Account).where(Account.email_index == email_index(one.email))).one()
        for one in (asks, helps)
    )
    (draft,) = applications.of_account(session, asker)
    name = f"{helps.given_names} {helps.family_name}"
    named_helpers.name_helper(session, asker, name, helps.email, [draft.person])
    asked = select(OutgoingMessage).where(OutgoingMessage.event == "helper_invited")
    named_helpers.accept(session, (session.scalars(asked).one().secrets or {})["token"], by=helper)
    with viewing_as(session, as_helper(helper)):
        sections.save(session, draft.id, "names", raw={"has": ["no"]}, answers={"names": []}, by=helper)


def _add(
    session: Session, account: Account, own: Application, parent: CastTraveller, answers: dict[str, Any], child: Child
) -> None:
    person = family.add(session, account, PARENT, by=account)
    draft = applications.start(session, account, held=family.Held(person, PARENT), by=account)
    born = date(today().year - child.age, 1, 15)
    cast = CastTraveller(
        child.name, parent.family_name, born, "sent", parent.city, parent.region, parent.postal_code, parent.country
    )
    identity = {**answers["identity"], "given_names": child.name, "birth_on": born.isoformat(), "sex": "X"}
    passport = {**answers["citizenship"], "passport_given_names": child.name, "passport_number": f"CH{born:%y%m%d}9"}
    said = {
        "identity": identity,
        "names": {"names": []},
        "citizenship": passport,
        "guardian": _guardian(answers["identity"], child),
    }
    for section, told in said.items():
        sections.save(session, draft.id, section, raw={}, answers=told, by=account)
    for section in family.SHARED:
        family.use_same(session, draft, section, own.reference, by=account)
    upload = documents.Upload("passport.jpg", io.BytesIO(page_of(cast)))
    documents.check(session, documents.receive(session, draft, "passport_page", upload, by=account))
    signed = {"signed_name": f"{parent.given_names} {parent.family_name}", "text_version": TEXT_VERSION}
    sections.save(session, draft.id, "consent", raw={}, answers={**signed, "language": parent.language}, by=account)
    applications.submit(session, draft, by=account)


def _guardian(identity: dict[str, Any], child: Child) -> dict[str, Any]:
    own = ("given_names", "family_name", "birth_on", "birth_city", "birth_country", "sex", "phone")
    return {
        **{name: identity[name] for name in own},
        "membership_number": "",
        "relation": "mother",
        "custody": "together" if child.is_held_by_both else "one_on_certificate",
        "basis": None,
        "details": "",
        "protects": False,
        "others": [OTHER] if child.is_held_by_both else [],
    }
