"""Accounts: who is told what, codes that work once, passwords that end sessions."""

from __future__ import annotations

import secrets
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.clock import now
from portal.domain.errors import RuleViolation
from portal.models import Account, EmailCode, OutgoingMessage, SignIn
from portal.models.accounts import email_index
from portal.services import accounts, sign_ins

EMAIL = "elise@example.org"
PASSWORD = "quatre moineaux lisent"
NONCE = "nonce of a browser"


def _sent(session: Session) -> list[OutgoingMessage]:
    return list(session.scalars(select(OutgoingMessage).order_by(OutgoingMessage.created_at)))


def _code(session: Session) -> str:
    secrets_of_message = _sent(session)[-1].secrets
    assert secrets_of_message
    return str(secrets_of_message["code"])


def _confirm(session: Session, code: str, *, nonce: str = NONCE, purpose: str = accounts.SIGN_UP) -> EmailCode | None:
    return accounts.confirm(session, email_index(EMAIL), purpose=purpose, nonce=nonce, code=code)


def _account(session: Session) -> Account:
    accounts.sign_up(session, EMAIL, language="fr", nonce=NONCE)
    proof = _confirm(session, _code(session))
    assert proof
    return accounts.choose_password(session, proof, PASSWORD)


def _sign_in(session: Session, account: Account) -> SignIn:
    return sign_ins.begin(session, account, token_hash=secrets.token_bytes(32), device="")


def test_a_new_address_gets_a_code_in_its_language(session: Session) -> None:
    account = _account(session)
    assert account.email == EMAIL
    assert account.email_confirmed_at
    assert [(message.event, message.language) for message in _sent(session)] == [("email_code", "fr")]


def test_a_known_address_is_told_by_mail_that_it_has_an_account(session: Session) -> None:
    _account(session)
    accounts.sign_up(session, EMAIL.upper(), language="en", nonce="another")
    assert _sent(session)[-1].event == "account_exists"


def test_an_unfinished_account_gets_a_new_code_and_no_second_account(session: Session) -> None:
    for language in ("en", "fr"):
        accounts.sign_up(session, EMAIL, language=language, nonce=NONCE)
    assert [message.event for message in _sent(session)] == ["email_code"] * 2
    assert session.scalars(select(Account)).one().language == "fr"


def test_a_disabled_account_gets_nothing(session: Session) -> None:
    account = _account(session)
    account.disabled_at = now()
    accounts.sign_up(session, EMAIL, language="en", nonce=NONCE)
    accounts.prove_address(session, account, purpose=accounts.RESET, nonce=NONCE)
    assert len(_sent(session)) == 1
    assert accounts.check_password(session, EMAIL, PASSWORD) is None


def test_a_code_works_once(session: Session) -> None:
    accounts.sign_up(session, EMAIL, language="en", nonce=NONCE)
    code = _code(session)
    assert _confirm(session, code)
    assert _confirm(session, code) is None


def test_a_code_works_only_where_it_was_asked_for_and_for_its_purpose(session: Session) -> None:
    accounts.sign_up(session, EMAIL, language="en", nonce=NONCE)
    code = _code(session)
    assert _confirm(session, code, nonce="a stranger's browser") is None
    assert _confirm(session, code, purpose=accounts.RESET) is None
    assert _confirm(session, f"{(int(code) + 1) % 1_000_000:06d}") is None


def test_a_code_expires_after_ten_minutes(session: Session) -> None:
    accounts.sign_up(session, EMAIL, language="en", nonce=NONCE)
    with time_machine.travel(now() + timedelta(minutes=10, seconds=1)):
        assert _confirm(session, _code(session)) is None


def test_a_proof_serves_for_one_password(session: Session) -> None:
    accounts.sign_up(session, EMAIL, language="en", nonce=NONCE)
    proof = _confirm(session, _code(session))
    assert proof
    with pytest.raises(RuleViolation):
        accounts.choose_password(session, proof, "too short")
    assert accounts.open_proof(session, proof.id)
    accounts.choose_password(session, proof, PASSWORD)
    assert accounts.open_proof(session, proof.id) is None


def test_a_password_opens_its_account_only(session: Session) -> None:
    account = _account(session)
    assert accounts.check_password(session, " Elise@Example.org ", PASSWORD) is account
    assert accounts.check_password(session, EMAIL, PASSWORD + "!") is None
    assert accounts.check_password(session, "nobody@example.org", PASSWORD) is None


def test_the_code_is_kept_nowhere_in_the_clear(session: Session) -> None:
    accounts.sign_up(session, EMAIL, language="en", nonce=NONCE)
    code = _code(session).encode()
    stored = session.scalars(select(EmailCode)).one().code_hash, _sent(session)[0]._secrets or b""
    assert not any(code in value for value in stored)


def test_a_forgotten_password_ends_every_session(session: Session) -> None:
    account = _account(session)
    device = _sign_in(session, account)
    accounts.prove_address(session, account, purpose=accounts.RESET, nonce=NONCE)
    proof = _confirm(session, _code(session), purpose=accounts.RESET)
    assert proof
    accounts.choose_password(session, proof, "cinq corbeaux chantent")
    session.refresh(device)
    assert device.ended_at
    assert _sent(session)[-1].event == "password_changed"
    assert accounts.check_password(session, EMAIL, PASSWORD) is None


def test_a_changed_password_ends_the_other_sessions(session: Session) -> None:
    account = _account(session)
    here, elsewhere = _sign_in(session, account), _sign_in(session, account)
    with pytest.raises(RuleViolation, match="current password"):
        accounts.change_password(session, account, present="wrong", new="cinq corbeaux chantent", here=here)
    accounts.change_password(session, account, present=PASSWORD, new="cinq corbeaux chantent", here=here)
    session.refresh(here)
    session.refresh(elsewhere)
    assert (here.ended_at is None, elsewhere.ended_at is None) == (True, False)
