"""A history as a page: its entries, the bar of months, each gap in words with a way to fill or explain it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from portal.clock import today
from portal.domain import answers as words
from portal.domain.histories import GAP_REASONS, history_of, span_of
from portal.domain.history_gaps import History, Span
from portal.domain.sections import BY_KEY
from portal.i18n import format_month, ngettext
from portal.i18n import gettext as _
from portal.models import Application, SectionDraft
from portal.services import histories, sections
from portal.services.histories import Entry
from portal.web.applicant.forms import HistoryForm
from portal.web.applicant.own import next_url, returning

Drafts = Mapping[str, SectionDraft]
DESCRIBED = {"addresses": words.address_in_words, "work": words.work_in_words}


@dataclass(frozen=True)
class Listed:
    """One entry as the list shows it."""

    title: str
    text: str
    is_fit: bool
    change_url: str
    remove_url: str


def show_history(application: Application, section: str, drafts: Drafts) -> Response | tuple[str, int]:
    """The list of a history's entries. Its Continue button says what is still missing."""
    draft, form = drafts.get(section), HistoryForm.from_request()
    history = history_of(draft.answers if draft else None, today(), sections.birth_of(drafts))
    entries = histories.entries_of(draft)
    if form.submitted() and _is_accounted_for(form, history, entries):
        return redirect(next_url(application, section), 303)
    if form.leaving:
        return redirect(url_for("applicant.show_application", reference=application.reference), 303)
    page = render_template(
        f"applicant/sections/{section}.html",
        form=form,
        application=application,
        section=BY_KEY[section],
        entries=[listed(application, section, entry) for entry in entries],
        gaps=[(str(gap), _urls(application, section, gap)) for gap in history.gaps()],
        explained=[_explained(application, section, known) for known in histories.explanations_of(draft)],
        overlaps=[str(span) for span in history.overlaps()],
        months=[{"state": str(state)} for _month, state in history.coverage()],
        window=[format_month(month.first_day) for month in history.window],
        coverage_label=coverage_in_words(history),
        add_url=_url("applicant.edit_entry", application, section, entry_id="new"),
    )
    return page, form.status


def listed(application: Application, section: str, entry: Entry) -> Listed:
    """An entry in words; one that is still wrong with whatever was typed."""
    answers, typed = entry["answers"], entry["typed"]
    what = [value for name in ("street", "city", "employer", "occupation") for value in typed.get(name, ()) if value]
    return Listed(
        title=_capitalised(words.period_in_words(answers)) if answers else _("To correct"),
        text=DESCRIBED[section](answers) if answers else "\n".join(what) or _("Not complete"),
        is_fit=bool(answers),
        change_url=_url("applicant.edit_entry", application, section, entry_id=entry["id"]),
        remove_url=_url("applicant.remove_entry", application, section, entry_id=entry["id"]),
    )


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


def coverage_in_words(history: History) -> str:
    """The bar of months as a sentence, for whoever does not see it."""
    count = len(history.gaps())
    if not count:
        return _("Every month is accounted for")
    gaps = ngettext("%(num)s gap", "%(num)s gaps", count)
    return _("%(gaps)s: %(months)s", gaps=gaps, months="; ".join(str(gap) for gap in history.gaps()))


def _is_accounted_for(form: HistoryForm, history: History, entries: list[Entry]) -> bool:
    if any(not entry["answers"] for entry in entries):
        form.refuse(_("Correct or remove each entry that is marked “To correct”"))
    for gap in history.gaps():
        form.refuse(_("Nothing covers %(months)s. Add what is missing, or explain the gap.", months=str(gap)))
    return not form.problems


def _url(endpoint: str, application: Application, section: str, **values: Any) -> str:
    return url_for(endpoint, reference=application.reference, section=section, **values, **returning())


def _urls(application: Application, section: str, gap: Span) -> dict[str, str]:
    first, last = str(gap.first), str(gap.last)
    return {
        "fill": _url("applicant.edit_entry", application, section, entry_id="new", since=first, until=last),
        "explain": _url("applicant.explain_gap", application, section, first=first),
    }


def _explained(application: Application, section: str, known: dict[str, Any]) -> dict[str, str]:
    reason = str(GAP_REASONS[known["reason"]])
    return {
        "key": str(span_of(known)),
        "value": "\n".join(part for part in (reason, known.get("text")) if part),
        "action_href": _url("applicant.explain_gap", application, section, first=known["from"]),
    }
