"""A traveller shows a factor again before changing what opens the account."""

from __future__ import annotations

from flask_login import current_user
from werkzeug.wrappers import Response

from portal.domain.permissions import Permission
from portal.web import step_up
from portal.web.access import requires
from portal.web.account import account
from portal.web.routing import FORM, POST


@account.page("/account/prove", "/compte/preuve", methods=FORM)
@requires(Permission.ACCOUNT_USE)
def prove() -> Response:
    """Ask for a factor, then go on to where the person was, with what was typed."""
    return step_up.ask(current_user.sign_in, "account/prove.html")


@account.page("/account/prove/options", "/compte/preuve/options", methods=POST)
@requires(Permission.ACCOUNT_USE)
def proof_options() -> Response:
    """What to ask the browser for, for the page's script."""
    return step_up.options(current_user.sign_in)
