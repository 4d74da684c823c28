"""Who is signed in: a random token in the cookie, its hash and its limits on the server."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, TypeVar

from flask import Flask, current_app, g, request, session
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from werkzeug.wrappers import Response

from portal.clock import now
from portal.db import current_session
from portal.domain.permissions import Permission
from portal.domain.registry import permissions_of
from portal.models import Account, Officer, SignIn
from portal.services import sign_ins
from portal.services.actors import roles_of
from portal.services.sign_ins import LOCKED, OPEN, Found
from portal.web import light

View = TypeVar("View", bound=Callable[..., Any])

LIMITS = {
    "traveller": (timedelta(minutes=30), timedelta(hours=12)),
    "officer": (timedelta(minutes=15), timedelta(hours=10)),
}
"""Idle and absolute limits by audience (rulings, section 3)."""
BACKGROUND = "X-Passage-Background"
"""What a page asks by itself, for news or to save a draft, says so in this header; it keeps nobody signed in."""


class SignedIn(UserMixin):  # type: ignore[misc]
    """The person behind a request, as Flask-Login knows them."""

    def __init__(self, token: str, sign_in: SignIn) -> None:
        self.token = token
        self.sign_in = sign_in

    @property
    def person(self) -> Account | Officer:
        """The account or the officer."""
        return sign_ins.person_of(self.sign_in)

    def get_id(self) -> str:
        return self.token

    @property
    def audience(self) -> str:
        return self.person.audience

    @property
    def permissions(self) -> frozenset[Permission]:
        """Everything that the person may do."""
        return permissions_of(self.roles)

    @property
    def roles(self) -> Sequence[str]:
        """What the person is."""
        return roles_of(self.person)


def sign_in(person: Account | Officer) -> None:
    """Sign `person` in under a new token; whatever session the browser had is over."""
    if current_user.is_authenticated:
        sign_out()
    session.clear()
    token = secrets.token_urlsafe(32)
    row = sign_ins.begin(current_session(), person, token_hash=_hash(token), device=_device())
    login_user(SignedIn(token, row))


def sign_out() -> None:
    """End the session on the server, open or locked, and forget it in the browser."""
    found = found_here()
    if found:
        sign_ins.end(current_session(), found.row, by=found.person)
    logout_user()
    session.clear()


def found_here() -> Found | None:
    """The session that this browser holds a token of: open, locked or over."""
    if not current_user.is_authenticated and "found_sign_in" not in g:
        return None
    found: Found | None = g.get("found_sign_in")
    return found


def locked_here() -> SignIn | None:
    """An officer's session in this browser that is idle and waits for a factor."""
    found = found_here()
    return found.row if found and found.state == LOCKED else None


def renew(row: SignIn) -> bool:
    """A factor was shown: go on under a new token, for the old one may have been seen. False if the session ended."""
    token = secrets.token_urlsafe(32)
    if not sign_ins.renew(current_session(), row, token_hash=_hash(token)):
        return False
    g.found_sign_in = Found(row, OPEN)
    login_user(SignedIn(token, row))
    return True


def in_background(view: View) -> View:
    """Mark a view that pages ask by themselves: asking it keeps nobody signed in."""
    view.in_background = True  # type: ignore[attr-defined]
    return view


def _is_attended() -> bool:
    view = current_app.view_functions.get(request.endpoint or "")
    return BACKGROUND not in request.headers and not getattr(view, "in_background", False)


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
    found = sign_ins.find(current_session(), _hash(token), limits=LIMITS, at=now(), extends=_is_attended())
    g.found_sign_in = found
    return SignedIn(token, found.row) if found and found.state == OPEN else None


def init_app(app: Flask) -> None:
    """Give the application its sessions."""
    light.init_app(app)
    manager = LoginManager()
    manager.session_protection = None  # the token is on the server; the address of a phone changes on a train
    manager._session_identifier_generator = str  # nor does the cookie carry a digest of the address, made each time
    manager.user_loader(_load)
    manager.init_app(app)
