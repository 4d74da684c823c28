"""The ways to sign in, looked after from inside: passkeys, apps, recovery codes, printed sheets."""

from __future__ import annotations

import uuid

from flask import Response as FlaskResponse
from flask import abort, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.db import current_session
from portal.domain.errors import NotFound, RuleViolation
from portal.domain.permissions import Permission
from portal.i18n import gettext as _
from portal.models import Account, Passkey
from portal.services import (
    applications,
    authenticator,
    factors,
    passkeys,
    posted_sheets,
    recovery_codes,
    sheets,
    sign_ins,
)
from portal.services.factors import Factor
from portal.services.limits import Claim
from portal.web import guessing
from portal.web.access import requires, safe_next
from portal.web.account import account
from portal.web.account.enrolling import about, register
from portal.web.account.forms import AppCodeForm, SheetForm
from portal.web.ceremonies import NewPasskeyForm, PasskeyNameForm
from portal.web.forms import Form
from portal.web.routing import FORM, GET, POST
from portal.web.sessions import current_account
from portal.web.step_up import requires_step_up


@account.page("/account/passkeys/add", "/compte/cles/ajouter", methods=FORM)
@requires(Permission.ACCOUNT_USE)
@requires_step_up
def add_passkey() -> Response:
    """Add a passkey."""
    person, form = current_account(), NewPasskeyForm.from_request()
    if form.submitted() and guessing.may_try(form, guessing.source_claim("passkey_source")):
        try:
            register(person, form, name=form.name.data)
        except RuleViolation as error:
            form.refuse(error.message)
        else:
            return _changed("passkey_added")
    return guessing.answer(render_template("account/add_passkey.html", form=form), form)


@account.page("/account/passkeys/<uuid:factor_id>/rename", "/compte/cles/<uuid:factor_id>/renommer", methods=FORM)
@requires(Permission.ACCOUNT_USE)
def rename_passkey(factor_id: uuid.UUID) -> Response | tuple[str, int]:
    """Call a passkey by another name."""
    factor = _own(factor_id)
    if not isinstance(factor, Passkey):
        raise NotFound
    form = PasskeyNameForm.from_request(data={"name": factor.name})
    if form.submitted():
        passkeys.rename(current_session(), factor, form.name.data)
        return redirect(url_for("account.security", changed="renamed"), 303)
    return render_template("account/rename_passkey.html", form=form), form.status


@account.page("/account/apps/add", "/compte/applications/ajouter", methods=FORM)
@requires(Permission.ACCOUNT_USE)
@requires_step_up
def add_app() -> Response:
    """Add an authenticator app."""
    person, form = current_account(), AppCodeForm.from_request()
    app = authenticator.begin(current_session(), person)
    if form.submitted() and guessing.may_try(form, Claim("second_factor", str(person.id))):
        try:
            authenticator.confirm(current_session(), app, form.code.data)
        except RuleViolation as error:
            form.refuse(error.message, "code")
        else:
            return _changed("authenticator_app_added")
    page = render_template("account/set_up_app.html", form=form, came_from="account.security", **about(app))
    return guessing.answer(page, form)


@account.page("/account/ways/<uuid:factor_id>/remove", "/compte/moyens/<uuid:factor_id>/retirer", methods=FORM)
@requires(Permission.ACCOUNT_USE)
@requires_step_up
def remove_factor(factor_id: uuid.UUID) -> Response | tuple[str, int]:
    """Ask whether to remove a way to sign in, and remove it, but never the last."""
    factor, form = _own(factor_id), Form.from_request()
    if form.submitted():
        try:
            factors.remove(current_session(), factor)
        except RuleViolation as error:
            form.refuse(error.message)
        else:
            _end_other_sessions()
            return redirect(url_for("account.security", changed="removed"), 303)
    return render_template("account/remove_factor.html", form=form, factor=factor), form.status


@account.page("/account/recovery-codes", "/compte/codes-recuperation", methods=FORM)
@requires(Permission.ACCOUNT_USE)
def save_recovery_codes() -> Response | tuple[str, int]:
    """Show new recovery codes until their holder says that they are saved."""
    person, form = current_account(), Form.from_request()
    if form.submitted():
        recovery_codes.mark_saved(current_session(), person)
        return redirect(safe_next() or url_for(_first_page_for(person)), 303)
    codes = recovery_codes.unsaved(current_session(), person)
    if not codes:
        return redirect(url_for("account.security"), 303)
    has = factors.of(current_session(), person)
    return render_template("account/save_recovery_codes.html", form=form, codes=codes, has=has), form.status


def _first_page_for(person: Account) -> str:
    """Where somebody goes who has just made an account: to begin, while there is nothing to see."""
    has_any = applications.of_account(current_session(), person)
    return "applicant.dashboard" if has_any else "applicant.start_application"


@account.page("/account/recovery-codes.txt", "/compte/codes-recuperation.txt", methods=GET)
@requires(Permission.ACCOUNT_USE)
def download_recovery_codes() -> FlaskResponse:
    """The codes that are not yet said to be saved, as a text file."""
    codes = recovery_codes.unsaved(current_session(), current_account())
    if not codes:
        raise NotFound
    rule = _("Each code works once. Keep them where nobody else finds them.")
    lines = [_("Passage: recovery codes"), rule, "", *codes]
    response = FlaskResponse("\r\n".join(lines) + "\r\n", mimetype="text/plain")
    response.headers.set("Content-Disposition", "attachment", filename="passage-recovery-codes.txt")
    return response


@account.page("/account/recovery-codes/renew", "/compte/codes-recuperation/nouveaux", methods=POST)
@requires(Permission.ACCOUNT_USE)
@requires_step_up
def renew_recovery_codes() -> Response:
    """Ten new recovery codes; the old ones stop working."""
    if not Form.from_request().submitted():
        abort(400)
    recovery_codes.renew(current_session(), current_account())
    factors.tell(current_session(), current_account(), "recovery_codes_renewed")
    return redirect(url_for("account.save_recovery_codes"), 303)


@account.page("/account/printed-sheet", "/compte/feuille-imprimee", methods=FORM)
@requires(Permission.ACCOUNT_USE)
@requires_step_up
def request_sheet() -> Response | tuple[str, int]:
    """Ask for a printed sheet of codes, for who has no device."""
    form = SheetForm.from_request()
    is_wanted, by_post = form.submitted(), form.delivery.data == sheets.POST
    if is_wanted and by_post and not posted_sheets.envelope_of(current_session(), current_account()):
        form.refuse(posted_sheets.NO_ADDRESS, "delivery")
    elif is_wanted:
        sheets.request(current_session(), current_account(), delivery=form.delivery.data)
        factors.tell(current_session(), current_account(), "sheet_requested")
        return redirect(url_for("account.security", changed="sheet"), 303)
    return render_template("account/request_sheet.html", form=form), form.status


def _own(factor_id: uuid.UUID) -> Factor:
    has = factors.of(current_session(), current_account())
    mine: list[Factor] = [*has.passkeys, *has.apps, *has.sheets]
    factor = next((one for one in mine if one.id == factor_id), None)
    if factor is None:
        raise NotFound
    return factor


def _changed(what: str) -> Response:
    factors.tell(current_session(), current_account(), what)
    _end_other_sessions()
    return redirect(url_for("account.security", changed="added"), 303)


def _end_other_sessions() -> None:
    here, person = current_user.sign_in, current_account()
    sign_ins.end_all(current_session(), person, except_for=here, by=person)
