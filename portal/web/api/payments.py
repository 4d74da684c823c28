"""The payment company's notices: believed by their signature alone, acknowledged once their effect is committed."""

from __future__ import annotations

from flask import jsonify, request
from flask.typing import ResponseReturnValue

from portal.adapters.payments import BadSignature, read_notice
from portal.db import current_session, separate_session
from portal.domain.permissions import Permission
from portal.models.viewers import JOINT, viewing_as
from portal.services import payments
from portal.web import guessing
from portal.web.access import requires
from portal.web.api import api

LARGEST_NOTICE = 256 * 1024


@api.post("/webhooks/payments")
@requires(Permission.PAYMENT_NOTIFY)
def payment_notice() -> ResponseReturnValue:
    """Take a notice. Anything but a 2xx makes the company send it again."""
    request.max_content_length = LARGEST_NOTICE
    try:
        notice = read_notice(request.get_data(), request.headers.get("Stripe-Signature", ""))
    except BadSignature:
        if wait := guessing.must_wait("webhook_source"):
            return jsonify(error="too many"), 429, {"Retry-After": str(wait)}
        with separate_session() as session:
            payments.note_forgery(session, request.remote_addr or "")
        return jsonify(error="the signature is not right"), 400
    with viewing_as(current_session(), JOINT):  # nobody is signed in: the signature says that it is the company
        payments.apply_notice(current_session(), notice)
    return jsonify(received=True)
