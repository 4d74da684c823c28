"""Finding an application by its reference, or by the passport number or name of the person.

What is typed is sent with the form, never with the address: it would rest in histories and logs.
"""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from portal.db import current_session
from portal.domain import references
from portal.domain.errors import NotFound
from portal.domain.permissions import Permission
from portal.i18n import format_date
from portal.i18n import lazy_gettext as _l
from portal.models import Review
from portal.services import audit, person_indexes, reviews
from portal.web import guessing
from portal.web.access import requires
from portal.web.forms import Form, TextField
from portal.web.officer import officer
from portal.web.officer.case import shown_name
from portal.web.officer.words import REVIEW_STATES
from portal.web.routing import FORM
from portal.web.sessions import current_officer


class FindForm(Form):
    find = TextField(
        _l("Reference, passport number or name"),
        missing=_l("Enter a reference, a passport number or a name"),
        width=20,
        spellcheck=False,
        autocomplete="off",
    )


@officer.page("/officers/find", "/agents/chercher", methods=FORM)
@requires(Permission.REVIEW_WORK)
def find() -> Response | str | tuple[str, int]:
    """Leads to the application with a reference; lists those of the people with a passport number or a name."""
    form, found = FindForm.from_request(), None
    if form.submitted():
        if waiting := guessing.count("search"):
            return waiting
        typed = form.find.data or ""
        if reference := _with_reference(typed):
            return redirect(url_for("officer.show_review", reference=reference), 303)
        found = person_indexes.find(current_session(), typed, current_officer())
    rows = None if found is None else [_row(review) for review in found]
    return render_template("officer/find.html", form=form, rows=rows, most=person_indexes.MOST), form.status


def _with_reference(typed: str) -> str | None:
    reference = references.normalised(typed)
    if reference is None:
        return None
    try:
        review = reviews.of_agency(current_session(), reference, current_officer().agency)
    except NotFound:
        return None
    audit.record(current_session(), "application:find", review.application, by=current_officer())
    return reference


def _row(review: Review) -> dict[str, Any]:
    reference, born = review.application.reference, review.application.person.birth_on
    return {
        "href": url_for("officer.show_review", reference=reference),
        "reference": reference,
        "cells": (shown_name(review), format_date(born) if born else "–", str(REVIEW_STATES[review.state])),
    }
