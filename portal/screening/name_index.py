"""Names by their parts, in arrays: which of them have how much of a name, be it spelled differently."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from portal.screening import keys, normalise
from portal.screening.evidence import ALIKE

Numbers = NDArray[np.int32]
Found = tuple[Numbers, Numbers]
"""Names in rising order, and how much of each is covered, in thousandths of a weight."""
JOINED = 2000
"""What two neighbours written as one cover at the most."""
KEPT_NEAR = 20_000
PARTICLE, INITIAL = 100, 200
"""What they add at the most."""
NOTHING: Found = (np.empty(0, np.int32), np.empty(0, np.int32))


class Covered(NamedTuple):
    """Names, how much of each is covered, and how much at least is left over on our side and on theirs."""

    names: Numbers
    covered: Numbers
    rest: Numbers
    other: Numbers


NONE = Covered(*NOTHING, *NOTHING)


class ByNumber:
    """Rows of numbers by a number or a hash, in two flat arrays that can be mapped from a file."""

    def __init__(self, sought: NDArray[np.uint32], rows: Numbers) -> None:
        self.sought, self.rows = sought, rows

    @classmethod
    def of(cls, sought: array[int], rows: array[int]) -> ByNumber:
        """Sorted by what is sought."""
        plain = np.frombuffer(sought, np.uint32) if sought else np.empty(0, np.uint32)
        order = np.argsort(plain, kind="stable")
        found = np.frombuffer(rows, np.int32) if rows else np.empty(0, np.int32)
        return cls(plain[order], found[order])

    def each(self, sought: list[int] | NDArray[np.uint32]) -> list[Numbers]:
        """The rows of each that is sought."""
        asked = np.asarray(sought, np.uint32)
        begins, ends = self.sought.searchsorted(asked, "left"), self.sought.searchsorted(asked, "right")
        return [self.rows[b:e] for b, e in zip(begins.tolist(), ends.tolist(), strict=True)]

    def of_all(self, sought: list[int] | NDArray[np.uint32]) -> list[Numbers]:
        """The rows of each that is sought and has any."""
        asked = np.asarray(sought, np.uint32)
        begins, ends = self.sought.searchsorted(asked, "left"), self.sought.searchsorted(asked, "right")
        some = np.flatnonzero(begins < ends)
        return [self.rows[b:e] for b, e in zip(begins[some].tolist(), ends[some].tolist(), strict=True)]

    @property
    def bytes(self) -> int:
        """What the arrays take."""
        return self.sought.nbytes + self.rows.nbytes

    def save(self, folder: Path, name: str) -> None:
        """Two files."""
        np.save(folder / f"{name}.sought.npy", self.sought)
        np.save(folder / f"{name}.rows.npy", self.rows)

    @classmethod
    def load(cls, folder: Path, name: str) -> ByNumber:
        """Mapped: processes share the pages."""
        return cls(*(np.load(folder / f"{name}.{each}.npy", mmap_mode="r") for each in ("sought", "rows")))


class NameIndex:
    """Which names have parts like those of a name."""

    def __init__(
        self, parts: list[str], names: ByNumber, by_key: ByNumber, weights: Numbers, initials: NDArray[np.uint8]
    ) -> None:
        self._parts, self._names, self._by_key = parts, names, by_key
        self.weights, self.initials = weights, initials
        self._starts = np.searchsorted(names.sought, np.arange(len(parts) + 1))
        self._near: dict[str, Found] = {}

    @classmethod
    def of(cls, names: Iterable[tuple[str, ...]]) -> NameIndex:
        """From the parts of each name, by their number."""
        known: dict[str, int] = {}
        parts, rows, weights, initials = array("I"), array("i"), array("i"), array("B")
        for number, name in enumerate(names):
            told = keys.telling(name)
            for part in told:
                parts.append(known.setdefault(part, len(known)))
                rows.append(number)
            weights.append(round(1000 * sum(map(normalise.weight, told))))
            initials.append(min(sum(len(part) == 1 for part in name), 9))
        sought, tokens = array("I"), array("i")
        for part, token in known.items():
            for key in keys.kept_under(part):
                sought.append(key)
                tokens.append(token)
        return cls(
            list(known),
            ByNumber.of(parts, rows),
            ByNumber.of(sought, tokens),
            np.array(weights, np.int32),
            np.array(initials, np.uint8),
        )

    @property
    def bytes(self) -> int:
        """What the arrays take; the parts themselves come to it."""
        own = (self.weights, self.initials, self._starts)
        return sum(each.nbytes for each in own) + self._names.bytes + self._by_key.bytes

    def save(self, folder: Path) -> None:
        """Arrays to be mapped, and the parts as lines."""
        (folder / "parts.txt").write_text("\n".join(self._parts))
        self._names.save(folder, "names")
        self._by_key.save(folder, "keys")
        np.save(folder / "weights.npy", self.weights)
        np.save(folder / "initials.npy", self.initials)

    @classmethod
    def load(cls, folder: Path) -> NameIndex:
        """As it was saved."""
        parts = (folder / "parts.txt").read_text()
        arrays = (np.load(folder / f"{name}.npy", mmap_mode="r") for name in ("weights", "initials"))
        return cls(
            parts.split("\n") if parts else [], ByNumber.load(folder, "names"), ByNumber.load(folder, "keys"), *arrays
        )

    def search(self, name: tuple[str, ...], gate: Callable[[Numbers], NDArray[np.intp]]) -> Covered:
        """The names that `gate` lets pass, each with how much of it and of `name` may be covered."""
        telling = keys.telling(name)
        near = [self._near_to(part) for part in telling]
        near += [self._near_to(f"{a}+{b}") for a, b in pairwise(name) if len(a) + len(b) > 4]
        if not near:
            return NONE
        numbers = np.concatenate([numbers for numbers, _ in near])
        passed = gate(numbers)
        if not len(passed):
            return NONE
        numbers, told = numbers[passed], np.concatenate([told for _, told in near])[passed]
        order = numbers.argsort(kind="stable")
        numbers = numbers[order]
        starts = np.flatnonzero(np.concatenate(([True], numbers[1:] != numbers[:-1])))
        return self._with_rests(name, telling, numbers[starts], np.add.reduceat(told[order], starts))

    def _with_rests(self, name: tuple[str, ...], telling: list[str], numbers: Numbers, covered: Numbers) -> Covered:
        """An initial may stand for any part of the other name; initials and particles may add a little themselves."""
        initials = sum(len(part) == 1 for part in name)
        theirs = self.initials[numbers].astype(np.int32)
        little = PARTICLE * min(len(name) - len(telling) - initials, 3) + INITIAL * (initials + theirs)
        ours = round(1000 * sum(map(normalise.weight, telling)))
        rest = ours - covered - 1000 * theirs
        return Covered(numbers, covered + little, rest, self.weights[numbers] - covered - 1000 * initials)

    def _near_to(self, part: str) -> Found:
        found = self._near.get(part)
        if found is None:
            if len(self._near) >= KEPT_NEAR:
                self._near.clear()
            found = self._near[part] = self._joined(part) if "+" in part else self._likes(part)
        return found

    def _likes(self, part: str) -> Found:
        found: list[Found] = []
        tokens = self._by_key.of_all(keys.looked_up(part))
        weight = normalise.weight(part)
        for token in set(np.concatenate(tokens).tolist()) if tokens else ():
            other = self._parts[token]
            if normalise.likeness(part, other) >= ALIKE:
                rows = self._rows(token)
                found.append((rows, np.full(len(rows), round(1000 * max(weight, normalise.weight(other))), np.int32)))
        found += self._halves(part)
        return _best(found)

    def _halves(self, part: str) -> list[Found]:
        """The names that have `part` as two neighbours."""
        halves = keys.of_halves(part)
        if not halves:
            return []
        firsts, seconds = (self._by_key.each([half[side] for half in halves]) for side in (0, 1))
        found: list[Found] = []
        for first, second in zip(firsts, seconds, strict=True):
            if len(first) and len(second):
                both = [np.concatenate([self._rows(token) for token in each.tolist()]) for each in (first, second)]
                rows = np.intersect1d(both[0], both[1])
                found.append((rows, np.full(len(rows), JOINED, np.int32)))
        return found

    def _joined(self, pair: str) -> Found:
        tokens = self._by_key.of_all(keys.of_joined(pair.replace("+", "")))
        joined = pair.replace("+", "")
        found = []
        for token in set(np.concatenate(tokens).tolist()) if tokens else ():
            if normalise.likeness(joined, self._parts[token]) >= 0.88:
                rows = self._rows(token)
                found.append((rows, np.full(len(rows), JOINED, np.int32)))
        return _best(found)

    def _rows(self, token: int) -> Numbers:
        return self._names.rows[self._starts[token] : self._starts[token + 1]]


def _best(found: list[Found]) -> Found:
    """Each name once, with the most of it that a part covers."""
    found = [pair for pair in found if len(pair[0])]
    if not found:
        return NOTHING
    if len(found) == 1:
        return found[0]
    numbers, told = (np.concatenate([pair[side] for pair in found]) for side in (0, 1))
    order = np.lexsort((told, numbers))
    numbers, told = numbers[order], told[order]
    last = np.flatnonzero(np.concatenate((numbers[1:] != numbers[:-1], [True])))
    return numbers[last], told[last]
