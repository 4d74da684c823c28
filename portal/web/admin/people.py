"""The officers of one's own agency: who they are, inviting one, ending one's access."""

from __future__ import annotations

import uuid

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.db import current_session
from portal.domain.errors import RuleViolation
from portal.domain.permissions import OFFICER_ROLES, Permission
from portal.i18n import lazy_gettext as _l
from portal.services import audit
from portal.services import officers as services
from portal.web.access import requires
from portal.web.admin import admin
from portal.web.forms import CheckboxesField, EmailField, Form, NameField, RadiosField
from portal.web.routing import FORM, GET
from portal.web.sessions import current_officer

ROLE_NAMES = {
    "officer": _l("Officer"),
    "supervisor": _l("Supervisor"),
    "administrator": _l("Administrator"),
    "auditor": _l("Auditor"),
}
ROLE_HINTS = {
    "officer": _l("Reviews applications, confirms refusals, holds interviews"),
    "supervisor": _l("The same as an officer, and looks after the work of others"),
    "administrator": _l("Invites people and ends their access. Reads no application."),
    "auditor": _l("Reads the audit trail. Reads no application."),
}


class InviteOfficerForm(Form):
    name = NameField(_l("Name"), missing=_l("Enter the name"), autocomplete="off")
    email = EmailField(_l("Work email address"), missing=_l("Enter the email address"), autocomplete="off")
    roles = CheckboxesField(
        _l("Roles"),
        choices=[(role, ROLE_NAMES[role], ROLE_HINTS[role]) for role in OFFICER_ROLES],
        missing=_l("Choose at least one role"),
    )
    message_language = RadiosField(
        _l("Language of the invitation"),
        choices=[("en", "English"), ("fr", "Français")],
        inline=True,
        missing=_l("Choose the language of the invitation"),
    )


@admin.page("/officers", "/agents", methods=GET)
@requires(Permission.OFFICERS_MANAGE)
def officers() -> str:
    """Everybody of the own agency."""
    people = services.of_agency(current_session(), current_officer().agency)
    audit.record(current_session(), "officer:list", "officer", by=current_officer())
    return render_template(
        "admin/officers.html",
        people=people,
        me=current_officer(),
        role_names=ROLE_NAMES,
        done=request.args.get("done"),
    )


@admin.page("/officers/invite", "/agents/inviter", methods=FORM)
@requires(Permission.OFFICERS_MANAGE)
def invite_officer() -> Response | tuple[str, int]:
    """Invite somebody into the own agency."""
    form = InviteOfficerForm.from_request()
    if form.submitted():
        try:
            services.invite(
                current_session(),
                name=form.name.data,
                email=form.email.data,
                roles=form.roles.data,
                language=form.message_language.data,
                by=current_officer(),
            )
        except RuleViolation as error:
            form.refuse(error.message, "email")
        else:
            return redirect(url_for("admin.officers", done="invited"), 303)
    page = render_template("admin/invite_officer.html", form=form, agency=current_officer().agency)
    return page, form.status


@admin.page("/officers/<uuid:officer_id>/end-access", "/agents/<uuid:officer_id>/fermer-acces", methods=FORM)
@requires(Permission.OFFICERS_MANAGE)
def disable_officer(officer_id: uuid.UUID) -> Response | tuple[str, int]:
    """End a colleague's access, after asking once more."""
    person = services.colleague(current_session(), officer_id, by=current_officer())
    form = Form.from_request()
    if form.submitted():
        try:
            services.disable(current_session(), person, by=current_officer())
        except RuleViolation as error:
            form.refuse(error.message)
        else:
            return redirect(url_for("admin.officers", done="ended"), 303)
    return render_template("admin/disable_officer.html", form=form, person=person), form.status
