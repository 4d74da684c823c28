"""When every second step is lost: a recovery that waits with notice, or one in person at a centre."""

from __future__ import annotations

from datetime import timedelta

from flask import abort, current_app, redirect, render_template, url_for
from werkzeug.wrappers import Response

from portal.config import Settings
from portal.db import current_session
from portal.domain.permissions import Permission
from portal.models import Account, EmailCode, HalfSignIn, RecoveryRequest
from portal.services import accounts, half_sign_ins, recovery
from portal.web import guessing
from portal.web.access import requires
from portal.web.account import account, arrivals, proofs
from portal.web.account.forms import RecoveryForm
from portal.web.forms import Form
from portal.web.routing import FORM, POST
from portal.web.sessions import current_account


@account.page("/sign-in/recover", "/connexion/recuperation", methods=FORM)
@requires(Permission.PUBLIC)
def recover() -> Response | tuple[str, int]:
    """Begin a recovery, or say how far it is: for who has shown the password, or at least has the address."""
    half = arrivals.half(half_sign_ins.SIGN_IN, half_sign_ins.RESET)
    if half is None:
        return redirect(url_for("account.sign_in"), 303)
    form = RecoveryForm.from_request()
    form.way.choices = [choice for choice in form.way.choices if choice[0] in _ways(half)]
    if form.submitted():
        recovery.begin(current_session(), half.account, way=form.way.data, wait=_wait())
        return redirect(url_for("account.recover"), 303)
    request = recovery.of(current_session(), half.account)
    page = render_template(
        "account/recover.html",
        form=None if request else form,
        request_open=request,
        is_ready=request is not None and recovery.is_ready(request),
        may_continue=request is not None and _may_continue(half, request),
        hours=int(_wait().total_seconds() // 3600),
    )
    return page, form.status


@account.page("/sign-in/recover/continue", "/connexion/recuperation/suite", methods=POST)
@requires(Permission.PUBLIC)
def continue_recovery() -> Response:
    """The time is over, or the centre has confirmed: prove the address where that is wanted, then set up anew."""
    form = Form.from_request()
    if not form.submitted():
        abort(400)
    half = arrivals.half(half_sign_ins.SIGN_IN, half_sign_ins.RESET)
    request = recovery.of(current_session(), half.account) if half else None
    if half is None or request is None or not _may_continue(half, request):
        return redirect(url_for("account.recover"), 303)
    if half.purpose == half_sign_ins.RESET:
        half_sign_ins.complete(current_session(), half)
        return redirect(url_for("account.choose_password"), 303)
    email = half.account.email or ""
    if guessing.may_try(form, *guessing.code_claims(proofs.index_of(email))):
        asked = proofs.ask(email, accounts.RECOVER)
        accounts.prove_address(current_session(), half.account, purpose=asked.purpose, nonce=asked.nonce)
    return redirect(url_for("account.confirm_email"), 303)


@account.page("/account/recovery/cancel", "/compte/recuperation/annuler", methods=POST)
@requires(Permission.ACCOUNT_USE)
def cancel_recovery() -> Response:
    """Who can sign in needs no recovery, or did not ask for one."""
    if not Form.from_request().submitted():
        abort(400)
    request = recovery.of(current_session(), current_account())
    if request is not None:
        recovery.cancel(current_session(), request, by=current_account())
    return redirect(url_for("account.security", changed="recovery"), 303)


def address_proved(proof: EmailCode) -> Response:
    """Password and address are both shown, and the time is over: choose a new way to sign in."""
    half = arrivals.half(half_sign_ins.SIGN_IN)
    request = recovery.of(current_session(), proof.account)
    if half is None or half.account_id != proof.account_id or request is None or not recovery.is_ready(request):
        return redirect(url_for("account.sign_in"), 303)
    accounts.end_proof(proof)
    arrivals.begin(proof.account, half_sign_ins.ENROL)
    return redirect(url_for("account.choose_sign_in"), 303)


def finish(person: Account) -> None:
    """Whoever sets up a new way in after a recovery loses the old ones with the same stroke."""
    request = recovery.of(current_session(), person)
    if request is not None and recovery.is_ready(request) and arrivals.half(half_sign_ins.ENROL):
        recovery.complete(current_session(), request)


def _ways(half: HalfSignIn) -> tuple[str, ...]:
    """Waiting needs the password; who has only the address is seen at a centre."""
    return (recovery.WAITING, recovery.CENTRE) if half.purpose == half_sign_ins.SIGN_IN else (recovery.CENTRE,)


def _may_continue(half: HalfSignIn, request: RecoveryRequest) -> bool:
    return recovery.is_ready(request) and request.way in _ways(half)


def _wait() -> timedelta:
    settings: Settings = current_app.extensions["settings"]
    return timedelta(hours=settings.recovery_wait_hours)
