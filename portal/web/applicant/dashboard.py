"""The dashboard: one card for each application; and how one begins."""

from __future__ import annotations

from dataclasses import dataclass

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from portal.db import current_session
from portal.domain.errors import RuleViolation
from portal.domain.lifecycle import CLOSED_STATUSES, STATUS_TEXTS, Status
from portal.domain.permissions import Permission
from portal.i18n import current_language
from portal.i18n import gettext as _
from portal.models import Application
from portal.services import applications, progress, sections
from portal.services.progress import Action
from portal.web.access import requires
from portal.web.applicant import applicant
from portal.web.forms import Form
from portal.web.routing import FORM
from portal.web.sessions import current_account

KINDS = {"grey": "neutral", "amber": "attention", "blue": "info", "green": "success", "red": "error"}


@dataclass(frozen=True)
class Card:
    """One application on the dashboard: where it stands, and what to do now."""

    application: Application
    stage: str
    kind: str
    title: str
    sentences: tuple[str, ...]
    action: Action | None


@applicant.page("/applications", "/demandes")
@requires(Permission.APPLICATION_FOLLOW)
def dashboard() -> str:
    """Every application of the account, and what is to be done."""
    found = applications.of_account(current_session(), current_account())
    return render_template(
        "applicant/dashboard.html",
        cards=[_card(application) for application in found],
        may_start=all(application.status in CLOSED_STATUSES for application in found),
    )


@applicant.page("/applications/start", "/demandes/commencer", methods=FORM)
@requires(Permission.APPLICATION_FILL)
def start_application() -> Response | tuple[str, int]:
    """Say what is needed, then begin. Somebody with an open application is led to it."""
    form = Form.from_request()
    if form.submitted():
        try:
            application = applications.start(current_session(), current_account(), by=current_account())
            return redirect(url_for("applicant.show_application", reference=application.reference), 303)
        except RuleViolation as error:
            form.refuse(error.message)
    return render_template("applicant/start_application.html", form=form), form.status


def _card(application: Application) -> Card:
    text = STATUS_TEXTS[Status(application.status)]
    stage, kind = str(text.label), KINDS[text.colour]
    if application.status == Status.DRAFT:
        return Card(application, stage, kind, *_draft(application))
    now = progress.of(current_session(), application, current_language(), with_usual=False)
    return Card(application, stage, kind, now.title, now.sentences, now.action)


def _draft(application: Application) -> tuple[str, tuple[str, ...], Action]:
    tasks = sections.tasks(sections.drafts_of(current_session(), application))
    done = sum(task.is_completed for task in tasks)
    count = _("%(done)s of %(all)s tasks completed.", done=done, all=len(tasks))
    action = Action(_("Continue your application"), "applicant.show_application", {"reference": application.reference})
    return _("Complete your application"), (count,), action
