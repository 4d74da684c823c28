"""Encrypted fields: what is sealed for one person, table and field opens nowhere else; blind indexes tell nothing."""

import pytest
from cryptography.exceptions import InvalidTag
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.models import Account, Person
from portal.models.accounts import email_index
from portal.models.encryption import Erased


def test_what_rests_in_the_database_cannot_be_read(session: Session) -> None:
    person = Person(given_names="Marqueur", family_name="Témoin")
    session.add(person)
    session.flush()
    row = session.execute(text("select person::text from person where id = :id"), {"id": person.id}).scalar_one()
    assert "Marqueur" not in row and b"Marqueur".hex() not in row
    assert person.given_names == "Marqueur"


def test_a_ciphertext_opens_only_where_it_belongs(session: Session) -> None:
    one, other = Person(given_names="Une", family_name="A"), Person(given_names="Autre", family_name="B")
    with pytest.raises(InvalidTag):
        one._family_name = one._given_names
        _ = one.family_name
    with pytest.raises(InvalidTag):
        one._given_names = other._given_names
        _ = one.given_names


def test_another_persons_key_opens_nothing() -> None:
    one, other = Person(given_names="Une"), Person(given_names="Autre")
    one.wrapped_key = other.wrapped_key
    with pytest.raises(InvalidTag):
        _ = one.given_names


def test_erasing_the_key_erases_the_person() -> None:
    person = Person(given_names="Une")
    person.wrapped_key = None
    with pytest.raises(Erased):
        _ = person.given_names


def test_an_address_is_found_whatever_its_capitals(session: Session) -> None:
    session.add(Account(email="Elise@Example.org", email_index=email_index("Elise@Example.org"), language="fr"))
    session.flush()
    assert email_index("elise@example.org ") == email_index("Elise@Example.org")
    assert b"elise" not in email_index("elise@example.org")
