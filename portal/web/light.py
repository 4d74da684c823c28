"""What Flask works out anew for each request although it never changes: whether a function is asynchronous, the signer.

Taken together they were a tenth of a small request.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer


class Cookies(SecureCookieSessionInterface):
    """The browser's signed cookie; the signer is made once."""

    _signer: URLSafeTimedSerializer | None = None

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """The signer of this application's cookies; its keys are settings and stay as they were at the start."""
        if self._signer is None:
            self._signer = super().get_signing_serializer(app)
        return self._signer


def _as_it_is(function: Callable[..., Any]) -> Callable[..., Any]:
    """No view and no hook is asynchronous."""
    return function


def init_app(app: Flask) -> None:
    """Spare the application this work."""
    app.session_interface = Cookies()
    app.ensure_sync = _as_it_is  # type: ignore[method-assign, assignment]
