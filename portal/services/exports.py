"""A copy of everything that an account holds: asked for, made by the worker as a ZIP, kept sealed for some days."""

from __future__ import annotations

import io
import json
import uuid
import zipfile
from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.adapters import pdf, queue, templates
from portal.clock import now
from portal.domain import documents as document_types
from portal.domain.errors import NotFound
from portal.i18n import speaking
from portal.models import Account, Application, DataExport
from portal.services import applications, audit, documents, export_contents, export_copy, files, letters, notifications
from portal.services.actors import SYSTEM
from portal.services.export_contents import Contents
from portal.services.retention import days

ANEW_AFTER = timedelta(hours=24)
"""A new copy can be asked for a day after the last one: nobody's worker makes the same all day long."""

Entry = tuple[str, bytes]


def latest(session: Session, account: Account) -> DataExport | None:
    """The copy that was asked for last, while it waits or can be fetched."""
    query = (
        select(DataExport)
        .where(DataExport.account_id == account.id, DataExport.forgotten_at.is_(None))
        .order_by(DataExport.asked_at.desc())
        .limit(1)
    )
    found = session.scalars(query).first()
    return None if found is None or (found.until is not None and found.until < now()) else found


def may_ask(export: DataExport | None) -> bool:
    """Whether a copy can be asked for now, where `export` is the latest one."""
    return export is None or (export.made_at is not None and export.asked_at < now() - ANEW_AFTER)


def ask(session: Session, account: Account) -> DataExport:
    """Ask for a copy; gives the one that is under way, or that is a day old at most."""
    found = latest(session, account)
    if found is not None and not may_ask(found):
        return found
    export = DataExport(account=account, account_id=account.id, language=account.language, asked_at=now())
    try:
        with session.begin_nested():
            session.add(export)
    except IntegrityError:  # another request was faster
        return latest(session, account) or export
    audit.record(session, "data_export:ask", export, by=account)
    queue.enqueue(session, "make_export", export_id=str(export.id))
    return export


def make(session: Session, export_id: uuid.UUID) -> None:
    """Make the copy, keep it sealed under the account's key, and tell its holder. Does nothing a second time."""
    export = session.get(DataExport, export_id, with_for_update={"of": DataExport})
    if export is None or export.made_at is not None or export.account.closed_at is not None:
        return
    content = _zip(session, export)
    export.made_at, export.until = now(), now() + timedelta(days=days(session, "exports"))
    export.file_key, export.size = files.keep(export.account, content), len(content)
    facts = {"until_on": export.until.date().isoformat()}
    notifications.send(session, "data_ready", to=export.account, facts=facts)
    audit.record(session, "data_export:make", export, by=SYSTEM)


def download(session: Session, account: Account, export_id: uuid.UUID) -> bytes:
    """The copy, for the holder of the account alone; the download is written down. Raises NotFound."""
    export = session.get(DataExport, export_id)
    if export is None or export.account_id != account.id or export.file_key is None:
        raise NotFound(export_id)
    if export.until is None or export.until < now():
        raise NotFound(export_id)
    audit.record(session, "data_export:download", export, by=account)
    return files.read(account, export.file_key)


def _zip(session: Session, export: DataExport) -> bytes:
    contents = export_contents.gather(session, export.account)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        for name, content in _entries(session, export, contents):
            archive.writestr(name, content)
    return made.getvalue()


def _entries(session: Session, export: DataExport, contents: Contents) -> Iterator[Entry]:
    yield "data.json", json.dumps(contents, ensure_ascii=False, indent=2).encode()
    yield "copy.pdf", _copy(export, contents)
    for application in applications.of_account(session, export.account):
        if application.person.wrapped_key is not None:
            yield from _papers(session, application)
            yield from _letters(session, application)


def _copy(export: DataExport, contents: Contents) -> bytes:
    with speaking(export.language):
        return pdf.render(
            templates.render("exports/copy.html", copy=export_copy.in_words(contents), fonts=pdf.fonts(), made_at=now())
        )


def _papers(session: Session, application: Application) -> Iterator[Entry]:
    """Each page as it was drawn anew from what was sent."""
    for number, document in enumerate(documents.of_application(session, application), start=1):
        kind = document.kind if document.kind in document_types.BY_KEY else "document"
        for page in document.pages:
            name = f"{application.reference}/documents/{number}-{kind}-page-{page.number}.jpg"
            yield name, documents.page_image(page)


def _letters(session: Session, application: Application) -> Iterator[Entry]:
    for number, letter in enumerate(letters.of(session, application), start=1):
        if letter.file_key is not None:
            yield f"{application.reference}/letters/{number}-{letter.kind}.pdf", letters.read(letter)
