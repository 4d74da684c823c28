"""What was typed is never lost to a question about who one is: the form is kept, and shown again afterwards."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import g, request, url_for
from flask_login import current_user

from portal.db import current_session
from portal.models import Account, Officer
from portal.services import kept_forms
from portal.web import csrf
from portal.web.forms.form import Form

PARAMETER = "kept"
ONLY_KEEP = "only_keep"
"""A page that covers itself sends its form with this field: to be kept, and never to be acted upon."""
LEFT_OUT = frozenset({"csrf_token", "form_key", "switch_lang", ONLY_KEEP})


def door(endpoint: str, owner: Account | Officer) -> str:
    """The address of a page that asks for a proof and then leads back here, with what was typed."""
    if request.url_rule is None or "GET" not in (request.url_rule.methods or ()):
        return url_for(endpoint, next=_page_before())
    return url_for(endpoint, next=here(owner))


def here(owner: Account | Officer) -> str:
    """The address of this page with what was typed on it, which is kept for `owner`."""
    asked = [(name, value) for name, value in request.args.items(multi=True) if name != PARAMETER]
    token = _keep(owner) if request.method == "POST" else None
    query = urlencode(asked + ([(PARAMETER, token)] if token else []))
    return f"{request.path}?{query}" if query else request.path


def is_only_to_keep() -> bool:
    """Whether this form came from a page that covered itself."""
    return request.method == "POST" and ONLY_KEEP in request.form


def _page_before() -> str | None:
    """The page with the button that was pressed, where nothing can be opened at the button's own address."""
    before = urlsplit(request.referrer or "")
    return before.path if before.netloc == request.host and before.path.startswith(("/en/", "/fr/")) else None


def _keep(owner: Account | Officer) -> str | None:
    """Keep what this request sends, for `owner` alone; gives the token. Nothing where the form is not our own."""
    if not csrf.request_is_ours():
        return None
    g.pop("form_effect", None)  # nothing was done yet: the same form may be sent once more
    secret = LEFT_OUT | secret_names()
    typed = {name: request.form.getlist(name) for name in request.form if name not in secret}
    return kept_forms.keep(current_session(), owner, request.path, typed)


def bring_back() -> None:
    """Give the forms of this page what was typed on it before, once. Only for who is let in."""
    token = request.args.get(PARAMETER)
    if request.method == "GET" and token:
        g.kept_typed = kept_forms.open_once(current_session(), current_user.person, token, request.path)


@functools.cache
def secret_names() -> frozenset[str]:
    """The names of boxes whose content is never kept: passwords and codes, on any form."""
    return frozenset(name for form in _all_forms(Form) for name, field in _fields(form) if field.field_class.secret)


def _all_forms(form: type[Form]) -> Iterator[type[Form]]:
    yield form
    for one in form.__subclasses__():
        yield from _all_forms(one)


def _fields(form: type[Form]) -> Iterator[tuple[str, Any]]:
    for name in dir(form):
        field = getattr(form, name, None)
        if hasattr(getattr(field, "field_class", None), "secret"):
            yield name, field
