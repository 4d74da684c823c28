"""Who is signed in: a random token in the cookie, its hash and its limits on the server."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from flask import Flask, request, session
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from werkzeug.wrappers import Response

from portal.clock import now
from portal.db import current_session
from portal.domain.permissions import Permission, permissions_of
from portal.models import Account, Officer, SignIn
from portal.models.viewers import view_as
from portal.services import sign_ins

LIMITS = {
    "traveller": (timedelta(minutes=30), timedelta(hours=12)),
    "officer": (timedelta(minutes=15), timedelta(hours=10)),
}
"""Idle and absolute limits by audience (rulings, section 3)."""


class SignedIn(UserMixin):  # type: ignore[misc]
    """The person behind a request, as Flask-Login knows them."""

    def __init__(self, token: str, sign_in: SignIn) -> None:
        self.token = token
        self.sign_in = sign_in

    @property
    def person(self) -> Account | Officer:
        """The account or the officer."""
        person = self.sign_in.account or self.sign_in.officer
        if person is None:
            raise LookupError("a sign-in of nobody")
        return person

    def get_id(self) -> str:
        return self.token

    @property
    def audience(self) -> str:
        return self.person.audience

    @property
    def permissions(self) -> frozenset[Permission]:
        """Everything that the person may do."""
        person = self.person
        return permissions_of(person.roles if isinstance(person, Officer) else ("applicant",))


def sign_in(person: Account | Officer) -> None:
    """Sign `person` in under a new token; whatever session the browser had is over."""
    if current_user.is_authenticated:
        sign_out()
    session.clear()
    token = secrets.token_urlsafe(32)
    row = sign_ins.begin(current_session(), person, token_hash=_hash(token), device=_device())
    login_user(SignedIn(token, row))


def sign_out() -> None:
    """End the session on the server and forget it in the browser."""
    if current_user.is_authenticated:
        sign_ins.end(current_session(), current_user.sign_in, by=current_user.person)
    logout_user()
    session.clear()


def forgotten(response: Response) -> Response:
    """Tell the browser to drop what it keeps of our pages: the next person may sit at the same computer."""
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def current_account() -> Account:
    """The traveller's account of this request. Only for pages that ask for it by their permission."""
    person = current_user.person
    if not isinstance(person, Account):
        raise LookupError("not a traveller")
    return person


def current_officer() -> Officer:
    """The officer of this request. Only for pages that ask for one by their permission."""
    person = current_user.person
    if not isinstance(person, Officer):
        raise LookupError("not an officer")
    return person


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _device() -> str:
    return (request.user_agent.string or "")[:200]


def _load(token: str) -> SignedIn | None:
    database_session = current_session()
    row = sign_ins.find(database_session, _hash(token), limits=LIMITS, at=now())
    if row is None:
        return None
    if row.officer is not None:
        view_as(database_session, row.officer.agency)
    return SignedIn(token, row)


def init_app(app: Flask) -> None:
    """Give the application its sessions."""
    manager = LoginManager()
    manager.session_protection = None  # the token is on the server; the address of a phone changes on a train
    manager.user_loader(_load)
    manager.init_app(app)
