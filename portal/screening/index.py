"""Which entries are worth comparing with a person: those that share a part of a name, by letter or by sound."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from portal.screening import names
from portal.screening.matcher import Entry, Profile

PREFIX = 3


class Index:
    """Entries by the keys of their names, read-only once made."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._by_key: dict[str, set[Entry]] = defaultdict(set)
        for entry in entries:
            for key in _keys(entry.names):
                self._by_key[key].add(entry)

    def candidates(self, profile: Profile) -> set[Entry]:
        """Every entry that shares at least one key with the person."""
        found: set[Entry] = set()
        for key in _keys(profile.names):
            found |= self._by_key.get(key, set())
        return found


def _keys(every_name: Iterable[str]) -> set[str]:
    return {key for name in every_name for key in _keys_of(names.tokens(name))}


def _keys_of(parts: tuple[str, ...]) -> Iterator[str]:
    for part in {*parts, *names.joined_neighbours(parts)}:
        if part not in names.PARTICLES and len(part) > 1:
            yield f"begins {part[:PREFIX]}"
            yield f"sounds {names.skeleton(part)}"
