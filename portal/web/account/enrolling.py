"""Choosing how to sign in, before the first session: a passkey, or a password and an authenticator app."""

from __future__ import annotations

import io

import segno
from flask import Response as FlaskResponse
from flask import abort, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.clock import now
from portal.db import current_session
from portal.domain.errors import NotFound, RuleViolation
from portal.domain.permissions import Permission
from portal.models import Account, AuthenticatorApp
from portal.services import accounts, authenticator, half_sign_ins, passkeys, recovery_codes, sign_ins
from portal.services.limits import Claim
from portal.web import ceremonies, guessing
from portal.web.access import requires
from portal.web.account import account, arrivals, proofs, recovering
from portal.web.account.forms import AppCodeForm
from portal.web.ceremonies import PasskeyForm
from portal.web.devices import device_name, here
from portal.web.routing import FORM, GET, POST


@account.page("/account/choose-sign-in", "/compte/choisir-connexion", methods=FORM)
@requires(Permission.PUBLIC)
def choose_sign_in() -> Response:
    """Offer a passkey first, then password and app. Posted, it brings the new passkey."""
    person = beginner()
    if person is None:
        return redirect(url_for("account.sign_up"), 303)
    form = PasskeyForm.from_request()
    if form.submitted() and guessing.may_try(form, guessing.source_claim("passkey_source")):
        try:
            recovering.finish(person)
            register(person, form)
        except RuleViolation as error:
            form.refuse(error.message)
        else:
            return begin_with_codes(person)
    page = render_template("account/choose_sign_in.html", form=form, person=person)
    return guessing.answer(page, form)


@account.page("/account/new-passkey-options", "/compte/options-nouvelle-cle", methods=POST)
@requires(Permission.PUBLIC)
def new_passkey_options() -> FlaskResponse:
    """What the browser is to be asked to make: for who is choosing how to sign in, or is signed in already."""
    ceremonies.may_ask()
    person = beginner() or owner()
    if person is None:
        abort(403)
    asked = passkeys.begin_registration(current_session(), person, binding=ceremonies.binding())
    return ceremonies.options(asked)


@account.page("/account/authenticator-app", "/compte/application-authentification", methods=FORM)
@requires(Permission.PUBLIC)
def set_up_app() -> Response:
    """Show the secret as a picture, a link and a text, and ask for the first code."""
    half = arrivals.half(half_sign_ins.ENROL)
    if half is None:
        return redirect(url_for("account.sign_in"), 303)
    person, form = half.account, AppCodeForm.from_request()
    app = authenticator.begin(current_session(), person)
    if form.submitted() and guessing.may_try(form, Claim("second_factor", str(person.id))):
        try:
            recovering.finish(person)
            authenticator.confirm(current_session(), app, form.code.data)
        except RuleViolation as error:
            form.refuse(error.message, "code")
        else:
            return begin_with_codes(person)
    page = render_template("account/set_up_app.html", form=form, **about(app))
    return guessing.answer(page, form)


@account.page("/account/authenticator-app.svg", "/compte/application-authentification.svg", methods=GET)
@requires(Permission.PUBLIC)
def app_picture() -> FlaskResponse:
    """The secret of the app that is being set up, as a picture for its camera."""
    half = arrivals.half(half_sign_ins.ENROL)
    person = half.account if half else owner()
    app = authenticator.begun(current_session(), person) if person else None
    if app is None:
        raise NotFound
    picture = io.BytesIO()
    segno.make(authenticator.address(app), error="m").save(picture, kind="svg", scale=5, border=4, light="#fff")
    response = FlaskResponse(picture.getvalue(), mimetype="image/svg+xml")
    response.headers["Cache-Control"] = "no-store"
    return response


def beginner() -> Account | None:
    """Who is choosing how to sign in: with a proved address and nothing yet, or a password and no second step."""
    half = arrivals.half(half_sign_ins.ENROL)
    if half is not None:
        return half.account
    proof = proofs.kept()
    return proof.account if proof is not None and proof.account.enrolled_at is None else None


def owner() -> Account | None:
    """Who is signed in and has shown a factor lately."""
    if not current_user.is_authenticated or not isinstance(current_user.person, Account):
        return None
    return current_user.person if sign_ins.is_fresh(current_user.sign_in, now()) else None


def register(person: Account, form: PasskeyForm, *, name: str = "") -> None:
    """Keep the passkey that the form brings. Raises RuleViolation."""
    passkeys.finish_registration(
        current_session(),
        person,
        ceremonies.claim(passkeys.REGISTER),
        answer=form.answer.data,
        name=name or device_name(here()),
    )


def begin_with_codes(person: Account) -> Response:
    """There is a whole way in now: begin the session, and hand out recovery codes first."""
    if proof := proofs.kept():
        accounts.end_proof(proof)
    accounts.mark_enrolled(current_session(), person)
    recovery_codes.renew(current_session(), person)
    return arrivals.arrive(person, is_new=True, to=url_for("account.save_recovery_codes", next=arrivals.held_wanted()))


def about(app: AuthenticatorApp) -> dict[str, str]:
    """What the page shows of an app that is being set up: its secret in fours, and its address for a tap."""
    secret = app.secret or ""
    groups = [secret[start : start + 4] for start in range(0, len(secret), 4)]
    return {"secret": " ".join(groups), "address": authenticator.address(app)}
