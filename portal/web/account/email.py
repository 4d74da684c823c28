"""Changing the address of an account: asked, proved by a code, cooling, cancelled."""

from __future__ import annotations

from flask import abort, redirect, render_template, url_for
from werkzeug.wrappers import Response

from portal.db import current_session
from portal.domain.errors import NotOpenToThis, RuleViolation
from portal.domain.permissions import Permission
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.models import EmailChange
from portal.services import email_changes
from portal.services.limits import Claim
from portal.web import guessing
from portal.web.access import requires
from portal.web.account import account, proofs
from portal.web.account.forms import EMAIL_MISSING, CodeForm
from portal.web.forms import EmailField, Form
from portal.web.routing import FORM, POST
from portal.web.sessions import current_account
from portal.web.step_up import requires_step_up


class ChangeEmailForm(Form):
    email = EmailField(_l("New email address"), missing=EMAIL_MISSING, hint=_l("We send a code to this address."))


@account.page("/account/change-email", "/compte/changer-courriel", methods=FORM)
@requires(Permission.ACCOUNT_USE)
@requires_step_up
def change_email() -> Response:
    """Ask for another address. The answer is the same whoever has that address."""
    person, form = current_account(), ChangeEmailForm.from_request()
    change = email_changes.open_of(current_session(), person)
    if form.submitted() and _may_send(form) and _asked(form):
        return redirect(url_for("account.prove_email"), 303)
    hours = email_changes.cooling_hours(current_session())
    page = render_template("account/change_email.html", form=form, email=person.email, change=change, hours=hours)
    return guessing.answer(page, form)


def _may_send(form: ChangeEmailForm) -> bool:
    claims = guessing.code_claims(proofs.index_of(form.email.data))
    return guessing.may_try(form, *claims, Claim("code_send_change", str(current_account().id)))


def _asked(form: ChangeEmailForm) -> bool:
    try:
        with proofs.steadily():
            email_changes.ask(current_session(), current_account(), form.email.data)
    except RuleViolation as error:
        form.refuse(error.message, "email")
        return False
    return True


@account.page("/account/change-email/code", "/compte/changer-courriel/code", methods=FORM)
@requires(Permission.ACCOUNT_USE)
def prove_email() -> Response:
    """Take the code that went to the new address."""
    change, form = email_changes.open_of(current_session(), current_account()), CodeForm.from_request()
    if change is None or change.proved_at is not None:
        return redirect(url_for("account.change_email"), 303)
    if form.submitted() and guessing.may_try(form, Claim("code_guess", str(change.id))):
        if _is_right(change, form):
            return redirect(url_for("account.security", changed="email"), 303)
        form.refuse(_("This code is not right, or it is too old. Check it, or ask for a new one."), "code")
    return guessing.answer(render_template("account/prove_email.html", form=form, change=change), form)


def _is_right(change: EmailChange, form: CodeForm) -> bool:
    return email_changes.prove(current_session(), change, form.code.data)


@account.page("/account/change-email/cancel", "/compte/changer-courriel/annuler", methods=POST)
@requires(Permission.ACCOUNT_USE)
def cancel_email_change() -> Response:
    """Keep the address that is in use."""
    if not Form.from_request().submitted():
        abort(400)
    try:
        email_changes.cancel(current_session(), current_account())
    except NotOpenToThis:
        return redirect(url_for("account.security"), 303)
    return redirect(url_for("account.security", changed="email_cancelled"), 303)
