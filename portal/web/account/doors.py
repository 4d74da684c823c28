"""The traveller's door: signing in and out."""

from __future__ import annotations

from flask import abort, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.db import current_session
from portal.domain.permissions import Permission
from portal.i18n import gettext as _
from portal.services import accounts
from portal.web import guessing, sessions
from portal.web.access import requires, safe_next
from portal.web.account import account
from portal.web.account.forms import SignInForm
from portal.web.forms import Form
from portal.web.routing import FORM, GET, POST


@account.page("/sign-in", "/connexion", methods=FORM)
@requires(Permission.PUBLIC)
def sign_in() -> Response:
    """Let a traveller in with address and password; whatever is wrong, the answer is the same."""
    if current_user.is_authenticated and current_user.audience == "traveller":
        return redirect(_where_to(), 303)
    form = SignInForm.from_request()
    if form.submitted():
        claims = guessing.password_claims("sign_in", form.email.data)
        if guessing.may_try(form, *claims):
            person = accounts.check_password(current_session(), form.email.data, form.password.data)
            if person:
                guessing.was_right(*claims)
                sessions.sign_in(person)
                return guessing.know_this_browser(redirect(_where_to(), 303), "sign_in", form.email.data)
            form.refuse(_("The email address or the password is not right"))
    return guessing.answer(render_template("account/sign_in.html", form=form, wanted=safe_next()), form)


@account.page("/sign-out", "/deconnexion", methods=POST)
@requires(Permission.PUBLIC)
def sign_out() -> Response:
    """End the session on the server and in the browser."""
    if not Form.from_request().submitted():
        abort(400)
    sessions.sign_out()
    return sessions.forgotten(redirect(url_for("account.signed_out"), 303))


@account.page("/signed-out", "/deconnecte", methods=GET)
@requires(Permission.PUBLIC)
def signed_out() -> str:
    """Say that the session is over."""
    return render_template("account/signed_out.html")


def _where_to() -> str:
    return safe_next() or url_for("applicant.dashboard")
