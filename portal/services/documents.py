"""Documents: received and kept sealed, checked by the worker, shown as pages that were drawn anew."""

from __future__ import annotations

import hashlib
import uuid
from datetime import timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, joinedload

from portal.adapters import imaging, queue
from portal.adapters.imaging import Drawing
from portal.clock import now, today
from portal.domain import documents as rules
from portal.domain.documents import Limits
from portal.domain.errors import NotFound, NotOpenToThis, RuleViolation
from portal.domain.lifecycle import Status
from portal.i18n import Lazy as _l
from portal.models import Account, Application, Document, DocumentPage, InformationRequest, Officer, Review
from portal.models.viewers import JOINT, viewing_as
from portal.services import (
    audit,
    document_readings,
    files,
    guardian_consents,
    guardians,
    helped,
    inspection,
    programme,
    reviews,
    sections,
    viewings,
)
from portal.services.actors import SYSTEM, Actor
from portal.services.uploads import STORE_FULL, is_full
from portal.services.uploads import StoreUnavailable as StoreUnavailable
from portal.services.uploads import Upload as Upload

SECTION = "uploads"
"""The section of the application that documents complete."""
REQUESTED = "requested_document"
APART = (REQUESTED, guardians.LETTER)
"""Kinds that stand in no checklist: each has a page of its own that asks for it."""
UNTIL_REVIEW = (Status.DRAFT, Status.AWAITING_CONSENT, Status.AWAITING_PAYMENT)
"""While an application is at one of these, its documents can be sent, replaced and taken back."""
WAITING = ("received", "checking")
"""States of a document that nobody but a scanner and a decoder opens."""
WAITS_AT_MOST = timedelta(minutes=10)

NOT_WANTED = _l("We do not need this document now. You can send documents before you send your application.")


class DamagedInStore(Exception):
    """What the store gave back is not what was received."""


def limits_of(session: Session) -> Limits:
    """What one file may have at most today."""
    return Limits(**programme.setting(session, "uploads", today()))


def receive(session: Session, application: Application, kind: str, upload: Upload, *, by: Account) -> Document:
    """Keep the file sealed, write its row, and queue its check.

    It replaces an earlier one, where one file is enough: at once in a draft, else as soon as it turns out readable.

    Raises RuleViolation, with what to do in words, where the file is refused at once or nothing may be sent now, and
    StoreUnavailable where the store fails.
    """
    limits = limits_of(session)
    _require_open(session, application, kind)
    size = upload.size()
    media_type = _accepted(session, application, upload, size, limits)
    file_key = _kept(application, upload)
    if application.status == Status.DRAFT:
        _replace_earlier(session, application, kind, by=by)
    document = Document(
        application_id=application.id,
        application=application,
        kind=rules.BY_KEY[kind].key,
        name=rules.shown_name(upload.name),
        media_type=media_type,
        size=size,
        sha256=upload.checksum(),
        file_key=file_key,
    )
    session.add(document)
    session.flush()
    _tell_section(session, application, by=by)
    audit.record(session, "document:receive", document, by=by, size=document.size)
    _queue_check(session, document)
    return document


def check_what_waits(session: Session) -> int:
    """Queue again the check of every document that has waited for long; returns how many there are.

    Its job was given up, or lost. One that is still queued is not queued twice.
    """
    long_ago = now() - WAITS_AT_MOST
    query = select(Document).where(Document.state.in_(WAITING), Document.removed_at.is_(None))
    waiting = session.scalars(query.where(Document.created_at < long_ago)).all()
    for document in waiting:
        _queue_check(session, document)
    return len(waiting)


def _queue_check(session: Session, document: Document) -> None:
    queue.enqueue(session, "check_document", once=f"check {document.id}", document_id=str(document.id))


def check(session: Session, document: Document, *, by: Actor = SYSTEM, is_read: bool = False) -> None:
    """Check a document in one go: draw its pages, record what came of it; with `is_read`, also what its zone says."""
    content = begin_check(session, document)
    if content is not None:
        drawing = inspection.examine(content, limits_of(session), is_read=is_read)
        finish_check(session, document, drawing, by=by, is_read=is_read)


def begin_check(session: Session, document: Document) -> bytes | None:
    """The bytes of a document that is to be checked; None where that was done, or it was removed meanwhile."""
    if document.state not in WAITING or document.removed_at is not None:
        return None
    document.state = "checking"
    session.flush()
    content = files.read(document.key_owner, document.file_key, of=document.application_id)
    if hashlib.sha256(content).digest() != document.sha256:
        raise DamagedInStore(document.id)
    return content


def finish_check(
    session: Session, document: Document, drawing: Drawing, *, by: Actor = SYSTEM, is_read: bool = False
) -> None:
    """Record a check: the pages that may be shown, or the reason to refuse. A second result changes nothing.

    `is_read` says that the zone for machines was looked for.
    """
    session.refresh(document, with_for_update=True)
    if document.state != "checking" or document.removed_at is not None:
        return
    for number, page in enumerate(drawing.pages, start=1):
        key = files.keep(document.key_owner, page.jpeg, of=document.application_id)
        session.add(DocumentPage(document=document, number=number, file_key=key, width=page.width, height=page.height))
    document.state = "refused" if drawing.refusal else "ready"
    document.refusal = drawing.refusal
    document.checked_at = now()
    if is_read:
        document_readings.keep(document, drawing.zone)
    session.flush()
    if document.state == "ready" and document.kind not in APART:
        _replace_earlier(session, document.application, document.kind, by=by, by_document=document)
    _tell_section(session, document.application)
    guardians.letter_checked(session, document)
    audit.record(session, "document:check", document, by=by, state=document.state, refusal=document.refusal)


def serve(session: Session, document: Document, kind: str, *, by: Account) -> None:
    """Let a file that was sent show another document of the checklist too. Raises NotOpenToThis once under review."""
    application = document.application
    _require_open(session, application, kind)
    if document.shows(kind) or kind not in rules.BY_KEY or kind in APART:
        return
    _replace_earlier(session, application, kind, by=by)
    document.serves = [*document.serves, kind]
    session.flush()
    _tell_section(session, application, by=by)
    audit.record(session, "document:serve", document, by=by, kind=kind)


def withdraw(session: Session, document: Document, kind: str, *, by: Account) -> None:
    """Take a document back as one of its kinds; as the last of them, all of it. Raises NotOpenToThis under review."""
    _require_open(session, document.application, kind)
    _give_up(session, document, kind, by=by)
    session.flush()
    _tell_section(session, document.application)


def _give_up(session: Session, document: Document, kind: str, *, by: Actor) -> None:
    others = [other for other in (document.kind, *document.serves) if other != kind]
    if others:
        document.kind, document.serves = others[0], others[1:]
    else:
        remove(session, document, by=by)


def remove(session: Session, document: Document, *, by: Actor) -> None:
    """Take a document back: nobody sees it from here on, and a job forgets its bytes once that is committed."""
    document.removed_at = now()
    document_readings.forget(document)
    audit.record(session, "document:remove", document, by=by)
    queue.enqueue(session, "discard_document", document_id=str(document.id))


def discard(document: Document) -> None:
    """Forget the bytes of a removed document and of its pages."""
    if document.removed_at is None:
        return
    for key in [document.file_key, *(page.file_key for page in document.pages)]:
        files.discard(key)


def current(session: Session, application: Application, kind: str) -> Document | None:
    """The newest document of a kind that was not taken back."""
    return next(reversed([one for one in of_application(session, application) if one.shows(kind)]), None)


def own(session: Session, application: Application, document_id: uuid.UUID) -> Document:
    """One document of this application that was not taken back. Raises NotFound."""
    document = session.get(Document, document_id)
    if document is None or document.application_id != application.id or document.removed_at is not None:
        raise NotFound(document_id)
    return document


def of_application(session: Session, application: Application) -> list[Document]:
    """Every document of an application that was not taken back, oldest first."""
    query = select(Document).where(Document.application_id == application.id, Document.removed_at.is_(None))
    return list(session.scalars(query.order_by(Document.created_at, Document.id)))


def of_review(session: Session, review: Review) -> list[Document]:
    """The documents that the review's agency sees, oldest first: not those that the other agency asked for."""
    asked_for = InformationRequest.id.is_not(None)
    query = (
        select(Document)
        .outerjoin(InformationRequest, _answers_question_of(review.agency))
        .where(Document.application_id == review.application_id, Document.removed_at.is_(None))
        .where((Document.kind != REQUESTED) | asked_for)
    )
    return list(session.scalars(query.order_by(Document.created_at, Document.id)))


def _answers_question_of(agency: str) -> ColumnElement[bool]:
    return (InformationRequest.document_id == Document.id) & (InformationRequest.agency == agency)


def find(session: Session, document_id: uuid.UUID) -> Document | None:
    """The document with this id, wherever it stands; for jobs."""
    return session.get(Document, document_id)


def page_for_owner(session: Session, application: Application, document_id: uuid.UUID, number: int) -> DocumentPage:
    """A page of a document of this application, which its reader opened. Raises NotFound for anything else."""
    return _page(session, application.reference, document_id, number, Application.id == application.id)


def page_for_officer(
    session: Session, reference: str, document_id: uuid.UUID, number: int, *, by: Officer
) -> DocumentPage:
    """A page of a document under review, for an officer with a reason to look; the look is written down.

    Raises NotFound where the officer's agency has no such review, RuleViolation without a reason.
    """
    review = reviews.of_agency(session, reference, by.agency)
    found = viewings.grounds(session, review, by)
    if all(document.id != document_id for document in of_review(session, review)):
        raise NotFound(document_id)
    page = _page(session, reference, document_id, number, Application.id == review.application_id)
    audit.record(session, "document:view", page.document, reason=found.reason, by=by, page=number, kind=found.kind)
    return page


def page_image(page: DocumentPage, turn: int = 0) -> bytes:
    """The page as a JPEG that we drew, turned clockwise by so many degrees."""
    content = files.read(page.key_owner, page.file_key, of=page.document.application_id)
    return imaging.turned(content, turn) if turn else content


def refusal_of(session: Session, document: Document) -> _l | None:
    """Why the document was refused and what to do, in words; None where it was not."""
    return rules.refusal_text(document.refusal, limits_of(session)) if document.refusal else None


def _page(
    session: Session, reference: str, document_id: uuid.UUID, number: int, condition: ColumnElement[bool]
) -> DocumentPage:
    query = (
        select(DocumentPage)
        .join(DocumentPage.document)
        .join(Document.application)
        .options(joinedload(DocumentPage.document).joinedload(Document.application))
        .where(Application.reference == reference, condition)
        .where(Document.id == document_id, Document.removed_at.is_(None), DocumentPage.number == number)
    )
    page = session.scalars(query).one_or_none()
    if page is None:
        raise NotFound(document_id)
    return page


def is_open(application: Application) -> bool:
    """Whether the documents of its checklist can be sent, replaced and taken back."""
    return application.status in UNTIL_REVIEW


def _require_open(session: Session, application: Application, kind: str) -> None:
    awaited = kind == guardians.LETTER and _is_letter_awaited(session, application)
    if application.status == Status.DRAFT or awaited or (is_open(application) and kind not in APART):
        return
    if kind not in APART:  # it belongs to the answers, which are frozen
        raise NotOpenToThis(NOT_WANTED)
    asked = select(InformationRequest.id).where(
        InformationRequest.application_id == application.id,
        InformationRequest.wants_document,
        InformationRequest.answered_at.is_(None),
        InformationRequest.closed_at.is_(None),
    )
    if application.status != Status.UNDER_REVIEW or session.scalars(asked).first() is None:
        raise NotOpenToThis(NOT_WANTED)


def _is_letter_awaited(session: Session, application: Application) -> bool:
    waiting = [one for one in guardian_consents.of_application(session, application) if one.way == "letter"]
    return application.status == Status.AWAITING_CONSENT and any(one.state == "waiting" for one in waiting)


def _accepted(session: Session, application: Application, upload: Upload, size: int, limits: Limits) -> str:
    """The media type of what was sent. Raises RuleViolation where it can be refused without being opened."""
    head = upload.head()
    refusal = inspection.refusal_at_once(head, size, limits)
    if refusal is None and _count_of(session, application) >= limits.files:
        refusal = "too_many_files"
    media_type = imaging.media_type_of(head)
    if refusal or media_type is None:
        raise RuleViolation(rules.refusal_text(refusal or "wrong_format", limits))
    return media_type


def _count_of(session: Session, application: Application) -> int:
    # Files that were taken back count too: each was kept and checked, and that is what is limited.
    query = (
        select(func.count(Document.id)).join(Document.application).where(Application.person_id == application.person_id)
    )
    return session.scalars(query).one()


def _kept(application: Application, upload: Upload) -> str:
    try:
        return files.keep(application.person, upload.rewound(), of=application.id)
    except OSError as error:
        raise StoreUnavailable(STORE_FULL, is_full=is_full(error)) from error


def _replace_earlier(
    session: Session, application: Application, kind: str, *, by: Actor, by_document: Document | None = None
) -> None:
    """Give up what was sent as this kind before, where one file is enough."""
    if rules.BY_KEY[kind].many:
        return
    for earlier in of_application(session, application):
        if earlier.shows(kind) and earlier is not by_document and (not by_document or _is_older(earlier, by_document)):
            _give_up(session, earlier, kind, by=by)


def _is_older(one: Document, other: Document) -> bool:
    return (one.created_at, one.id) < (other.created_at, other.id)


def _tell_section(session: Session, application: Application, *, by: Account | None = None) -> None:
    """Let the draft say which kinds of documents are here in a readable file, also those that `by`, a helper, cannot
    see."""
    if application.status != Status.DRAFT:
        return
    with viewing_as(session, JOINT):
        _write_section(session, application, by)


def _write_section(session: Session, application: Application, by: Account | None) -> None:
    papers = [one for one in of_application(session, application) if one.kind not in APART]
    ready = {kind for one in papers if one.state == "ready" for kind in (one.kind, *one.serves)}
    helper_id = helped.filling(session, application, SECTION, by=by) if by else None
    draft = sections.locked_draft(session, application.id, SECTION, by=application.account)
    draft.filled_by_id = helper_id or draft.filled_by_id
    raw = {"documents": [str(one.id) for one in papers]}
    sections.write(session, draft, raw=raw, answers={"ready": sorted(ready)}, is_complete=bool(ready))
