"""Looking after an account: password, language of messages, signed-in devices."""

from __future__ import annotations

import uuid

from flask import abort, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.clock import now
from portal.db import current_session
from portal.domain.errors import NotFound, RuleViolation
from portal.domain.permissions import Permission
from portal.models import SignIn
from portal.services import accounts, email_changes, factors, identities, recovery, sign_ins
from portal.services.limits import Claim
from portal.web import guessing
from portal.web.access import requires
from portal.web.account import account
from portal.web.account.forms import ChangeLanguageForm, ChangePasswordForm
from portal.web.devices import device_name
from portal.web.forms import Form
from portal.web.routing import FORM, GET, POST
from portal.web.sessions import LIMITS, current_account
from portal.web.step_up import requires_step_up


@account.page("/account", "/compte", methods=GET)
@requires(Permission.ACCOUNT_USE)
def security() -> str:
    """The account at a glance."""
    return render_template(
        "account/security.html",
        account=current_account(),
        devices=_devices(),
        here=current_user.sign_in,
        device_name=device_name,
        has=factors.of(current_session(), current_account()),
        national=identities.of(current_session(), current_account()),
        recovery=recovery.of(current_session(), current_account()),
        email_change=email_changes.open_of(current_session(), current_account()),
    )


@account.page("/account/change-password", "/compte/changer-mot-de-passe", methods=FORM)
@requires(Permission.ACCOUNT_USE)
@requires_step_up
def change_password() -> Response:
    """Change the password; every other device is signed out."""
    person, form = current_account(), ChangePasswordForm.from_request()
    claim = Claim("password_again", str(person.id))
    if form.submitted() and guessing.may_try(form, claim):
        try:
            accounts.change_password(
                current_session(),
                person,
                present=form.present.data,
                new=form.password.data,
                here=current_user.sign_in,
            )
        except RuleViolation as error:
            form.refuse(error.message, "present" if error.message == accounts.WRONG_PASSWORD else "password")
        else:
            guessing.was_right(claim)
            return redirect(url_for("account.security", changed="password"), 303)
    page = render_template("account/change_password.html", form=form, email=person.email)
    return guessing.answer(page, form)


@account.page("/account/language", "/compte/langue", methods=FORM)
@requires(Permission.ACCOUNT_USE)
def change_language() -> Response | tuple[str, int]:
    """Choose the language of messages."""
    person = current_account()
    form = ChangeLanguageForm.from_request(data={"message_language": person.language})
    if form.submitted():
        accounts.change_language(current_session(), person, form.message_language.data)
        return redirect(url_for("account.security", changed="language"), 303)
    return render_template("account/change_language.html", form=form), form.status


@account.page("/account/devices/<uuid:device_id>/end", "/compte/appareils/<uuid:device_id>/fermer", methods=POST)
@requires(Permission.ACCOUNT_USE)
def end_device(device_id: uuid.UUID) -> Response:
    """Sign another device out."""
    if not Form.from_request().submitted():
        abort(400)
    device = next((row for row in _devices() if row.id == device_id), None)
    if device is None:
        raise NotFound
    sign_ins.end(current_session(), device, by=current_account())
    return redirect(url_for("account.security", changed="device"), 303)


def _devices() -> list[SignIn]:
    return sign_ins.lasting(current_session(), current_account(), limits=LIMITS, at=now())
