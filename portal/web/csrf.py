"""Proof that a form was sent from our own page: a token in each form, and the browser's word on where it came from."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Collection
from urllib.parse import urlsplit

from flask import Flask, current_app, g, request, session
from flask.wrappers import Request

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_MASK_LENGTH = 32


def token() -> str:
    """A token for the page being rendered. Masked anew each time, so that compressed pages do not leak it."""
    mask = secrets.token_hex(_MASK_LENGTH // 2)
    return mask + _signature(mask, session.setdefault("csrf", secrets.token_urlsafe(32)))


def is_good(token: str) -> bool:
    """Whether this browser session was given `token`."""
    known = session.get("csrf")
    if not isinstance(known, str) or not token.isascii():
        return False
    mask, signature = token[:_MASK_LENGTH], token[_MASK_LENGTH:]
    return hmac.compare_digest(signature, _signature(mask, known))


def comes_from_our_pages(request: Request) -> bool:
    """What the browser says about the sender; a client that says nothing is left to the token."""
    site = request.headers.get("Sec-Fetch-Site")
    if site:
        return site in ("same-origin", "none")
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.host


def request_is_ours() -> bool:
    """Whether the request being answered may change anything. Found once, kept in `g.csrf_ok`."""
    found: bool | None = g.get("csrf_ok")
    if found is None:
        sent = request.form.get("csrf_token") or request.headers.get("X-CSRF-Token", "")
        found = g.csrf_ok = comes_from_our_pages(request) and is_good(sent)
    return found


def guard_unsafe_methods(app: Flask, exempt_endpoints: Collection[str] = ()) -> None:
    """Judge each POST, PUT, PATCH and DELETE before its view; callbacks that prove themselves otherwise are exempt."""

    @app.before_request
    def judge() -> None:
        if request.method in SAFE_METHODS or request.endpoint in exempt_endpoints:
            g.csrf_ok = True
        else:
            request_is_ours()

    app.jinja_env.globals.update(csrf_token=token, form_key=new_form_key)


def new_form_key() -> str:
    """A random name for one sending of a form, so that sending it twice has one effect."""
    return secrets.token_urlsafe(16)


def _signature(mask: str, known: str) -> str:
    key = current_app.secret_key or b""
    secret = key.encode() if isinstance(key, str) else key
    return hmac.new(secret, f"csrf:{mask}:{known}".encode(), hashlib.sha256).hexdigest()
