"""Forms of a draft: filled from what was typed, kept whatever was typed, and both versions shown when they clash."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, jsonify, make_response, render_template, request

from portal.db import current_session, keep_now
from portal.domain import answers as words
from portal.domain.errors import ChangedMeanwhile
from portal.models import Application, SectionDraft
from portal.services import sections
from portal.web.applicant.forms import SECTION_FORMS, About, SectionForm
from portal.web.applicant.forms.section import in_words
from portal.web.sessions import current_account

Drafts = Mapping[str, SectionDraft]


def about(drafts: Drafts) -> About:
    """The applicant, as far as the application says."""
    identity = sections.answers_of(drafts, "identity") or {}
    names = {name: identity.get(name, "") for name in ("given_names", "family_name")}
    return About(
        born=words.birth_of(identity),
        role=sections.role_of(drafts),
        signer=sections.signer_of(drafts),
        needs_assent=sections.needs_assent(drafts),
        passport_issued_on=lambda: words.passport_issued_on(sections.answers_of(drafts, "citizenship")),
        **names,
    )


def fit_answers(drafts: Drafts) -> dict[str, Mapping[str, Any]]:
    """What the sections say that are complete so far."""
    return {key: answers for key in drafts if (answers := sections.answers_of(drafts, key))}


def section_form(drafts: Drafts, section: str, holder: Mapping[str, Any] | None = None) -> SectionForm:
    """The form of a section as it was typed last, with what other sections say already, and what the `holder` of the
    account said in an application of their own."""
    draft, kind = drafts.get(section), SECTION_FORMS[section]
    form = opened(kind, draft.raw if draft else None, draft.answers if draft else None, drafts, holder)
    form.seq = draft.seq if draft else 0
    return form


def stored_form(drafts: Drafts, section: str, holder: Mapping[str, Any] | None = None) -> SectionForm:
    """The form of a section as it is kept, whatever this request brings: for pages about what stands in it."""
    draft, kind = drafts.get(section), SECTION_FORMS[section]
    known = _known(kind, draft.answers if draft else None, drafts, holder)
    form = kind.from_typed(draft.raw, data=known) if draft and draft.raw else kind(data=known)
    form.about = about(drafts)
    form.seq = draft.seq if draft else 0
    return form


def opened(
    kind: type[SectionForm],
    typed: Mapping[str, Any] | None,
    answers: Mapping[str, Any] | None,
    drafts: Drafts,
    holder: Mapping[str, Any] | None = None,
) -> SectionForm:
    """A form as posted, else as typed before, else from the answers that were kept, else with what is known already."""
    form = kind.from_request(typed=typed or None, data=_known(kind, answers, drafts, holder))
    form.about = about(drafts)
    return form


def _known(
    kind: type[SectionForm], answers: Mapping[str, Any] | None, drafts: Drafts, holder: Mapping[str, Any] | None
) -> dict[str, Any]:
    told = fit_answers(drafts) | ({"holder": holder} if holder else {})
    return kind.known(answers) if answers else kind.suggested(told)


def keep(application: Application, section: str, form: SectionForm, drafts: sections.Drafts) -> None:
    """Save everything that was typed, at once and whatever becomes of the request. Raises ChangedMeanwhile."""
    draft = sections.save_opened(
        current_session(),
        drafts,
        application,
        section,
        raw=form.raw,
        answers=form.fit_answers(),
        seq=form.sent_seq,
        by=current_account(),
    )
    keep_now()
    form.seq = draft.seq


def autosaving(form: SectionForm) -> bool:
    """Whether the page's script keeps what is being typed: nobody pressed anything (static/js/app.js)."""
    return form.trusted and "X-Autosave" in request.headers


def saved(form: SectionForm) -> Response:
    """The answer to the script: the number of the version that is kept now."""
    return jsonify(seq=form.seq)


def choose_version(form: SectionForm, change: ChangedMeanwhile, *, seq: int, saved_url: str) -> Response:
    """The page that shows what is saved and what was typed, and lets its reader keep either."""
    saved = type(form).from_typed(change.theirs) if isinstance(change.theirs, dict) else form
    pairs = zip(in_words(saved), in_words(form), strict=True)
    rows = [(label, theirs, yours) for (label, theirs), (_label, yours) in pairs if theirs != yours]
    shown = type(form).from_typed(form.raw)  # judged later, when a version was chosen
    shown.seq = form.sent_seq or 0
    page = render_template(
        "applicant/choose_version.html", form=shown, rows=rows, seq=seq, saved_url=saved_url, typed=form.raw
    )
    return make_response(page, 409)


def saved_seq(application: Application, section: str) -> int:
    """The version of a section that is saved now."""
    draft = sections.drafts_of(current_session(), application).get(section)
    return draft.seq if draft else 0
