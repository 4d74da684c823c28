"""Asking about an application whose checks take longer than usual."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from portal.db import current_session
from portal.domain.permissions import Permission
from portal.services import lateness
from portal.web.access import requires
from portal.web.applicant import applicant
from portal.web.applicant.own import own_application
from portal.web.forms import Form
from portal.web.routing import FORM
from portal.web.sessions import current_account


@applicant.page("/applications/<reference:reference>/ask", "/demandes/<reference:reference>/demander", methods=FORM)
@requires(Permission.APPLICATION_FOLLOW)
def ask_about_application(reference: str) -> Response | tuple[str, int]:
    """Ask the agencies that are late; below, what was asked before and the answers."""
    session, application, form = current_session(), own_application(reference), Form.from_request()
    if form.submitted():
        lateness.ask(session, application, by=current_account())
        return redirect(url_for("applicant.ask_about_application", reference=reference, sent=1), 303)
    page = render_template(
        "applicant/ask_about_application.html",
        form=form,
        application=application,
        agencies=lateness.may_ask(session, application),
        asked=lateness.asked(session, application),
    )
    return page, form.status
