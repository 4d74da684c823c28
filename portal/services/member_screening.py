"""Screening members: whoever is behind is searched for what changed, and once a week everybody is searched anew.

A new hit becomes an officer's task. Nothing about a membership or a booking changes here: officers decide.
"""

from __future__ import annotations

import logging
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, func, or_, select, type_coerce
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Session

from portal import screening as matching
from portal.adapters import queue
from portal.clock import now, today
from portal.models import (
    Application,
    LookoutEntry,
    LookoutHit,
    LookoutListVersion,
    MemberScreening,
    Membership,
    ScreeningProfile,
    ScreeningRun,
    ScreeningSweep,
    SweepPart,
)
from portal.services import adjudication, audit, hit_assessments, lookout_lists, screening, sweeps
from portal.services.actors import SYSTEM
from portal.services.hit_assessments import Sides
from portal.services.screening import Standing

log = logging.getLogger(__name__)

KEPT = 4
_changes: dict[tuple[frozenset[str], frozenset[str]], Change] = {}
"""Between the latest sets of versions, in memory only: a published version never changes."""


@dataclass(frozen=True)
class Change:
    """Between two sets of versions: what is new, ready to be searched, and what is said no more."""

    new: matching.Index
    gone: frozenset[Sides]


def begin_behind(session: Session, agency: str) -> ScreeningSweep | None:
    """Begin a sweep over the members who are behind; None where nobody is, no list holds, or one runs already."""
    current = _current(session, agency)
    running = select(ScreeningSweep.id).where(
        ScreeningSweep.agency == agency, ScreeningSweep.kind == "members", ScreeningSweep.ended_at.is_(None)
    )
    if not current or session.scalars(running).first() is not None or not standing(session, agency).behind:
        return None
    return sweeps.begin(session, agency, "members", current, _behind(agency, current))


def go_on(session: Session, sweep: ScreeningSweep) -> None:
    """After a sweep: where a version was published meanwhile, whoever is behind it comes next."""
    if sweep.list_versions != _current(session, sweep.agency):
        queue.enqueue(session, "screen_behind", once="screen_behind")


def _behind(agency: str, list_versions: Sequence[str]) -> sweeps.People:
    return select(Membership.person_id).where(*_lasts(), ~_is_screened(agency, list_versions))


def begin_audit(session: Session, agency: str) -> ScreeningSweep | None:
    """Begin the audit: everybody is searched in full. None where no list holds, or one runs already."""
    current = _current(session, agency)
    running = select(ScreeningSweep.id).where(
        ScreeningSweep.agency == agency, ScreeningSweep.kind == "audit", ScreeningSweep.ended_at.is_(None)
    )
    if not current or session.scalars(running).first() is not None:
        return None
    return sweeps.begin(session, agency, "audit", current, sweeps.everybody(agency))


def _current(session: Session, agency: str) -> list[str]:
    return [str(version.id) for version in lookout_lists.current_versions(session, agency)]


def standing(session: Session, agency: str) -> Standing:
    """How many members there are, and how many were not searched against the versions that hold now."""
    query = select(func.count(), func.count().filter(~_is_screened(agency, _current(session, agency))))
    total, behind = session.execute(query.select_from(Membership).where(*_lasts())).one()
    return Standing(behind, total)


def _lasts() -> tuple[ColumnElement[bool], ...]:
    return Membership.state.in_(sweeps.MEMBER_STATES), Membership.valid_until >= today()


def _is_screened(agency: str, current: Sequence[str]) -> ColumnElement[bool]:
    """By a sweep, or, for who has just become a member, by the screening of the application."""
    versions = type_coerce(list(current), JSONB)
    by_sweep = exists().where(
        MemberScreening.person_id == Membership.person_id,
        MemberScreening.agency == agency,
        MemberScreening.sweep_id == ScreeningSweep.id,
        ScreeningSweep.list_versions == versions,
        ScreeningSweep.matcher_version == sweeps.matcher_used(),
        ScreeningSweep.threshold == matching.THRESHOLD,
    )
    by_run = exists().where(
        ScreeningRun.application_id == Membership.application_id,
        ScreeningProfile.person_id == Membership.person_id,
        ScreeningProfile.updated_at <= ScreeningRun.started_at,
        ScreeningRun.agency == agency,
        ScreeningRun.is_newest,
        ScreeningRun.state == "finished",
        ScreeningRun.list_versions == versions,
        ScreeningRun.matcher_version == sweeps.matcher_used(),
        ScreeningRun.threshold == matching.THRESHOLD,
    )
    return or_(by_sweep, by_run)


def catch_up(session: Session, sweep: ScreeningSweep, part: SweepPart) -> Counter[str]:
    """Bring the members of a part up to the sweep's versions.

    Who was searched before with the same matcher is searched for what changed only, and in full where that touches
    them; everybody else in full. Returns counts: `members` searched, `in_full`, `changed`, `unread`.
    """
    here = _people(session, sweep, part, _behind(sweep.agency, sweep.list_versions))
    read = [person for person in here.values() if person.profile is not None]
    touched = _touched(session, sweep, read, _screened_before(session, here, sweep))
    changed = _search_in_full(session, sweep, touched)
    _note(session, sweep, [person.id for person in read])
    counts = {"members": len(read), "in_full": len(touched), "changed": len(changed), "unread": len(here) - len(read)}
    return +Counter(counts)


def check(session: Session, sweep: ScreeningSweep, part: SweepPart) -> Counter[str]:
    """Search the people of a part in full and compare with what stands: the audit of the deltas.

    Returns counts: `checked`, `different`, `passed_over` (behind, or screened against newer versions meanwhile),
    `unread`. Where it differs an alarm is raised, and the right hits are written.
    """
    here = _people(session, sweep, part, sweeps.everybody(sweep.agency))
    read = [person for person in here.values() if person.profile is not None]
    checked = [person for person in read if _is_up_to(session, sweep, person)]
    different = _search_in_full(session, sweep, checked)
    for person in different:
        log.critical("the audit of the screening differs: application %s", person.application_id)
        audit.record(session, "screening:differs", sweep, application_id=person.application_id, by=SYSTEM)
    counts = {
        "checked": len(checked), "different": len(different),
        "passed_over": len(read) - len(checked), "unread": len(here) - len(read),
    }  # fmt: skip
    return +Counter(counts)


@dataclass
class _Person:
    id: uuid.UUID
    application_id: uuid.UUID
    profile: matching.Profile | None
    run: ScreeningRun | None
    hits: frozenset[Sides]


def _people(
    session: Session, sweep: ScreeningSweep, part: SweepPart, people: sweeps.People
) -> dict[uuid.UUID, _Person]:
    """The people of a part, each with the application that their hits belong to: a member's own, else the open one."""
    ids = list(session.scalars(sweeps.people_of(part, people)))
    applications = _applications(session, sweep.agency, ids)
    query = select(ScreeningProfile).where(ScreeningProfile.person_id.in_(ids))
    profiles = {row.person_id: screening.opened(row) for row in session.scalars(query)}
    newest = select(ScreeningRun).where(
        ScreeningRun.application_id.in_(applications.values()),
        ScreeningRun.agency == sweep.agency,
        ScreeningRun.is_newest,
    )
    runs = {run.application_id: run for run in session.scalars(newest)}
    hits = _hits(session, [run.id for run in runs.values()])
    made = {}
    for person_id, application_id in applications.items():
        run = runs.get(application_id)
        sides = frozenset(hits[run.id]) if run else frozenset()
        made[person_id] = _Person(person_id, application_id, profiles.get(person_id), run, sides)
    return made


def _applications(session: Session, agency: str, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, uuid.UUID]:
    members = select(Membership.person_id, Membership.application_id).where(Membership.person_id.in_(ids), *_lasts())
    opened = sweeps.applicants(agency).add_columns(Application.id).where(Application.person_id.in_(ids))
    rows = (*session.execute(opened), *session.execute(members.order_by(Membership.valid_until)))
    return {row[0]: row[1] for row in rows}


def _hits(session: Session, run_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, set[Sides]]:
    found: dict[uuid.UUID, set[Sides]] = defaultdict(set)
    for hit in session.scalars(select(LookoutHit).where(LookoutHit.run_id.in_(run_ids))):
        found[hit.run_id].add(hit_assessments.sides(hit.entry))
    return found


def _screened_before(
    session: Session, ids: Iterable[uuid.UUID], sweep: ScreeningSweep
) -> dict[uuid.UUID, frozenset[str]]:
    """Against which versions each was searched last, where it was with the same matcher and threshold."""
    query = (
        select(MemberScreening.person_id, ScreeningSweep.list_versions)
        .join(MemberScreening.sweep)
        .where(
            MemberScreening.person_id.in_(list(ids)),
            MemberScreening.agency == sweep.agency,
            ScreeningSweep.matcher_version == sweep.matcher_version,
            ScreeningSweep.threshold == sweep.threshold,
        )
    )
    return {person_id: frozenset(versions) for person_id, versions in session.execute(query)}


def _touched(
    session: Session, sweep: ScreeningSweep, people: Sequence[_Person], before: Mapping[uuid.UUID, frozenset[str]]
) -> list[_Person]:
    """Who may have other hits than those that stand: all who were not searched before, and whom a change touches."""
    alike: dict[frozenset[str] | None, list[_Person]] = defaultdict(list)
    for person in people:
        alike[before.get(person.id)].append(person)
    touched = alike.pop(None, [])
    for versions, some in alike.items():
        change = _change(session, versions or frozenset(), frozenset(sweep.list_versions))
        for person, matches in _matches(some, change.new, sweep.threshold):
            if matches or person.hits & change.gone:
                touched.append(person)
    return touched


def _matches(
    people: Sequence[_Person], index: matching.Index, threshold: float
) -> Iterator[tuple[_Person, list[matching.Match]]]:
    """Each person with what was found: all are searched at once, which costs far less than one by one."""
    profiles = [person.profile for person in people if person.profile is not None]
    return zip(people, matching.screen_all(profiles, index, threshold), strict=True)


def _change(session: Session, before: frozenset[str], after: frozenset[str]) -> Change:
    if (before, after) not in _changes:
        while len(_changes) >= KEPT:
            _changes.pop(next(iter(_changes)))
        # What both have in common needs no reading: an entry that a version kept is in the other version of its list.
        old, new = _contents(session, before - after), _contents(session, after - before)
        fresh = {sides: row for sides, row in new.items() if sides not in old}
        _changes[before, after] = Change(
            matching.Index(screening.entry(row) for row in fresh.values()), frozenset(old.keys() - new.keys())
        )
    return _changes[before, after]


def _contents(session: Session, version_ids: Iterable[str]) -> dict[Sides, LookoutEntry]:
    wanted = LookoutEntry.version_id.in_([uuid.UUID(one) for one in version_ids])
    query = select(LookoutEntry, LookoutListVersion.list_id).join(LookoutEntry.version).where(wanted)
    return {hit_assessments.sides_in(str(list_id), row): row for row, list_id in session.execute(query)}


def _search_in_full(session: Session, sweep: ScreeningSweep, people: Sequence[_Person]) -> list[_Person]:
    """Search people against everything; where the hits are not what stands, write them. Returns who has others."""
    if not people:
        return []
    index = screening.index(session, [uuid.UUID(one) for one in sweep.list_versions])
    found = list(_matches(people, index, sweep.threshold))
    return [person for person, matches in found if _is_rewritten(session, sweep, person, matches)]


def _is_rewritten(session: Session, sweep: ScreeningSweep, person: _Person, matches: Sequence[matching.Match]) -> bool:
    entries = [session.get_one(LookoutEntry, uuid.UUID(match.entry.key)) for match in matches]
    found = frozenset(hit_assessments.sides(entry) for entry in entries)
    if person.run is not None and person.run.state == "finished" and found == person.hits:
        return False
    application = session.get_one(Application, person.application_id)
    screening.write_run(session, application, sweep.agency, sweep.list_versions, matches)
    return found != person.hits


def _is_up_to(session: Session, sweep: ScreeningSweep, person: _Person) -> bool:
    """Whether what stands for the person claims to be against the very versions of the sweep."""
    claims = (sweep.list_versions, sweep.matcher_version, sweep.threshold)
    run = person.run
    if run is not None and (run.list_versions, run.matcher_version, run.threshold) == claims:
        newest = adjudication.latest_version(session, session.get_one(Application, person.application_id))
        profile = session.get_one(ScreeningProfile, person.id)
        if run.state == "finished" and run.version_number == newest and profile.updated_at <= run.started_at:
            return True
    row = session.get(MemberScreening, (person.id, sweep.agency))
    return row is not None and (row.sweep.list_versions, row.sweep.matcher_version, row.sweep.threshold) == claims


def _note(session: Session, sweep: ScreeningSweep, ids: Sequence[uuid.UUID]) -> None:
    if not ids:
        return
    rows = [{"person_id": one, "agency": sweep.agency, "sweep_id": sweep.id, "screened_at": now()} for one in ids]
    new = insert(MemberScreening).values(rows)
    newer = {"sweep_id": new.excluded.sweep_id, "screened_at": new.excluded.screened_at}
    session.execute(new.on_conflict_do_update(index_elements=["person_id", "agency"], set_=newer))
