"""Roles: one administrator proposes them, another one grants or declines."""

from __future__ import annotations

import uuid

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.db import current_session
from portal.domain.errors import RuleViolation
from portal.domain.permissions import Permission
from portal.i18n import lazy_gettext as _l
from portal.services import audit, officers, role_grants
from portal.web.access import requires
from portal.web.admin import admin
from portal.web.admin.people import ROLE_NAMES, ChangeRolesForm
from portal.web.forms import Form, TextAreaField
from portal.web.routing import FORM
from portal.web.sessions import current_officer
from portal.web.step_up import requires_step_up


class SettleRolesForm(Form):
    why = TextAreaField(
        _l("Why, if you decline"), hint=_l("The proposer reads it. It is kept with your name."), max_length=500, rows=3
    )


@admin.page("/officers/<uuid:officer_id>/roles", "/agents/<uuid:officer_id>/roles", methods=FORM)
@requires(Permission.OFFICERS_MANAGE)
@requires_step_up
def propose_roles(officer_id: uuid.UUID) -> Response | tuple[str, int]:
    """Propose other roles for a colleague, or access for one whose access has ended."""
    session, by = current_session(), current_officer()
    person = officers.colleague(session, officer_id, by=by)
    form = ChangeRolesForm.from_request(data={"roles": person.roles})
    if form.submitted():
        try:
            role_grants.propose(session, person, form.roles.data, by=by)
        except RuleViolation as error:
            form.refuse(error.message, "roles")
        else:
            return redirect(url_for("admin.officers", done="proposed"), 303)
    return render_template("admin/propose_roles.html", form=form, person=person), form.status


@admin.page("/officers/roles/<uuid:grant_id>", "/agents/roles/<uuid:grant_id>", methods=FORM)
@requires(Permission.OFFICERS_MANAGE)
@requires_step_up
def settle_roles(grant_id: uuid.UUID) -> Response | tuple[str, int]:
    """Grant or decline what a colleague proposed."""
    session, by = current_session(), current_officer()
    grant, form = role_grants.find(session, grant_id, by=by), SettleRolesForm.from_request()
    if form.submitted():
        is_granted = request.form.get("answer") == "grant"
        try:
            if is_granted:
                role_grants.grant(session, grant, by=by)
            else:
                role_grants.decline(session, grant, form.why.data or "", by=by)
        except RuleViolation as error:
            form.refuse(error.message, "why" if error.message == role_grants.SAY_WHY else None)
        else:
            return redirect(url_for("admin.officers", done="granted" if is_granted else "declined"), 303)
    else:
        audit.record(session, "officer:view", grant.officer, by=by)
    page = render_template("admin/settle_roles.html", form=form, grant=grant, role_names=ROLE_NAMES, me=by)
    return page, form.status
