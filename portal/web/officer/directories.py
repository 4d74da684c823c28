"""The agencies' own directories, where they are there: officers come in, unlock and prove by them."""

from __future__ import annotations

from flask import abort, redirect, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.adapters import identity_providers
from portal.adapters.identity_providers import Provider
from portal.db import current_session
from portal.domain.permissions import Permission
from portal.i18n import gettext as _
from portal.models import Officer, SignIn
from portal.services import identities
from portal.web import providers, sessions
from portal.web.access import requires, safe_next
from portal.web.officer import doors, officer
from portal.web.providers import Arrived, Turned
from portal.web.routing import GET

BACK = "officer.return_from_directory"


@officer.page(
    "/officers/sign-in/directory/<any(ca, us):agency>", "/agents/connexion/annuaire/<any(ca, us):agency>", methods=GET
)
@requires(Permission.PUBLIC)
def directory_sign_in(agency: str) -> Response:
    """Send the browser to the agency's directory."""
    provider = _directory(agency)
    return _gone(providers.leave(provider, BACK, purpose=identities.SIGN_IN))


@officer.page("/officers/prove/directory", "/agents/preuve/annuaire", methods=GET)
@requires(Permission.PUBLIC)
def directory_proof() -> Response:
    """Show a factor at the directory again: before a decision, or to unlock the workbench."""
    if not identity_providers.directories():
        abort(404)
    row = _own_session()
    if row is None or row.officer is None:
        return redirect(url_for(".sign_in", next=safe_next()), 303)
    provider = providers.existing(row.officer.agency)
    return _gone(providers.leave(provider, BACK, purpose=identities.PROVE, holder=row.officer))


@officer.page(
    "/officers/sign-in/directory/<any(ca, us):agency>/return",
    "/agents/connexion/annuaire/<any(ca, us):agency>/retour",
    methods=GET,
)
@requires(Permission.PUBLIC)
def return_from_directory(agency: str) -> Response:
    """The browser comes back from the directory with an answer."""
    arrived = providers.come_back(_directory(agency), BACK)
    if isinstance(arrived, Turned):
        return doors.refused(arrived.words)
    person = identities.holder_of(current_session(), arrived.identity)
    if not isinstance(person, Officer):
        return doors.refused(
            _("The directory knows you, but the workbench does not. Ask an administrator of your agency.")
        )
    return _proved(arrived, person) if arrived.asked.purpose == identities.PROVE else _let_in(arrived, person)


def _let_in(arrived: Arrived, person: Officer) -> Response:
    sessions.sign_in(person)
    return redirect(arrived.wanted or url_for("officer.my_work"), 303)


def _proved(arrived: Arrived, person: Officer) -> Response:
    row = _own_session()
    is_same = row is not None and row.officer_id == person.id == arrived.asked.holder_id
    if row is None or not is_same or not identities.is_fresh(arrived.identity) or not sessions.renew(row):
        return doors.refused(providers.turned_away(providers.existing(arrived.asked.provider), "proof").words)
    return redirect(arrived.wanted or url_for("officer.my_work"), 303)


def _own_session() -> SignIn | None:
    if locked := sessions.locked_here():
        return locked
    is_officer = current_user.is_authenticated and current_user.audience == "officer"
    return current_user.sign_in if is_officer else None


def _directory(agency: str) -> Provider:
    if agency not in ("ca", "us"):
        abort(404)
    return providers.existing(agency.upper())


def _gone(left: Response | Turned) -> Response:
    return doors.refused(left.words) if isinstance(left, Turned) else left
