"""The adults of a family: linked by consent of both, from account to account."""

from __future__ import annotations

import uuid

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.db import current_session
from portal.domain.errors import NotOpenToThis, RuleViolation
from portal.domain.permissions import Permission
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.services import person_links, ties
from portal.web.access import beyond_own_rows, requires
from portal.web.applicant import applicant
from portal.web.forms import EmailField, Form
from portal.web.guessing import limited
from portal.web.routing import FORM, POST
from portal.web.sessions import current_account


class InviteAdultForm(Form):
    email = EmailField(_l("Their email address"), missing=_l("Enter their email address"))


@applicant.page("/family", "/famille", methods=FORM)
@requires(Permission.ACCOUNT_USE)
@limited("upload")
@beyond_own_rows
def adults() -> Response | tuple[str, int]:
    """With whom the account is linked, and the way to ask another adult."""
    session, account, form = current_session(), current_account(), InviteAdultForm.from_request()
    if form.submitted():
        try:
            ties.invite(session, account, form.email.data)
            return redirect(url_for("applicant.adults", sent=1), 303)
        except RuleViolation as error:
            form.refuse(error.message)
    linked = [
        (
            tie,
            ties.given_name(session, ties.other_of(tie, account)) or _("An adult"),
            ties.lets_book(tie, account),
            ties.lets_book(tie, ties.other_of(tie, account)),
        )
        for tie in ties.of(session, account)
    ]
    return render_template("applicant/adults.html", form=form, linked=linked), form.status


@applicant.page("/family/<uuid:tie_id>/end", "/famille/<uuid:tie_id>/terminer", methods=POST)
@requires(Permission.ACCOUNT_USE)
def end_tie(tie_id: uuid.UUID) -> Response:
    """End a link with another adult."""
    if not Form.from_request().submitted():
        abort(400)
    ties.end(current_session(), tie_id, by=current_account())
    return redirect(url_for("applicant.adults"), 303)


@applicant.page("/family/<uuid:tie_id>/bookings", "/famille/<uuid:tie_id>/reservations", methods=POST)
@requires(Permission.ACCOUNT_USE)
def let_book(tie_id: uuid.UUID) -> Response:
    """Let a linked adult book one's interview together with theirs, or no longer."""
    if not Form.from_request().submitted():
        abort(400)
    ties.let(current_session(), tie_id, request.args.get("may") == "yes", by=current_account())
    return redirect(url_for("applicant.adults"), 303)


@applicant.page("/family/link/<link>", "/famille/lien/<link>", methods=FORM)
@requires(Permission.ACCOUNT_USE)
def accept_tie(link: str) -> Response | tuple[str, int]:
    """Say what being linked means, then agree."""
    session, form = current_session(), Form.from_request()
    found = person_links.find(session, "tie", link)
    if found.used_at is not None:
        raise NotOpenToThis(person_links.USED)
    if form.submitted():
        try:
            ties.accept(session, link, by=current_account())
            return redirect(url_for("applicant.adults"), 303)
        except NotOpenToThis:
            raise
        except RuleViolation as error:
            form.refuse(error.message)
    return render_template("applicant/accept_tie.html", form=form), form.status
