"""A traveller's documents: the checklist, sending a file for a line of it, and seeing it as officers will."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Response, abort, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.db import current_session
from portal.domain import read_answers
from portal.domain.documents import ACCEPT, DOCUMENT_TYPES, STATES
from portal.domain.errors import NotFound, NotOpenToThis, RuleViolation
from portal.domain.helping import WITHHELD_DOCUMENTS
from portal.domain.lifecycle import Status
from portal.domain.permissions import Permission
from portal.i18n import lazy_gettext as _l
from portal.models import Application, Document
from portal.services import applications, checklists, documents
from portal.services.checklists import CheckedLine
from portal.services.documents import APART, StoreUnavailable, Upload
from portal.web.access import requires
from portal.web.applicant import applicant
from portal.web.applicant.own import helped_draft, next_url
from portal.web.forms import FileField, Form
from portal.web.guessing import limited
from portal.web.page_images import page_image
from portal.web.routing import FORM, GET, POST
from portal.web.sessions import current_account

KINDS = ",".join(kind.key for kind in DOCUMENT_TYPES if kind.key not in APART)
LINE = f"<reference:reference>/documents/<any({KINDS}):kind>"
EXAMPLES = (
    ("good", _l("Good: all four corners, every letter sharp")),
    ("glare", _l("Not good: light is reflected, and letters are gone")),
    ("cut", _l("Not good: a corner and the lines at the bottom are cut off")),
)
"""Pictures in `static/images/documents`, and what each shows."""


class UploadDocumentForm(Form):
    """One file, chosen or taken with the camera."""

    upload = FileField(_l("File or photo"), accept=ACCEPT)
    photo = FileField(_l("Photo"), accept="image/*", attributes={"capture": "environment"})

    @property
    def sent(self) -> Any:
        """What was sent, wherever it was chosen; None where nothing was."""
        return self.upload.data or self.photo.data


@applicant.page(
    "/applications/<reference:reference>/documents", "/demandes/<reference:reference>/documents", methods=GET
)
@requires(Permission.APPLICATION_FILL)
def show_documents(reference: str) -> str:
    """The checklist of this application: what is asked, why, and where it stands."""
    application = _own(reference)
    lines = _lines(application)
    return render_template(
        "applicant/show_documents.html",
        application=application,
        needed=[_row(application, one) for one in lines if one.line.is_needed],
        optional=[_row(application, one) for one in lines if not one.line.is_needed],
        is_open=documents.is_open(application),
        is_done=all(one.is_done for one in lines),
        next_url=next_url(application, documents.SECTION) if application.status == Status.DRAFT else None,
        limits=documents.limits_of(current_session()),
    )


@applicant.page(f"/applications/{LINE}", f"/demandes/{LINE}", methods=FORM)
@requires(Permission.APPLICATION_FILL)
@limited("upload")
def upload_document(reference: str, kind: str) -> ResponseReturnValue:
    """Send a document, see what became of it, and send another instead or as well."""
    application = _own(reference, kind)
    line = checklists.line_of(current_session(), application, kind)
    form = UploadDocumentForm.from_request()
    status = None
    if form.leaving:
        return redirect(url_for("applicant.show_application", reference=reference), 303)
    if form.submitted():
        status = _receive(form, application, kind)
        if status is None:
            return redirect(url_for("applicant.upload_document", reference=reference, kind=kind), 303)
    return _page(form, application, line), status or form.status


@applicant.page(f"/applications/{LINE}/reuse/<uuid:document_id>", f"/demandes/{LINE}/reprendre/<uuid:document_id>",
                methods=POST)  # fmt: skip
@requires(Permission.APPLICATION_FILL)
def reuse_document(reference: str, kind: str, document_id: uuid.UUID) -> ResponseReturnValue:
    """Let a file that was sent for one line show another one too."""
    document = _posted(reference, document_id, kind)
    documents.serve(current_session(), document, kind, by=current_account())
    return redirect(url_for("applicant.upload_document", reference=reference, kind=kind), 303)


@applicant.page(f"/applications/{LINE}/remove/<uuid:document_id>", f"/demandes/{LINE}/retirer/<uuid:document_id>",
                methods=POST)  # fmt: skip
@requires(Permission.APPLICATION_FILL)
def remove_document(reference: str, kind: str, document_id: uuid.UUID) -> ResponseReturnValue:
    """Take a file back as this kind of document."""
    document = _posted(reference, document_id, kind)
    documents.withdraw(current_session(), document, kind, by=current_account())
    return redirect(url_for("applicant.upload_document", reference=reference, kind=kind), 303)


@applicant.page(
    "/applications/<reference:reference>/documents/<uuid:document_id>/pages/<int(max=999):number>",
    "/demandes/<reference:reference>/documents/<uuid:document_id>/pages/<int(max=999):number>",
    methods=GET,
)
@requires(Permission.APPLICATION_FILL)
def show_document_page(reference: str, document_id: uuid.UUID, number: int) -> Response:
    """One page of an own document, as officers see it."""
    page = documents.page_for_owner(current_session(), _own(reference), document_id, number)
    return page_image(documents.page_image(page))


def _own(reference: str, kind: str | None = None) -> Application:
    """One's own application, or a draft that one helps with. Raises NotFound for what helpers do not send."""
    try:
        return applications.own(current_session(), current_account(), reference)
    except NotFound:
        if kind in WITHHELD_DOCUMENTS:
            raise
        return helped_draft(reference, documents.SECTION)


def _lines(application: Application) -> list[CheckedLine]:
    """The checklist, less what a helper neither sees nor sends."""
    found = checklists.of(current_session(), application)
    return [one for one in found if "helping" not in g or one.line.kind.key not in WITHHELD_DOCUMENTS]


def _posted(reference: str, document_id: uuid.UUID, kind: str) -> Document:
    document = documents.own(current_session(), _own(reference, kind), document_id)
    if not Form.from_request().submitted():
        abort(400)
    return document


def _receive(form: UploadDocumentForm, application: Application, kind: str) -> int | None:
    """Keep the file; where it cannot be, say why at the field and give the status."""
    if form.sent is None:
        form.refuse(_l("Choose a file to send"), "upload")
        return 422
    upload = Upload(form.sent.filename or "", form.sent.stream)
    try:
        documents.receive(current_session(), application, kind, upload, by=current_account())
    except StoreUnavailable as error:
        form.refuse(error.message)
        return 507 if error.is_full else 503
    except NotOpenToThis:
        raise
    except RuleViolation as error:
        form.refuse(error.message, "upload")
        return 422
    return None


def _row(application: Application, one: CheckedLine) -> dict[str, Any]:
    """A line as the list of tasks shows it."""
    state = STATES[one.state]
    return {
        "title": one.line.kind.title,
        "hint": one.line.why,
        "status": state.label,
        "status_kind": state.kind,
        "href": url_for("applicant.upload_document", reference=application.reference, kind=one.line.kind.key),
    }


def _page(form: UploadDocumentForm, application: Application, line: CheckedLine) -> str:
    session, kind = current_session(), line.line.kind
    return render_template(
        "applicant/upload_document.html",
        form=form,
        application=application,
        kind=kind,
        line=line,
        state=STATES[line.state],
        states=STATES,
        refusals={paper.id: documents.refusal_of(session, paper) for paper in line.papers},
        reusable=checklists.to_reuse(session, application, kind.key),
        titles={one.key: one.title for one in DOCUMENT_TYPES},
        examples=EXAMPLES,
        limits=documents.limits_of(session),
        is_open=documents.is_open(application),
        reads=application.status == Status.DRAFT and kind.key in read_answers.KINDS,
        **_onward(application, kind.key),
    )


def _onward(application: Application, kind: str) -> dict[str, Any]:
    """Where to go from a document that can be read: to the list while others are needed, else to the next task; and
    what may be sent as well."""
    others = [one for one in _lines(application) if one.line.kind.key != kind]
    is_whole = application.status == Status.DRAFT and all(one.is_done for one in others)
    whole_list = url_for("applicant.show_documents", reference=application.reference)
    return {
        "onward_url": next_url(application, documents.SECTION) if is_whole else whole_list,
        "may_send": [_row(application, one) for one in others if one.state == "optional"] if is_whole else [],
    }
