"""Let somebody help you: naming a helper, agreeing to help, the list of whom one helps, and the end of it."""

from __future__ import annotations

import uuid

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.db import current_session, separate_session
from portal.domain.errors import NotOpenToThis, RuleViolation
from portal.domain.helping import MOST_HELPERS
from portal.domain.lifecycle import STATUS_TEXTS, Status
from portal.domain.permissions import Permission
from portal.domain.sections import BY_KEY
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.models import Helper
from portal.services import applications, audit, family, helped, named_helpers, sections
from portal.web.access import beyond_own_rows, requires
from portal.web.applicant import applicant
from portal.web.applicant.dashboard import KINDS
from portal.web.forms import CheckboxesField, EmailField, Form, TextField
from portal.web.guessing import limited
from portal.web.routing import FORM, GET, POST
from portal.web.sessions import current_account
from portal.web.step_up import requires_step_up


class NameHelperForm(Form):
    name = TextField(_l("Their full name"), missing=_l("Enter the name of who helps you"), max_length=120)
    email = EmailField(
        _l("Their email address"),
        missing=_l("Enter their email address"),
        hint=_l("They need an account of their own with this address, or make one."),
    )
    people = CheckboxesField(_l("For whom may they fill in?"), missing=_l("Choose at least one person"))


@applicant.page("/helpers", "/personnes-qui-aident", methods=GET)
@requires(Permission.ACCOUNT_USE)
def list_helpers() -> str:
    """Whom the account has named, what each filled in, and the way to end it or to name another."""
    session, found = current_session(), named_helpers.of(current_session(), current_account())
    return render_template(
        "applicant/list_helpers.html",
        helpers=[(one, _names(one), _filled_by(one)) for one in found],
        may_name=len(found) < MOST_HELPERS,
        helps=named_helpers.count_helped(session, current_account()),
    )


@applicant.page("/helpers/new", "/personnes-qui-aident/nouvelle", methods=FORM)
@requires(Permission.ACCOUNT_USE)
@requires_step_up
@limited("upload")
def name_helper() -> Response | tuple[str, int]:
    """Name somebody who may fill in, and for whom. They are asked by email."""
    session, account = current_session(), current_account()
    applications.own_person(session, account)
    held = {str(one.person.id): one.person for one in family.people_of(session, account)}
    form = NameHelperForm.from_request(data={"people": list(held) if len(held) == 1 else []})
    form.people.choices = [(key, _name_of(person.id)) for key, person in held.items()]
    if form.submitted():
        people = [held[key] for key in form.people.data]
        try:
            named_helpers.name_helper(session, account, form.name.data, form.email.data, people)
            return redirect(url_for("applicant.list_helpers", sent=1), 303)
        except RuleViolation as error:
            form.refuse(error.message)
    return render_template("applicant/name_helper.html", form=form), form.status


@applicant.page("/helpers/<uuid:helper_id>/end", "/personnes-qui-aident/<uuid:helper_id>/terminer", methods=POST)
@requires(Permission.ACCOUNT_USE)
@beyond_own_rows
def end_help(helper_id: uuid.UUID) -> Response:
    """End a help at once: as who asked for it, or as the helper."""
    if not Form.from_request().submitted():
        abort(400)
    ended = named_helpers.end(current_session(), helper_id, by=current_account())
    is_asker = ended.account_id == current_account().id
    return redirect(url_for("applicant.list_helpers" if is_asker else "applicant.list_helped", ended=1), 303)


@applicant.page("/helpers/link/<link>", "/personnes-qui-aident/lien/<link>", methods=FORM)
@requires(Permission.ACCOUNT_USE)
@beyond_own_rows
def accept_help(link: str) -> Response | tuple[str, int]:
    """Say what helping means, then agree. Whoever else holds the link is told so, and it is written down."""
    session, account, form = current_session(), current_account(), Form.from_request()
    helper = named_helpers.asked(session, link)
    if not named_helpers.is_for(helper, account):
        with separate_session() as attempt:
            audit.record(attempt, "helper:refuse", helper, by=account)
        form.refuse(named_helpers.ANOTHER)
        return render_template("applicant/accept_help.html", form=form, asker=None, names=[]), 403
    if form.submitted():
        try:
            named_helpers.accept(session, link, by=account)
            return redirect(url_for("applicant.list_helped"), 303)
        except NotOpenToThis:
            raise
        except RuleViolation as error:
            form.refuse(error.message)
    page = render_template(
        "applicant/accept_help.html", form=form, asker=named_helpers.asker(session, helper), names=_names(helper)
    )
    return page, form.status


@applicant.page("/helping", "/aider", methods=GET)
@requires(Permission.ACCOUNT_USE)
@beyond_own_rows
def list_helped() -> str:
    """The applications with which one was asked to help: the given name, the stage, and the way in while it is open."""
    found = named_helpers.helping(current_session(), current_account())
    return render_template(
        "applicant/list_helped.html",
        helped=[
            (one, STATUS_TEXTS[Status(one.application.status)].label,
             KINDS[STATUS_TEXTS[Status(one.application.status)].colour])
            for one in found
        ],
        ended=request.args.get("ended"),
    )  # fmt: skip


def _names(helper: Helper) -> list[str]:
    return [_name_of(person.id) for person in helper.people if person.wrapped_key is not None]


def _name_of(person_id: uuid.UUID) -> str:
    """The given name of somebody for whom an account acts, as far as any application has told it."""
    return named_helpers.name_of(current_session(), person_id) or _("A person in this account")


def _filled_by(helper: Helper) -> list[tuple[str, list[str]]]:
    """The sections that a helper filled in, for each application that is not sent yet."""
    session = current_session()
    drafts = sections.drafts_of_all(session, named_helpers.drafts_helped(session, helper))
    found = []
    for application in named_helpers.drafts_helped(session, helper):
        keys = helped.sections_filled(drafts[application.id]).get(helper.id, [])
        if keys:
            found.append((named_helpers.shown_name(session, application), [str(BY_KEY[key].title) for key in keys]))
    return found
