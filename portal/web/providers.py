"""To an identity provider and back: the browser is sent there with a question, and comes back with a code."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from flask import abort, current_app, redirect, request, session, url_for
from werkzeug.wrappers import Response

from portal.adapters.identity_providers import Identity, Provider
from portal.config import Settings
from portal.db import current_session, separate_session
from portal.i18n import current_language
from portal.i18n import gettext as _
from portal.models import Account, Officer
from portal.services import identities
from portal.services.identities import Asked
from portal.web import ceremonies, guessing
from portal.web.access import safe_next

log = logging.getLogger("portal.identity")
WANTED = "provider_wanted"


@dataclass(frozen=True)
class Arrived:
    """Who came back: the question that is answered, who is there, and the page that was asked for before."""

    asked: Asked
    identity: Identity
    wanted: str | None


@dataclass(frozen=True)
class Turned:
    """Nobody whom we know came back; why, in words for the page."""

    words: str


def existing(key: str) -> Provider:
    """The provider of this name; 404 where the settings name none."""
    found = identities.provider_for(key)
    if found is None:
        abort(404)
    return found


def leave(
    provider: Provider, back_to: str, *, purpose: str, holder: Account | Officer | None = None
) -> Response | Turned:
    """Send the browser to the provider; the words to say when it cannot be reached."""
    if wait := guessing.must_wait("provider_source"):
        return Turned(_("Too many tries. Wait %(seconds)s seconds, then try again.", seconds=wait))
    try:
        address = identities.ask(
            current_session(), provider, purpose=purpose, binding=ceremonies.binding(), holder=holder,
            back_to=_back_to(back_to, provider), language=current_language(),
        )  # fmt: skip
    except identities.Unreachable as error:
        log.warning("identity provider %s cannot be reached: %s", provider.key, error)
        return _cannot_be_reached(provider)
    session[WANTED] = safe_next()
    return redirect(address, 303)


def come_back(provider: Provider, back_to: str) -> Arrived | Turned:
    """Read what the browser came back with. A state that is not this browser's, or was used, opens nothing."""
    wanted = session.pop(WANTED, None)
    with separate_session() as kept:
        asked = identities.claim(kept, request.args.get("state", ""), provider=provider, binding=ceremonies.binding())
    if asked is None:
        return Turned(_("This sign-in was not begun in this browser, or is over. Begin again."))
    if "code" not in request.args:
        return Turned(_("You were not signed in there. Try again, or sign in another way."))
    try:
        identity = identities.answer(
            provider,
            asked,
            code=request.args["code"],
            said_issuer=request.args.get("iss"),
            back_to=_back_to(back_to, provider),
        )
    except identities.Unreachable as error:
        log.warning("identity provider %s cannot be reached: %s", provider.key, error)
        return _cannot_be_reached(provider)
    except identities.Refused as error:
        log.warning("identity provider %s: %s", provider.key, error)
        return turned_away(provider, str(error))
    return Arrived(asked, identity, wanted)


def turned_away(provider: Provider, why: str) -> Turned:
    """Write down an answer that opens nothing, and say so."""
    with separate_session() as kept:
        identities.record_refusal(kept, provider, why)
    return Turned(_("That did not show who you are. Try again, or sign in another way."))


def _cannot_be_reached(provider: Provider) -> Turned:
    name = provider.name(current_language())
    return Turned(_("%(name)s does not answer. Try again in a few minutes, or sign in another way.", name=name))


def _back_to(endpoint: str, provider: Provider) -> str:
    values: dict[str, Any] = {"agency": provider.agency.lower()} if provider.agency else {}
    settings: Settings = current_app.extensions["settings"]
    origin = settings.officers_origin if provider.agency else settings.external_url
    return origin + url_for(endpoint, **values)
