"""Members by the keys of their names and documents: when a list changes, only its new entries are looked for here."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from portal.screening import births, evidence, keys, marks, normalise, reach, weights
from portal.screening.arrays import ByNumber, Numbers, Places
from portal.screening.name_index import Counts, NameIndex
from portal.screening.people import Entry, Profile


class MemberIndex:
    """Which members an entry may be about. Members are known by their place in the order in which they were given.

    Only what is searched is held: keys, years, dates. Whoever asks has the profiles, and compares.
    """

    def __init__(self, profiles: Iterable[Profile]) -> None:
        owners, years, days, bits = array("i"), array("B"), array("I"), array("Q")
        documents, owned = array("I"), array("i")

        def names() -> Iterable[tuple[str, ...]]:
            for number, profile in enumerate(profiles):
                born = profile.birth_on
                years.append(births.row_of(born.year if born else None))
                days.append(births.digits(born.isoformat()) if born else births.NOBODYS_DAY)
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
        self._years, self._days = np.array(years, np.uint8), np.array(days, np.uint32)
        self._documents = ByNumber.of(documents, owned)

    def __len__(self) -> int:
        return len(self._years)

    @property
    def bytes(self) -> int:
        """What the arrays take."""
        own = (self._owners, self._years, self._days, self._marks, self._documents.sought, self._documents.rows)
        return self._names.bytes + sum(each.nbytes for each in own)

    def save(self, folder: Path) -> None:
        """Write the arrays to an empty folder."""
        self._names.save(folder)
        self._documents.save(folder, "documents")
        for name in ("owners", "years", "days", "marks"):
            np.save(folder / f"{name}.npy", getattr(self, f"_{name}"))

    @classmethod
    def load(cls, folder: Path) -> MemberIndex:
        """An index that was saved; its arrays are mapped and shared with other processes."""
        index = cls.__new__(cls)
        index._names, index._documents = NameIndex.load(folder), ByNumber.load(folder, "documents")
        for name in ("owners", "years", "days", "marks"):
            setattr(index, f"_{name}", np.load(folder / f"{name}.npy", mmap_mode="r"))
        return index

    def candidates(self, entry: Entry, least: float = weights.THRESHOLD) -> list[int]:
        """Every member whose score for the entry may reach `least`, in the order in which they were given."""
        return [member for _number, member in self.pairs([entry], least)]

    def pairs(self, entries: Sequence[Entry], least: float = weights.THRESHOLD) -> list[tuple[int, int]]:
        """Each entry, by number, beside every member whose score for this entry may reach `least`."""
        members, owners = self._with_document(entries)
        names, whose = self._reaching(entries, least)
        every = np.concatenate((self._owners[names], members)).astype(np.int64)
        both = np.unique((np.concatenate((whose, owners)) << 32) | every)
        return [(pair >> 32, pair & 0xFFFFFFFF) for pair in both.tolist()]

    def _reaching(self, entries: Sequence[Entry], least: float) -> tuple[Numbers, Places]:
        """Names of members that may reach `least` with a name of an entry, and beside each the entry's number."""
        names = [
            (evidence.name(name), number) for number, entry in enumerate(entries) for name in dict.fromkeys(entry.names)
        ]
        owners = np.array([number for _name, number in names], np.int64)
        dates = [entry.birth_dates for entry in entries]
        rows, days = births.years_of(dates), births.days_of(dates)

        def nearness(whose: Places, found: Numbers) -> Counts:
            return self._nearness(self._owners[found], owners[whose], rows, days)

        bits = [marks.of_record(entry.birth_places, entry.citizenships) for entry in entries]
        asked = [name for name, _number in names]
        theirs = np.array(bits, np.uint64).reshape(-1, 2)[owners]
        found, whose = reach.names(self._names, reach.Asked(asked, nearness, theirs, self._marks_of), least)
        return found, owners[whose]

    def _with_document(self, entries: Sequence[Entry]) -> tuple[Numbers, Places]:
        sought = [
            (key, number)
            for number, entry in enumerate(entries)
            for text in entry.documents
            for key in keys.of_document(text)
        ]
        members, at = self._documents.find([key for key, _number in sought])
        return members, np.array([number for _key, number in sought], np.int64)[at]

    def _marks_of(self, names: Numbers) -> marks.Bits:
        bits: marks.Bits = self._marks[self._owners[names]]
        return bits

    def _nearness(self, members: Numbers, entries: Places, rows: Counts, days: births.Days) -> Counts:
        """How the members' dates go with those of the entries beside them."""
        near: Counts = rows[self._years[members], entries]
        born = self._days[members]
        near[(near == births.SAME_YEAR) & (born & np.uint32(0xFFFF) == 0x0101)] = births.YEAR
        for of_entries in days:
            dates = of_entries[entries]
            some = np.flatnonzero(dates != births.NO_DAY)
            near[some[births.exact(born[some], dates[some])]] = births.EXACT
        return near
