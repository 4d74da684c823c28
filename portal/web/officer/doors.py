"""The officers' door: in by passkey, out, and back to a workbench that was left alone.

A passkey is the way in, or the agency’s own directory where the operator names it. The demonstration adds a
password, so that a stranger can look around; production does
not know that way: neither the page nor the view has it.
"""

from __future__ import annotations

from typing import Any

from flask import abort, current_app, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.adapters import identity_providers
from portal.config import Settings
from portal.db import current_session
from portal.domain import passwords
from portal.domain.permissions import Permission
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.models import Officer
from portal.services import officers, passkeys
from portal.web import ceremonies, guessing, sessions, step_up
from portal.web.access import requires, safe_next
from portal.web.ceremonies import PasskeyForm
from portal.web.forms import EmailField, Form, PasswordField
from portal.web.officer import officer
from portal.web.routing import FORM, GET, POST


class OfficerSignInForm(Form):
    email = EmailField(_l("Work email address"), missing=_l("Enter your work email address"), autocomplete="username")
    password = PasswordField(_l("Password"), missing=_l("Enter your password"), max_length=passwords.LONGEST)


def has_passwords() -> bool:
    """Whether an officer may come in with a password: in demonstration mode only."""
    settings: Settings = current_app.extensions["settings"]
    return settings.demonstration


@officer.page("/officers/sign-in", "/agents/connexion", methods=FORM)
@requires(Permission.PUBLIC)
def sign_in() -> Response:
    """Ask for a passkey; in demonstration mode also for address and password."""
    if current_user.is_authenticated and current_user.audience == "officer":
        return redirect(_where_to(), 303)
    if not has_passwords():
        form = Form.from_request()
        form.submitted()  # whatever was typed opens nothing here
        return _sign_in_page(form)
    return _sign_in_with_password(OfficerSignInForm.from_request())


def _sign_in_with_password(form: Any) -> Response:
    if form.submitted():
        claims = guessing.password_claims("officer_sign_in", form.email.data)
        if guessing.may_try(form, *claims):
            person = officers.check_password(current_session(), form.email.data, form.password.data)
            if person:
                guessing.was_right(*claims)
                sessions.sign_in(person)
                return guessing.know_this_browser(redirect(_where_to(), 303), "officer_sign_in", form.email.data)
            form.refuse(_("The email address or the password is not right"))
    return _sign_in_page(form)


def refused(words: str) -> Response:
    """The door again, with why it did not open."""
    form = OfficerSignInForm() if has_passwords() else Form()
    form.refuse(words)
    return _sign_in_page(form)


def _sign_in_page(form: Form) -> Response:
    page = render_template(
        "officer/sign_in.html",
        form=form,
        has_passwords=has_passwords(),
        wanted=safe_next(),
        directories=identity_providers.directories(),
    )
    return guessing.answer(page, form)


@officer.page("/officers/sign-in/passkey-options", "/agents/connexion/options-cle", methods=POST)
@requires(Permission.PUBLIC)
def passkey_options() -> Response:
    """What to ask the browser for: any passkey that it has for us."""
    ceremonies.may_ask()
    asked = passkeys.begin_sign_in(current_session(), audience="officer", binding=ceremonies.binding())
    return ceremonies.options(asked)


@officer.page("/officers/sign-in/passkey", "/agents/connexion/cle", methods=POST)
@requires(Permission.PUBLIC)
def passkey_sign_in() -> Response:
    """Let an officer in by a passkey."""
    form = PasskeyForm.from_request()
    if not form.submitted():
        abort(400)
    if guessing.may_try(form, guessing.source_claim("passkey_source")):
        person = _holder(str(form.answer.data))
        if person:
            sessions.sign_in(person)
            return redirect(_where_to(), 303)
        form.refuse(_("The passkey was not accepted. Try again, or ask an administrator of your agency."))
    return _sign_in_page(_with_problems_of(form))


def _holder(answer: str) -> Officer | None:
    claimed = ceremonies.claim(passkeys.SIGN_IN)
    passkey = passkeys.finish_sign_in(current_session(), claimed, answer=answer, audience="officer")
    if passkey is None or passkey.officer is None or passkey.officer.activated_at is None:
        ceremonies.refused(passkeys.SIGN_IN, "officer")
        return None
    return passkey.officer


def _with_problems_of(form: Form) -> Form:
    shown = OfficerSignInForm() if has_passwords() else Form()
    shown.form_errors.extend(form.form_errors)
    return shown


@officer.page("/officers/locked", "/agents/verrouille", methods=FORM)
@requires(Permission.PUBLIC)
def unlock() -> Response:
    """The lock screen of a workbench left alone: a factor leads back to the page, with what was typed on it."""
    locked = sessions.locked_here()
    if locked is None:
        return redirect(_where_to() if current_user.is_authenticated else url_for(".sign_in", next=safe_next()), 303)
    return step_up.ask(locked, "officer/unlock.html")


@officer.page("/officers/locked/options", "/agents/verrouille/options", methods=POST)
@requires(Permission.PUBLIC)
def unlock_options() -> Response:
    """What to ask the browser for, for the lock screen's script."""
    locked = sessions.locked_here()
    if locked is None:
        abort(400)
    return step_up.options(locked)


@officer.page("/officers/prove", "/agents/preuve", methods=FORM)
@requires(Permission.OFFICER_USE)
def prove() -> Response:
    """Ask for a factor before a decision, then go on to where the officer was, with what was typed."""
    return step_up.ask(current_user.sign_in, "officer/prove.html")


@officer.page("/officers/prove/options", "/agents/preuve/options", methods=POST)
@requires(Permission.OFFICER_USE)
def proof_options() -> Response:
    """What to ask the browser for, for the page's script."""
    return step_up.options(current_user.sign_in)


@officer.page("/officers/sign-out", "/agents/deconnexion", methods=POST)
@requires(Permission.PUBLIC)
def sign_out() -> Response:
    """End the session on the server and in the browser."""
    if not Form.from_request().submitted():
        abort(400)
    sessions.sign_out()
    return sessions.forgotten(redirect(url_for("officer.signed_out"), 303))


@officer.page("/officers/signed-out", "/agents/deconnecte", methods=GET)
@requires(Permission.PUBLIC)
def signed_out() -> str:
    """Say that the session is over."""
    return render_template("officer/signed_out.html")


def _where_to() -> str:
    return safe_next() or url_for("officer.my_work")
