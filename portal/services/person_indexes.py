"""Blind indexes of people: how officers find somebody by name or passport number, and the same passport twice.

A name is kept by its parts, each in three forms: as it is written, as it sounds, and by its consonants. Only HMACs
rest in the database; nobody can read a name from them, nor try names without the index key.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import and_, case, delete, exists, select
from sqlalchemy.orm import Session, aliased

from portal.models import Application, ApplicationVersion, Officer, Person, PersonIndex, Review
from portal.models.encryption import keyring
from portal.screening import names
from portal.services import audit

NUMBER, PASSPORT = "passport_number", "passport"
NAME_FORMS: dict[str, Callable[[str], str]] = {"name": str, "name_sound": names.sound, "name_skeleton": names.skeleton}
MOST = 50
NOT_IN_A_NUMBER = re.compile(r"[^A-Z0-9]")


def write(session: Session, person: Person, answers: Mapping[str, Any]) -> int:
    """Make `person` findable by these answers, and by no earlier ones; returns how many rows that takes."""
    session.execute(delete(PersonIndex).where(PersonIndex.person_id == person.id))
    key_id = keyring().key_ids["index"][0]
    rows = {(kind, keyring().blind_index(kind, value)) for kind, value in _values(answers)}
    session.add_all(PersonIndex(person_id=person.id, kind=kind, value=value, key_id=key_id) for kind, value in rows)
    session.flush()
    return len(rows)


def rewrite(session: Session, person: Person) -> bool:
    """Write the index anew from the newest answers that the person sent; whether there was anything to write."""
    query = select(ApplicationVersion).join(Application).where(Application.person_id == person.id)
    newest = session.scalars(query.order_by(ApplicationVersion.made_at.desc()).limit(1)).first()
    return write(session, person, (newest and newest.answers) or {}) > 0


def _values(answers: Mapping[str, Any]) -> set[tuple[str, str]]:
    citizenship = answers.get("citizenship") or {}
    found = {(kind, value) for name in _names(answers) for part in _parts(name) for kind, value in _forms(part)}
    if number := _number(citizenship.get("passport_number") or ""):
        found |= {(NUMBER, number), (PASSPORT, f"{citizenship.get('passport_country') or ''}|{number}")}
    return found


def _forms(part: str) -> list[tuple[str, str]]:
    """Each kind of name key and its value; a single sign is like too many others."""
    found = [(kind, form(part)) for kind, form in NAME_FORMS.items()]
    return [(kind, value) for kind, value in found if len(value) > 1]


def _names(answers: Mapping[str, Any]) -> list[str]:
    identity, citizenship = answers.get("identity") or {}, answers.get("citizenship") or {}
    passport = (citizenship.get("passport_given_names"), citizenship.get("passport_family_name"))
    return [name for name in (identity.get("given_names"), identity.get("family_name"), *passport) if name]


def _parts(name: str) -> set[str]:
    parts = names.tokens(name)
    return {part for part in {*parts, *names.joined_neighbours(parts)} if part not in names.PARTICLES}


def _number(typed: str) -> str:
    return NOT_IN_A_NUMBER.sub("", typed.upper())


def find(session: Session, typed: str, by: Officer) -> list[Review]:
    """The reviews of the officer's agency whose person has this passport number or this name, in any of its forms.

    A number is whatever holds a digit. The search is in the audit trail with its kind and what it found; what was
    typed is kept nowhere.
    """
    kind = NUMBER if any(character.isdigit() for character in typed) else "name"
    if kind == NUMBER:
        wanted = exact = [_is_there([(NUMBER, _number(typed))])]
    else:
        parts = [part for part in names.tokens(typed) if part not in names.PARTICLES and _forms(part)]
        wanted, exact = [_is_there(_forms(part)) for part in parts], [_is_there([("name", part)]) for part in parts]
    found = _reviews(session, wanted, exact, by) if wanted else []
    references = " ".join(review.application.reference for review in found)
    audit.record(session, "person:search", "review", by=by, kind=kind, count=len(found), references=references)
    return found


def _is_there(keys: list[tuple[str, str]]) -> Any:
    """That the person of the application has one of these keys, under any of the index keys."""
    indexes = [index for kind, value in keys if value for index in keyring().blind_indexes(kind, value)]
    kinds = [kind for kind, _value in keys]
    return exists().where(
        PersonIndex.person_id == Application.person_id, PersonIndex.kind.in_(kinds), PersonIndex.value.in_(indexes)
    )


def _reviews(session: Session, wanted: list[Any], exact: list[Any], by: Officer) -> list[Review]:
    """Those that are written as typed first, then those that only sound alike; the newest first."""
    query = select(Review).join(Review.application).where(Review.agency == by.agency, *wanted)
    alike = case((and_(*exact), 0), else_=1)
    return list(session.scalars(query.order_by(alike, Review.opened_at.desc(), Review.id).limit(MOST)))


def same_passport(session: Session, review: Review) -> list[str]:
    """References of other people's applications that gave the same passport, of those that the agency reviews."""
    own, other = aliased(PersonIndex), aliased(PersonIndex)
    others: list[uuid.UUID] = list(
        session.scalars(
            select(other.person_id)
            .join(own, (own.kind == other.kind) & (own.value == other.value))
            .where(
                own.person_id == review.application.person_id, own.kind == PASSPORT, other.person_id != own.person_id
            )
        )
    )
    query = select(Application.reference).join(Review, Review.application_id == Application.id)
    query = query.where(Application.person_id.in_(others), Review.agency == review.agency)
    return list(session.scalars(query.order_by(Application.reference)))
