"""A colleague who lost their passkeys: those end at once, and a new link goes to the work address."""

from __future__ import annotations

import uuid

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from portal.db import current_session
from portal.domain.errors import RuleViolation
from portal.domain.permissions import Permission
from portal.services import officers
from portal.web.access import requires
from portal.web.admin import admin
from portal.web.forms import Form
from portal.web.routing import FORM
from portal.web.sessions import current_officer
from portal.web.step_up import requires_step_up


@admin.page("/officers/<uuid:officer_id>/new-passkey", "/agents/<uuid:officer_id>/nouvelle-cle", methods=FORM)
@requires(Permission.OFFICERS_MANAGE)
@requires_step_up
def replace_passkeys(officer_id: uuid.UUID) -> Response | tuple[str, int]:
    """End a colleague's passkeys and sessions and send a new link, after asking once more."""
    person = officers.colleague(current_session(), officer_id, by=current_officer())
    form = Form.from_request()
    if form.submitted():
        try:
            officers.replace_passkeys(current_session(), person, by=current_officer())
        except RuleViolation as error:
            form.refuse(error.message)
        else:
            return redirect(url_for("admin.officers", done="link_sent"), 303)
    return render_template("admin/replace_passkeys.html", form=form, person=person), form.status
