"""One application as its holder takes it along, the same contents to read and for computers."""

from __future__ import annotations

import json

from sqlalchemy.orm import Session

from portal.adapters import pdf, templates
from portal.clock import now
from portal.models import Application
from portal.services import export_contents, export_copy


def as_json(session: Session, application: Application) -> bytes:
    """Everything that is kept about the application and that its holder may know."""
    return json.dumps(export_contents.of_application(session, application), ensure_ascii=False, indent=1).encode()


def as_pdf(session: Session, application: Application) -> bytes:
    """The same in words, in the language being spoken."""
    parts = export_copy.parts_of(export_contents.of_application(session, application))
    html = templates.render(
        "exports/application.html", reference=application.reference, parts=parts, fonts=pdf.fonts(), made_at=now()
    )
    return pdf.render(html)
