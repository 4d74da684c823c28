"""Headers on every answer: a strict Content-Security-Policy, no caching of what is personal, no leaks elsewhere."""

from __future__ import annotations

import secrets

from flask import Flask, Response, g, request, session
from flask_login import current_user

from portal.config import Settings
from portal.services.audit import current_request_id

PREVIEW_FRAMES = "'none'"
SHOW_WHO = ("account.choose_password", "officer.accept_invitation", "officer.unlock")
"""Open to somebody who is not signed in, and name them."""


def policy(*origins: str) -> str:
    """The Content-Security-Policy; the origins are where forms lead besides us: the checkout, identity providers."""
    rules = {
        "default-src": "'none'",
        "style-src": "'self'",
        "script-src": "'self'",
        "img-src": "'self'",
        "font-src": "'self'",
        "connect-src": "'self'",
        "form-action": " ".join(("'self'", *origins)),
        "frame-src": PREVIEW_FRAMES,
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
        "object-src": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def init_app(app: Flask, settings: Settings) -> None:
    """Give each request a number and each answer its headers."""
    rules = {
        "Content-Security-Policy": policy(settings.stripe_checkout_origin, *settings.identity_provider_origins),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
    }
    if settings.is_tls:
        rules["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains"
    fixed, names = list(rules.items()), {name.lower() for name in rules}

    @app.before_request
    def number_the_request() -> None:
        g.request_id = secrets.token_hex(8)
        current_request_id.set(g.request_id)

    @app.after_request
    def dress(response: Response) -> Response:
        given = {name.lower() for name, _value in response.headers}
        headers = fixed if given.isdisjoint(names) else [one for one in fixed if one[0].lower() not in given]
        if request.endpoint != "static" and "cache-control" not in given:
            headers = [*headers, ("Cache-Control", "no-store" if _is_personal() else "no-cache")]
        response.headers.extend(headers)
        return response


def _is_personal() -> bool:
    """Whether the page may show somebody’s own: signed in, with a message’s link, or while an address is proved."""
    is_signed_in = "session" in g and current_user.is_authenticated
    return is_signed_in or request.endpoint in SHOW_WHO or any(name in session for name in ("asked", "proof", "half"))
