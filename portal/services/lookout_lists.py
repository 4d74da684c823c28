"""Look-out lists: reading their files, comparing versions, and which versions an agency screens against."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from portal.adapters.lookout_formats import FORMATS, Reading, Row, Unreadable
from portal.domain.errors import RuleViolation
from portal.i18n import Lazy as _l
from portal.i18n import gettext as _
from portal.models import LookoutEntry, LookoutList, LookoutListVersion

ONE_FILE = (1,)
FILES_OF = {"ofac-csv": (1, 3)}
"""How many files make a version, where it is not one."""
SEVERAL_FILES = _l("A list in this format is one file.")
OTHER_FILES = _l("Bring the SDN file alone, or SDN, ALT and ADD together.")
SHRINKS_AT_MOST = 0.10
"""A version that loses more of the list's entries than this share is probably a file that was cut off."""


def read_files(kind: str, files: Sequence[bytes]) -> Reading:
    """What stands in the files of one version, in the format `kind` (a key of FORMATS), with every unfit entry named.

    Raises RuleViolation for files that cannot be read as a whole.
    """
    if len(files) not in FILES_OF.get(kind, ONE_FILE):
        raise RuleViolation(OTHER_FILES if kind in FILES_OF else SEVERAL_FILES)
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


def errors_as_csv(errors: Iterable[tuple[int, str, str]]) -> str:
    """Unfit entries as a file that opens in a spreadsheet: line, entry, problem; headed in the language spoken."""
    written = io.StringIO()
    lines = csv.writer(written)
    lines.writerow([_("Line"), _("Entry"), _("Problem")])
    for line, entry_key, problem in errors:
        lines.writerow([line, _harmless(entry_key), _harmless(problem)])
    return written.getvalue()


def _harmless(text: str) -> str:
    # A spreadsheet takes such a beginning for a formula, and the text is a stranger's.
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


@dataclass(frozen=True)
class Difference:
    """What a new version would change: the numbers of entries, in order."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    before: int
    """How many entries the newest version has."""

    @property
    def shrinks_much(self) -> bool:
        """Whether more than a tenth of the entries would be gone, those that came being set against those that went."""
        return shrinks_much(len(self.removed) - len(self.added), self.before)


def shrinks_much(fewer: int, before: int) -> bool:
    """Whether a version that has `fewer` entries than the `before` of the last one lost more than a tenth."""
    return fewer > before * SHRINKS_AT_MOST


def difference(session: Session, agency: str, name: str, rows: Iterable[Row]) -> Difference:
    """What `rows` would change on the agency's list called `name`; on a list that is new, everything is added."""
    query = select(LookoutList).where(LookoutList.agency == agency, LookoutList.name == name)
    found = session.scalars(query).one_or_none()
    return difference_from(session, newest(session, found.id) if found else None, rows)


def difference_from(session: Session, version: LookoutListVersion | None, rows: Iterable[Row]) -> Difference:
    """What `rows` would change against `version`; against nothing, everything is added."""
    old = contents_of(session, version.id) if version else {}
    new = {row["entry_key"]: content_hash(row) for row in rows}
    return Difference(
        added=tuple(sorted(new.keys() - old.keys())),
        changed=tuple(sorted(key for key in new.keys() & old.keys() if new[key] != old[key])),
        removed=tuple(sorted(old.keys() - new.keys())),
        before=len(old),
    )


def contents_of(session: Session, version_id: uuid.UUID) -> dict[str, bytes]:
    """What each entry of a version says, by its number."""
    query = select(LookoutEntry).where(LookoutEntry.version_id == version_id).execution_options(yield_per=2000)
    return {row.entry_key: content_hash(row_of(row)) for row in session.scalars(query)}


def row_of(entry: LookoutEntry) -> Row:
    """The entry as it was imported."""
    return Row(entry_key=entry.entry_key, names=entry.names, birth_dates=entry.birth_dates, details=entry.details)


def content_hash(row: Row) -> bytes:
    """What an entry says, without its number: equal where a list only numbered it anew."""
    content = {key: value for key, value in row.items() if key != "entry_key"}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).digest()


def rows_hash(rows: Sequence[Row]) -> bytes:
    """What a whole version says, numbers included, whatever the order in its file."""
    ordered = sorted(rows, key=lambda row: row["entry_key"])
    return hashlib.sha256(json.dumps(ordered, sort_keys=True).encode()).digest()


def newest(session: Session, list_id: uuid.UUID) -> LookoutListVersion | None:
    """The version of a list that holds now; None before the first was published."""
    query = select(LookoutListVersion).where(
        LookoutListVersion.list_id == list_id, LookoutListVersion.state == "published"
    )
    return session.scalars(query.order_by(LookoutListVersion.number.desc()).limit(1)).first()


def current_versions(session: Session, agency: str) -> list[LookoutListVersion]:
    """The newest version of each list that `agency` screens against: its own, and what the other agency shares."""
    newest_numbers = (
        select(LookoutListVersion.list_id, func.max(LookoutListVersion.number).label("number"))
        .group_by(LookoutListVersion.list_id)
        .subquery()
    )
    same = (LookoutListVersion.list_id == newest_numbers.c.list_id) & (
        LookoutListVersion.number == newest_numbers.c.number
    )
    query = (
        select(LookoutListVersion)
        .join(newest_numbers, same)
        .join(LookoutListVersion.lookout_list)
        .where(or_(LookoutList.agency == agency, LookoutList.is_shared))
        .order_by(LookoutList.name, LookoutList.agency)
    )
    return list(session.scalars(query))


def versions(session: Session, ids: Iterable[Any]) -> list[LookoutListVersion]:
    """The versions with these identifiers, as a run wrote them down."""
    query = select(LookoutListVersion).where(LookoutListVersion.id.in_([uuid.UUID(str(one)) for one in ids]))
    return sorted(session.scalars(query), key=lambda version: version.lookout_list.name)
