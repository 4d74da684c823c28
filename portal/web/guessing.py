"""Guessing made slow at every door: tries are claimed before they are made, and one who must wait is told how long."""

from __future__ import annotations

import functools
import hmac
import logging
import math
import secrets
from collections.abc import Callable
from datetime import timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any, TypeVar

from flask import abort, current_app, g, make_response, request
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.db import Broken, current_session, separate_session
from portal.i18n import gettext as _
from portal.i18n import ngettext
from portal.models.accounts import email_index
from portal.models.encryption import keyring
from portal.services import limits
from portal.services.limits import Claim
from portal.web.errors import error_page
from portal.web.forms import Form

log = logging.getLogger("portal.limits")
View = TypeVar("View", bound=Callable[..., Any])

KNOWN_FOR = timedelta(days=365)


def password_claims(door: str, email: str) -> tuple[Claim, ...]:
    """The claims of one try at a password: by source, and by address, a browser known to it counting apart."""
    who = email_index(email).hex()
    known = _known_as(door, who)
    own = Claim(f"{door}_known_browser", known) if known else Claim(door, who)
    return own, source_claim("sign_in_source")


def code_claims(index: str) -> tuple[Claim, ...]:
    """The claims of one sending of a code to the address with this blind index; a browser known to it counts apart."""
    known = _known_as("sign_in", index)
    where = source_claim("code_send_source")
    if known:
        return Claim("code_send_known_browser", known), where
    return Claim("code_send", f"{index}|{source()}"), Claim("code_send_address", index), where


def source_claim(limit: str) -> Claim:
    """A claim by where the request comes from: an IPv6 network counts as one, for its holder has all its addresses."""
    return Claim(limit, source())


def source() -> str:
    """Where the request comes from: the address of the client as the trusted proxies give it, or its network."""
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:
        return request.remote_addr or ""
    return str(ip_network((address, 64), strict=False) if isinstance(address, IPv6Address) else address)


def limited(action: str, *methods: str) -> Callable[[View], View]:
    """Count each request with one of these methods (POST where none is named) by who is signed in and from where."""

    def mark(view: View) -> View:
        @functools.wraps(view)
        def counted(*args: Any, **kwargs: Any) -> Any:
            is_counted = request.method in (methods or ("POST",))
            return (is_counted and count(action)) or view(*args, **kwargs)

        return counted  # type: ignore[return-value]

    return mark


def count(action: str) -> Response | None:
    """Count what a signed-in person does, by person and by where from; the page to answer where they have to wait."""
    wait = _wait_for((Claim(action, str(current_user.person.id)), source_claim(action + limits.SOURCE)))
    return too_many(wait) if wait > timedelta(0) else None


def too_many(wait: timedelta) -> Response:
    """The page that says how long to wait."""
    seconds = math.ceil(wait.total_seconds())
    response = error_page(429, text=_("Wait %(time)s, then try again. Nothing was lost.", time=_in_words(seconds)))
    response.headers["Retry-After"] = str(seconds)
    return response


def must_wait(limit: str) -> int:
    """Count a try by where it comes from; the seconds to wait before it, or zero."""
    return math.ceil(_wait_for((source_claim(limit),)).total_seconds())


def _wait_for(claims: tuple[Claim, ...]) -> timedelta:
    try:
        with separate_session() as session:
            return limits.take(session, claims)
    except Broken as error:
        log.error("tries cannot be counted: %s", type(error).__name__)
        if not limits.may_fail_open(claims):
            abort(503)
        return timedelta(0)


def may_try(form: Form, *claims: Claim) -> bool:
    """Count a try; where it has to wait, the form says for how long."""
    wait = _wait_for(claims)
    if wait > timedelta(0):
        g.wait = math.ceil(wait.total_seconds())
        form.refuse(_("Too many tries. Wait %(time)s, then try again.", time=_in_words(g.wait)))
        return False
    return True


def was_right(*claims: Claim) -> None:
    """Forget the tries that led to a right one."""
    limits.forgive(current_session(), claims)


def answer(page: str, form: Form) -> Response:
    """The page with the form's status; 429 and Retry-After where the person has to wait."""
    response = make_response(page, form.status)
    if "wait" in g:
        response.status_code = 429
        response.headers["Retry-After"] = str(g.wait)
    return response


def know_this_browser(response: Response, door: str, email: str) -> Response:
    """Remember in the browser, not on the server, that somebody signed in from here with this address."""
    who = email_index(email).hex()
    known = _known_as(door, who) or secrets.token_hex(8)
    response.set_cookie(
        _cookie(),
        f"{known}.{_mark(door, who, known)}",
        max_age=KNOWN_FOR,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )
    return response


def is_known_browser(door: str, who: str) -> bool:
    """Whether somebody signed in from this browser before with the address that has this blind index."""
    return _known_as(door, who) is not None


def _cookie() -> str:
    return "__Host-known" if current_app.config["SESSION_COOKIE_SECURE"] else "known"


def _known_as(door: str, who: str) -> str | None:
    known, _dot, mark = request.cookies.get(_cookie(), "").partition(".")
    return known if known and hmac.compare_digest(mark.encode(), _mark(door, who, known).encode()) else None


def _mark(door: str, who: str, known: str) -> str:
    return keyring().blind_index("known_browser", f"{door}|{who}|{known}").hex()


def _in_words(seconds: int) -> str:
    if seconds < 60:
        return ngettext("%(num)s second", "%(num)s seconds", seconds)
    return ngettext("%(num)s minute", "%(num)s minutes", math.ceil(seconds / 60))
