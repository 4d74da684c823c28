"""A question of one agency: read, answered in words or with a document, given more time once."""

from __future__ import annotations

import uuid

from flask import abort, redirect, render_template, url_for
from werkzeug.wrappers import Response

from portal.db import current_session
from portal.domain.documents import ACCEPT
from portal.domain.errors import NotOpenToThis, RuleViolation
from portal.domain.permissions import Permission
from portal.i18n import lazy_gettext as _l
from portal.models import Document, InformationRequest
from portal.services import documents, information_requests
from portal.services.documents import StoreUnavailable, Upload
from portal.web.access import requires
from portal.web.applicant import applicant
from portal.web.applicant.own import own_application
from portal.web.forms import FileField, Form, TextAreaField
from portal.web.routing import FORM, POST
from portal.web.sessions import current_account


class AnswerForm(Form):
    text = TextAreaField(_l("Your answer"), missing=_l("Write an answer"), max_length=4000, rows=8)
    document = FileField(_l("Document"), accept=ACCEPT, hint=_l("A JPEG, PNG, HEIC or PDF, up to 15 MB"))


@applicant.page(
    "/applications/<reference:reference>/questions/<uuid:request_id>",
    "/demandes/<reference:reference>/questions/<uuid:request_id>",
    methods=FORM,
)
@requires(Permission.APPLICATION_FILL)
def answer_request(reference: str, request_id: uuid.UUID) -> Response | tuple[str, int]:
    """The exact question, who asks, until when; and the answer."""
    question = _question(reference, request_id)
    form = AnswerForm.from_request()
    if not question.wants_document:
        del form.document
    status = None
    if form.submitted():
        status = _answered(question, form)
        if status is None:
            return redirect(url_for("applicant.show_application", reference=reference), 303)
    page = render_template("applicant/answer_request.html", form=form, question=question, reference=reference)
    return page, status or form.status


@applicant.page(
    "/applications/<reference:reference>/questions/<uuid:request_id>/more-time",
    "/demandes/<reference:reference>/questions/<uuid:request_id>/prolonger",
    methods=POST,
)
@requires(Permission.APPLICATION_FILL)
def extend_request(reference: str, request_id: uuid.UUID) -> Response:
    """Give the applicant more time, once."""
    question = _question(reference, request_id)
    if not Form.from_request().submitted():
        abort(400)
    information_requests.extend(current_session(), question, by=current_account())
    return redirect(url_for("applicant.answer_request", reference=reference, request_id=request_id), 303)


def _question(reference: str, request_id: uuid.UUID) -> InformationRequest:
    return information_requests.find(current_session(), own_application(reference), request_id)


def _answered(question: InformationRequest, form: AnswerForm) -> int | None:
    """Answer the question; where the document is refused, say why on the form and give the status."""
    try:
        document = _received(question, form)
        information_requests.answer(
            current_session(), question, text=form.text.data, document=document, by=current_account()
        )
    except NotOpenToThis:
        raise
    except StoreUnavailable as error:
        form.refuse(error.message)
        return 507 if error.is_full else 503
    except RuleViolation as error:
        form.refuse(error.message, "document" if "document" in form else None)
        return 422
    return None


def _received(question: InformationRequest, form: AnswerForm) -> Document | None:
    if not question.wants_document:
        return None
    if form.document.data is None:
        raise RuleViolation(_l("Choose the document that we asked for"))
    sent = form.document.data
    upload = Upload(sent.filename or "", sent.stream)
    return documents.receive(current_session(), question.application, documents.REQUESTED, upload, by=current_account())
