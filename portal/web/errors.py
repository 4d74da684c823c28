"""Clear pages when something goes wrong: the right status, the right language, no stack trace, nothing lost."""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass

from flask import Flask, Response, current_app, g, make_response, render_template, request
from flask.globals import request_ctx
from werkzeug.exceptions import HTTPException, InternalServerError

from portal.db import Stale, Unavailable
from portal.domain.errors import ChangedMeanwhile, NotFound, RuleViolation
from portal.i18n import Lazy as _l
from portal.i18n import set_language
from portal.models.encryption import Erased
from portal.services import uploads
from portal.web.routing import language_of_request

log = logging.getLogger("portal.errors")


@dataclass(frozen=True)
class Explanation:
    """What a page says for a status: what happened, and what to do."""

    title: _l
    text: _l


EXPLANATIONS = {
    400: Explanation(
        _l("We could not read what your browser sent"),
        _l("Go back to the page before and try again. If you typed the address, check it."),
    ),
    403: Explanation(
        _l("This page is not open to you"),
        _l("You are signed in, but this page belongs to somebody with another role."),
    ),
    404: Explanation(
        _l("Page not found"), _l("If you typed the address, check it. If you followed a link, it may be out of date.")
    ),
    405: Explanation(_l("This cannot be done here"), _l("Go back to the page before and use its buttons.")),
    409: Explanation(
        _l("This has changed meanwhile"), _l("Somebody, or you in another window, was faster. Open the page again.")
    ),
    411: Explanation(
        _l("We could not read what your browser sent"),
        _l("The request did not say how long it is. Try another browser."),
    ),
    413: Explanation(
        _l("What you sent is too large"), _l("A file may have at most 15 MB. Choose a smaller file and try again.")
    ),
    429: Explanation(_l("Too many tries"), _l("Wait a few minutes, then try again. Nothing was lost.")),
    500: Explanation(
        _l("Something went wrong on our side"),
        _l("We have been told. What you had saved is still there. Try again in a few minutes."),
    ),
    503: Explanation(
        _l("The service is not available right now"),
        _l("What you had saved is still there. Try again in a few minutes."),
    ),
    507: Explanation(
        _l("There is no room for your file right now"),
        _l("What you had saved is still there. Nothing of the file was kept. Try again in a few minutes."),
    ),
}


def error_page(status: int, *, title: object = None, text: object = None, incident: str | None = None) -> Response:
    """The page for `status`, in the house style."""
    known = EXPLANATIONS.get(status) or EXPLANATIONS[400 if status < 500 else 500]
    page = render_template(
        "errors/error.html", title=str(title or known.title), text=str(text or known.text), incident=incident
    )
    return make_response(page, status)


def _ensure_language() -> None:
    # An address that leads nowhere was never routed, so nothing has set the language yet; a request for a host that
    # is not ours could not even be matched, and its page still links to ours.
    if request.url_rule is None:
        set_language(language_of_request())
    if request_ctx.url_adapter is None:
        request_ctx.url_adapter = current_app.url_map.bind(current_app.extensions["settings"].hostname)


def _http_error(error: HTTPException) -> Response:
    _ensure_language()
    response = error_page(error.code or 500)
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    return response


def _crash(error: Exception) -> Response:
    _ensure_language()
    original = getattr(error, "original_exception", None) or error
    incident = secrets.token_hex(4)
    log.error("incident %s", incident, exc_info=original)
    session = g.get("session")
    if session is not None:
        session.rollback()
    status = 507 if uploads.is_full(original) else 503 if isinstance(original, Unavailable) else 500
    return error_page(status, incident=incident)


def _rule(error: RuleViolation) -> Response:
    return error_page(409, text=error.message)


def init_app(app: Flask) -> None:
    """Give the application its error pages."""
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(InternalServerError, _crash)
    app.register_error_handler(RuleViolation, _rule)
    app.register_error_handler(NotFound, lambda error: error_page(404))
    app.register_error_handler(Erased, lambda error: error_page(404))  # what it was about is forgotten
    app.register_error_handler(Stale, lambda error: error_page(409))
    app.register_error_handler(ChangedMeanwhile, _rule)
