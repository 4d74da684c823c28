"""A traveller's payment: the fee, the way to the hosted checkout and back, and the receipt."""

from __future__ import annotations

from flask import current_app, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.adapters.payments import Unreachable
from portal.clock import today
from portal.db import current_session
from portal.domain.errors import NotFound
from portal.domain.fees import REASONS
from portal.domain.lifecycle import Status
from portal.domain.permissions import Permission
from portal.i18n import lazy_gettext as _l
from portal.models import Application, Payment
from portal.services import applications, fees, payments
from portal.services.payments import Addresses, Outcome
from portal.web.access import requires
from portal.web.applicant import applicant
from portal.web.forms import Form
from portal.web.routing import FORM, GET
from portal.web.sessions import current_account

UNREACHABLE = _l("We cannot reach the payment company right now. You have not paid. Try again in a few minutes.")


@applicant.page("/applications/<reference:reference>/pay", "/demandes/<reference:reference>/payer", methods=FORM)
@requires(Permission.APPLICATION_FILL)
def pay(reference: str) -> ResponseReturnValue:
    """Say what the application costs, and lead to the payment company's page."""
    application = applications.own(current_session(), current_account(), reference)
    if application.status != Status.AWAITING_PAYMENT:
        return redirect(url_for("applicant.show_payment", reference=reference), 303)
    form = Form.from_request()
    status = None
    if form.submitted():
        payment = _begin(form, application)
        if payment is not None:
            return redirect(_next_page(payment), 303)
        status = 503
    fee = fees.fee_for(current_session(), application, today())
    returned = payments.to_be_returned(current_session(), application)
    page = render_template("applicant/pay.html", application=application, form=form, fee=fee, returned=returned)
    return page, status or form.status


@applicant.page("/applications/<reference:reference>/payment", "/demandes/<reference:reference>/paiement", methods=GET)
@requires(Permission.APPLICATION_FOLLOW)
def show_payment(reference: str) -> ResponseReturnValue:
    """Where the checkout leads back to: paid, being confirmed, or not paid."""
    session = current_session()
    application = applications.own(session, current_account(), reference)
    if payments.latest(session, application) is None:
        return redirect(url_for("applicant.show_application", reference=reference), 303)
    outcome = payments.outcome(session, application)
    return render_template(
        "applicant/show_payment.html",
        application=application,
        outcome=str(outcome),
        payment=payments.paid_payment(session, application) if outcome == Outcome.PAID else None,
        can_pay=application.status == Status.AWAITING_PAYMENT,
        returned=payments.to_be_returned(session, application),
    )


@applicant.page("/applications/<reference:reference>/receipt", "/demandes/<reference:reference>/recu", methods=GET)
@requires(Permission.APPLICATION_FOLLOW)
def receipt(reference: str) -> ResponseReturnValue:
    """The receipt, to keep or to print."""
    session = current_session()
    application = applications.own(session, current_account(), reference)
    payment = payments.paid_payment(session, application)
    if payment is None:
        raise NotFound(reference)
    return render_template("applicant/receipt.html", application=application, payment=payment, reason=_reason(payment))


def _next_page(payment: Payment) -> str:
    if payment.state == "started" and payment.checkout_url:
        return payment.checkout_url
    return _address("applicant.show_payment", payment.application)


def _reason(payment: Payment) -> object:
    return REASONS["adult_cents" if payment.amount_cents else "minor_with_parent_cents"]


def _begin(form: Form, application: Application) -> Payment | None:
    addresses = Addresses(
        done=_address("applicant.show_payment", application), left=_address("applicant.pay", application)
    )
    try:
        return payments.begin_checkout(current_session(), application, addresses, by=current_account())
    except Unreachable:
        form.refuse(UNREACHABLE)
        return None


def _address(endpoint: str, application: Application) -> str:
    """A page's address with scheme and host as people reach it, never as a request names it."""
    origin: str = current_app.extensions["settings"].external_url
    return origin + url_for(endpoint, reference=application.reference)
