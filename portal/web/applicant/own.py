"""What a traveller's pages begin with: the traveller's own application, and where its parts lie."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from flask import g, request, url_for

from portal.db import current_session
from portal.domain.errors import NotFound, NotOpenToThis
from portal.domain.helping import fills
from portal.domain.histories import HISTORIES
from portal.domain.lifecycle import Status
from portal.models import Application
from portal.services import applications, helped, named_helpers, sections
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


def fillable_draft(reference: str, section: str) -> Application:
    """The draft while its answers can be changed: one's own, or one that one was asked to help with (`g.helping`).

    Raises NotFound for a section that helpers do not open, and NotOpenToThis once one's own was sent.
    """
    try:
        return own_draft(reference)
    except NotFound:
        return helped_draft(reference, section)


def helped_draft(reference: str, section: str | None = None) -> Application:
    """A draft that one was asked to help with; all that this request does from here on, it does as a helper."""
    application = helped.open_draft(current_session(), current_account(), reference, section)
    g.helping = named_helpers.shown_name(current_session(), application)
    return application


def tasks_of(application: Application, drafts: Drafts) -> list[Task]:
    """The tasks that whoever is there can open: a helper's are fewer."""
    found = sections.tasks(drafts)
    return [task for task in found if "helping" not in g or fills(task.section.key, application.status)]


def own_draft(reference: str) -> Application:
    """The application while its answers can be changed. Raises NotOpenToThis once it was sent."""
    application = own_application(reference)
    if application.status != Status.DRAFT:
        raise NotOpenToThis(sections.SENT)
    return application


def fillable_with_sections(reference: str, section: str) -> tuple[Application, Drafts]:
    """What `fillable_draft` gives, with the sections that were begun."""
    try:
        return _own_with_sections(reference)
    except NotFound:
        application = helped_draft(reference, section)
        return application, sections.drafts_of(current_session(), application)


def _own_with_sections(reference: str) -> tuple[Application, Drafts]:
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
    tasks = tasks_of(application, drafts or sections.drafts_of(current_session(), application))
    task = sections.next_open(tasks, after=after)
    if returning() or task is None:
        is_blocked = "helping" in g or (task is None and not all(task.is_completed for task in tasks))
        endpoint = "applicant.show_application" if is_blocked else "applicant.check_answers"
        return url_for(endpoint, reference=application.reference)
    return _uploads_url(application, task) if task.section.key == "uploads" else task_url(application, task)
