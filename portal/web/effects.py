"""One sending of a form has one effect: sent twice, it gets the first answer again."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, Response, current_app, g, redirect, request, session
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as AnyResponse

from portal.db import current_session
from portal.services import form_effects
from portal.web.forms.form import FORM_KEY

LEFT_OUT = ("csrf_token", "form_key")
View = TypeVar("View", bound=Callable[..., Any])


def same_twice(view: View) -> View:
    """Mark a view whose form, sent twice, has one effect and one answer by itself: nothing has to be noted for it."""
    view.is_same_twice = True  # type: ignore[attr-defined]
    return view


def _owner() -> bytes | None:
    seed = session.get("csrf")
    return hashlib.sha256(seed.encode()).digest() if isinstance(seed, str) else None


def _body_hash() -> bytes:
    # Keyed, since a body may hold a password.
    secret = str(current_app.secret_key).encode()
    digest = hmac.new(secret, request.path.encode(), "sha256")
    for name, value in sorted(request.form.items(multi=True)):
        if name not in LEFT_OUT:
            digest.update(f"{len(name)}:{name}={len(value)}:{value}".encode(errors="surrogatepass"))
    for name, file in request.files.items(multi=True):
        digest.update(f"{name}:{file.filename}".encode(errors="surrogatepass"))
        digest.update(_content_hash(file))
    return digest.digest()


def _content_hash(file: FileStorage) -> bytes:
    # A phone calls every photo by the same name, so the name does not tell one file from another.
    file.stream.seek(0)
    found = hashlib.file_digest(file.stream, "sha256").digest()  # type: ignore[arg-type]
    file.stream.seek(0)
    return found


def _answer_again() -> AnyResponse | None:
    key = request.form.get("form_key") if request.method == "POST" and g.get("csrf_ok") else None
    if getattr(current_app.view_functions.get(request.endpoint or ""), "is_same_twice", False):
        return None
    owner = _owner() if key else None
    if not key or not owner or not FORM_KEY.fullmatch(key):
        return None
    found = form_effects.find(current_session(), owner, key)
    if found is None:
        g.form_effect = (owner, key)
        return None
    if found.body_hash != _body_hash():
        return None  # the page came back from the browser's memory and was changed: a new sending
    return redirect(found.location, 303)


def _remember(response: Response) -> Response:
    effect = g.get("form_effect")
    if effect and response.status_code in (302, 303):
        owner, key = effect
        form_effects.remember(current_session(), owner, key, body_hash=_body_hash(), location=response.location or "/")
    return response


def init_app(app: Flask) -> None:
    """Answer repeated forms; must come after the database, whose commit it precedes."""
    app.before_request(_answer_again)
    app.after_request(_remember)
