"""An application on one page: its task list while it is a draft, the tracker once it was sent."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from flask import abort, g, redirect, render_template, url_for
from werkzeug.wrappers import Response

from portal.clock import today
from portal.db import current_session
from portal.domain.answers import full_name, passport_expires_soon
from portal.domain.errors import NotFound
from portal.domain.lifecycle import OPEN_STATUSES, STATUS_TEXTS, Status
from portal.domain.permissions import Permission
from portal.domain.sections import GROUPS, SELF
from portal.i18n import current_language, format_date, ngettext
from portal.i18n import gettext as _
from portal.models import Application, SectionDraft
from portal.services import amendments, applications, helped, information_requests, letters, progress, sections
from portal.services.sections import Task, TaskState
from portal.web.access import requires
from portal.web.applicant import applicant
from portal.web.applicant.dashboard import KINDS
from portal.web.applicant.drafting import Drafts
from portal.web.applicant.own import helped_draft, own_application, task_url, tasks_of
from portal.web.forms import Form
from portal.web.routing import POST
from portal.web.sessions import current_account


@applicant.page("/applications/<reference:reference>", "/demandes/<reference:reference>")
@requires(Permission.APPLICATION_FOLLOW)
def show_application(reference: str) -> str:
    """What is done and what is to do: by the applicant before sending, by everybody afterwards."""
    try:
        application = own_application(reference)
    except NotFound:
        return _task_list(helped_draft(reference))
    if application.status == Status.DRAFT:
        return _task_list(application)
    return _tracker(application)


@applicant.page("/applications/<reference:reference>/reopen", "/demandes/<reference:reference>/rouvrir", methods=POST)
@requires(Permission.APPLICATION_FILL)
def reopen_application(reference: str) -> Response:
    """Take the application back before it is paid, to change answers."""
    application = own_application(reference)
    if not Form.from_request().submitted():
        abort(400)
    applications.reopen(current_session(), application, by=current_account())
    return redirect(url_for("applicant.show_application", reference=reference), 303)


def _task_list(application: Application) -> str:
    drafts = sections.drafts_of(current_session(), application)
    tasks = tasks_of(application, drafts)
    following = sections.next_open(tasks)
    return render_template(
        "applicant/task_list.html",
        application=application,
        groups=_groups(application, tasks, drafts),
        done=sum(task.is_completed for task in tasks),
        count=len(tasks),
        following=following,
        following_url=task_url(application, following) if following else None,
        is_ready=all(task.is_completed for task in tasks),
        too_young=sections.why_not_to_sign(drafts),
        name=full_name(sections.answers_of(drafts, "identity")) if application.role != SELF or "helping" in g else None,
    )


def _tracker(application: Application) -> str:
    found = progress.of(current_session(), application, current_language())
    status = STATUS_TEXTS[Status(application.status)]
    return render_template(
        "applicant/show_application.html",
        application=application,
        progress=found,
        stage=status.label,
        stage_kind=KINDS[status.colour],
        questions=information_requests.open_of(current_session(), application),
        letters=[(letter, letters.title(letter)) for letter in letters.of(current_session(), application)],
        amendable=amendments.parts(current_session(), application),
        can_withdraw=application.status in OPEN_STATUSES,
        can_reopen=application.status in (Status.AWAITING_PAYMENT, Status.AWAITING_CONSENT),
    )


def _groups(application: Application, tasks: list[Task], drafts: Drafts) -> list[tuple[str, list[dict[str, Any]]]]:
    names = helped.names(current_session(), set(helped.sections_filled(drafts)))
    rows = [(task.section.group, task_row(application, task, drafts, names)) for task in tasks]
    return [(str(title), [row for of, row in rows if of == group]) for group, title in GROUPS.items()]


def task_row(application: Application, task: Task, drafts: Drafts, names: Mapping[uuid.UUID, str]) -> dict[str, Any]:
    """A task as a row of the list; `names` are those of helpers, where one filled it in."""
    status, kind = state_in_words(task)
    is_blocked = task.state == TaskState.BLOCKED
    return {
        "title": str(task.section.title),
        "href": None if is_blocked else task_url(application, task),
        "status": status,
        "status_kind": kind,
        "hint": _hint(task, drafts) or filled_in_words(drafts.get(task.section.key), names),
    }


def filled_in_words(draft: SectionDraft | None, names: Mapping[uuid.UUID, str]) -> str | None:
    """Who filled a section in, where it was a helper."""
    name = names.get(draft.filled_by_id) if draft is not None and draft.filled_by_id else None
    return _("Filled in by %(name)s", name=name) if name else None


def state_in_words(task: Task) -> tuple[str, str]:
    """The state of a task and its colour; Completed has none, so that open work stands out."""
    if task.state == TaskState.GAPS:
        return ngettext("%(num)s gap to explain", "%(num)s gaps to explain", task.count), "attention"
    if task.state == TaskState.FILES:
        return ngettext("%(num)s file needed", "%(num)s files needed", task.count), "info"
    return {
        TaskState.NOT_STARTED: (_("Not started"), "info"),
        TaskState.IN_PROGRESS: (_("In progress"), "attention"),
        TaskState.COMPLETED: (_("Completed"), "plain"),
        TaskState.BLOCKED: (_("Cannot start yet"), "neutral"),
    }[task.state]


def _hint(task: Task, drafts: Drafts) -> str | None:
    if task.state == TaskState.BLOCKED:
        return _("Complete the other tasks first")
    if task.section.key == "citizenship":
        expires = passport_expires_soon(sections.answers_of(drafts, "citizenship"), today())
        return _("Your passport expires soon: %(date)s", date=format_date(expires)) if expires else None
    return None
