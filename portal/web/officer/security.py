"""An officer's own sign-in: the devices where it is open, and the passkeys that open it."""

from __future__ import annotations

import uuid

from flask import abort, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.clock import now
from portal.db import current_session
from portal.domain.errors import NotFound, RuleViolation
from portal.domain.permissions import Permission
from portal.models import Passkey, SignIn
from portal.services import factors, passkeys, sign_ins
from portal.web import ceremonies, guessing
from portal.web.access import requires
from portal.web.ceremonies import NewPasskeyForm
from portal.web.devices import device_name
from portal.web.forms import Form
from portal.web.officer import officer
from portal.web.routing import FORM, GET, POST
from portal.web.sessions import LIMITS, current_officer
from portal.web.step_up import requires_step_up


@officer.page("/officers/account", "/agents/compte", methods=GET)
@requires(Permission.OFFICER_USE)
def security() -> str:
    """The officer's sign-in at a glance."""
    return render_template(
        "officer/security.html",
        devices=_devices(),
        here=current_user.sign_in,
        passkeys=passkeys.of(current_session(), current_officer()),
        device_name=device_name,
        changed=request.args.get("changed"),
    )


@officer.page(
    "/officers/account/devices/<uuid:device_id>/end",
    "/agents/compte/appareils/<uuid:device_id>/fermer",
    methods=POST,
)
@requires(Permission.OFFICER_USE)
def end_device(device_id: uuid.UUID) -> Response:
    """Sign another device out."""
    if not Form.from_request().submitted():
        abort(400)
    device = next((row for row in _devices() if row.id == device_id), None)
    if device is None:
        raise NotFound
    sign_ins.end(current_session(), device, by=current_officer())
    return redirect(url_for("officer.security", changed="device"), 303)


@officer.page("/officers/account/passkeys/add", "/agents/compte/cles/ajouter", methods=FORM)
@requires(Permission.OFFICER_USE)
@requires_step_up
def add_passkey() -> Response:
    """Add a passkey; every other device is signed out."""
    form = NewPasskeyForm.from_request()
    if form.submitted() and guessing.may_try(form, guessing.source_claim("passkey_source")):
        try:
            passkeys.finish_registration(
                current_session(),
                current_officer(),
                ceremonies.claim(passkeys.REGISTER),
                answer=form.answer.data,
                name=form.name.data,
            )
        except RuleViolation as error:
            form.refuse(error.message)
        else:
            factors.tell(current_session(), current_officer(), "passkey_added")
            return _changed("added")
    return guessing.answer(render_template("officer/add_passkey.html", form=form), form)


@officer.page("/officers/account/passkeys/options", "/agents/compte/cles/options", methods=POST)
@requires(Permission.OFFICER_USE)
@requires_step_up
def new_passkey_options() -> Response:
    """What to ask the browser for, for the page's script."""
    ceremonies.may_ask()
    asked = passkeys.begin_registration(current_session(), current_officer(), binding=ceremonies.binding())
    return ceremonies.options(asked)


@officer.page(
    "/officers/account/passkeys/<uuid:factor_id>/remove",
    "/agents/compte/cles/<uuid:factor_id>/retirer",
    methods=FORM,
)
@requires(Permission.OFFICER_USE)
@requires_step_up
def remove_passkey(factor_id: uuid.UUID) -> Response | tuple[str, int]:
    """Ask whether to remove a passkey, and remove it, but never the last."""
    passkey, form = _own(factor_id), Form.from_request()
    if form.submitted():
        try:
            factors.remove(current_session(), passkey)
        except RuleViolation as error:
            form.refuse(error.message)
        else:
            return _changed("removed")
    return render_template("officer/remove_passkey.html", form=form, passkey=passkey), form.status


def _own(factor_id: uuid.UUID) -> Passkey:
    mine = passkeys.of(current_session(), current_officer())
    found = next((one for one in mine if one.id == factor_id), None)
    if found is None:
        raise NotFound
    return found


def _changed(what: str) -> Response:
    person = current_officer()
    sign_ins.end_all(current_session(), person, except_for=current_user.sign_in, by=person)
    return redirect(url_for("officer.security", changed=what), 303)


def _devices() -> list[SignIn]:
    return sign_ins.lasting(current_session(), current_officer(), limits=LIMITS, at=now())
