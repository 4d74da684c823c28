"""Look-out lists: immutable versions, imported whole, and which versions an agency screens against."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from portal.adapters import queue
from portal.adapters.lookout_formats import FORMATS, Reading, Row, Unreadable
from portal.clock import now
from portal.domain.errors import RuleViolation
from portal.i18n import Lazy as _l
from portal.i18n import gettext as _
from portal.models import LookoutEntry, LookoutList, LookoutListVersion
from portal.services import audit
from portal.services.actors import SYSTEM, Actor

SHRINKS_AT_MOST = 0.10
"""A version that loses more of the list's entries than this share is probably a file that was cut off."""


def read_files(kind: str, files: Sequence[bytes]) -> Reading:
    """What stands in the files of one version, in the format `kind` (a key of FORMATS), with every unfit entry named.

    Raises RuleViolation for files that cannot be read as a whole.
    """
    try:
        return FORMATS[kind](files)
    except Unreadable as error:
        raise RuleViolation(error.problem) from error


def rows_of_csv(text: str) -> list[Row]:
    """The rows of a list in our CSV: entry_key, names and birth_dates (parted by |), and columns of details.

    Raises RuleViolation, naming the line, for a row that is not fit.
    """
    reading = read_files("own-csv", [text.encode()])
    if reading.errors:
        raise RuleViolation(_l("Line %(number)s of the list cannot be imported.", number=reading.errors[0].line))
    return reading.rows


def errors_as_csv(reading: Reading) -> str:
    """The unfit entries as a file that opens in a spreadsheet: line, entry, problem in the language being spoken."""
    written = io.StringIO()
    lines = csv.writer(written)
    lines.writerow([_("Line"), _("Entry"), _("Problem")])
    for error in reading.errors:
        lines.writerow([error.line, _harmless(error.entry_key), _harmless(str(error.problem))])
    return written.getvalue()


def _harmless(text: str) -> str:
    # A spreadsheet takes such a beginning for a formula, and the text is a stranger's.
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


@dataclass(frozen=True)
class Difference:
    """What a new version would change: the keys of entries."""

    added: frozenset[str]
    changed: frozenset[str]
    removed: frozenset[str]
    before: int
    """How many entries the newest version has."""

    @property
    def shrinks_much(self) -> bool:
        """Whether more than a tenth of the entries would be gone, those that came being set against those that went."""
        return len(self.removed) - len(self.added) > self.before * SHRINKS_AT_MOST


def difference(session: Session, name: str, rows: Iterable[Row]) -> Difference:
    """What `rows` would change on the list called `name`; on a list that is new, everything is added."""
    found = session.scalars(select(LookoutList).where(LookoutList.name == name)).one_or_none()
    newest = _newest(session, found) if found else None
    old = _contents_of(session, newest) if newest else {}
    new = {row["entry_key"]: content_hash(row) for row in rows}
    return Difference(
        added=frozenset(new.keys() - old.keys()),
        changed=frozenset(key for key in new.keys() & old.keys() if new[key] != old[key]),
        removed=frozenset(old.keys() - new.keys()),
        before=len(old),
    )


def _contents_of(session: Session, version: LookoutListVersion) -> dict[str, bytes]:
    query = select(LookoutEntry).where(LookoutEntry.version_id == version.id)
    return {row.entry_key: content_hash(row_of(row)) for row in session.scalars(query)}


def row_of(entry: LookoutEntry) -> Row:
    """The entry as it was imported."""
    return Row(entry_key=entry.entry_key, names=entry.names, birth_dates=entry.birth_dates, details=entry.details)


def content_hash(row: Row) -> bytes:
    """What an entry says, without its number: equal where a list only numbered it anew."""
    content = {key: value for key, value in row.items() if key != "entry_key"}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).digest()


def import_list(
    session: Session,
    name: str,
    agency: str,
    is_shared: bool,
    rows: Iterable[Row],
    source_on: date,
    by: Actor = SYSTEM,
    *,
    may_shrink: bool = False,
) -> LookoutListVersion:
    """Publish `rows` as the next version of the list called `name`. The same rows again make no new version.

    Raises RuleViolation for a list that would lose more than a tenth of its entries, unless it `may_shrink`.
    """
    rows = sorted(rows, key=lambda row: row["entry_key"])
    sha256 = hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).digest()
    lookout_list = _list(session, name, agency, is_shared)
    newest = _newest(session, lookout_list)
    if newest is not None and newest.sha256 == sha256:
        return newest
    if newest is not None and not may_shrink and difference(session, name, rows).shrinks_much:
        raise RuleViolation(_l("More than one in ten entries would be gone. The file may have been cut off."))
    version = LookoutListVersion(
        lookout_list=lookout_list,
        number=newest.number + 1 if newest else 1,
        sha256=sha256,
        entry_count=len(rows),
        source_on=source_on,
        published_at=now(),
    )
    session.add_all([version, *(LookoutEntry(version=version, **row) for row in rows)])
    audit.record(
        session,
        "lookout_list:import",
        version,
        agency=agency,
        by=by,
        entries=len(rows),
        number=version.number,
        may_shrink=may_shrink,
    )
    queue.enqueue(session, "screen_behind", once="screen_behind")
    session.flush()
    return version


def _list(session: Session, name: str, agency: str, is_shared: bool) -> LookoutList:
    found = session.scalars(select(LookoutList).where(LookoutList.name == name)).one_or_none()
    lookout_list = found or LookoutList(name=name, agency=agency)
    lookout_list.is_shared = is_shared
    session.add(lookout_list)
    session.flush()
    return lookout_list


def _newest(session: Session, lookout_list: LookoutList) -> LookoutListVersion | None:
    query = select(LookoutListVersion).where(LookoutListVersion.list_id == lookout_list.id)
    return session.scalars(query.order_by(LookoutListVersion.number.desc()).limit(1)).first()


def current_versions(session: Session, agency: str) -> list[LookoutListVersion]:
    """The newest version of each list that `agency` screens against: its own, and what the other agency shares."""
    newest = (
        select(LookoutListVersion.list_id, func.max(LookoutListVersion.number).label("number"))
        .group_by(LookoutListVersion.list_id)
        .subquery()
    )
    query = (
        select(LookoutListVersion)
        .join(newest, (LookoutListVersion.list_id == newest.c.list_id) & (LookoutListVersion.number == newest.c.number))
        .join(LookoutListVersion.lookout_list)
        .where(or_(LookoutList.agency == agency, LookoutList.is_shared))
        .order_by(LookoutList.name)
    )
    return list(session.scalars(query))


def versions(session: Session, ids: Iterable[Any]) -> list[LookoutListVersion]:
    """The versions with these identifiers, as a run wrote them down."""
    query = select(LookoutListVersion).where(LookoutListVersion.id.in_([uuid.UUID(str(one)) for one in ids]))
    return sorted(session.scalars(query), key=lambda version: version.lookout_list.name)
