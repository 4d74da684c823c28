"""An application to take along, at every stage: to read as a PDF, or for computers as JSON."""

from __future__ import annotations

from flask import Response, make_response

from portal.db import current_session
from portal.domain.permissions import Permission
from portal.services import application_copies, audit
from portal.web.access import requires
from portal.web.applicant import applicant
from portal.web.applicant.own import own_application
from portal.web.guessing import limited
from portal.web.routing import GET
from portal.web.sessions import current_account

WAYS = {"en": "applications/<reference:reference>/copy", "fr": "demandes/<reference:reference>/copie"}
MEDIA_TYPES = {"pdf": "application/pdf", "json": "application/json"}


@requires(Permission.APPLICATION_FOLLOW)
@limited("export", "GET")
def download_application(reference: str, kind: str) -> Response:
    """The answers, what became of the application, documents and payments by name. That it was taken is recorded."""
    application = own_application(reference)
    copy = application_copies.as_pdf if kind == "pdf" else application_copies.as_json
    response = make_response(copy(current_session(), application))
    audit.record(current_session(), "application:download", application, by=current_account(), kind=kind)
    response.headers["Content-Type"] = MEDIA_TYPES[kind]
    response.headers["Content-Disposition"] = f'attachment; filename="{application.reference}.{kind}"'
    return response


for _kind in MEDIA_TYPES:
    for _language, _way in WAYS.items():
        applicant.add_url_rule(
            f"/{_language}/{_way}/{_kind}",
            "download_application",
            download_application,
            methods=GET,
            defaults={"language": _language, "kind": _kind},
        )
