"""The entries of a history and its gaps: one page to add or correct, one to remove, one to explain."""

from __future__ import annotations

import re
import secrets
from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.clock import today
from portal.db import current_session, separate_session
from portal.domain.errors import ChangedMeanwhile, NotFound
from portal.domain.histories import HISTORIES, history_of, span_of
from portal.domain.history_gaps import Span
from portal.domain.months import Month
from portal.domain.permissions import Permission
from portal.domain.sections import BY_KEY
from portal.models import Application
from portal.services import family, histories, sections
from portal.web.access import requires
from portal.web.applicant import drafting
from portal.web.applicant.forms import ENTRY_FORMS, GAP_FORMS, SectionForm
from portal.web.applicant.history_pages import listed
from portal.web.applicant.own import fillable_draft, next_url, returning, section_page
from portal.web.forms import Form
from portal.web.sessions import current_account

Answer = Response | str | tuple[str, int]
ENTRY_ID = re.compile(r"[0-9a-f]{16}")
NEW = "new"


@section_page("/<entry_id>", "/<entry_id>", keys=HISTORIES)
@requires(Permission.APPLICATION_FILL)
def edit_entry(reference: str, section: str, entry_id: str) -> Answer:
    """Add an entry or correct one. A wrong one is kept as it was typed, and marked so on the list."""
    application = fillable_draft(reference, section)
    drafts = sections.drafts_of(current_session(), application)
    entry = _entry(drafts, section, entry_id)
    form = _entry_form(drafts, section, entry, is_first=not histories.entries_of(drafts.get(section)))
    is_done = form.submitted()
    if form.trusted and _is_anything_typed(form) and (clash := _kept(application, section, entry, form)):
        return clash
    if drafting.autosaving(form):
        return drafting.saved(form)
    if is_done and entry_id == NEW:
        return redirect(_after_first(application, section, entry["id"]), 303)
    if is_done or form.leaving:
        return redirect(_list_url(application, section), 303)
    page = render_template(
        "applicant/edit_entry.html",
        form=form,
        application=application,
        section=BY_KEY[section],
        is_new=entry_id == NEW,
        entry_id=entry["id"],
        back_url=_list_url(application, section),
        same_as_sources=[] if drafts.get(section) else family.sources(current_session(), application, section),
    )
    return page, form.status


@section_page("/<entry_id>/remove", "/<entry_id>/retirer", keys=HISTORIES)
@requires(Permission.APPLICATION_FILL)
def remove_entry(reference: str, section: str, entry_id: str) -> Answer:
    """Ask whether to remove an entry, then remove it."""
    application = fillable_draft(reference, section)
    entry = histories.entry_of(sections.drafts_of(current_session(), application).get(section), entry_id)
    if entry is None:
        raise NotFound(entry_id)
    form = Form.from_request()
    if form.submitted():
        with separate_session() as session:
            histories.remove_entry(session, application.id, section, entry_id, by=current_account())
        return redirect(_list_url(application, section), 303)
    page = render_template(
        "applicant/remove_entry.html",
        form=form,
        section=BY_KEY[section],
        entry=listed(application, section, entry),
        back_url=_list_url(application, section),
    )
    return page, form.status


@section_page("/gaps/<first>", "/periodes/<first>", keys=HISTORIES)
@requires(Permission.APPLICATION_FILL)
def explain_gap(reference: str, section: str, first: str) -> Answer:
    """Say why nothing covers some months."""
    application = fillable_draft(reference, section)
    drafts = sections.drafts_of(current_session(), application)
    gap, known = _gap(drafts, section, first)
    if gap is None:
        return redirect(_list_url(application, section), 303)
    form = drafting.opened(GAP_FORMS[section], histories.typed_explanation(drafts.get(section), gap), known, drafts)
    is_done = form.submitted()
    if form.trusted:
        with separate_session() as session:
            histories.explain(
                session, application.id, section, gap,
                typed=form.raw, answers=form.fit_answers(), by=current_account(),
            )  # fmt: skip
    if is_done or form.leaving:
        return redirect(_list_url(application, section), 303)
    page = render_template(
        "applicant/explain_gap.html",
        form=form,
        section=BY_KEY[section],
        gap=str(gap),
        back_url=_list_url(application, section),
    )
    return page, form.status


def _list_url(application: Application, section: str) -> str:
    return url_for("applicant.edit_section", reference=application.reference, section=section, **returning())


def _entry_url(application: Application, section: str, entry: histories.Entry) -> str:
    values: dict[str, Any] = {"reference": application.reference, "section": section, "entry_id": entry["id"]}
    return url_for("applicant.edit_entry", **values, **returning())


def _entry(drafts: drafting.Drafts, section: str, entry_id: str) -> histories.Entry:
    """The entry; for "new" an empty one, under the name that its page gave it so that sending it twice adds one."""
    if entry_id == NEW:
        sent = request.form.get("entry_id", "")
        entry_id = sent if ENTRY_ID.fullmatch(sent) else secrets.token_hex(8)
        found = histories.entry_of(drafts.get(section), entry_id)
        return found or {"id": entry_id, "seq": 0, "typed": {}, "answers": None}
    if entry := histories.entry_of(drafts.get(section), entry_id):
        return entry
    raise NotFound(entry_id)


def _entry_form(drafts: drafting.Drafts, section: str, entry: histories.Entry, *, is_first: bool) -> SectionForm:
    """The form of an entry; a new one begins with the months of the gap it fills, the first with what is known."""
    kind = ENTRY_FORMS[section]
    form = drafting.opened(kind, entry["typed"], entry["answers"], drafts if is_first else {})
    form.about = drafting.about(drafts)
    form.seq = entry["seq"]
    if not entry["seq"] and request.method == "GET" and (months := _asked_months()):
        form.process(data={**form.data, **months})
    return form


def _asked_months() -> dict[str, Any]:
    """The months of a gap, where the reader chose to fill it."""
    try:
        since, until = (Month.parse(request.args.get(name, "")) for name in ("since", "until"))
    except ValueError:
        return {}
    is_open = until >= Month.of(today())
    return {"since": since, "until": None if is_open else until, "goes_on": is_open}


def _is_anything_typed(form: SectionForm) -> bool:
    return any(value.strip() for name, values in form.raw.items() for value in values if name != "country")


def _kept(application: Application, section: str, entry: histories.Entry, form: SectionForm) -> Response | None:
    """Save what was typed. Where another window was faster, the page with both versions."""
    try:
        with separate_session() as session:
            saved = histories.put_entry(
                session, application.id, section, entry["id"],
                typed=form.raw, answers=form.fit_answers(), seq=form.sent_seq, by=current_account(),
            )  # fmt: skip
        form.seq = saved["seq"]
        return None
    except ChangedMeanwhile as change:
        seq = _entry(sections.drafts_of(current_session(), application), section, entry["id"])["seq"]
        return drafting.choose_version(form, change, seq=seq, saved_url=_entry_url(application, section, entry))


def _after_first(application: Application, section: str, entry_id: str) -> str:
    """Past the list where there is nothing to look at: one entry, just typed, that covers every month."""
    draft = sections.drafts_of(current_session(), application).get(section)
    is_only = [entry["id"] for entry in histories.entries_of(draft)] == [entry_id]
    if is_only and draft is not None and draft.is_complete and not histories.explanations_of(draft):
        return next_url(application, section)
    return _list_url(application, section)


def _gap(drafts: drafting.Drafts, section: str, first: str) -> tuple[Span | None, dict[str, Any] | None]:
    """The gap or the explained months that begin with `first`, and the explanation there is."""
    draft = drafts.get(section)
    for known in histories.explanations_of(draft):
        if known["from"] == first:
            return span_of(known), known
    gaps = history_of(draft.answers if draft else None, today(), sections.birth_of(drafts)).gaps()
    return next((gap for gap in gaps if str(gap.first) == first), None), None
