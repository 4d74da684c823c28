"""What an officer says of a document, and asking for another one: for the own agency's eyes only."""

from __future__ import annotations

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.clock import now
from portal.domain.errors import NotFound, RuleViolation
from portal.i18n import Lazy as _l
from portal.models import Document, DocumentMark, InformationRequest, Officer, Review
from portal.services import audit, documents, information_requests, reviews

MARKS = ("readable", "unreadable", "not_needed")


def of_review(session: Session, review: Review) -> dict[uuid.UUID, DocumentMark]:
    """What the review's own agency said of each document, by the document's id."""
    query = (
        select(DocumentMark)
        .join(Document, Document.id == DocumentMark.document_id)
        .where(Document.application_id == review.application_id, DocumentMark.agency == review.agency)
    )
    return {mark.document_id: mark for mark in session.scalars(query)}


def find(session: Session, review: Review, document_id: uuid.UUID) -> Document:
    """One document that the review's agency sees. Raises NotFound."""
    found = next((one for one in documents.of_review(session, review) if one.id == document_id), None)
    if found is None:
        raise NotFound(document_id)
    return found


def put(session: Session, review: Review, document: Document, mark: str, *, by: Officer) -> None:
    """Say of a document that it can be read, cannot be read, or is not needed; the last word counts.

    Raises NotOpenToThis unless the officer holds the review.
    """
    if mark not in MARKS:
        raise RuleViolation(_l("Choose what you say of this document."))
    reviews.hold(session, review, by)
    row = of_review(session, review).get(document.id) or DocumentMark(document_id=document.id, agency=review.agency)
    row.mark, row.officer_id, row.marked_at = mark, by.id, now()
    session.add(row)
    session.flush()
    audit.record(session, "document:mark", document, by=by, mark=mark)


def ask_again(
    session: Session, review: Review, document: Document, question: str, *, by: Officer
) -> InformationRequest:
    """Say that a document cannot be read and ask the applicant, in their language, to send it again (N12).

    The review's clock stands until the answer. Raises NotOpenToThis unless the officer holds the review.
    """
    put(session, review, document, "unreadable", by=by)
    return information_requests.ask(session, review, question=question, wants_document=True, by=by, action="ask_again")
