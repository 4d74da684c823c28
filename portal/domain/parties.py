"""A family at its interviews: so many places side by side or one after another, without a gap."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

MOST_PEOPLE = 6


@dataclass(frozen=True)
class FreePlace:
    """One free desk at one time."""

    id: uuid.UUID
    slot_id: uuid.UUID
    centre_id: uuid.UUID
    starts_at: datetime
    minutes: int
    local_on: date


Sitting = tuple[FreePlace, ...]


def sittings(places: Iterable[FreePlace], people: int) -> list[Sitting]:
    """For each time at which so many can begin together, their places: as many at once as are free, then the next time.

    Times of one centre follow each other without a gap, on one day of its calendar. The soonest comes first.
    """
    in_order = sorted(places, key=lambda place: (str(place.centre_id), place.starts_at))
    found: list[Sitting] = []
    for _centre, members in groupby(in_order, key=lambda place: place.centre_id):
        slots = [list(at_once) for _at, at_once in groupby(members, key=lambda place: place.starts_at)]
        begun = (_sitting(slots[number:], people) for number in range(len(slots)))
        found += [sitting for sitting in begun if sitting]
    return sorted(found, key=lambda sitting: (sitting[0].starts_at, str(sitting[0].centre_id)))


def _sitting(slots: Sequence[Sequence[FreePlace]], people: int) -> Sitting | None:
    taken: list[FreePlace] = []
    for at_once in slots:
        if taken and not _follows(taken[-1], at_once[0]):
            return None
        taken += at_once[: people - len(taken)]
        if len(taken) == people:
            return tuple(taken)
    return None


def _follows(one: FreePlace, following: FreePlace) -> bool:
    ends_at = one.starts_at + timedelta(minutes=one.minutes)
    return following.starts_at == ends_at and following.local_on == one.local_on
