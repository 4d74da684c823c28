"""A traveller's documents: sending the passport page, and seeing it as officers will."""

from __future__ import annotations

import uuid

from flask import Response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.db import current_session
from portal.domain.documents import ACCEPT, BY_KEY, STATES
from portal.domain.errors import RuleViolation
from portal.domain.lifecycle import Status
from portal.domain.permissions import Permission
from portal.i18n import lazy_gettext as _l
from portal.models import Application
from portal.services import applications, documents
from portal.services.documents import StoreUnavailable, Upload
from portal.web.access import requires
from portal.web.applicant import applicant
from portal.web.forms import FileField, Form
from portal.web.guessing import limited
from portal.web.page_images import page_image
from portal.web.routing import FORM, GET
from portal.web.sessions import current_account

KIND = "passport_page"


class UploadDocumentForm(Form):
    """One file."""

    upload = FileField(BY_KEY[KIND].title, accept=ACCEPT, missing=_l("Choose a file to send"))


@applicant.page(
    "/applications/<reference:reference>/documents", "/demandes/<reference:reference>/documents", methods=FORM
)
@requires(Permission.APPLICATION_FILL)
@limited("upload")
def upload_document(reference: str) -> ResponseReturnValue:
    """Send the passport page, see what became of it, and send another instead."""
    application = applications.own(current_session(), current_account(), reference)
    form = UploadDocumentForm.from_request()
    status = None
    if form.leaving:
        return redirect(url_for("applicant.show_application", reference=reference), 303)
    if form.submitted():
        status = _receive(form, application)
        if status is None:
            return redirect(url_for("applicant.upload_document", reference=reference), 303)
    return _page(form, application), status or form.status


@applicant.page(
    "/applications/<reference:reference>/documents/<uuid:document_id>/pages/<int(max=999):number>",
    "/demandes/<reference:reference>/documents/<uuid:document_id>/pages/<int(max=999):number>",
    methods=GET,
)
@requires(Permission.APPLICATION_FOLLOW)
def show_document_page(reference: str, document_id: uuid.UUID, number: int) -> Response:
    """One page of an own document, as officers see it."""
    page = documents.page_for_owner(current_session(), current_account(), reference, document_id, number)
    return page_image(documents.page_image(page))


def _receive(form: UploadDocumentForm, application: Application) -> int | None:
    """Keep the file; where it cannot be, say why at the field and give the status."""
    sent = form.upload.data
    upload = Upload(sent.filename or "", sent.stream)
    try:
        documents.receive(current_session(), application, KIND, upload, by=current_account())
    except StoreUnavailable as error:
        form.refuse(error.message)
        return 507 if error.is_full else 503
    except RuleViolation as error:
        form.refuse(error.message, "upload")
        return 422
    return None


def _page(form: UploadDocumentForm, application: Application) -> str:
    document = documents.current(current_session(), application, KIND)
    return render_template(
        "applicant/upload_document.html",
        form=form,
        application=application,
        kind=BY_KEY[KIND],
        document=document,
        state=STATES[document.state if document else "missing"],
        refusal=documents.refusal_of(current_session(), document) if document else None,
        limits=documents.limits_of(current_session()),
        is_open=application.status == Status.DRAFT,
    )
