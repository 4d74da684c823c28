"""The national sign-in, where there is one: another strong way into an account that exists already."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.adapters.identity_providers import NATIONAL
from portal.db import current_session
from portal.domain.errors import NotFound, RuleViolation
from portal.domain.permissions import Permission
from portal.i18n import gettext as _
from portal.models import Account
from portal.services import identities, sign_ins
from portal.web import guessing, providers
from portal.web.access import requires, safe_next
from portal.web.account import account, arrivals
from portal.web.account.forms import SignInForm
from portal.web.ceremonies import PasskeyForm
from portal.web.forms import Form
from portal.web.providers import Arrived, Turned
from portal.web.routing import FORM, GET
from portal.web.sessions import SignedIn, current_account
from portal.web.step_up import requires_step_up

BACK = "account.return_from_national"


@account.page("/sign-in/national", "/connexion/nationale", methods=GET)
@requires(Permission.PUBLIC)
def national_sign_in() -> Response:
    """Send the browser to the national sign-in."""
    return _gone(providers.leave(providers.existing(NATIONAL), BACK, purpose=identities.SIGN_IN))


@account.page("/account/national/add", "/compte/nationale/ajouter", methods=FORM)
@requires(Permission.ACCOUNT_USE)
@requires_step_up
def link_national() -> Response | str:
    """Let the national sign-in open this account too."""
    provider, form = providers.existing(NATIONAL), Form.from_request()
    if form.submitted():
        left = providers.leave(provider, BACK, purpose=identities.LINK, holder=current_account())
        return _gone(left)
    return render_template("account/link_national.html", form=form, provider=provider)


@account.page("/account/national/remove", "/compte/nationale/retirer", methods=FORM)
@requires(Permission.ACCOUNT_USE)
@requires_step_up
def remove_national() -> Response | str:
    """The national sign-in opens this account no more. The other ways stay, so that nobody is left outside."""
    linked, form = identities.of(current_session(), current_account()), Form.from_request()
    if linked is None:
        raise NotFound
    if form.submitted():
        identities.unlink(current_session(), linked)
        return _changed("removed")
    return render_template("account/remove_national.html", form=form, provider=providers.existing(NATIONAL))


@account.page("/sign-in/national/return", "/connexion/nationale/retour", methods=GET)
@requires(Permission.PUBLIC)
def return_from_national() -> Response:
    """The browser comes back from the national sign-in with an answer."""
    arrived = providers.come_back(providers.existing(NATIONAL), BACK)
    if isinstance(arrived, Turned):
        return _refused(arrived)
    return _linked(arrived) if arrived.asked.purpose == identities.LINK else _let_in(arrived)


def _let_in(arrived: Arrived) -> Response:
    person = identities.holder_of(current_session(), arrived.identity)
    if not isinstance(person, Account) or person.enrolled_at is None:
        return _refused(
            Turned(_("No account is opened by this sign-in yet. Sign in another way once, and add it in your account."))
        )
    return arrivals.arrive(person, to=arrived.wanted)


def _linked(arrived: Arrived) -> Response:
    person = _signed_in()
    if person is None or person.id != arrived.asked.holder_id:
        return _refused(providers.turned_away(providers.existing(NATIONAL), "another account"))
    try:
        identities.link(current_session(), person, arrived.identity)
    except RuleViolation as error:
        return _refused(Turned(str(error.message)))
    return _changed("added")


def _signed_in() -> Account | None:
    who: SignedIn = current_user
    is_traveller = current_user.is_authenticated and isinstance(who.person, Account)
    return current_account() if is_traveller else None


def _changed(what: str) -> Response:
    sign_ins.end_all(current_session(), current_account(), except_for=current_user.sign_in, by=current_account())
    return redirect(url_for("account.security", changed=what), 303)


def _gone(left: Response | Turned) -> Response:
    return _refused(left) if isinstance(left, Turned) else left


def _refused(turned: Turned) -> Response:
    form = SignInForm()
    form.refuse(turned.words)
    page = render_template("account/sign_in.html", form=form, passkey_form=PasskeyForm(), wanted=safe_next())
    return guessing.answer(page, form)
