"""Asking for a correction of an application that was sent."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from portal.db import current_session
from portal.domain.errors import NotOpenToThis, RuleViolation
from portal.domain.permissions import Permission
from portal.i18n import lazy_gettext as _l
from portal.services import corrections
from portal.web.access import requires
from portal.web.applicant import applicant
from portal.web.applicant.own import own_application
from portal.web.forms import Form, RadiosField, TextAreaField
from portal.web.routing import FORM
from portal.web.sessions import current_account


class CorrectionForm(Form):
    section = RadiosField(
        _l("Which part is wrong?"),
        choices=list(corrections.SECTIONS_TO_CORRECT.items()),
        missing=_l("Choose the part that is wrong"),
    )
    wrong = TextAreaField(_l("What is wrong?"), missing=_l("Write what is wrong"), max_length=1000, rows=4)
    right = TextAreaField(_l("What is right?"), missing=_l("Write what is right"), max_length=1000, rows=4)


@applicant.page(
    "/applications/<reference:reference>/correction", "/demandes/<reference:reference>/correction", methods=FORM
)
@requires(Permission.CORRECTION_ASK)
def ask_for_correction(reference: str) -> Response | tuple[str, int]:
    """Say what is wrong and what is right; below, what was asked before and the answers."""
    application, form = own_application(reference), CorrectionForm.from_request()
    if not corrections.can_ask(application):
        raise NotOpenToThis(corrections.OPEN_DRAFT)
    if form.submitted() and _asked(reference, form):
        return redirect(url_for("applicant.ask_for_correction", reference=reference, sent=1), 303)
    page = render_template(
        "applicant/ask_for_correction.html",
        form=form,
        application=application,
        requests=corrections.of_application(current_session(), application),
        sections=corrections.SECTIONS_TO_CORRECT,
    )
    return page, form.status


def _asked(reference: str, form: CorrectionForm) -> bool:
    try:
        corrections.ask(
            current_session(),
            own_application(reference),
            section=form.section.data,
            wrong=form.wrong.data,
            right=form.right.data,
            by=current_account(),
        )
    except RuleViolation as error:
        form.refuse(error.message)
        return False
    return True
