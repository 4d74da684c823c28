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


class Portal(Flask):
    """Flask, where no view and no hook is asynchronous."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.session_interface = Cookies()

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """The function itself."""
        return func
