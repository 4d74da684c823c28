"""An officer's view of a document: one page at a time, each view written into the audit trail."""

from __future__ import annotations

import uuid

from flask import Response

from portal.db import current_session
from portal.domain.permissions import Permission
from portal.services import documents, reviews, viewings
from portal.web.access import requires
from portal.web.officer import officer
from portal.web.page_images import page_image
from portal.web.routing import GET
from portal.web.sessions import current_officer


@officer.page(
    "/officers/applications/<reference:reference>/documents/<uuid:document_id>/pages/<int(max=999):number>",
    "/agents/demandes/<reference:reference>/documents/<uuid:document_id>/pages/<int(max=999):number>",
    methods=GET,
)
@requires(Permission.APPLICATION_READ)
def show_document_page(reference: str, document_id: uuid.UUID, number: int) -> Response:
    """One page of a document of an application that was sent."""
    session, by = current_session(), current_officer()
    viewings.check(session, reviews.of_agency(session, reference, by.agency), by)
    page = documents.page_for_officer(session, reference, document_id, number, by=by)
    return page_image(documents.page_image(page))
