"""What a traveller's pages begin with: the traveller's own application, and where its parts lie."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from flask import request, url_for

from portal.db import current_session
from portal.domain.errors import NotOpenToThis
from portal.domain.histories import HISTORIES
from portal.domain.lifecycle import Status
from portal.models import Application
from portal.services import applications, sections
from portal.services.sections import Drafts, Task
from portal.web.access import check_state
from portal.web.applicant import applicant
from portal.web.routing import FORM
from portal.web.sessions import current_account

View = TypeVar("View", bound=Callable[..., Any])

SLUGS = {
    "identity": {"en": "identity", "fr": "identite"},
    "names": {"en": "names", "fr": "autres-noms"},
    "citizenship": {"en": "citizenship", "fr": "citoyennete"},
    "guardian": {"en": "guardian", "fr": "parents"},
    "addresses": {"en": "addresses", "fr": "adresses"},
    "work": {"en": "work", "fr": "emploi"},
    "travel": {"en": "travel", "fr": "voyages"},
    "licence": {"en": "licence", "fr": "permis"},
    "vehicles": {"en": "vehicles", "fr": "vehicules"},
    "background": {"en": "background", "fr": "antecedents"},
    "consent": {"en": "consent", "fr": "consentement"},
}


def section_page(en: str = "", fr: str = "", *, keys: Sequence[str] = tuple(SLUGS)) -> Callable[[View], View]:
    """Put a view at the address of each section of `keys`, followed by the slugs `en` and `fr`."""

    def place(view: View) -> View:
        for key in keys:
            for language, root, tail in (("en", "applications", en), ("fr", "demandes", fr)):
                address = f"/{language}/{root}/<reference:reference>/{SLUGS[key][language]}{tail}"
                values = {"language": language, "section": key}
                applicant.add_url_rule(address, view.__name__, view, methods=FORM, defaults=values)
        return view

    return place


def own_application(reference: str) -> Application:
    """The application with this reference. Raises NotFound for somebody else's.

    Raises NotOpenToThis where this page has nothing to do with it in its present state.
    """
    application = applications.own(current_session(), current_account(), reference)
    check_state(application.status)
    return application


def own_draft(reference: str) -> Application:
    """The application while its answers can be changed. Raises NotOpenToThis once it was sent."""
    application = own_application(reference)
    if application.status != Status.DRAFT:
        raise NotOpenToThis(sections.SENT)
    return application


def own_draft_with_sections(reference: str) -> tuple[Application, Drafts]:
    """The same with the sections that were begun."""
    application, drafts = applications.own_with_sections(current_session(), current_account(), reference)
    check_state(application.status)
    if application.status != Status.DRAFT:
        raise NotOpenToThis(sections.SENT)
    return application, drafts


def returning() -> dict[str, Any]:
    """What an address carries so that its page leads back to the check of all answers, where the reader came from."""
    return {"from": "check"} if request.args.get("from") == "check" else {}


def task_url(application: Application, task: Task, **values: Any) -> str:
    """Where a task is worked on. An empty history opens with its first entry."""
    reference, key = application.reference, task.section.key
    if key == "uploads":
        return url_for("applicant.show_documents", reference=reference)
    if key in HISTORIES and task.state == sections.TaskState.NOT_STARTED:
        return url_for("applicant.edit_entry", reference=reference, section=key, entry_id="new", **values)
    return url_for("applicant.edit_section", reference=reference, section=key, **values)


def _uploads_url(application: Application, task: Task) -> str:
    """The list of documents; where a single one is needed and nothing was sent yet, the page that takes it."""
    reference = application.reference
    if task.state == sections.TaskState.FILES and task.count == 1:
        (kind,) = sections.missing_documents(sections.drafts_of(current_session(), application))
        return url_for("applicant.upload_document", reference=reference, kind=kind)
    return url_for("applicant.show_documents", reference=reference)


def next_url(application: Application, after: str, drafts: Drafts | None = None) -> str:
    """Where to go when a section is done: back to the check, to the next open task, to the check when all is done.

    `drafts` are the sections as they are now, where they are known.
    """
    tasks = sections.tasks(drafts or sections.drafts_of(current_session(), application))
    task = sections.next_open(tasks, after=after)
    if returning() or task is None:
        is_blocked = task is None and not all(task.is_completed for task in tasks)
        endpoint = "applicant.show_application" if is_blocked else "applicant.check_answers"
        return url_for(endpoint, reference=application.reference)
    return _uploads_url(application, task) if task.section.key == "uploads" else task_url(application, task)
