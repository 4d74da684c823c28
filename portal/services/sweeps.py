"""Sweeps: many people screened at once, in parts. A part is done in one transaction or not at all, by any worker."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, delete, func, select, union
from sqlalchemy.orm import Session

from portal import screening as matching
from portal.adapters import queue
from portal.clock import now, today
from portal.models import Application, LookoutListVersion, Membership, Review, ScreeningSweep, SweepPart
from portal.services import adjudication

PART = 500
"""People in a part: a worker that dies loses at most the work on so many."""
MEMBER_STATES = ("active", "suspended")

People = Select[Any]


def matcher_used() -> str:
    """The matcher with its weights and its normaliser, as runs and sweeps write it down: another is out of date."""
    used = (matching.MATCHER_VERSION, f"weights {matching.WEIGHTS_VERSION}")
    return ", ".join((*used, f"normaliser {matching.NORMALISER_VERSION}"))


def members() -> People:
    """Everybody whose membership lasts, suspended ones included."""
    return select(Membership.person_id).where(Membership.state.in_(MEMBER_STATES), Membership.valid_until >= today())


def applicants(agency: str) -> People:
    """Everybody whose application the agency still reviews."""
    is_open = (Review.agency == agency, Review.state.in_(adjudication.OPEN_REVIEW_STATES))
    return select(Application.person_id).join(Review, Review.application_id == Application.id).where(*is_open)


def everybody(agency: str) -> People:
    """Applicants and members, each once."""
    both = union(members(), applicants(agency)).subquery()
    return select(both.c[0])


def begin_dry_run(session: Session, version: LookoutListVersion) -> ScreeningSweep:
    """Begin to look whom a draft would hit."""
    return begin(
        session, version.agency, "dry_run", [str(version.id)], everybody(version.agency), version_id=version.id
    )


def begin(
    session: Session,
    agency: str,
    kind: str,
    list_versions: Sequence[str],
    people: People,
    *,
    version_id: uuid.UUID | None = None,
) -> ScreeningSweep:
    """Begin a sweep over `people`: its parts are queued with it. Over nobody, it is finished at once."""
    parts = _parts(session, people)
    sweep = ScreeningSweep(
        agency=agency,
        kind=kind,
        version_id=version_id,
        list_versions=list(list_versions),
        matcher_version=matcher_used(),
        threshold=matching.THRESHOLD,
        total=sum(size for _first, _last, size in parts),
        started_at=now(),
        ended_at=None if parts else now(),
    )
    session.add(sweep)
    session.flush()
    for number, (first, last, size) in enumerate(parts):
        part = SweepPart(sweep_id=sweep.id, number=number, first_person=first, last_person=last, size=size)
        session.add(part)
        queue.enqueue(session, "sweep_part", part_id=str(part.id))
    session.flush()
    return sweep


def _parts(session: Session, people: People) -> list[tuple[uuid.UUID, uuid.UUID, int]]:
    """The first and the last of every so many people, and how many they are."""
    who = people.distinct().subquery()
    found = session.scalars(select(who.c[0]).order_by(who.c[0]).execution_options(yield_per=PART))
    return [(some[0], some[-1], len(some)) for some in found.partitions(PART)]


def take(session: Session, part_id: uuid.UUID) -> SweepPart | None:
    """The part, for this transaction alone; None for one that is done, or whose sweep was stopped."""
    query = select(SweepPart).where(SweepPart.id == part_id).with_for_update(of=SweepPart)
    part = session.scalars(query).one_or_none()
    return part if part is not None and part.done_at is None else None


def people_of(part: SweepPart, people: People) -> People:
    """Those of `people` whose turn comes with this part."""
    who = people.distinct().subquery()
    person = who.c[0]
    return select(person).where(person.between(part.first_person, part.last_person)).order_by(person)


def finish(session: Session, part: SweepPart, counts: Counter[str]) -> ScreeningSweep:
    """Write down what came of a part; with the last one the sweep is finished. Returns the sweep."""
    part.counts, part.done_at = dict(counts), now()
    session.flush()
    query = select(ScreeningSweep).where(ScreeningSweep.id == part.sweep_id).with_for_update(of=ScreeningSweep)
    sweep = session.scalars(query.execution_options(populate_existing=True)).one()
    open_parts = select(func.count()).where(SweepPart.sweep_id == sweep.id, SweepPart.done_at.is_(None))
    if not session.scalar(open_parts):
        sweep.ended_at = now()
        session.flush()
    return sweep


def stop_dry_run(session: Session, version: LookoutListVersion) -> None:
    """Forget the dry run of a draft that was discarded; its jobs then find nothing to do."""
    session.execute(delete(ScreeningSweep).where(ScreeningSweep.version_id == version.id))


@dataclass(frozen=True)
class Progress:
    """How far a sweep is: people done of all, and what was counted so far."""

    done: int
    total: int
    counts: dict[str, int]


def progress(session: Session, sweep: ScreeningSweep) -> Progress:
    """How far a sweep is now."""
    query = select(SweepPart.size, SweepPart.counts)
    rows = session.execute(query.where(SweepPart.sweep_id == sweep.id, SweepPart.done_at.is_not(None))).all()
    counts: Counter[str] = Counter()
    for _size, counted in rows:
        counts.update(counted)
    return Progress(sum(size for size, _counted in rows), sweep.total, dict(counts))


def latest(session: Session, agency: str, kinds: Iterable[str], limit: int = 10) -> list[ScreeningSweep]:
    """The latest sweeps of an agency, the newest first."""
    query = select(ScreeningSweep).where(ScreeningSweep.agency == agency, ScreeningSweep.kind.in_(list(kinds)))
    return list(session.scalars(query.order_by(ScreeningSweep.started_at.desc(), ScreeningSweep.id).limit(limit)))
