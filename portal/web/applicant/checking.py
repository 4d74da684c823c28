"""All answers on one page, to check and to send; and the way out."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from portal.clock import today
from portal.db import current_session
from portal.domain import answers as words
from portal.domain.errors import NotOpenToThis, RuleViolation
from portal.domain.lifecycle import OPEN_STATUSES, Status
from portal.domain.permissions import Permission
from portal.i18n import format_date
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.models import Application
from portal.services import applications, helped, sections
from portal.services.sections import Task
from portal.services.transitions import TOO_LATE
from portal.web.access import requires
from portal.web.applicant import applicant
from portal.web.applicant.drafting import Drafts
from portal.web.applicant.own import own_application, own_draft, task_url
from portal.web.applicant.tracking import filled_in_words, state_in_words
from portal.web.forms import Form, RadiosField
from portal.web.routing import FORM
from portal.web.sessions import current_account


class WithdrawForm(Form):
    reason = RadiosField(_l("Why do you withdraw? (optional)"), choices=applications.WITHDRAWAL_REASONS.items())


@applicant.page("/applications/<reference:reference>/check", "/demandes/<reference:reference>/verifier", methods=FORM)
@requires(Permission.APPLICATION_FILL)
def check_answers(reference: str) -> Response | tuple[str, int]:
    """Show every answer with a way to change it; sign and send."""
    application = own_draft(reference)
    form = Form.from_request()
    if form.submitted():
        try:
            applications.submit(current_session(), application, by=current_account())
            return redirect(url_for(_after_sending(application), reference=reference), 303)
        except NotOpenToThis:
            raise
        except RuleViolation as error:
            form.refuse(error.message)
    drafts = sections.drafts_of(current_session(), application)
    tasks = sections.tasks(drafts)
    names = helped.names(current_session(), set(helped.sections_filled(drafts)))
    page = render_template(
        "applicant/check_answers.html",
        form=form,
        application=application,
        account=current_account(),
        cards=[
            _card(application, task, drafts, names) for task in tasks if sections.answers_of(drafts, task.section.key)
        ],
        missing=[_missing(application, task) for task in tasks if not task.is_completed],
        too_young=sections.why_not_to_sign(drafts),
        warning=_warning(drafts),
        has_documents=not sections.missing_documents(drafts),
    )
    return page, form.status


@applicant.page("/applications/<reference:reference>/withdraw", "/demandes/<reference:reference>/retirer", methods=FORM)
@requires(Permission.APPLICATION_FILL)
def withdraw(reference: str) -> Response | tuple[str, int]:
    """Say what withdrawing means, then withdraw."""
    application = own_application(reference)
    if application.status not in OPEN_STATUSES:
        raise NotOpenToThis(TOO_LATE)
    form = WithdrawForm.from_request()
    if form.submitted():
        applications.withdraw(current_session(), application, reason=form.reason.data or None, by=current_account())
        return redirect(url_for("applicant.show_application", reference=reference), 303)
    return render_template("applicant/withdraw.html", form=form, application=application), form.status


def _after_sending(application: Application) -> str:
    is_waiting = application.status == Status.AWAITING_CONSENT
    return "applicant.show_consents" if is_waiting else "applicant.pay"


def _card(application: Application, task: Task, drafts: Drafts, names: Mapping[uuid.UUID, str]) -> dict[str, Any]:
    key = task.section.key
    change = task_url(application, task, **({} if key == "uploads" else {"from": "check"}))
    return {
        "key": key,
        "title": str(task.section.title),
        "rows": [row._asdict() for row in words.in_words(key, sections.answers_of(drafts, key))],
        "change_url": change,
        "filled_by": filled_in_words(drafts.get(key), names),
    }


def _missing(application: Application, task: Task) -> dict[str, Any]:
    status, kind = state_in_words(task)
    is_blocked = task.state == sections.TaskState.BLOCKED
    href = None if is_blocked else task_url(application, task)
    return {"title": str(task.section.title), "status": status, "status_kind": kind, "href": href}


def _warning(drafts: Drafts) -> str | None:
    expires = words.passport_expires_soon(sections.answers_of(drafts, "citizenship"), today())
    if expires is None:
        return None
    return _(
        "Your passport expires on %(date)s. You can send your application. Bring a passport that is in force to your "
        "interview.",
        date=format_date(expires),
    )
