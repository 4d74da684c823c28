"""Which entries are worth comparing with a person: enough of a name by spelling or sound, or a document."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise

from portal.screening import evidence, normalise
from portal.screening.people import Entry, Profile

ENOUGH = {"birth_unknown": 0.9, "birth_near": 0.9, "birth_same_year": 0.6, "birth_far": 99.0}
"""How much of a name must be found before an entry is compared; for closer dates of birth, `A_LITTLE` is enough."""
A_LITTLE = 0.25


class Index:
    """Entries by the keys of their names and documents, read-only once made."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._entries = list(entries)
        self._by_key: dict[str, set[str]] = defaultdict(set)
        self._by_part: dict[str, list[int]] = defaultdict(list)
        self._by_document: dict[str, list[int]] = defaultdict(list)
        self._near: dict[str, dict[int, float]] = {}
        for number, entry in enumerate(self._entries):
            self._add(number, entry)

    def __len__(self) -> int:
        return len(self._entries)

    def _add(self, number: int, entry: Entry) -> None:
        for part in {part for name in entry.names for part in _parts(name)}:
            if part not in self._by_part:
                for key in _keys(part):
                    self._by_key[key].add(part)
            self._by_part[part].append(number)
        for document in {key for text in entry.documents for key in _document_keys(text)}:
            self._by_document[document].append(number)

    def candidates(self, profile: Profile) -> list[Entry]:
        """Every entry that has enough in common with the person to be compared, in the order of the list."""
        found: dict[int, float] = defaultdict(float)
        for part in sorted({part for name in profile.names for part in _parts(name)}):
            for number, told in self._neighbours(part).items():
                found[number] += told
        kept = {number for number, told in found.items() if told >= A_LITTLE and self._worth(profile, number, told)}
        for text in profile.documents:
            for key in _document_keys(text):
                kept.update(self._by_document.get(key, ()))
        return [self._entries[number] for number in sorted(kept)]

    def _worth(self, profile: Profile, number: int, told: float) -> bool:
        code, _ = evidence.best_birth(profile, self._entries[number])
        return told >= ENOUGH.get(code, A_LITTLE)

    def _neighbours(self, part: str) -> dict[int, float]:
        if part not in self._near:
            found: dict[int, float] = {}
            for other in {other for key in _keys(part) for other in self._by_key.get(key, ())}:
                likeness = normalise.likeness(part, other)
                if likeness >= evidence.ALIKE:
                    told = min(normalise.weight(part), normalise.weight(other)) * likeness
                    for number in self._by_part[other]:
                        found[number] = max(found.get(number, 0.0), told)
            if len(self._near) > 20_000:
                self._near.clear()
            self._near[part] = found
        return self._near[part]


def _parts(name: str) -> set[str]:
    parts = normalise.tokens(name)
    every = {*parts, *(first + second for first, second in pairwise(parts))}
    return {part for part in every if part not in normalise.PARTICLES and len(part) > 1}


def _keys(part: str) -> set[str]:
    """Spelling but for one letter, sound, consonants, nicknames."""
    sound, bones = normalise.heard(part), normalise.skeleton(part)
    keys = {part, *(part[:i] + part[i + 1 :] for i in range(len(part)) if len(part) > 3), f"={sound}", f"~{bones}"}
    keys.update(f"={sound[:i]}{sound[i + 1 :]}" for i in range(len(sound)) if len(sound) > 3)
    return keys | {f"#{group}" for group in normalise.nicknames_of(part)}


def _document_keys(text: str) -> set[str]:
    number = normalise.document(text)
    return {number, *(number[:i] + number[i + 1 :] for i in range(len(number)))} if number else set()
