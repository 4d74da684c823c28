"""The sections of an application, one page each: everything typed is kept, whatever button is pressed."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from portal.db import current_session
from portal.domain.consent import SIGNING_AGE
from portal.domain.errors import ChangedMeanwhile
from portal.domain.histories import HISTORIES
from portal.domain.permissions import Permission
from portal.domain.questions import BACKGROUND
from portal.domain.sections import BY_KEY, SELF
from portal.models import Application
from portal.services import family, sections
from portal.services.sections import TaskState
from portal.web.access import requires
from portal.web.applicant import drafting
from portal.web.applicant.forms import SectionForm
from portal.web.applicant.history_pages import show_history
from portal.web.applicant.own import fillable_with_sections, next_url, returning, section_page
from portal.web.effects import same_twice

Answer = Response | str | tuple[str, int]


@section_page()
@requires(Permission.APPLICATION_FILL)
@same_twice
def edit_section(reference: str, section: str) -> Answer:
    """One section. What was typed is saved before anything else, fit or not; saved twice, it is there once."""
    application, drafts = fillable_with_sections(reference, section)
    if section in HISTORIES:
        return show_history(application, section, drafts)
    if section == "consent" and _is_blocked(drafts):
        return redirect(url_for("applicant.show_application", reference=reference), 303)
    holder = family.suggested(current_session(), application) if application.role != SELF else None
    form = drafting.section_form(drafts, section, holder)
    is_done = form.submitted()
    if form.trusted and (clash := _kept(application, section, form, drafts)):
        return clash
    if drafting.autosaving(form):
        return drafting.saved(form)
    if form.leaving:
        return redirect(url_for("applicant.show_application", reference=reference), 303)
    if is_done:
        return redirect(next_url(application, section, drafts), 303)
    page = render_template(
        "applicant/edit_section.html",
        form=form,
        application=application,
        section=BY_KEY[section],
        questions=BACKGROUND,
        signing_age=SIGNING_AGE,
        same_as_sources=family.sources(current_session(), application, section) if section not in drafts else [],
    )
    return page, form.status


def _kept(application: Application, section: str, form: SectionForm, drafts: sections.Drafts) -> Response | None:
    """Save what was typed. Where another window was faster, the page with both versions."""
    try:
        drafting.keep(application, section, form, drafts)
        return None
    except ChangedMeanwhile as change:
        seq = drafting.saved_seq(application, section)
        saved_url = url_for("applicant.edit_section", reference=application.reference, section=section, **returning())
        return drafting.choose_version(form, change, seq=seq, saved_url=saved_url)


def _is_blocked(drafts: drafting.Drafts) -> bool:
    return any(task.state == TaskState.BLOCKED for task in sections.tasks(drafts))
