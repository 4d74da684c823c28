"""Which entries are worth comparing with people: enough of a name for how the dates of birth go, or a document.

An entry is left out only where its score could not reach the threshold, whatever the rest of the evidence says. Many
people are asked for at once, which costs each of them far less. The arrays can be saved and mapped, so that workers
share them.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from portal.screening import births, evidence, keys, marks, normalise, reach, weights
from portal.screening.arrays import ByNumber, Numbers, Places
from portal.screening.name_index import Counts, NameIndex
from portal.screening.people import Entry, Profile

CACHED = 4096
ARRAYS = ("owners", "firsts", "years", "days", "marks", "text", "ends")


class Index:
    """Entries of lists by the keys of their names and documents, read-only once made."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        texts, owners, firsts, parts, dates, bits = [], array("i"), array("i"), [], [], []
        documents, owned = array("I"), array("i")
        for number, entry in enumerate(entries):
            texts.append(json.dumps(vars(entry), ensure_ascii=False).encode())
            firsts.append(len(owners))
            for name in entry.names:
                owners.append(number)
                parts.append(normalise.tokens(name))
            dates.append(entry.birth_dates)
            bits.append(marks.of_record(entry.birth_places, entry.citizenships))
            for key in {key for text in entry.documents for key in keys.of_document(text)}:
                documents.append(key)
                owned.append(number)
        self._names = NameIndex.of(parts)
        self._owners, self._firsts = np.array(owners, np.int32), np.array(firsts, np.int32)
        self._marks = np.array(bits, np.uint64).reshape(-1, 2)
        self._years, self._days = births.years_of(dates), births.days_of(dates)
        self._documents = ByNumber.of(documents, owned)
        self._text = np.frombuffer(b"".join(texts), np.uint8)
        self._ends = np.cumsum([0, *map(len, texts)])
        self._made_ready()

    def _made_ready(self) -> None:
        self.entry = lru_cache(maxsize=CACHED)(self._read)

    def __len__(self) -> int:
        return len(self._ends) - 1

    def save(self, folder: Path) -> None:
        """Write the arrays to an empty folder."""
        self._names.save(folder)
        self._documents.save(folder, "documents")
        for name in ARRAYS:
            np.save(folder / f"{name}.npy", getattr(self, f"_{name}"))

    @classmethod
    def load(cls, folder: Path) -> Index:
        """An index that was saved; its arrays are mapped and shared with other processes."""
        index = cls.__new__(cls)
        index._names, index._documents = NameIndex.load(folder), ByNumber.load(folder, "documents")
        for name in ARRAYS:
            setattr(index, f"_{name}", np.load(folder / f"{name}.npy", mmap_mode="r"))
        index._made_ready()
        return index

    def _read(self, number: int) -> Entry:
        read = json.loads(self._text[self._ends[number] : self._ends[number + 1]].tobytes())
        fields: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in read.items()
        }
        return Entry(**fields)

    def candidates(self, profile: Profile, least: float = weights.THRESHOLD) -> list[Entry]:
        """Every entry whose score for the person may reach `least`, in the order of the list."""
        return [entry for _number, entry, _names in self.pairs([profile], least)]

    def pairs(
        self, profiles: Sequence[Profile], least: float = weights.THRESHOLD
    ) -> list[tuple[int, Entry, list[tuple[str, str]]]]:
        """Each person, by number, beside every entry whose score for this person may reach `least`.

        With each pair go the names of both that may bring it there; none where a document may.
        """
        names, who, ours = self._reaching(profiles, least)
        found: dict[tuple[int, int], list[tuple[str, str]]] = {}
        entries = self._owners[names]
        rows = zip(who.tolist(), entries.tolist(), ours, (names - self._firsts[entries]).tolist(), strict=True)
        for number, entry, our, their in rows:
            found.setdefault((number, entry), []).append((our, self.entry(entry).names[their]))
        found |= {key: [] for key in self._with_document(profiles)}
        return [(number, self.entry(entry), found[number, entry]) for number, entry in sorted(found)]

    def _reaching(self, profiles: Sequence[Profile], least: float) -> tuple[Numbers, Places, list[str]]:
        """Names of entries that may reach `least` with a name of a person; beside each the person's number and name."""
        names = [(evidence.name(name), number) for number, person in enumerate(profiles) for name in person.names]
        owners = np.array([number for _name, number in names], np.int64)
        rows, days, first_days = births.of_people([profiles[number].birth_on for number in owners.tolist()])
        rows *= len(self)

        def nearness(whose: Places, found: Numbers) -> Counts:
            return self._nearness(self._owners[found], rows[whose], days[whose], first_days[whose])

        ours = [marks.of_record((who.birth_place,) if who.birth_place else (), who.citizenships) for who in profiles]
        bits = np.array(ours, np.uint64).reshape(-1, 2)[owners]
        asked = reach.Asked([name for name, _number in names], nearness, bits, self._marks_of)
        found, whose = reach.names(self._names, asked, least)
        return found, owners[whose], [asked.names[number].written for number in whose.tolist()]

    def _nearness(self, entries: Numbers, rows: Places, days: births.Days, first_days: Any) -> Counts:
        near: Counts = self._years.ravel().take(rows + entries)
        near[first_days & (near == births.SAME_YEAR)] = births.YEAR
        for at, theirs in enumerate(self._days):
            dates = theirs[entries]
            several = np.flatnonzero(dates != births.NO_DAY) if at else np.arange(len(entries))
            near[several[births.exact(days[several], dates[several])]] = births.EXACT
        return near

    def _marks_of(self, names: Numbers) -> marks.Bits:
        bits: marks.Bits = self._marks[self._owners[names]]
        return bits

    def _with_document(self, profiles: Sequence[Profile]) -> list[tuple[int, int]]:
        """Each person, by number, beside every entry with a document that is theirs or one character off."""
        sought = [
            (key, number)
            for number, person in enumerate(profiles)
            for text in person.documents
            for key in keys.of_document(text)
        ]
        entries, at = self._documents.find([key for key, _number in sought])
        return [(sought[place][1], entry) for place, entry in zip(at.tolist(), entries.tolist(), strict=True)]
