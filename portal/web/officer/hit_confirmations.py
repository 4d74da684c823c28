"""The second officer's page of a hit: confirm that it is the same person, or send it back."""

from __future__ import annotations

import uuid

from flask import redirect, render_template, url_for

from portal.db import current_session
from portal.domain.permissions import Permission
from portal.i18n import lazy_gettext as _l
from portal.models import LookoutHit, Review
from portal.services import case_files, hit_confirmations, screening, viewings
from portal.web.access import requires
from portal.web.forms import Form, RadiosField, TextAreaField, ValidationError
from portal.web.officer import officer, words
from portal.web.officer.case import attempted, identity, own_review
from portal.web.officer.hits import about_hit
from portal.web.officer.reviews import FILE, Answer
from portal.web.routing import FORM
from portal.web.sessions import current_officer
from portal.web.step_up import requires_step_up


class ConfirmHitForm(Form):
    decision = RadiosField(
        _l("Is it the same person?"),
        choices=[
            ("confirm", _l("Confirm"), _l("You compared both sides yourself and find the same.")),
            ("send_back", _l("Send back"), _l("The hit is open again for the officer who holds the application.")),
        ],
        missing=_l("Confirm or send back"),
    )
    note = TextAreaField(_l("Why you send it back"), max_length=2000, rows=4)

    def validate_note(self, field: TextAreaField) -> None:
        """Whoever gets it back must know why."""
        if self.decision.data == "send_back" and not field.data:
            raise ValidationError(hit_confirmations.SAY_WHY)


@officer.page(
    f"{FILE[0]}/hits/<uuid:hit_id>/confirm", f"{FILE[1]}/correspondances/<uuid:hit_id>/confirmer", methods=FORM
)
@requires(Permission.HIT_ASSESS)
@requires_step_up
def confirm_hit(reference: str, hit_id: uuid.UUID) -> Answer:
    """Settle what a colleague found to be the same person."""
    review, by, session = own_review(reference), current_officer(), current_session()
    hit = screening.find_hit(session, review, hit_id)
    viewings.check(session, review, by)
    form = ConfirmHitForm.from_request()
    if form.submitted() and attempted(form, lambda: _settle(review, hit, form)):
        return redirect(url_for("officer.my_work"), 303)
    page = render_template(
        "officer/confirm_hit.html",
        form=form,
        words=words,
        names=case_files.officer_names(session, {hit.assessed_by} if hit.assessed_by else set()),
        is_waiting=hit.state == hit_confirmations.PROPOSED,
        is_own=hit.assessed_by == by.id,
        **about_hit(hit),
        **identity(review, "hit"),
    )
    return page, form.status


def _settle(review: Review, hit: LookoutHit, form: ConfirmHitForm) -> None:
    session, by = current_session(), current_officer()
    if form.decision.data == "confirm":
        hit_confirmations.confirm(session, review, hit, by)
    else:
        hit_confirmations.send_back(session, review, hit, form.note.data, by)
