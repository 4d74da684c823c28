"""The dry run of a draft: how many open applications and members it would hit, before anybody publishes it."""

from __future__ import annotations

import uuid
from collections import Counter

from sqlalchemy import ARRAY, Text, any_, literal, select
from sqlalchemy.orm import Session

from portal import screening as matching
from portal.models import LookoutEntry, LookoutListVersion, ScreeningProfile, ScreeningSweep, SweepPart
from portal.services import screening, sweeps

KEPT = 4
_new: dict[uuid.UUID, frozenset[str]] = {}
"""Of the latest drafts, in memory only: a draft that was read never changes."""


def count(session: Session, sweep: ScreeningSweep, part: SweepPart) -> Counter[str]:
    """Count the people of a part that the draft would hit, and those whom an entry new or changed would hit.

    One person counts once however many entries resemble them. What cannot be read is counted as `unread`.
    """
    version = session.get_one(LookoutListVersion, sweep.version_id)
    index, new = screening.index(session, [version.id]), _new_entries(session, version)
    members = set(session.scalars(sweeps.people_of(part, sweeps.members())))
    applicants = set(session.scalars(sweeps.people_of(part, sweeps.applicants(sweep.agency))))
    profiles = _profiles(session, part)
    counts: Counter[str] = Counter()
    everybody = members | applicants
    readable = [person_id for person_id in everybody if person_id in profiles]
    if unread := len(everybody) - len(readable):
        counts["unread"] = unread
    opened = (screening.opened(profiles[person_id]) for person_id in readable)
    for person_id, found in zip(readable, matching.screen_all(opened, index, sweep.threshold), strict=True):
        for kind, people in (("members", members), ("applications", applicants)):
            if person_id in people and found:
                counts[kind] += 1
                counts[f"new_{kind}"] += any(match.entry.key in new for match in found)
    return counts


def _new_entries(session: Session, version: LookoutListVersion) -> frozenset[str]:
    """The entries of the draft that the version before did not have in this wording."""
    if version.id not in _new:
        while len(_new) >= KEPT:
            _new.pop(next(iter(_new)))
        change = version.change or {}
        keys = literal([*change.get("added", ()), *change.get("changed", ())], ARRAY(Text))
        query = select(LookoutEntry.id).where(
            LookoutEntry.version_id == version.id, LookoutEntry.entry_key == any_(keys)
        )
        _new[version.id] = frozenset(str(entry_id) for entry_id in session.scalars(query))
    return _new[version.id]


def _profiles(session: Session, part: SweepPart) -> dict[object, ScreeningProfile]:
    query = select(ScreeningProfile).where(ScreeningProfile.person_id.between(part.first_person, part.last_person))
    return {row.person_id: row for row in session.scalars(query)}
