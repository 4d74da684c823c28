"""The traveller's door: signing in by passkey, or by password and a second step, and signing out."""

from __future__ import annotations

from flask import abort, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.db import current_session
from portal.domain.permissions import Permission
from portal.i18n import gettext as _
from portal.models import Account
from portal.services import accounts, factors, half_sign_ins, passkeys
from portal.services.limits import Claim
from portal.web import ceremonies, guessing, sessions
from portal.web.access import requires, safe_next
from portal.web.account import account, arrivals
from portal.web.account.forms import SecondStepForm, SignInForm
from portal.web.ceremonies import PasskeyForm
from portal.web.forms import Form
from portal.web.routing import FORM, GET, POST


@account.page("/sign-in", "/connexion", methods=FORM)
@requires(Permission.PUBLIC)
def sign_in() -> Response:
    """Ask for address and password, or a passkey; whatever is wrong, the answer is the same."""
    if current_user.is_authenticated and current_user.audience == "traveller":
        return redirect(_where_to(), 303)
    form = SignInForm.from_request()
    if form.submitted():
        claims = guessing.password_claims("sign_in", form.email.data)
        if guessing.may_try(form, *claims):
            person = accounts.check_password(current_session(), form.email.data, form.password.data)
            if person:
                guessing.was_right(*claims)
                return _first_step_done(person)
            form.refuse(_("The email address or the password is not right"))
    return _sign_in_page(form)


@account.page("/sign-in/passkey-options", "/connexion/options-cle", methods=POST)
@requires(Permission.PUBLIC)
def passkey_options() -> Response:
    """What to ask the browser for: any passkey that it has for us, or one of the person whose password was right."""
    ceremonies.may_ask()
    half = arrivals.half(half_sign_ins.SIGN_IN, half_sign_ins.RESET)
    person = half.account if half else None
    asked = passkeys.begin_sign_in(current_session(), audience="traveller", binding=ceremonies.binding(), person=person)
    return ceremonies.options(asked)


@account.page("/sign-in/passkey", "/connexion/cle", methods=POST)
@requires(Permission.PUBLIC)
def passkey_sign_in() -> Response:
    """Let a traveller in by a passkey, which is two steps in one."""
    form = PasskeyForm.from_request()
    if not form.submitted():
        abort(400)
    page_form = SignInForm()
    if guessing.may_try(page_form, guessing.source_claim("passkey_source")):
        person = _holder(form)
        if person:
            return arrivals.arrive(person)
        page_form.refuse(_("The passkey was not accepted. Try again, or sign in another way."))
    return _sign_in_page(page_form)


@account.page("/sign-in/second-step", "/connexion/seconde-etape", methods=FORM)
@requires(Permission.PUBLIC)
def second_step() -> Response:
    """After the password, ask for what the person has: a code of an app, a recovery code, a code of a sheet."""
    half = arrivals.half(half_sign_ins.SIGN_IN, half_sign_ins.RESET)
    if half is None:
        return redirect(url_for("account.sign_in"), 303)
    form = SecondStepForm.from_request()
    if form.submitted():
        claims = (Claim("second_factor", str(half.account_id)), guessing.source_claim("second_factor_source"))
        if guessing.may_try(form, *claims):
            if factors.use_code(current_session(), half.account, form.code.data):
                guessing.was_right(*claims)
                return _second_step_done()
            form.refuse(_("This code is not right, or it was used before. Check it, or use another one."), "code")
    return _second_step_page(form)


@account.page("/sign-in/second-step/passkey", "/connexion/seconde-etape/cle", methods=POST)
@requires(Permission.PUBLIC)
def second_step_passkey() -> Response:
    """A passkey as the second step."""
    form = PasskeyForm.from_request()
    if not form.submitted():
        abort(400)
    half = arrivals.half(half_sign_ins.SIGN_IN, half_sign_ins.RESET)
    if half is None:
        return redirect(url_for("account.sign_in"), 303)
    page_form = SecondStepForm()
    if guessing.may_try(page_form, guessing.source_claim("passkey_source")):
        person = _holder(form)
        if person is not None and person.id == half.account_id:
            return _second_step_done()
        page_form.refuse(_("The passkey was not accepted. Try again, or sign in another way."))
    return _second_step_page(page_form)


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


def _first_step_done(person: Account) -> Response:
    # Who never got as far as a second step has not been inside yet, and sets one up first.
    is_enrolled = person.enrolled_at is not None
    arrivals.begin(person, half_sign_ins.SIGN_IN if is_enrolled else half_sign_ins.ENROL)
    return redirect(url_for("account.second_step" if is_enrolled else "account.choose_sign_in"), 303)


def _second_step_done() -> Response:
    half = arrivals.half(half_sign_ins.SIGN_IN, half_sign_ins.RESET)
    assert half is not None
    if half.purpose == half_sign_ins.SIGN_IN:
        return arrivals.arrive(half.account)
    half_sign_ins.complete(current_session(), half)
    return redirect(url_for("account.choose_password"), 303)


def _holder(form: PasskeyForm) -> Account | None:
    claimed = ceremonies.claim(passkeys.SIGN_IN)
    shown = passkeys.finish_sign_in(current_session(), claimed, answer=form.answer.data, audience="traveller")
    if shown is None:
        ceremonies.refused(passkeys.SIGN_IN, "traveller")
    return shown.account if shown else None


def _sign_in_page(form: SignInForm) -> Response:
    page = render_template(
        "account/sign_in.html", form=form, passkey_form=PasskeyForm(), wanted=safe_next() or arrivals.held_wanted()
    )
    return guessing.answer(page, form)


def _second_step_page(form: SecondStepForm) -> Response:
    half = arrivals.half(half_sign_ins.SIGN_IN, half_sign_ins.RESET)
    assert half is not None
    has = factors.of(current_session(), half.account)
    page = render_template("account/second_step.html", form=form, passkey_form=PasskeyForm(), has=has, half=half)
    return guessing.answer(page, form)


def _where_to() -> str:
    return safe_next() or url_for("applicant.dashboard")
