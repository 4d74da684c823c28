"""Look-out hits: side by side with what the applicant told, and the officer's assessment. Screening again."""

from __future__ import annotations

import uuid
from typing import Any

from flask import abort, redirect, render_template, url_for
from werkzeug.wrappers import Response

from portal.db import current_session
from portal.domain.permissions import Permission
from portal.i18n import format_date
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.models import LookoutEntry, LookoutHit, LookoutListVersion
from portal.screening import in_words
from portal.services import case_files, reviews, screening, viewings
from portal.web.access import requires
from portal.web.context import agency_name
from portal.web.forms import CheckboxesField, Form, RadiosField, TextAreaField
from portal.web.officer import officer, words
from portal.web.officer.case import attempted, identity, own_review
from portal.web.officer.hit_comparison import COMPARED, compared
from portal.web.officer.reviews import FILE, Answer
from portal.web.routing import FORM, POST
from portal.web.sessions import current_officer


class AssessHitForm(Form):
    verdict = RadiosField(
        _l("Is this the same person?"),
        choices=[(state, words.ASSESSMENTS[state]) for state in screening.ASSESSMENTS],
        missing=_l("Say whether it is the same person"),
    )
    evidence = CheckboxesField(
        _l("What did you compare?"), choices=list(words.EVIDENCE.items()), missing=_l("Say what you compared")
    )
    assessment = TextAreaField(
        _l("Why you say so"),
        hint=_l("Name the record behind the entry that you read."),
        missing=_l("Write why you say so"),
        max_length=4000,
        rows=5,
    )


@officer.page(f"{FILE[0]}/hits/<uuid:hit_id>", f"{FILE[1]}/correspondances/<uuid:hit_id>", methods=FORM)
@requires(Permission.HIT_ASSESS)
def assess_hit(reference: str, hit_id: uuid.UUID) -> Answer:
    """Assess a hit of the officer's own agency."""
    review, by, session = own_review(reference), current_officer(), current_session()
    hit = screening.find_hit(session, review, hit_id)
    viewings.check(session, review, by)
    form = AssessHitForm.from_request()
    if form.submitted():
        reviews.hold(session, review, by)
        verdict, text, evidence = form.verdict.data, form.assessment.data, form.evidence.chosen
        if attempted(form, lambda: screening.assess_hit(session, hit, verdict, text, by, evidence=evidence)):
            return redirect(url_for("officer.show_review", reference=reference), 303)
    page = render_template(
        "officer/assess_hit.html",
        form=form,
        words=words,
        names=case_files.officer_names(session, {one for one in (hit.assessed_by, hit.confirmed_by) if one}),
        **about_hit(hit),
        is_mine=reviews.holds(review, by),
        **identity(review, "hit"),
    )
    return page, form.status


def about_hit(hit: LookoutHit) -> dict[str, Any]:
    """What the pages about a hit show of it: every reason in words, both sides, the list and who may use it."""
    return {
        "hit": hit,
        "points": [{"text": in_words(reason), "points": _points(reason["points"])} for reason in hit.reasons],
        "total": _points(hit.score),
        "in_short": _in_short(hit),
        "entry_rows": _entry_rows(hit.entry),
        "comparison": compared(hit),
    }


def _points(share: float) -> str:
    return f"{round(share * 100):+d}"


def _entry_rows(entry: LookoutEntry) -> list[dict[str, str]]:
    """Which list the entry stands on, and what else the list says of it."""
    version = entry.version
    return [
        {"key": _("List"), "value": version.lookout_list.name},
        {"key": _("Kept by"), "value": agency_name(version.lookout_list.agency)},
        {"key": _("Who may use it"), "value": _sharing(version.lookout_list.is_shared)},
        {
            "key": _("Version"),
            "value": f"{version.number} ({format_date(version.source_on)})"
            if version.source_on
            else str(version.number),
        },
        {"key": _("Entry"), "value": entry.entry_key},
        *(
            {"key": str(words.ENTRY_DETAILS.get(key, key)), "value": _listed(value)}
            for key, value in entry.details.items()
            if key not in COMPARED
        ),
    ]


def _dated(version: LookoutListVersion) -> str:
    day = f" ({format_date(version.source_on)})" if version.source_on else ""
    return f"{version.number}{day}"


def _sharing(is_shared: bool) -> str:
    return _("Both agencies") if is_shared else _("The agency that keeps it, alone")


def _listed(value: Any) -> str:
    return " · ".join(value) if isinstance(value, list) else str(value)


def _in_short(hit: LookoutHit) -> list[str]:
    """The two reasons that weigh most, to be said in one breath."""
    weighty = sorted((one for one in hit.reasons if one["points"] > 0), key=lambda one: -one["points"])
    return [in_words(one) for one in weighty[:2]]


@officer.page(f"{FILE[0]}/screen-again", f"{FILE[1]}/verifier-de-nouveau", methods=POST)
@requires(Permission.REVIEW_WORK)
def screen_again(reference: str) -> Response:
    """Queue the screening again after it failed."""
    if not Form.from_request().submitted():
        abort(400)
    review = own_review(reference)
    reviews.hold(current_session(), review, current_officer())
    screening.request(current_session(), review.application, by=current_officer())
    return redirect(url_for("officer.show_review", reference=reference), 303)
