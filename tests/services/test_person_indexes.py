"""Finding people by blind indexes: names however they are written, passports as a whole, and nothing for a thief."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from portal.db import Database
from portal.jobs import keys as work
from portal.models import Application, AuditEntry, Officer, Person, PersonIndex, Review
from portal.models.encryption import keyring
from portal.services import applications, person_indexes, reviews
from tests import reviewing, servers
from tests.answers import complete
from tests.interviewing import officer
from tests.services.test_applications import make_account
from tests.services.test_keys import later, without_old

PASSPORT = reviewing.ANSWERS["citizenship"]


def known(session: Session, given: str, family: str, passport: str = "AB123456", country: str = "CA") -> Application:
    """Somebody whose application is under review, and who can be found."""
    application = reviewing.paid(session, given_names=given, family_name=family)
    citizenship = PASSPORT | {
        "passport_number": passport, "passport_country": country,
        "passport_given_names": given, "passport_family_name": family,
    }  # fmt: skip
    identity = reviewing.ANSWERS["identity"] | {"given_names": given, "family_name": family}
    person_indexes.write(session, application.person, {"identity": identity, "citizenship": citizenship})
    return application


@pytest.fixture
def by(session: Session) -> Officer:
    return officer(session, "CA")


def found(session: Session, typed: str, by: Officer) -> set[str]:
    return {review.application.reference for review in person_indexes.find(session, typed, by)}


@pytest.mark.parametrize(
    "typed",
    [
        "Beauchêne",
        "beauchene",
        "BEAUCHESNE Élodie",
        "elodie beauchêne",
        "Élodie",
        "Bochene",
        "Elody Beauchene",
        "E. Beauchêne",
    ],
)
def test_a_name_is_found_however_it_is_written(session: Session, by: Officer, typed: str) -> None:
    one, other = known(session, "Élodie", "Beauchêne"), known(session, "Daniel", "Okafor")
    assert found(session, typed, by) == {one.reference}
    assert found(session, "Élodie Okafor", by) == set()
    assert found(session, "Okafor", by) == {other.reference}


def test_those_written_as_typed_come_before_those_that_sound_alike(session: Session, by: Officer) -> None:
    alike, exact = known(session, "Elodia", "Bochen"), known(session, "Élodie", "Beauchêne")
    known(session, "Priya", "Raman")
    for typed, first in (("Beauchêne", exact), ("Bochen", alike)):
        found_in_order = [review.application.reference for review in person_indexes.find(session, typed, by)]
        assert len(found_in_order) == 2 and found_in_order[0] == first.reference
    assert found(session, "Abara", by) == set()  # consonants as in Priya, but a vowel first


@pytest.mark.parametrize("typed", ["AB123456", "ab 123-456", " AB123456 "])
def test_a_passport_is_found_by_its_whole_number(session: Session, by: Officer, typed: str) -> None:
    one = known(session, "Élodie", "Beauchêne")
    known(session, "Daniel", "Okafor", "AB123457")
    assert found(session, typed, by) == {one.reference}
    assert found(session, "AB12345", by) == set()
    assert found(session, "", by) == found(session, "de la", by) == set()


def test_only_what_the_agency_reviews_is_found(session: Session, by: Officer) -> None:
    one = known(session, "Élodie", "Beauchêne")
    with servers.as_owner(session):
        session.execute(text("delete from review where application_id = :id and agency = 'CA'"), {"id": one.id})
    assert found(session, "Beauchêne", by) == set()
    assert found(session, "Beauchêne", officer(session, "US")) == {one.reference}


def test_a_search_is_recorded_without_what_was_typed(session: Session, by: Officer) -> None:
    one = known(session, "Élodie", "Beauchêne")
    person_indexes.find(session, "Beauchêne", by)
    person_indexes.find(session, "ZZ999999", by)
    session.flush()
    entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "person:search").order_by(AuditEntry.id))
    assert [entry.facts for entry in entries] == [
        {"kind": "name", "count": 1, "references": one.reference},
        {"kind": "passport_number", "count": 0, "references": ""},
    ]


def test_the_same_passport_under_two_persons_is_noticed(session: Session) -> None:
    one, same = known(session, "Élodie", "Beauchêne"), known(session, "Elodia", "Bochen")
    known(session, "Daniel", "Okafor", "AB123456", "US")  # the same number, of another country
    assert person_indexes.same_passport(session, review_of(session, one)) == [same.reference]
    assert person_indexes.same_passport(session, review_of(session, same)) == [one.reference]


def review_of(session: Session, application: Application) -> Review:
    return reviews.of_agency(session, application.reference, "CA")


def test_new_answers_replace_the_old_and_nothing_can_be_read(session: Session, by: Officer) -> None:
    one = known(session, "Élodie", "Beauchêne")
    person_indexes.write(session, one.person, reviewing.ANSWERS)
    assert found(session, "Beauchêne", by) == set() and found(session, "Tremblay", by) == {one.reference}
    rows = session.execute(text("select person_index::text from person_index")).scalars().all()
    assert rows and not [row for row in rows if "remblay" in row or b"tremblay".hex() in row]


def test_rotating_the_index_key_writes_them_anew(database: Database, using: Any, settings: Any) -> None:
    with database.transaction() as session:
        one, by = reviewing.paid(session), officer(session, "CA")
        person_indexes.write(session, one.person, reviewing.ANSWERS)
        erased = Person(given_names="Nobody")
        session.add(erased)
    using(later(settings, "index"))
    with database.transaction() as session:
        assert found(session, "Tremblay", by) == {one.reference}
    assert not work.rotate(database, "index").troubles
    with database.transaction() as session:
        ids = set(session.scalars(select(PersonIndex.key_id)))
        assert ids == {keyring().key_ids["index"][0]}
    using(without_old(settings, "index"))
    with database.transaction() as session:
        assert found(session, "Tremblay", by) == {one.reference}
        session.get_one(Person, one.person_id).wrapped_key = None
    with database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(PersonIndex)) == 0


def test_sending_the_application_makes_its_person_findable(session: Session) -> None:
    account = make_account(session)
    draft = applications.start(session, account, by=account)
    complete(session, draft, account)
    applications.submit(session, draft, by=account)
    kinds = set(session.scalars(select(PersonIndex.kind).where(PersonIndex.person_id == draft.person_id)))
    assert kinds == {"name", "name_sound", "name_skeleton", "passport_number", "passport"}
