"""Forgetting: what an application held, a person, an account. Files go after the commit, so that none is missed.

Each function gives the keys of the files to discard then (`portal.services.files.discard`).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from sqlalchemy import Table, delete, select, update
from sqlalchemy.orm import Session

from portal.clock import now, today
from portal.models import (
    Account,
    AccountPerson,
    Application,
    ApplicationVersion,
    Base,
    DataExport,
    Document,
    Letter,
    LookoutHit,
    Person,
    SectionDraft,
)
from portal.services import audit
from portal.services.actors import SYSTEM

OF_APPLICATIONS = {"application", "consent", "account_person", "helper"}
"""Tables that name an account and live as long as the application does."""
OUTLIVE_PERSON = {"application", "membership", "account_person", "legal_hold", "helper", "helper_person"}
"""Tables that name a person whom nobody can read any more; every other one loses its rows."""
UNTIL_FORGOTTEN = {"outgoing_message", "data_export", "email_change", "sign_in"}
"""Tables of an account that are no way in: their rows go when the closed account is forgotten."""


def clear_application(session: Session, application: Application) -> list[str]:
    """Forget the answers and the documents of an application; that there was one stays."""
    for model in (SectionDraft, ApplicationVersion):
        session.execute(delete(model).where(model.application_id == application.id))
    query = select(Document).where(Document.application_id == application.id, Document.removed_at.is_(None))
    keys = forget_documents(session.scalars(query).all())
    audit.record(session, "application:clear", application, by=SYSTEM)
    return keys


def forget_documents(papers: Iterable[Document]) -> list[str]:
    """Take documents out of every list; gives the keys of their files and pages."""
    keys = []
    for paper in papers:
        paper.removed_at = now()
        keys += [paper.file_key, *(page.file_key for page in paper.pages)]
    return keys


def erase_person(session: Session, person: Person) -> list[str]:
    """Erase a person: the key, and with it all that was sealed; files, screening profile, reasons of hits."""
    keys = []
    for application in session.scalars(select(Application).where(Application.person_id == person.id)):
        keys += clear_application(session, application) + _forget_letters(session, application)
        mine = LookoutHit.application_id == application.id
        session.execute(update(LookoutHit).where(mine).values(reasons=[]))
    for table in _tables("person_id", OUTLIVE_PERSON):
        session.execute(delete(table).where(table.columns.person_id == person.id))
    acts_for = (AccountPerson.person_id == person.id, AccountPerson.until.is_(None))
    session.execute(update(AccountPerson).where(*acts_for).values(until=today()))
    person.wrapped_key = None
    audit.record(session, "person:erase", person, by=SYSTEM)
    session.flush()
    return keys


def _forget_letters(session: Session, application: Application) -> list[str]:
    keys = []
    query = select(Letter).where(Letter.application_id == application.id, Letter.file_key.is_not(None))
    for letter in session.scalars(query):
        keys += [letter.file_key] if letter.file_key else []
        letter.file_key = letter.made_at = None
    return keys


def forget_account(session: Session, account: Account) -> list[str]:
    """Forget who an account belonged to: its address is free again, its messages, codes and sign-ins are gone."""
    exports = session.scalars(select(DataExport).where(DataExport.account_id == account.id)).all()
    keys = [export.file_key for export in exports if export.file_key]
    _delete_from(session, account, _tables("account_id", OF_APPLICATIONS))
    account.email = account.password_hash = account.wrapped_key = None
    account.email_index = secrets.token_bytes(32)
    account.disabled_at = account.disabled_at or now()
    audit.record(session, "account:erase", account, by=SYSTEM)
    session.flush()
    return keys


def end_factors(session: Session, account: Account) -> None:
    """Remove everything by which the account could be opened or recovered."""
    account.password_hash = None
    _delete_from(session, account, _tables("account_id", OF_APPLICATIONS | UNTIL_FORGOTTEN))


def _tables(column: str, kept: set[str]) -> list[Table]:
    """Every table with this column but those that are kept, and those that others point to last."""
    tables = reversed(Base.metadata.sorted_tables)
    return [table for table in tables if column in table.columns and table.name not in kept]


def _delete_from(session: Session, account: Account, tables: list[Table]) -> None:
    for table in tables:
        session.execute(delete(table).where(table.columns.account_id == account.id))
