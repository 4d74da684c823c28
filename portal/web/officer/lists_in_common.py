"""What the pages of look-out lists and of country lists do alike: the button, the word for a release, the file."""

from __future__ import annotations

from flask import Response, abort

from portal.clock import today
from portal.i18n import lazy_gettext as _l
from portal.services import lookout_lists
from portal.web.forms import Form, TextAreaField

SHOWN = 200
"""Entries of a difference, and errors, that a page shows; the rest is counted, and the errors are a file too."""
BYTE_ORDER_MARK = "\ufeff"


class PublishForm(Form):
    """Publishing what a colleague brought; a version that shrinks much needs a word."""

    release = TextAreaField(
        _l("Why more than one in ten entries may go"),
        hint=_l("Ask who keeps the list. It stands in the audit trail."),
        max_length=1000,
        rows=3,
    )


def require_pressed() -> None:
    """Refuse what was not sent by a button of our own page."""
    if not Form.from_request().submitted():
        abort(400)


def csv_file(text: str, name: str) -> Response:
    """A file that opens in a spreadsheet, with every letter."""
    response = Response(BYTE_ORDER_MARK + text, mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def errors_file(rows: list[tuple[int, str, str]]) -> Response:
    """Every unfit entry: line, entry, problem."""
    return csv_file(lookout_lists.errors_as_csv(rows), f"errors-{today().isoformat()}.csv")
