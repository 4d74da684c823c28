"""Questions of applicants whose checks take longer than usual: the list, and the answer, one of a few sentences."""

from __future__ import annotations

import uuid

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from portal.db import current_session
from portal.domain.permissions import Permission
from portal.i18n import lazy_gettext as _l
from portal.services import audit, lateness
from portal.web.access import requires
from portal.web.forms import Form, RadiosField
from portal.web.officer import officer
from portal.web.routing import FORM
from portal.web.sessions import current_officer


class AnswerForm(Form):
    sentence = RadiosField(_l("Your answer"), choices=list(lateness.ANSWERS.items()), missing=_l("Choose your answer"))


@officer.page("/officers/questions/<uuid:enquiry_id>", "/agents/questions/<uuid:enquiry_id>", methods=FORM)
@requires(Permission.REVIEW_WORK)
def answer_enquiry(enquiry_id: uuid.UUID) -> Response | tuple[str, int]:
    """Answer; the applicant reads the sentence in the own language."""
    session, by = current_session(), current_officer()
    enquiry, form = lateness.find(session, enquiry_id, agency=by.agency), AnswerForm.from_request()
    if form.submitted():
        lateness.answer(session, enquiry, form.sentence.data, by=by)
        return redirect(url_for("officer.my_work"), 303)
    audit.record(session, "enquiry:view", enquiry, by=by)
    return render_template(
        "officer/answer_enquiry.html", form=form, enquiry=enquiry, words=lateness.ANSWERS
    ), form.status
