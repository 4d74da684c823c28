"""Help at a centre's desk: the reference that a traveller shows, then the sheet to print or the recovery to confirm."""

from __future__ import annotations

import uuid

from flask import make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.db import current_session, separate_session
from portal.domain.errors import RuleViolation
from portal.domain.interviews import DOCUMENTS
from portal.domain.permissions import Permission
from portal.i18n import lazy_gettext as _l
from portal.i18n import speaking
from portal.models import Account, PrintedSheet
from portal.services import audit
from portal.services import desk_help as services
from portal.services.limits import Claim
from portal.web import guessing
from portal.web.access import requires
from portal.web.forms import Form, RadiosField, TextField, TickField
from portal.web.officer import officer
from portal.web.routing import FORM
from portal.web.sessions import current_officer
from portal.web.step_up import requires_step_up

UNKNOWN = _l("No request with this reference waits for a desk. Check the reference.")


class ShownReferenceForm(Form):
    shown_reference = TextField(
        _l("Reference that the traveller shows"),
        hint=_l("It begins with S for a sheet of codes, with R for a recovery: S-4K7Q-2M9D"),
        missing=_l("Enter the reference that the traveller shows"),
        width=20,
        max_length=40,
        spellcheck=False,
        autocomplete="off",
    )


class SeenDocumentForm(Form):
    paper = RadiosField(_l("Identity document that you have seen"), missing=_l("Choose the document"))
    compared = TickField(
        _l("The person before me is the one in the document, it is in force, and the name agrees with this page"),
        missing=_l("Compare the document with the person and the name, then tick the box"),
    )


@officer.page("/officers/help-at-the-desk", "/agents/aide-au-comptoir", methods=FORM)
@requires(Permission.INTERVIEW_RECORD)
def desk_help() -> Response:
    """Lead to the request with the reference that a traveller shows. Wrong ones are counted, and answered alike."""
    form, by = ShownReferenceForm.from_request(), current_officer()
    if form.submitted() and guessing.may_try(form, Claim("desk_reference", str(by.id))):
        found = services.find(current_session(), form.shown_reference.data)
        if found is not None:
            return redirect(url_for("officer.help_traveller", waiting_id=found.id), 303)
        with separate_session() as session:
            audit.record(session, "desk_help:refuse", "desk_help", by=by)
        form.refuse(UNKNOWN, "shown_reference")
    page = render_template("officer/desk_help.html", form=form, done=request.args.get("done"))
    return guessing.answer(page, form)


@officer.page(
    "/officers/help-at-the-desk/<uuid:waiting_id>", "/agents/aide-au-comptoir/<uuid:waiting_id>", methods=FORM
)
@requires(Permission.INTERVIEW_RECORD)
@requires_step_up
def help_traveller(waiting_id: uuid.UUID) -> Response:
    """What to compare; then the sheet is printed or the recovery confirmed, once."""
    session, by = current_session(), current_officer()
    found = services.waiting(session, waiting_id)
    if found is None:
        return redirect(url_for("officer.desk_help", done="over"), 303)
    form = SeenDocumentForm.from_request()
    form.paper.choices = [(kind, DOCUMENTS[kind]) for kind in services.kinds(found)]
    if form.submitted():
        try:
            if isinstance(found, PrintedSheet):
                codes = services.print_sheet(session, found, document=form.paper.data, by=by)
                return _sheet(found, codes)
            services.confirm(session, found, document=form.paper.data, by=by)
        except RuleViolation as error:
            form.refuse(error.message)
        else:
            return redirect(url_for("officer.desk_help", done="confirmed"), 303)
    name, is_sheet = services.look(session, found, by=by), isinstance(found, PrintedSheet)
    page = render_template("officer/help_traveller.html", form=form, found=found, name=name, is_sheet=is_sheet)
    return make_response(page, form.status)


def _sheet(sheet: PrintedSheet, codes: list[str]) -> Response:
    """The paper, in the traveller's language."""
    holder, back = sheet.holder, url_for("officer.desk_help")
    with speaking(holder.language if isinstance(holder, Account) else "en"):
        page = render_template("officer/printed_sheet.html", sheet=sheet, codes=codes, envelope=[], back=back)
    response = make_response(page)
    response.headers["Cache-Control"] = "no-store"
    return response
