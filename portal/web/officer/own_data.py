"""What applicants ask of their data, on the case file: corrections to decide; and legal holds, by supervisors."""

from __future__ import annotations

import uuid

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from portal.db import current_session
from portal.domain.permissions import Permission
from portal.i18n import lazy_gettext as _l
from portal.services import case_files, corrections, legal_holds
from portal.web.access import requires
from portal.web.forms import Form, RadiosField, TextAreaField
from portal.web.officer import officer
from portal.web.officer.case import attempted, identity, own_review
from portal.web.routing import FORM
from portal.web.sessions import current_officer

ROOT_EN, ROOT_FR = "/officers/applications/<reference:reference>", "/agents/demandes/<reference:reference>"


class DecideCorrectionForm(Form):
    outcome = RadiosField(
        _l("Your answer"),
        choices=[
            ("accepted", _l("Accept"), _l("What the applicant says is right from now on. Both agencies see it.")),
            ("refused", _l("Do not accept"), _l("What was sent stands.")),
        ],
        missing=_l("Choose your answer"),
    )
    reply = TextAreaField(
        _l("Words to the applicant"),
        hint=_l("In the applicant’s language. The applicant reads these words as you write them."),
        missing=_l("Write the answer in the applicant’s language"),
        max_length=2000,
        rows=5,
    )


class LegalHoldForm(Form):
    reason = TextAreaField(
        _l("Reason"),
        hint=_l("The reason is kept with your name."),
        missing=_l("Write the reason"),
        max_length=300,
        rows=3,
    )


@officer.page(
    f"{ROOT_EN}/corrections/<uuid:correction_id>", f"{ROOT_FR}/corrections/<uuid:correction_id>", methods=FORM
)
@requires(Permission.REVIEW_WORK)
def decide_correction(reference: str, correction_id: uuid.UUID) -> Response | tuple[str, int]:
    """Accept or refuse a correction, with words in the applicant's language."""
    session, by, review = current_session(), current_officer(), own_review(reference)
    shown = identity(review)
    request, form = corrections.find(session, review.application, correction_id), DecideCorrectionForm.from_request()
    if form.submitted() and attempted(
        form,
        lambda: corrections.decide(
            session, review, correction_id, outcome=form.outcome.data, answer=form.reply.data, by=by
        ),
    ):
        return redirect(url_for("officer.show_review", reference=reference), 303)
    page = render_template(
        "officer/decide_correction.html", form=form, request_=request, sections=corrections.SECTIONS_TO_CORRECT, **shown
    )
    return page, form.status


@officer.page(f"{ROOT_EN}/hold", f"{ROOT_FR}/conservation", methods=FORM)
@requires(Permission.HOLD_PLACE)
def legal_hold(reference: str) -> Response | tuple[str, int]:
    """Place a legal hold on the person, or lift the one of the officer's agency."""
    session, by, review = current_session(), current_officer(), own_review(reference)
    shown, form = identity(review, "legal_hold"), LegalHoldForm.from_request()
    holds = legal_holds.of_person(session, review.application.person_id, by)
    in_force = next((hold for hold in holds if hold.lifted_at is None), None)
    act = legal_holds.lift if in_force else legal_holds.place
    if form.submitted() and attempted(form, lambda: act(session, review, form.reason.data, by)):
        return redirect(url_for("officer.legal_hold", reference=reference), 303)
    names = case_files.officer_names(session, {hold.placed_by for hold in holds})
    page = render_template("officer/legal_hold.html", form=form, holds=holds, in_force=in_force, names=names, **shown)
    return page, form.status
