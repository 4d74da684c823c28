"""Look-out lists: immutable versions, imported whole, and which versions an agency screens against."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import uuid
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, TypedDict

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from portal.clock import now
from portal.domain.errors import RuleViolation
from portal.i18n import Lazy as _l
from portal.models import LookoutEntry, LookoutList, LookoutListVersion
from portal.services import audit
from portal.services.actors import SYSTEM, Actor

SEPARATOR = "|"
BIRTH = re.compile(r"\d{4}(-\d{2}-\d{2})?")


class Row(TypedDict):
    """One entry as it is imported. The first name is the main one; dates of birth are "1975" or "1975-04-12"."""

    entry_key: str
    names: list[str]
    birth_dates: list[str]
    details: dict[str, str]


def rows_of_csv(text: str) -> list[Row]:
    """The rows of a list in our CSV: entry_key, names and birth_dates (parted by |), and columns of details.

    Raises RuleViolation, naming the line, for a row that is not fit.
    """
    return [_row(number, line) for number, line in enumerate(csv.DictReader(io.StringIO(text)), start=2)]


def _row(number: int, line: Mapping[str, str]) -> Row:
    rest = {key: value for key, value in line.items() if key not in ("entry_key", "names", "birth_dates") and value}
    row = Row(
        entry_key=line["entry_key"].strip(),
        names=_parts(line["names"]),
        birth_dates=_parts(line["birth_dates"]),
        details=rest,
    )
    if not row["entry_key"] or not row["names"] or not all(BIRTH.fullmatch(day) for day in row["birth_dates"]):
        raise RuleViolation(_l("Line %(number)s of the list cannot be imported.", number=number))
    return row


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(SEPARATOR) if part.strip()]


def import_list(
    session: Session,
    name: str,
    agency: str,
    is_shared: bool,
    rows: Iterable[Row],
    source_on: date,
    by: Actor = SYSTEM,
) -> LookoutListVersion:
    """Publish `rows` as the next version of the list called `name`. The same rows again make no new version."""
    rows = sorted(rows, key=lambda row: row["entry_key"])
    sha256 = hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).digest()
    lookout_list = _list(session, name, agency, is_shared)
    newest = _newest(session, lookout_list)
    if newest is not None and newest.sha256 == sha256:
        return newest
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
        session, "lookout_list:import", version, agency=agency, by=by, entries=len(rows), number=version.number
    )
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
