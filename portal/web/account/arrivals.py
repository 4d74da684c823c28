"""Between the first step and the session: what this browser holds meanwhile, and how the session then begins."""

from __future__ import annotations

import hashlib
import secrets

from flask import redirect, session, url_for
from werkzeug.wrappers import Response

from portal.db import current_session
from portal.models import Account, HalfSignIn
from portal.models.accounts import email_index
from portal.services import factors, half_sign_ins
from portal.web import guessing, sessions
from portal.web.access import safe_next
from portal.web.devices import device_name
from portal.web.devices import here as agent_here

WANTED = "wanted"
LONGEST = 300


def begin(account: Account, purpose: str, *, wanted: str | None = None) -> None:
    """The first step was right: hold a token of it, and where to go afterwards."""
    token = secrets.token_urlsafe(32)
    half_sign_ins.begin(current_session(), account, purpose=purpose, token_hash=_hash(token))
    session["half"] = {"token": token, "wanted": wanted or safe_next()}


def hold_wanted() -> None:
    """Keep where somebody was going who makes an account first: through the code and the first factor, in this browser.

    A mailed link led them here. Begun anew without one, there is nothing to go back to.
    """
    wanted = safe_next()
    session.pop(WANTED, None)
    if wanted and len(wanted) <= LONGEST:
        session[WANTED] = wanted


def held_wanted() -> str | None:
    """Where they were going; a path of our own, for `safe_next` let it in and the cookie is signed."""
    kept: str | None = session.get(WANTED)
    return kept


def half(*purposes: str) -> HalfSignIn | None:
    """What this browser has half done, where it is for one of these purposes and still lasts."""
    kept = session.get("half")
    found = half_sign_ins.find(current_session(), _hash(kept["token"])) if isinstance(kept, dict) else None
    return found if found is not None and found.purpose in purposes else None


def arrive(account: Account, *, is_new: bool = False, to: str | None = None) -> Response:
    """Begin the session, remember the browser, and tell the holder where it was not known before."""
    kept = session.get("half")
    wanted = kept.get("wanted") if isinstance(kept, dict) else safe_next()
    if found := half(half_sign_ins.SIGN_IN, half_sign_ins.RESET, half_sign_ins.ENROL):
        half_sign_ins.end(current_session(), found)
    if not is_new and not guessing.is_known_browser("sign_in", email_index(account.email or "").hex()):
        factors.tell(current_session(), account, "new_device", device=device_name(agent_here()))
    sessions.sign_in(account)
    response = redirect(to or wanted or url_for("applicant.dashboard"), 303)
    return guessing.know_this_browser(response, "sign_in", account.email or "")


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
