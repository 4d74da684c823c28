"""What was written to the traveller: the messages that were sent, and letters on the screen and as PDF."""

from __future__ import annotations

import uuid

from flask import Response, make_response, render_template

from portal.db import current_session
from portal.domain.permissions import Permission
from portal.models import Letter
from portal.services import applications, audit, letters, outbox
from portal.web.access import requires
from portal.web.applicant import applicant
from portal.web.applicant.own import own_application
from portal.web.guessing import limited
from portal.web.sessions import current_account


@applicant.page("/messages", "/messages")
@requires(Permission.APPLICATION_FOLLOW)
def messages() -> str:
    """Letters and messages, the newest first."""
    session, account = current_session(), current_account()
    found = [
        (application, letter, letters.title(letter))
        for application in applications.of_account(session, account)
        for letter in letters.of(session, application)
    ]
    shown = [outbox.show(session, row) for row in outbox.messages_of(session, account)]
    return render_template("applicant/messages.html", letters=found, messages=shown)


@applicant.page(
    "/applications/<reference:reference>/letters/<uuid:letter_id>",
    "/demandes/<reference:reference>/lettres/<uuid:letter_id>",
)
@requires(Permission.APPLICATION_FOLLOW)
def read_letter(reference: str, letter_id: uuid.UUID) -> str:
    """A letter on the screen, in the language of the page. That it was read is recorded."""
    letter = _letter(reference, letter_id)
    audit.record(current_session(), "letter:view", letter, by=current_account())
    return render_template(
        "applicant/read_letter.html",
        letter=letters.words(letter),
        title=letters.title(letter),
        is_made=letter.made_at is not None,
        letter_id=letter.id,
        reference=reference,
    )


@applicant.page(
    "/applications/<reference:reference>/letters/<uuid:letter_id>/pdf",
    "/demandes/<reference:reference>/lettres/<uuid:letter_id>/pdf",
)
@requires(Permission.APPLICATION_FOLLOW)
@limited("export", "GET")
def download_letter(reference: str, letter_id: uuid.UUID) -> Response:
    """The letter as a PDF, once the worker has made it. That it was taken is recorded."""
    letter = _letter(reference, letter_id)
    response = make_response(letters.read(letter))
    audit.record(current_session(), "letter:download", letter, by=current_account())
    response.headers["Content-Type"] = "application/pdf"
    response.headers["Content-Disposition"] = f'attachment; filename="{reference}-{letter.language}.pdf"'
    return response


def _letter(reference: str, letter_id: uuid.UUID) -> Letter:
    return letters.find(current_session(), own_application(reference), letter_id)
