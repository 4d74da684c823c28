"""Making an account: address, code, password. The same steps lead back in when a password is forgotten."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from portal.db import current_session
from portal.domain.errors import RuleViolation
from portal.domain.permissions import Permission
from portal.i18n import current_language
from portal.i18n import gettext as _
from portal.models import Account, EmailCode
from portal.services import accounts, factors, half_sign_ins, recovery
from portal.services.limits import Claim
from portal.web import guessing
from portal.web.access import requires, safe_next
from portal.web.account import account, arrivals, proofs, recovering
from portal.web.account.forms import ChoosePasswordForm, CodeForm, ForgotPasswordForm, SignUpForm
from portal.web.forms import Form
from portal.web.routing import FORM, POST


@account.page("/account/create", "/compte/creer", methods=FORM)
@requires(Permission.PUBLIC)
def sign_up() -> Response:
    """Ask for an address and send it a code; the answer is the same for every address."""
    form = SignUpForm.from_request(data={"message_language": current_language()})
    if form.submitted() and _may_send(form, form.email.data, guessing.source_claim("sign_up_source")):
        asked = proofs.ask(form.email.data, accounts.SIGN_UP)
        with proofs.steadily():
            accounts.sign_up(current_session(), form.email.data, language=form.message_language.data, nonce=asked.nonce)
        arrivals.hold_wanted()
        return redirect(url_for("account.confirm_email"), 303)
    return guessing.answer(render_template("account/sign_up.html", form=form, wanted=safe_next()), form)


@account.page("/account/forgot-password", "/compte/mot-de-passe-oublie", methods=FORM)
@requires(Permission.PUBLIC)
def forgot_password() -> Response:
    """Send a code to whoever forgot a password; the answer is the same for every address."""
    form = ForgotPasswordForm.from_request()
    if form.submitted() and _may_send(form, form.email.data):
        _send_code(proofs.ask(form.email.data, accounts.RESET))
        return redirect(url_for("account.confirm_email"), 303)
    return guessing.answer(render_template("account/forgot_password.html", form=form), form)


@account.page("/account/code", "/compte/code", methods=FORM)
@requires(Permission.PUBLIC)
def confirm_email() -> Response:
    """Ask for the code that was sent. Without one asked for in this browser, say where to type it."""
    asked, form = proofs.asked(), CodeForm.from_request()
    if asked and form.submitted() and guessing.may_try(form, Claim("code_guess", asked.nonce)):
        proof = accounts.confirm(
            current_session(),
            *asked.indexes,
            purpose=asked.purpose,
            nonce=asked.nonce,
            code=form.code.data,
        )
        if proof:
            proofs.keep(proof)
            return _address_proved(proof)
        form.refuse(_("This code is not right, or it is too old. Check it, or ask for a new one."), "code")
    page = render_template("account/confirm_email.html", form=form if asked else None, asked=asked)
    return guessing.answer(page, form)


@account.page("/account/code/again", "/compte/code/nouveau", methods=POST)
@requires(Permission.PUBLIC)
def send_code_again() -> Response:
    """Send a new code to the address that this browser is proving."""
    asked, form = proofs.asked(), Form.from_request()
    if asked is None:
        return redirect(url_for("account.sign_up"), 303)
    if form.submitted() and guessing.may_try(form, *guessing.code_claims(asked.index)):
        _send_code(asked)
        return redirect(url_for("account.confirm_email", sent="again"), 303)
    code_form = CodeForm()
    code_form.form_errors.extend(form.form_errors)
    return guessing.answer(render_template("account/confirm_email.html", form=code_form, asked=asked), form)


@account.page("/account/password", "/compte/mot-de-passe", methods=FORM)
@requires(Permission.PUBLIC)
def choose_password() -> Response | tuple[str, int]:
    """Choose a password: a first one once the address is proved, a new one after the second step too."""
    proof = proofs.kept()
    if proof is None or not _may_choose(proof.account):
        return redirect(url_for("account.sign_up"), 303)
    form = ChoosePasswordForm.from_request()
    if form.submitted():
        try:
            person = accounts.choose_password(current_session(), proof, form.password.data)
        except RuleViolation as error:
            form.refuse(error.message, "password")
        else:
            return _password_chosen(person)
    page = render_template("account/choose_password.html", form=form, email=proof.account.email)
    return page, form.status


def _address_proved(proof: EmailCode) -> Response:
    """Email alone opens nothing: who has a way in already must show the second step of it."""
    person = proof.account
    if proof.purpose == accounts.RECOVER:
        return recovering.address_proved(proof)
    if person.enrolled_at is None:
        return redirect(url_for("account.choose_sign_in"), 303)
    arrivals.begin(person, half_sign_ins.RESET)
    return redirect(url_for("account.second_step"), 303)


def _may_choose(person: Account) -> bool:
    half = arrivals.half(half_sign_ins.RESET)
    is_completed = half is not None and half.account_id == person.id and half.passed_at is not None
    return is_completed or person.enrolled_at is None


def _password_chosen(person: Account) -> Response:
    is_whole = person.enrolled_at is not None and factors.of(current_session(), person).is_set_up
    if is_whole and not recovery.is_confirmed_in_person(current_session(), person):
        return arrivals.arrive(person)
    arrivals.begin(person, half_sign_ins.ENROL)
    return redirect(url_for("account.set_up_app"), 303)


def _may_send(form: Form, email: str, *others: Claim) -> bool:
    return guessing.may_try(form, *guessing.code_claims(proofs.index_of(email)), *others)


def _send_code(asked: proofs.Asked) -> None:
    with proofs.steadily():
        person = accounts.find(current_session(), *asked.indexes)
        accounts.prove_address(current_session(), person, purpose=asked.purpose, nonce=asked.nonce)
