"""One’s own data: what was agreed to, a copy of everything, corrections, the end of the account."""

from __future__ import annotations

import uuid

from flask import abort, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response

from portal.clock import today
from portal.db import current_session
from portal.domain.errors import RuleViolation
from portal.domain.permissions import Permission
from portal.i18n import lazy_gettext as _l
from portal.services import applications, closing, consents, corrections, exports, retention
from portal.web import sessions
from portal.web.access import requires
from portal.web.account import account
from portal.web.forms import Form, TickField
from portal.web.routing import FORM, GET, POST
from portal.web.sessions import current_account
from portal.web.step_up import requires_step_up


class CloseAccountForm(Form):
    sure = TickField(
        _l("I want to close my account. I know that this cannot be undone."),
        missing=_l("Tick the box if you want to close your account"),
    )


@account.page("/account/your-data", "/compte/vos-donnees", methods=GET)
@requires(Permission.ACCOUNT_USE)
def your_data() -> str:
    """What we hold, and everything that can be done about it."""
    session, person = current_session(), current_account()
    export = exports.latest(session, person)
    sent = [one for one in applications.of_account(session, person) if corrections.can_ask(one)]
    return render_template("account/your_data.html", export=export, may_ask=exports.may_ask(export), sent=sent)


@account.page("/account/your-data/copy", "/compte/vos-donnees/copie", methods=POST)
@requires(Permission.ACCOUNT_USE)
def ask_for_data() -> Response:
    """Ask for a copy of everything."""
    if not Form.from_request().submitted():
        abort(400)
    exports.ask(current_session(), current_account())
    return redirect(url_for("account.your_data"), 303)


@account.page("/account/your-data/copy/<uuid:export_id>", "/compte/vos-donnees/copie/<uuid:export_id>", methods=GET)
@requires(Permission.ACCOUNT_USE)
@requires_step_up
def download_data(export_id: uuid.UUID) -> Response:
    """Fetch the copy."""
    response = make_response(exports.download(current_session(), current_account(), export_id))
    response.headers["Content-Type"] = "application/zip"
    response.headers["Content-Disposition"] = f'attachment; filename="passage-{today().isoformat()}.zip"'
    response.headers["Cache-Control"] = "no-store"
    return response


@account.page("/account/agreed", "/compte/consentements", methods=GET)
@requires(Permission.ACCOUNT_USE)
def what_you_agreed_to() -> str:
    """Each consent with its words, in the version and the language that were signed."""
    signed = consents.of_account(current_session(), current_account())
    return render_template("account/what_you_agreed_to.html", signed=signed)


@account.page("/account/close", "/compte/fermer", methods=FORM)
@requires(Permission.ACCOUNT_USE)
@requires_step_up
def close_account() -> Response | tuple[str, int]:
    """Say what goes and what stays, then close the account."""
    session, person, form = current_session(), current_account(), CloseAccountForm.from_request()
    if form.submitted():
        try:
            closing.close(session, person)
        except RuleViolation as error:
            form.refuse(error.message)
        else:
            sessions.sign_out()
            return sessions.forgotten(redirect(url_for("account.closed"), 303))
    page = render_template(
        "account/close_account.html",
        form=form,
        drafts=closing.drafts(session, person),
        blocking=closing.under_review(session, person),
        kept_until=closing.kept_until(session, person),
        days=retention.days(session, "closed_accounts"),
    )
    return page, form.status


@account.page("/account/closed", "/compte/ferme", methods=GET)
@requires(Permission.PUBLIC)
def closed() -> str:
    """Say that the account is closed."""
    return render_template("account/closed.html", days=retention.days(current_session(), "closed_accounts"))
