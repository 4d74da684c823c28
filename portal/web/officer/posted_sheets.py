"""Sheets of codes that travellers asked for by post: the list, and the paper with its envelope."""

from __future__ import annotations

import uuid

from flask import make_response, render_template, url_for
from werkzeug.wrappers import Response

from portal.db import current_session
from portal.domain.permissions import Permission
from portal.i18n import speaking
from portal.services import audit
from portal.services import posted_sheets as services
from portal.web.access import requires
from portal.web.forms import Form
from portal.web.officer import officer
from portal.web.routing import FORM, GET
from portal.web.sessions import current_officer
from portal.web.step_up import requires_step_up


@officer.page("/officers/sheets-to-post", "/agents/feuilles-a-poster", methods=GET)
@requires(Permission.INTERVIEW_RECORD)
def sheets_to_post() -> str:
    """The sheets that wait, by reference; nothing says whose they are."""
    audit.record(current_session(), "printed_sheet:list", "printed_sheet", by=current_officer())
    return render_template("officer/sheets_to_post.html", waiting=services.waiting(current_session()))


@officer.page("/officers/sheets-to-post/<uuid:waiting_id>", "/agents/feuilles-a-poster/<uuid:waiting_id>", methods=FORM)
@requires(Permission.INTERVIEW_RECORD)
@requires_step_up
def post_sheet(waiting_id: uuid.UUID) -> Response:
    """The envelope, and then the paper, once."""
    session, by = current_session(), current_officer()
    sheet, form = services.find(session, waiting_id), Form.from_request()
    envelope = services.look(session, sheet, by=by)
    if form.submitted():
        codes = services.print_sheet(session, sheet, by=by)
        with speaking(sheet.holder.language):
            page = render_template(
                "officer/printed_sheet.html",
                sheet=sheet,
                codes=codes,
                envelope=envelope,
                back=url_for("officer.sheets_to_post"),
            )
    else:
        page = render_template("officer/post_sheet.html", form=form, sheet=sheet, envelope=envelope)
    response = make_response(page, form.status)
    response.headers["Cache-Control"] = "no-store"
    return response
