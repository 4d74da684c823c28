"""Which entries are worth comparing with a person: enough of a name for how the dates of birth go, or a document.

An entry is left out only where its score could not reach the threshold, whatever the rest of the evidence says. The
arrays can be saved and mapped, so that workers share them.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from portal.screening import births, evidence, keys, marks, normalise, reach, weights
from portal.screening.name_index import ByNumber, NameIndex, Numbers
from portal.screening.people import Entry, Profile

CACHED = 20_000


class Index:
    """Entries of lists by the keys of their names and documents, read-only once made."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        texts, owners, parts, dates, bits = [], array("i"), [], [], []
        documents, owned = array("I"), array("i")
        for number, entry in enumerate(entries):
            texts.append(json.dumps(vars(entry), ensure_ascii=False).encode())
            for name in entry.names:
                owners.append(number)
                parts.append(normalise.tokens(name))
            dates.append(entry.birth_dates)
            bits.append(marks.of_record(entry.birth_places, entry.citizenships))
            for key in {key for text in entry.documents for key in keys.of_document(text)}:
                documents.append(key)
                owned.append(number)
        self._names = NameIndex.of(parts)
        self._owners, self._marks = np.array(owners, np.int32), np.array(bits, np.uint64).reshape(-1, 2)
        self._years, by_day = births.tables(dates, self._owners)
        self._by_day, self._documents = by_day, ByNumber.of(documents, owned)
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
        self._by_day.save(folder, "days")
        self._documents.save(folder, "documents")
        for name in ("owners", "years", "marks", "text", "ends"):
            np.save(folder / f"{name}.npy", getattr(self, f"_{name}"))

    @classmethod
    def load(cls, folder: Path) -> Index:
        """An index that was saved; its arrays are mapped and shared with other processes."""
        index = cls.__new__(cls)
        index._names = NameIndex.load(folder)
        index._by_day, index._documents = ByNumber.load(folder, "days"), ByNumber.load(folder, "documents")
        for name in ("owners", "years", "marks", "text", "ends"):
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
        kept = self._by_document(profile.documents)
        nearness = births.nearness(profile.birth_on, self._years, self._by_day)
        ours = marks.of_record([profile.birth_place] if profile.birth_place else [], profile.citizenships)
        for name in map(evidence.name, profile.names):
            names = reach.names(self._names, reach.Asked(name, nearness, ours, self._marks_of), least)
            kept.update(self._owners[names].tolist())
        return [self.entry(number) for number in sorted(kept)]

    def _marks_of(self, names: Numbers) -> marks.Bits:
        bits: marks.Bits = self._marks[self._owners[names]]
        return bits

    def _by_document(self, documents: tuple[str, ...]) -> set[int]:
        sought = [key for text in documents for key in keys.of_document(text)]
        return {number for rows in self._documents.of_all(sought) for number in rows.tolist()} if sought else set()
