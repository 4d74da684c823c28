"""What a passport or card says for machines, offered to its owner: nothing is filled in that was not confirmed."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.clock import today
from portal.db import current_session
from portal.domain import read_answers
from portal.domain.documents import BY_KEY
from portal.domain.errors import ChangedMeanwhile
from portal.domain.mrz import MRZ
from portal.domain.mrz_typing import TypedZone, read_typed
from portal.domain.permissions import Permission
from portal.domain.sections import SELF
from portal.i18n import lazy_gettext as _l
from portal.models import Application, Document
from portal.services import checklists, document_readings, documents, family, sections
from portal.web.access import requires
from portal.web.applicant import applicant, drafting
from portal.web.applicant.forms.reading import LINES, Forms, Offer, ReadingForm, filled, offers
from portal.web.applicant.own import fillable_draft
from portal.web.routing import FORM
from portal.web.sessions import current_account

SECTIONS = ("identity", "citizenship")
KINDS = f"<any({','.join(read_answers.KINDS)}):kind>"
TYPED = "typed"
NOTHING_TYPED = _l("Type the lines as they stand at the bottom of the page, or on the back of the card")
NOTHING_CHOSEN = _l("Choose what to fill in, or go on and type your answers yourself")


@applicant.page(
    f"/applications/<reference:reference>/read/{KINDS}", f"/demandes/<reference:reference>/lire/{KINDS}", methods=FORM
)
@requires(Permission.APPLICATION_FILL)
def read_document(reference: str, kind: str) -> ResponseReturnValue:
    """The answers that a document gives by its photo or its typed lines, each beside what was typed, to confirm."""
    application = fillable_draft(reference, documents.SECTION)
    form = ReadingForm.from_request()
    if form.leaving:
        return redirect(url_for("applicant.show_application", reference=reference), 303)
    paper = _paper(application, kind)
    typed = read_typed(form.lines) if any(form.lines) else None
    zone, of = _zone(typed, paper)
    forms = _forms(application)
    found = offers(zone, kind, forms, today()) if zone else []
    _offer_choices(form, found, of)
    status = None
    if form.submitted() and _is_fit(form, typed):
        changed = filled(forms, kind, [one for one in found if one.read.key in form.take.data])
        if changed and _keep(application, kind, forms, changed, form):
            return redirect(_where_to_look(reference, changed), 303)
        status = 409 if changed else None
    return _page(form, application, kind, found, typed, paper), status or form.status


def _paper(application: Application, kind: str) -> Document | None:
    """The document of this kind whose zone is offered: the newest that has one, else the newest."""
    papers = [one for one in documents.of_application(current_session(), application) if one.shows(kind)]
    read = [one for one in papers if document_readings.zone_of(one)]
    return next(reversed(read or papers), None)


def _zone(typed: TypedZone | None, paper: Document | None) -> tuple[MRZ | None, str]:
    """The zone that is offered, and a name for where it comes from: ticks made for another one do not count."""
    if typed:
        return typed.zone, TYPED
    return (document_readings.zone_of(paper), str(paper.id)) if paper else (None, "")


def _forms(application: Application) -> Forms:
    drafts = sections.drafts_of(current_session(), application)
    holder = family.suggested(current_session(), application) if application.role != SELF else None
    return {section: drafting.stored_form(drafts, section, holder) for section in SECTIONS}


def _offer_choices(form: ReadingForm, found: list[Offer], of: str) -> None:
    """Boxes for what can be taken over; ticked at first where nothing was typed and the document is sure."""
    takeable = [one for one in found if one.can_be_taken]
    form.take.choices = [(one.read.key, _said(one), _beside(one)) for one in takeable]
    if form.of.data != of:
        form.take.data = [one.read.key for one in takeable if not one.typed and one.read.is_sure]
    form.of.data = of
    form.of.raw_data = [of]


def _said(offer: Offer) -> _l:
    return _l("%(label)s: %(read)s", label=offer.read.label, read=offer.read.shown)


def _beside(offer: Offer) -> _l:
    """What stands in the application now, and what to look at."""
    if not offer.typed:
        return (
            _l("Not answered yet.") if offer.read.is_sure else _l("Not answered yet. We are not sure of each letter.")
        )
    text = _l("You typed: %(typed)s. That is different.", typed=offer.typed)
    unsure = _l("You typed: %(typed)s. That is different, but we are not sure of each letter.", typed=offer.typed)
    return text if offer.read.is_sure else unsure


def _is_fit(form: ReadingForm, typed: TypedZone | None) -> bool:
    """Whether to fill in now; where not, the form says what is wrong, if anything is."""
    for mistake in typed.mistakes if typed else ():
        form.refuse(mistake.message, LINES[mistake.line])
    step = request.form.get("step", "read")  # sent by no button: nothing is filled in
    if form.problems or step != "fill":
        if step == "read" and not typed:
            form.refuse(NOTHING_TYPED, "line_1")
        return False
    if not form.take.data:
        form.refuse(NOTHING_CHOSEN, "take" if form.take.options else None)
    return bool(form.take.data)


def _keep(
    application: Application, kind: str, forms: Forms, changed: dict[str, dict[str, list[str]]], form: ReadingForm
) -> bool:
    """Fill in what was confirmed; False where another window was faster, which the form says."""
    session, account = current_session(), current_account()
    try:
        for section, raw in changed.items():
            answers, seq = forms[section].answers_if(raw), forms[section].seq
            sections.save(session, application.id, section, raw=raw, answers=answers, seq=seq, by=account)
    except ChangedMeanwhile as change:
        form.refuse(str(change))
        return False
    is_typed = form.of.data == TYPED
    document_readings.was_taken_over(session, application, kind, form.take.data, is_typed=is_typed, by=account)
    return True


def _where_to_look(reference: str, changed: dict[str, Any]) -> str:
    first = next(section for section in SECTIONS if section in changed)
    return url_for("applicant.edit_section", reference=reference, section=first, filled="yes")


def _page(
    form: ReadingForm,
    application: Application,
    kind: str,
    found: list[Offer],
    typed: TypedZone | None,
    paper: Document | None,
) -> str:
    in_list = {one.line.kind.key for one in checklists.of(current_session(), application)}
    return render_template(
        "applicant/read_document.html",
        form=form,
        application=application,
        kind=BY_KEY[kind],
        offers=found,
        repairs=typed.repairs if typed and typed.zone else (),
        is_typed=typed is not None,
        paper=paper,
        can_send=kind in in_list,
    )
