"""Who may open a page: each view names its permission, and a view that names none is open to nobody."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, abort, current_app, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.db import current_session
from portal.domain.errors import NotOpenToThis
from portal.domain.permissions import Permission
from portal.domain.registry import may
from portal.models.viewers import JOINT, viewing_as
from portal.services.sign_ins import LOCKED
from portal.services.transitions import TOO_LATE
from portal.web import kept, officers_door, sessions

View = TypeVar("View", bound=Callable[..., Any])

WITHOUT_SIGN_IN = (Permission.PUBLIC, Permission.PAYMENT_NOTIFY)


def requires(permission: Permission) -> Callable[[View], View]:
    """Mark a view with the permission that opens it."""

    def mark(view: View) -> View:
        view.permission = permission  # type: ignore[attr-defined]
        return view

    return mark


def beyond_own_rows(view: View) -> View:
    """Mark a view that reads more rows than those of who is signed in: a mailed link opened it, or it pays for others.

    The link, or the tie between two adults, is checked by the services behind it, and the page shows no more than the
    disclosure matrix lets its reader know. Each such view stands in tests/repository/rows_table.py.
    """

    @functools.wraps(view)
    def beyond(*args: Any, **kwargs: Any) -> Any:
        with viewing_as(current_session(), JOINT):
            return view(*args, **kwargs)

    beyond.beyond_own_rows = True  # type: ignore[attr-defined]
    return beyond  # type: ignore[return-value]


def permission_of(endpoint: str) -> Permission | None:
    """The permission that the view at `endpoint` names."""
    found: Permission | None = getattr(current_app.view_functions[endpoint], "permission", None)
    return found


def can(permission: Permission | str) -> bool:
    """Whether the person behind this request holds the permission."""
    return current_user.is_authenticated and Permission(permission) in current_user.permissions


def check_state(status: str) -> None:
    """Raise NotOpenToThis where this page's permission opens nothing on an application in `status` (the registry)."""
    permission = permission_of(request.endpoint or "")
    if permission is None or not may(current_user.roles, permission, status):
        raise NotOpenToThis(TOO_LATE)


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
    if elsewhere := officers_door.send_elsewhere(permission):
        return elsewhere
    if permission in WITHOUT_SIGN_IN:
        return None
    if not current_user.is_authenticated:
        return redirect(_lock(permission) or _door(permission), 303)
    if not can(permission):
        abort(403)
    if kept.is_only_to_keep():  # the session went on elsewhere while this page covered itself
        return redirect(kept.here(current_user.person), 303)
    kept.bring_back()
    return None


def _lock(permission: Permission) -> str | None:
    """Where an idle officer shows a factor and goes on; where a traveller signs in again and loses nothing."""
    found = sessions.found_here()
    is_theirs = found and (found.person.audience == "officer") == officers_door.is_officers_page(permission)
    if found is None or not is_theirs:
        return None
    if found.state == LOCKED:
        return kept.door("officer.unlock", found.person)
    return kept.door("officer.sign_in" if found.person.audience == "officer" else "account.sign_in", found.person)


def _door(permission: Permission) -> str:
    endpoint = "officer.sign_in" if officers_door.is_officers_page(permission) else "account.sign_in"
    wanted = request.full_path.rstrip("?") if request.method == "GET" else None
    return url_for(endpoint, next=wanted)


def init_app(app: Flask) -> None:
    """Check each request before its view runs."""
    app.before_request(_check)
    app.jinja_env.globals["can"] = can
