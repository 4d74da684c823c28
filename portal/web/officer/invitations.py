"""The link of an invitation: an officer sets up a passkey and is signed in. It works once."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from portal.db import current_session
from portal.domain import passwords
from portal.domain.errors import RuleViolation
from portal.domain.permissions import Permission
from portal.i18n import lazy_gettext as _l
from portal.models import Officer
from portal.services import officer_links, officers, passkeys
from portal.web import ceremonies, guessing, sessions
from portal.web.access import requires
from portal.web.devices import device_name, here
from portal.web.forms import Form, PasswordField
from portal.web.officer import officer
from portal.web.officer.doors import has_passwords
from portal.web.routing import FORM, POST
from portal.web.step_up import AnswerField


class AcceptInvitationForm(Form):
    """A passkey's answer; in demonstration mode a password does instead."""

    answer = AnswerField(max_length=20_000)
    password = PasswordField(
        _l("New password"),
        hint=_l(
            "At least %(least)s characters. A few words that do not belong together are easy to remember"
            " and hard to guess.",
            least=passwords.SHORTEST,
        ),
        autocomplete="new-password",
        max_length=passwords.LONGEST,
    )


@officer.page("/officers/invitation/<token>", "/agents/invitation/<token>", methods=FORM)
@requires(Permission.PUBLIC)
def accept_invitation(token: str) -> Response:
    """Set up a passkey by the link of an invitation, which works once, and be signed in."""
    invitation = officer_links.open_invitation(current_session(), token)
    form = AcceptInvitationForm.from_request()
    if form.submitted() and guessing.may_try(form, guessing.source_claim("link_source")):
        try:
            sessions.sign_in(_accept(token, form))
        except RuleViolation as error:
            form.refuse(error.message, "password" if has_passwords() and not form.answer.data else None)
        else:
            return redirect(url_for("officer.my_work"), 303)
    page = render_template(
        "officer/accept_invitation.html",
        form=form,
        invited=invitation.officer,
        token=token,
        has_passwords=has_passwords(),
    )
    return guessing.answer(page, form)


@officer.page("/officers/invitation/<token>/options", "/agents/invitation/<token>/options", methods=POST)
@requires(Permission.PUBLIC)
def invitation_options(token: str) -> Response:
    """What to ask the browser for, for the page's script."""
    invitation = officer_links.open_invitation(current_session(), token)
    ceremonies.may_ask()
    asked = passkeys.begin_registration(current_session(), invitation.officer, binding=ceremonies.binding())
    return ceremonies.options(asked)


def _accept(token: str, form: Any) -> Officer:
    session = current_session()
    if has_passwords() and not form.answer.data:
        return officers.accept_invitation(session, token, password=form.password.data)
    return officers.accept_with_passkey(
        session, token, ceremonies.claim(passkeys.REGISTER), answer=form.answer.data, name=device_name(here())
    )
