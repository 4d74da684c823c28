"""What officers read of look-out lists: lists, versions and entries, as owner and sharing rule allow."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import ARRAY, Text, any_, literal, or_, select
from sqlalchemy.orm import Session

from portal.domain.errors import NotFound
from portal.models import LookoutEntry, LookoutList, LookoutListVersion
from portal.services import lookout_lists

OPEN_STATES = ("waiting", "unfit", "ready")


@dataclass(frozen=True)
class Listed:
    """A list with the version that holds now, and its own drafts."""

    lookout_list: LookoutList
    newest: LookoutListVersion | None
    drafts: list[LookoutListVersion]


def lists(session: Session, agency: str) -> list[Listed]:
    """Every list that officers of `agency` may see: the own ones, and those of the other agency that it shares."""
    query = select(LookoutList).where(or_(LookoutList.agency == agency, LookoutList.is_shared))
    found = session.scalars(query.order_by(LookoutList.name, LookoutList.agency)).all()
    return [Listed(one, lookout_lists.newest(session, one.id), _drafts(session, one, agency)) for one in found]


def _drafts(session: Session, of: LookoutList, agency: str) -> list[LookoutListVersion]:
    if of.agency != agency:
        return []
    query = select(LookoutListVersion).where(
        LookoutListVersion.list_id == of.id, LookoutListVersion.state.in_(OPEN_STATES)
    )
    return list(session.scalars(query.order_by(LookoutListVersion.imported_at.desc())))


def find_list(session: Session, list_id: uuid.UUID, *, agency: str) -> LookoutList:
    """A list that officers of `agency` may see. Raises NotFound for any other."""
    found = session.get(LookoutList, list_id)
    if found is None or not (found.agency == agency or found.is_shared):
        raise NotFound(list_id)
    return found


def versions_of(session: Session, of: LookoutList, *, agency: str) -> list[LookoutListVersion]:
    """The versions of a list that officers of `agency` may see, drafts first, then the newest."""
    query = select(LookoutListVersion).where(LookoutListVersion.list_id == of.id)
    if of.agency != agency:
        query = query.where(LookoutListVersion.state == "published")
    ordered = query.order_by(LookoutListVersion.number.desc().nulls_first(), LookoutListVersion.imported_at.desc())
    return list(session.scalars(ordered))


def entries(
    session: Session, version: LookoutListVersion, kind: str, limit: int
) -> tuple[int, list[tuple[str, str, str]]]:
    """How many entries the version added, changed or removed; the first of them with what they say now and said before.

    Each line: number, now, before. What is not there is empty.
    """
    keys = (version.change or {}).get(kind, [])
    shown = keys[:limit]
    now, before = _said(session, version.id, shown), _said(session, version.base_id, shown)
    return len(keys), [(key, now.get(key, ""), before.get(key, "")) for key in shown]


def _said(session: Session, version_id: uuid.UUID | None, keys: list[str]) -> dict[str, str]:
    if version_id is None or not keys:
        return {}
    wanted = any_(literal(keys, ARRAY(Text)))
    query = select(LookoutEntry).where(LookoutEntry.version_id == version_id, LookoutEntry.entry_key == wanted)
    return {row.entry_key: _in_a_line(row) for row in session.scalars(query)}


def _in_a_line(row: LookoutEntry) -> str:
    details = "; ".join(
        f"{name}: {', '.join(value) if isinstance(value, list) else value}"
        for name, value in sorted(row.details.items())
    )
    return " · ".join(part for part in (" / ".join(row.names), ", ".join(row.birth_dates), details) if part)
