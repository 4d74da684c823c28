"""Passkeys between a page and its browser: which browser asked, what was asked, and the answer that the page sends.

The page's script fetches what to ask (`options`), hands it to the browser, and sends the answer as an ordinary form.
"""

from __future__ import annotations

import hashlib
import secrets

from flask import Response, abort, session

from portal.db import separate_session
from portal.i18n import lazy_gettext as _l
from portal.services import passkeys
from portal.services.passkeys import Claimed
from portal.web import guessing
from portal.web.forms import Form, HiddenField, TextField


class AnswerField(HiddenField):
    """A passkey's answer, which the page's script fills in; good once, so never shown again."""

    secret = True
    shown = ""


class PasskeyForm(Form):
    """The answer of a passkey."""

    answer = AnswerField(max_length=20_000)


class PasskeyNameForm(Form):
    """What to call a passkey."""

    name = TextField(
        _l("Name of this passkey"),
        hint=_l("For example: my phone, or the computer at home"),
        missing=_l("Enter a name"),
        max_length=60,
    )


class NewPasskeyForm(PasskeyNameForm, PasskeyForm):
    """A new passkey and what to call it."""


def binding() -> bytes:
    """What ties a challenge to this browser's session."""
    seed = session.setdefault("ceremony", secrets.token_urlsafe(16))
    return hashlib.sha256(seed.encode()).digest()


def options(json: str) -> Response:
    """What the browser is to be asked, for the page's script."""
    response = Response(json, mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


def may_ask() -> None:
    """Go on only for a request from our own page that does not come too often."""
    if not Form.from_request().submitted():
        abort(400)
    if guessing.must_wait("passkey_source"):
        abort(429)


def claim(purpose: str) -> Claimed | None:
    """Use up the challenge of this browser, whatever becomes of the answer."""
    with separate_session() as kept:
        return passkeys.claim(kept, binding=binding(), purpose=purpose)


def refused(purpose: str, audience: str) -> None:
    """Write down a refused answer, which the page's own transaction would forget."""
    with separate_session() as kept:
        passkeys.record_refusal(kept, purpose, audience)
