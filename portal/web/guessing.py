"""Guessing made slow at every door: tries are claimed before they are made, and one who must wait is told how long."""

from __future__ import annotations

import hmac
import math
import secrets
from datetime import timedelta
from ipaddress import ip_address, ip_network

from flask import current_app, g, make_response, request
from werkzeug.wrappers import Response

from portal.db import current_session, separate_session
from portal.i18n import gettext as _
from portal.i18n import ngettext
from portal.models.accounts import email_index
from portal.models.encryption import keyring
from portal.services import limits
from portal.services.limits import Claim
from portal.web.forms import Form

KNOWN_FOR = timedelta(days=365)


def password_claims(door: str, email: str) -> tuple[Claim, ...]:
    """The claims of one try at a password: by source, and by address, a browser known to it counting apart."""
    who = email_index(email).hex()
    known = _known_as(door, who)
    own = Claim(f"{door}_known_browser", known) if known else Claim(door, who)
    return own, source_claim("sign_in_source")


def code_claims(index: str) -> tuple[Claim, ...]:
    """The claims of one sending of a code to the address with this blind index."""
    return (
        Claim("code_send", f"{index}|{_source()}"),
        Claim("code_send_address", index),
        source_claim("code_send_source"),
    )


def source_claim(limit: str) -> Claim:
    """A claim by where the request comes from."""
    return Claim(limit, _source())


def _source() -> str:
    """Where the request comes from. Of an IPv6 address the network: who has one has as many as they like."""
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:
        return ""
    return str(ip_network((address, 64), strict=False)) if address.version == 6 else str(address)


def may_try(form: Form, *claims: Claim) -> bool:
    """Count a try; where it has to wait, the form says for how long."""
    with separate_session() as session:
        wait = limits.take(session, claims)
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
