"""The officers of one's own agency: who they are, inviting one, ending one's access."""

from __future__ import annotations

import uuid

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.db import current_session
from portal.domain.competences import COMPETENCES
from portal.domain.errors import RuleViolation
from portal.domain.permissions import OFFICER_ROLES, Permission
from portal.i18n import current_language
from portal.i18n import lazy_gettext as _l
from portal.services import audit, centres, hand_overs, role_grants
from portal.services import officers as services
from portal.web.access import requires
from portal.web.admin import admin
from portal.web.forms import CheckboxesField, EmailField, Form, NameField, RadiosField, SelectField, TextField
from portal.web.routing import FORM, GET
from portal.web.sessions import current_officer
from portal.web.step_up import requires_step_up

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
    staff_number = TextField(
        _l("Staff number"),
        hint=_l("As in your agency’s register. One person has one sign-in."),
        missing=_l("Enter the staff number"),
        max_length=40,
        width=20,
    )
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


class ChangeRolesForm(Form):
    roles = CheckboxesField(
        _l("Roles"),
        choices=[(role, ROLE_NAMES[role], ROLE_HINTS[role]) for role in OFFICER_ROLES],
        missing=_l("Choose at least one role"),
    )


class ChangeOfficerForm(Form):
    centre = SelectField(_l("Enrolment centre"), prompt=_l("None"))
    languages = CheckboxesField(_l("Holds interviews in"), choices=[("en", "English"), ("fr", "Français")])
    competences = CheckboxesField(
        _l("Is trained for"),
        hint=_l("Such applications are offered first to who is trained for them."),
        choices=[(key, label, hint) for key, (label, hint) in COMPETENCES.items()],
    )


class EndAccessForm(Form):
    successor = SelectField(_l("Who takes over their open applications"))


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
        competences=COMPETENCES,
        last_sign_ins=services.last_sign_ins(current_session(), current_officer().agency),
        waiting=role_grants.waiting(current_session(), current_officer().agency),
        declined=role_grants.declined_of(current_session(), current_officer()),
        done=request.args.get("done"),
    )


@admin.page("/officers/invite", "/agents/inviter", methods=FORM)
@requires(Permission.OFFICERS_MANAGE)
@requires_step_up
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
                staff_number=form.staff_number.data,
                by=current_officer(),
            )
        except RuleViolation as error:
            form.refuse(
                error.message, "staff_number" if error.message in (services.ONE_EACH, services.NO_NUMBER) else "email"
            )
        else:
            return redirect(url_for("admin.officers", done="invited"), 303)
    page = render_template("admin/invite_officer.html", form=form, agency=current_officer().agency)
    return page, form.status


@admin.page("/officers/<uuid:officer_id>/end-access", "/agents/<uuid:officer_id>/fermer-acces", methods=FORM)
@requires(Permission.OFFICERS_MANAGE)
@requires_step_up
def disable_officer(officer_id: uuid.UUID) -> Response | tuple[str, int]:
    """End a colleague's access, after asking once more."""
    person = services.colleague(current_session(), officer_id, by=current_officer())
    held = len(hand_overs.held(current_session(), person))
    able = hand_overs.colleagues(current_session(), person) if held else []
    form = EndAccessForm.from_request()
    form.successor.choices = [(str(one.id), one.name or "") for one in able]
    if form.submitted():
        successor = next((one for one in able if str(one.id) == form.successor.data), None)
        try:
            services.disable(current_session(), person, by=current_officer(), successor=successor)
        except RuleViolation as error:
            form.refuse(error.message, "successor" if error.message == hand_overs.NAME_A_COLLEAGUE else None)
        else:
            return redirect(url_for("admin.officers", done="ended"), 303)
    return render_template("admin/disable_officer.html", form=form, person=person, held=held), form.status


@admin.page("/officers/<uuid:officer_id>/change", "/agents/<uuid:officer_id>/modifier", methods=FORM)
@requires(Permission.OFFICERS_MANAGE)
@requires_step_up
def change_officer(officer_id: uuid.UUID) -> Response | tuple[str, int]:
    """Note where a colleague works, in which languages they hold interviews, and for what they were trained."""
    person = services.colleague(current_session(), officer_id, by=current_officer())
    known = centres.all_centres(current_session())
    told = {"centre": str(person.centre_id or ""), "languages": person.languages, "competences": person.competences}
    form = ChangeOfficerForm.from_request(data=told)
    form.centre.choices = [(str(centre.id), centre.name_in(current_language())) for centre in known]
    if form.submitted():
        chosen = next((centre.id for centre in known if str(centre.id) == form.centre.data), None)
        services.change(
            current_session(),
            person,
            centre_id=chosen,
            languages=form.languages.data,
            competences=form.competences.data,
            by=current_officer(),
        )
        return redirect(url_for("admin.officers", done="changed"), 303)
    return render_template("admin/change_officer.html", form=form, person=person), form.status
