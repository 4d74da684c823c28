"""The payment company, by its own SDK: hosted checkouts begun, asked about and closed; its notices verified."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import stripe

from portal.config import Settings

SECONDS = (3.0, 10.0)  # to connect, to answer
RETRIES = 2
LOCALES = {"en": "en", "fr": "fr-CA"}
NOTICE_PREFIX = "checkout.session."
TOLERANCE = 300  # seconds by which a notice's signature may be old


class Unreachable(Exception):
    """The company did not answer, or not as it should: nothing is known about what was asked."""


class BadSignature(Exception):
    """A notice that the company did not sign, or that is not in its words."""


class Line(NamedTuple):
    """One line of a checkout: what is paid for, and how much, in cents."""

    description: str
    cents: int


@dataclass(frozen=True)
class Checkout:
    """A hosted checkout as the company tells of it: `status` is open, complete or expired."""

    id: str
    url: str | None
    status: str
    is_paid: bool
    amount_cents: int
    currency: str
    language: str


@dataclass(frozen=True)
class Refund:
    """Money on its way back to the card: `status` is pending, succeeded or failed."""

    id: str
    status: str


@dataclass(frozen=True)
class Notice:
    """A verified notice. `checkout` is None where it is about something else."""

    id: str
    kind: str
    checkout: Checkout | None


@dataclass(frozen=True)
class _Company:
    client: stripe.StripeClient
    webhook_secret: str


_company: _Company | None = None


def configure(settings: Settings) -> None:
    """Speak to the company at the address and with the keys that the settings give."""
    global _company
    client = stripe.StripeClient(
        settings.stripe_key.get_secret_value(),
        base_addresses={"api": settings.stripe_api_base},
        http_client=stripe.RequestsClient(timeout=SECONDS),
        max_network_retries=RETRIES,
    )
    stripe.enable_telemetry = False
    _company = _Company(client, settings.stripe_webhook_secret.get_secret_value())


def create_checkout(
    *,
    key: str,
    lines: Sequence[Line],
    currency: str,
    language: str,
    return_url: str,
    cancel_url: str,
) -> Checkout:
    """Begin a checkout of one line or several. With the same `key` the same checkout comes back. Raises Unreachable."""
    prices = [
        {"currency": currency.lower(), "unit_amount": line.cents, "product_data": {"name": line.description}}
        for line in lines
    ]
    params: Any = {
        "mode": "payment",
        "line_items": [{"price_data": price, "quantity": 1} for price in prices],
        "client_reference_id": key,
        "locale": LOCALES[language],
        "success_url": return_url,
        "cancel_url": cancel_url,
    }
    try:
        return _checkout(_sessions().create(params, {"idempotency_key": key}))
    except stripe.StripeError as error:
        raise Unreachable("a checkout could not be begun") from error


def retrieve_checkout(checkout_id: str) -> Checkout:
    """What the company knows of a checkout now. Raises Unreachable."""
    try:
        return _checkout(_sessions().retrieve(checkout_id))
    except stripe.StripeError as error:
        raise Unreachable("a checkout could not be looked up") from error


def expire_checkout(checkout_id: str) -> Checkout:
    """Close an open checkout, so that nobody can pay it, and give its state; one that is not open stays as it is."""
    try:
        return _checkout(_sessions().expire(checkout_id))
    except stripe.InvalidRequestError:
        return retrieve_checkout(checkout_id)
    except stripe.StripeError as error:
        raise Unreachable("a checkout could not be closed") from error


def refund_checkout(checkout_id: str, *, key: str, cents: int) -> Refund:
    """Give back `cents` of what was paid at a checkout; with the same `key` the same refund comes back.

    Raises Unreachable.
    """
    try:
        intent = _sessions().retrieve(checkout_id).payment_intent
        return _refund(_refunds().create({"payment_intent": intent, "amount": cents}, {"idempotency_key": key}))
    except stripe.StripeError as error:
        raise Unreachable("a payment could not be given back") from error


def retrieve_refund(refund_id: str) -> Refund:
    """What the company knows of a refund now. Raises Unreachable."""
    try:
        return _refund(_refunds().retrieve(refund_id))
    except stripe.StripeError as error:
        raise Unreachable("a refund could not be looked up") from error


def read_notice(body: bytes, signature: str) -> Notice:
    """The notice in `body`, once its signature over the very bytes was verified. Raises BadSignature."""
    company = _configured()
    try:
        event = company.client.construct_event(body, signature, company.webhook_secret, TOLERANCE)
        about = event.data.object if event.type.startswith(NOTICE_PREFIX) else None
        return Notice(event.id, event.type, _checkout(about) if about is not None else None)
    except (stripe.StripeError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadSignature from error


def _configured() -> _Company:
    if _company is None:
        raise RuntimeError("the payment company was not configured")
    return _company


def _sessions() -> Any:
    return _configured().client.v1.checkout.sessions


def _refunds() -> Any:
    return _configured().client.v1.refunds


def _refund(refund: Any) -> Refund:
    """The company's `requires_action` waits for the card's bank, `canceled` is a refund that did not come about."""
    known = {"succeeded": "succeeded", "failed": "failed", "canceled": "failed"}
    return Refund(refund.id, known.get(refund.status, "pending"))


def _checkout(session: Any) -> Checkout:
    return Checkout(
        id=session.id,
        url=session.url,
        status=session.status,
        is_paid=session.payment_status == "paid",
        amount_cents=int(session.amount_total),
        currency=session.currency.upper(),
        language=(session.locale or "")[:2],
    )
