"""What machines call: notices of payments, our keys for identity providers, free times for travellers' tools."""

from flask import Blueprint

api = Blueprint("api", __name__)

ENDPOINTS_WITH_SIGNATURES = frozenset({"api.payment_notice"})
"""They prove themselves by a signature over the body, not by a form token."""

from portal.web.api import keys, payments, slots  # noqa: E402,F401
