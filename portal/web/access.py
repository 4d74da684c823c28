"""Who may open a page: each view names its permission, and a view that names none is open to nobody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, abort, current_app, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.domain.permissions import Permission

View = TypeVar("View", bound=Callable[..., Any])

WITHOUT_SIGN_IN = (Permission.PUBLIC, Permission.PAYMENT_NOTIFY)
OFFICERS_DOOR = ("officer", "admin")


def requires(permission: Permission) -> Callable[[View], View]:
    """Mark a view with the permission that opens it."""

    def mark(view: View) -> View:
        view.permission = permission  # type: ignore[attr-defined]
        return view

    return mark


def permission_of(endpoint: str) -> Permission | None:
    """The permission that the view at `endpoint` names."""
    found: Permission | None = getattr(current_app.view_functions[endpoint], "permission", None)
    return found


def can(permission: Permission | str) -> bool:
    """Whether the person behind this request holds the permission."""
    return current_user.is_authenticated and Permission(permission) in current_user.permissions


def safe_next() -> str | None:
    """Where to go after signing in: a path of our own, or nothing."""
    target = request.values.get("next", "")
    ours = target.startswith(("/en/", "/fr/")) and "\\" not in target and target.isprintable()
    return target if ours else None


def _check() -> Response | None:
    if request.endpoint is None:
        return None
    permission = permission_of(request.endpoint)
    if permission is None:
        abort(404)
    if permission in WITHOUT_SIGN_IN:
        return None
    if not current_user.is_authenticated:
        return redirect(_door(), 303)
    if not can(permission):
        abort(403)
    return None


def _door() -> str:
    endpoint = "officer.sign_in" if request.blueprint in OFFICERS_DOOR else "account.sign_in"
    wanted = request.full_path.rstrip("?") if request.method == "GET" else None
    return url_for(endpoint, next=wanted)


def init_app(app: Flask) -> None:
    """Check each request before its view runs."""
    app.before_request(_check)
    app.jinja_env.globals["can"] = can
