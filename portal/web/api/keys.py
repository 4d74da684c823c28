"""The public half of the key by which we show who we are at identity providers."""

from __future__ import annotations

from flask import jsonify
from werkzeug.wrappers import Response

from portal.adapters import identity_providers
from portal.domain.permissions import Permission
from portal.web.access import requires
from portal.web.api import api


@api.get("/identity/keys.json")
@requires(Permission.PUBLIC)
def identity_keys() -> Response:
    """A JSON Web Key Set (RFC 7517); empty where no provider is named."""
    response = jsonify(identity_providers.public_keys())
    response.cache_control.max_age = 3600
    response.cache_control.public = True
    return response
