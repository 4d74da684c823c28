"""The officers' door: signing in and out, and accepting an invitation."""

from __future__ import annotations

from flask import abort, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.db import current_session
from portal.domain import passwords
from portal.domain.errors import RuleViolation
from portal.domain.permissions import Permission
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.services import officers
from portal.web import guessing, sessions
from portal.web.access import requires, safe_next
from portal.web.forms import EmailField, Form, PasswordField
from portal.web.officer import officer
from portal.web.routing import FORM, GET, POST


class OfficerSignInForm(Form):
    email = EmailField(_l("Work email address"), missing=_l("Enter your work email address"), autocomplete="username")
    password = PasswordField(_l("Password"), missing=_l("Enter your password"), max_length=passwords.LONGEST)


class AcceptInvitationForm(Form):
    password = PasswordField(
        _l("New password"),
        hint=_l(
            "At least %(least)s characters. A few words that do not belong together are easy to remember"
            " and hard to guess.",
            least=passwords.SHORTEST,
        ),
        missing=_l("Enter a new password"),
        autocomplete="new-password",
        max_length=passwords.LONGEST,
    )


@officer.page("/officers/sign-in", "/agents/connexion", methods=FORM)
@requires(Permission.PUBLIC)
def sign_in() -> Response:
    """Let an officer in with address and password; whatever is wrong, the answer is the same."""
    if current_user.is_authenticated and current_user.audience == "officer":
        return redirect(_where_to(), 303)
    form = OfficerSignInForm.from_request()
    if form.submitted():
        claims = guessing.password_claims("officer_sign_in", form.email.data)
        if guessing.may_try(form, *claims):
            person = officers.check_password(current_session(), form.email.data, form.password.data)
            if person:
                guessing.was_right(*claims)
                sessions.sign_in(person)
                return guessing.know_this_browser(redirect(_where_to(), 303), "officer_sign_in", form.email.data)
            form.refuse(_("The email address or the password is not right"))
    return guessing.answer(render_template("officer/sign_in.html", form=form), form)


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


@officer.page("/officers/invitation/<token>", "/agents/invitation/<token>", methods=FORM)
@requires(Permission.PUBLIC)
def accept_invitation(token: str) -> Response:
    """Choose a password by the link of an invitation, which works once, and be signed in."""
    invitation = officers.open_invitation(current_session(), token)
    form = AcceptInvitationForm.from_request()
    if form.submitted():
        try:
            person = officers.accept_invitation(current_session(), token, password=form.password.data)
        except RuleViolation as error:
            form.refuse(error.message, "password")
        else:
            sessions.sign_in(person)
            response = redirect(url_for("officer.my_work"), 303)
            return guessing.know_this_browser(response, "officer_sign_in", person.email or "")
    page = render_template("officer/accept_invitation.html", form=form, invited=invitation.officer)
    return guessing.answer(page, form)


def _where_to() -> str:
    return safe_next() or url_for("officer.my_work")
