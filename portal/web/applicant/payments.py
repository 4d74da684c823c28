"""A traveller's payment: the fees of a family, the way to the hosted checkout and back, and the receipt."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.adapters.payments import Unreachable
from portal.clock import today
from portal.db import current_session
from portal.domain.errors import NotFound, NotOpenToThis
from portal.domain.fees import Fee
from portal.domain.lifecycle import Status
from portal.domain.permissions import Permission
from portal.i18n import format_money
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.models import Application, Payment
from portal.services import applications, family, fees, payments, receipts, ties
from portal.services.payments import Addresses, Outcome
from portal.services.receipts import Receipt
from portal.web.access import beyond_own_rows, requires
from portal.web.applicant import applicant
from portal.web.forms import CheckboxesField, Form
from portal.web.guessing import limited
from portal.web.routing import FORM, GET
from portal.web.sessions import current_account

UNREACHABLE = _l("We cannot reach the payment company right now. You have not paid. Try again in a few minutes.")


class PayForm(Form):
    together = CheckboxesField(_l("Pay for these people too"))


@dataclass(frozen=True)
class Due:
    """An application that waits for its fee, as the payer may know it: a linked adult's by the given name."""

    application: Application
    name: str
    fee: Fee


@applicant.page("/applications/<reference:reference>/pay", "/demandes/<reference:reference>/payer", methods=FORM)
@requires(Permission.APPLICATION_FILL)
@beyond_own_rows
def pay(reference: str) -> ResponseReturnValue:
    """Say what this application costs, and all others that the account may pay; lead to the payment company's page."""
    application = applications.own(current_session(), current_account(), reference)
    if application.status != Status.AWAITING_PAYMENT:
        return redirect(url_for("applicant.show_payment", reference=reference), 303)
    due = [_due(one) for one in ties.to_pay(current_session(), current_account())]
    others = [one for one in due if one.application.id != application.id]
    form = PayForm.from_request(data={"together": [str(one.application.id) for one in others]})
    form.together.choices = [(str(one.application.id), one.name, _costs(one)) for one in others]
    status = None
    if form.submitted():
        chosen = [one.application for one in others if str(one.application.id) in (form.together.data or ())]
        payment = _begin(form, application, chosen)
        if payment is not None:
            return redirect(_next_page(payment), 303)
        status = 503
    page = render_template(
        "applicant/pay.html",
        application=application,
        form=form,
        fee=next(one.fee for one in due if one.application.id == application.id),
        others=others,
        total=sum(one.fee.amount for one in due),
        own_draft=_own_draft(application),
        returned=payments.to_be_returned(current_session(), application),
    )
    return page, status or form.status


@applicant.page("/applications/<reference:reference>/payment", "/demandes/<reference:reference>/paiement", methods=GET)
@requires(Permission.APPLICATION_FOLLOW)
@beyond_own_rows
def show_payment(reference: str) -> ResponseReturnValue:
    """Where the checkout leads back to: paid, being confirmed, or not paid."""
    session = current_session()
    application = applications.own(session, current_account(), reference)
    if payments.latest(session, application) is None:
        return redirect(url_for("applicant.show_application", reference=reference), 303)
    outcome = payments.outcome(session, application)
    payment = payments.paid_payment(session, application) if outcome == Outcome.PAID else None
    return render_template(
        "applicant/show_payment.html",
        application=application,
        outcome=str(outcome),
        payment=payment,
        receipt=receipts.of_payment(session, payment, current_account()) if payment else None,
        can_pay=application.status == Status.AWAITING_PAYMENT,
        returned=payments.to_be_returned(session, application),
    )


@applicant.page("/applications/<reference:reference>/receipt", "/demandes/<reference:reference>/recu", methods=GET)
@requires(Permission.APPLICATION_FOLLOW)
@beyond_own_rows
def receipt(reference: str) -> ResponseReturnValue:
    """The receipt, a line for each person."""
    return render_template("applicant/receipt.html", receipt=_receipt(reference), reference=reference)


@applicant.page(
    "/applications/<reference:reference>/receipt/pdf", "/demandes/<reference:reference>/recu/pdf", methods=GET
)
@requires(Permission.APPLICATION_FOLLOW)
@limited("export", "GET")
@beyond_own_rows
def download_receipt(reference: str) -> ResponseReturnValue:
    """The receipt as a PDF."""
    found = _receipt(reference)
    response = make_response(receipts.as_pdf(found))
    response.headers["Content-Type"] = "application/pdf"
    response.headers["Content-Disposition"] = f'attachment; filename="{found.number}.pdf"'
    return response


def _receipt(reference: str) -> Receipt:
    session = current_session()
    application = applications.own(session, current_account(), reference)
    payment = payments.paid_payment(session, application)
    if payment is None:
        raise NotFound(reference)
    return receipts.of_payment(session, payment, current_account())


def _due(application: Application) -> Due:
    is_own = application.account_id == current_account().id
    name = application.person.full_name if is_own else family.given_name(application.person)
    return Due(application, name, fees.fee_for(current_session(), application, today()))


def _costs(one: Due) -> str:
    return f"{format_money(one.fee.amount, one.fee.currency)}. {one.fee.reason}"


def _own_draft(application: Application) -> Application | None:
    """The account holder's own application, where sending it first would make a child's free of charge."""
    if application.role == "self":
        return None
    own = applications.of_account(current_session(), current_account())
    return next((one for one in own if one.role == "self" and one.status == Status.DRAFT), None)


def _next_page(payment: Payment) -> str:
    if payment.state == "started" and payment.checkout_url:
        return payment.checkout_url
    return _address("applicant.show_payment", payment.application)


def _begin(form: Form, application: Application, others: list[Application]) -> Payment | None:
    addresses = Addresses(
        done=_address("applicant.show_payment", application), left=_address("applicant.pay", application)
    )
    session, by = current_session(), current_account()
    try:
        return payments.begin_checkout(session, application, addresses, others=others, by=by)
    except NotOpenToThis:
        if not others:
            raise
        form.refuse(_("Somebody paid for one of these people meanwhile. Look at the list again."))
        return None
    except Unreachable:
        form.refuse(UNREACHABLE)
        return None


def _address(endpoint: str, application: Application) -> str:
    """A page's address with scheme and host as people reach it, never as a request names it."""
    origin: str = current_app.extensions["settings"].external_url
    return origin + url_for(endpoint, reference=application.reference)
