"""Members by the keys of their names and documents: when a list changes, only its new entries are looked for here."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from portal.screening import births, evidence, keys, marks, normalise, reach, weights
from portal.screening.name_index import ByNumber, NameIndex, Numbers
from portal.screening.people import Entry, Profile


class MemberIndex:
    """Which members an entry may be about. Members are known by their place in the order in which they were given.

    Only what is searched is held: keys, years, dates. Whoever asks has the profiles, and compares.
    """

    def __init__(self, profiles: Iterable[Profile]) -> None:
        owners, years, dates, bits = array("i"), array("B"), array("I"), array("Q")
        documents, owned = array("I"), array("i")

        def names() -> Iterable[tuple[str, ...]]:
            for number, profile in enumerate(profiles):
                born = profile.birth_on
                years.append(births.row_of(born.year if born else None))
                dates.append(births.number_of(born.isoformat()) if born else 0)
                bits.extend(marks.of_record(filter(None, [profile.birth_place]), profile.citizenships))
                for key in {key for text in profile.documents for key in keys.of_document(text)}:
                    documents.append(key)
                    owned.append(number)
                for name in profile.names:
                    owners.append(number)
                    yield normalise.tokens(name)

        self._names = NameIndex.of(names())
        self._owners = np.array(owners, np.int32)
        self._marks = np.array(bits, np.uint64).reshape(-1, 2)
        self._years, self._dates = np.array(years, np.uint8), np.array(dates, np.uint32)
        self._documents = ByNumber.of(documents, owned)

    def __len__(self) -> int:
        return len(self._years)

    @property
    def bytes(self) -> int:
        """What the arrays take."""
        own = (self._owners, self._years, self._dates, self._marks, self._documents.sought, self._documents.rows)
        return self._names.bytes + sum(each.nbytes for each in own)

    def save(self, folder: Path) -> None:
        """Write the arrays to an empty folder."""
        self._names.save(folder)
        self._documents.save(folder, "documents")
        for name in ("owners", "years", "dates", "marks"):
            np.save(folder / f"{name}.npy", getattr(self, f"_{name}"))

    @classmethod
    def load(cls, folder: Path) -> MemberIndex:
        """An index that was saved; its arrays are mapped and shared with other processes."""
        index = cls.__new__(cls)
        index._names, index._documents = NameIndex.load(folder), ByNumber.load(folder, "documents")
        for name in ("owners", "years", "dates", "marks"):
            setattr(index, f"_{name}", np.load(folder / f"{name}.npy", mmap_mode="r"))
        return index

    def candidates(self, entry: Entry, least: float = weights.THRESHOLD) -> list[int]:
        """Every member whose score for the entry may reach `least`, in the order in which they were given."""
        sought = [key for text in entry.documents for key in keys.of_document(text)]
        found = [*self._documents.of_all(sought)] if sought else []
        row = births.of_dates(entry.birth_dates)
        exact = [births.exact(day) for day in entry.birth_dates if len(day) == 10]
        dates = np.unique(np.concatenate(exact)) if exact else np.empty(0, np.uint32)

        def nearness(names: Numbers) -> NDArray[np.uint8]:
            return self._nearness(names, row, dates)

        theirs = marks.of_record(entry.birth_places, entry.citizenships)
        for name in map(evidence.name, dict.fromkeys(entry.names)):
            names = reach.names(self._names, reach.Asked(name, nearness, theirs, self._marks_of), least)
            found.append(self._owners[names])
        return np.unique(np.concatenate(found)).tolist() if found else []

    def _marks_of(self, names: Numbers) -> marks.Bits:
        bits: marks.Bits = self._marks[self._owners[names]]
        return bits

    def _nearness(self, names: Numbers, row: NDArray[np.uint8], dates: NDArray[np.uint32]) -> NDArray[np.uint8]:
        """How the members' dates go with the entry's."""
        members = self._owners[names]
        near: NDArray[np.uint8] = row[self._years[members]]
        born = self._dates[members]
        near[(near == births.SAME_YEAR) & (born % 10000 == 101)] = births.YEAR
        if len(dates):
            at = np.minimum(np.searchsorted(dates, born), len(dates) - 1)
            near[dates[at] == born] = births.EXACT
        return near
