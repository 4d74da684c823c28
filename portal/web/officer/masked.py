"""Numbers that the case file masks: shown one at a time, to who has a reason and a fresh proof, and written down."""

from __future__ import annotations

from flask import render_template
from werkzeug.wrappers import Response

from portal.db import current_session
from portal.domain.answers import masked
from portal.domain.permissions import Permission
from portal.services import reviews, viewings
from portal.web.access import requires
from portal.web.forms import Form
from portal.web.guessing import limited
from portal.web.officer import officer
from portal.web.officer.case import identity, own_review
from portal.web.routing import FORM
from portal.web.sessions import current_officer
from portal.web.step_up import requires_step_up

FILE = ("/officers/applications/<reference:reference>", "/agents/demandes/<reference:reference>")


@officer.page(f"{FILE[0]}/passport-number", f"{FILE[1]}/numero-de-passeport", methods=FORM)
@requires(Permission.APPLICATION_READ)
@requires_step_up
@limited("reveal")
def show_passport_number(reference: str) -> Response | tuple[str, int]:
    """Show the passport number, once it is asked for; the trail says who saw it and why."""
    review, form, session = own_review(reference), Form.from_request(), current_session()
    case = identity(review)
    number = str(reviews.answers_of(session, review.application).get("citizenship", {}).get("passport_number", ""))
    is_shown = form.submitted()
    if is_shown:
        viewings.record(session, review, "passport_number", current_officer())
    page = render_template(
        "officer/show_passport_number.html",
        form=form,
        number=number if is_shown else masked(number),
        is_shown=is_shown,
        **case,
    )
    return page, form.status
