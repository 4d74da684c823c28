"""Names by their parts, in arrays: which of them have how much of a name, be it spelled differently."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from portal.screening import evidence, keys, normalise
from portal.screening.evidence import ALIKE

Numbers = NDArray[np.int32]
Found = tuple[Numbers, Numbers]
"""Names in rising order, and how much of each is covered, in thousandths of a weight."""
Counts = NDArray[np.uint8]
LETTERS = 32
JOINED = 2000
"""What two neighbours written as one cover at the most."""
KEPT_NEAR = 20_000
PARTICLE, INITIAL = 100, 200
"""What they add at the most."""
NOTHING: Found = (np.empty(0, np.int32), np.empty(0, np.int32))


class Covered(NamedTuple):
    """Names, how their dates go, how much is covered, and how much at least is left over on our side and on theirs."""

    names: Numbers
    near: Counts
    covered: Numbers
    rest: Numbers
    other: Numbers


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

    def __init__(self, parts: list[str], names: ByNumber, by_key: ByNumber, arrays: dict[str, NDArray[Any]]) -> None:
        self._parts, self._names, self._by_key, self._arrays = parts, names, by_key, arrays
        self._weights, self._initials = arrays["weights"], arrays["initials"]
        self._counts, self._texts, self._ends = arrays["counts"], arrays["texts"], arrays["ends"]
        self._starts = np.searchsorted(names.sought, np.arange(len(parts) + 1))
        self._near: dict[str, Found] = {}

    @classmethod
    def of(cls, names: Iterable[tuple[str, ...]]) -> NameIndex:
        """From the parts of each name, by their number."""
        known: dict[str, int] = {}
        parts, rows, weights, initials, ends = array("I"), array("i"), array("i"), array("B"), array("q", [0])
        counts, texts = bytearray(), bytearray()
        for number, name in enumerate(names):
            told = keys.telling(name)
            for part in told:
                parts.append(known.setdefault(part, len(known)))
                rows.append(number)
            weights.append(round(1000 * sum(map(normalise.weight, told))))
            initials.append(min(sum(len(part) == 1 for part in name), 9))
            whole = evidence.whole_texts(name)
            counts += counted(whole).tobytes()
            texts += "\t".join(whole).encode()
            ends.append(len(texts))
        sought, tokens = array("I"), array("i")
        for part, token in known.items():
            for key in keys.kept_under(part):
                sought.append(key)
                tokens.append(token)
        return cls(
            list(known),
            ByNumber.of(parts, rows),
            ByNumber.of(sought, tokens),
            {
                "weights": np.array(weights, np.int32),
                "initials": np.array(initials, np.uint8),
                "counts": np.frombuffer(counts, np.uint8).reshape(-1, 2 * LETTERS),
                "texts": np.frombuffer(texts, np.uint8),
                "ends": np.array(ends, np.int64),
            },
        )

    @property
    def bytes(self) -> int:
        """What the arrays take; the parts themselves come to it."""
        own = (*self._arrays.values(), self._starts)
        return sum(each.nbytes for each in own) + self._names.bytes + self._by_key.bytes

    def save(self, folder: Path) -> None:
        """Arrays to be mapped, and the parts as lines."""
        (folder / "parts.txt").write_text("\n".join(self._parts))
        self._names.save(folder, "names")
        self._by_key.save(folder, "keys")
        for name, values in self._arrays.items():
            np.save(folder / f"name.{name}.npy", values)

    @classmethod
    def load(cls, folder: Path) -> NameIndex:
        """As it was saved."""
        parts = (folder / "parts.txt").read_text()
        names = ("weights", "initials", "counts", "texts", "ends")
        arrays = {name: np.load(folder / f"name.{name}.npy", mmap_mode="r") for name in names}
        by_name, by_key = ByNumber.load(folder, "names"), ByNumber.load(folder, "keys")
        return cls(parts.split("\n") if parts else [], by_name, by_key, arrays)

    def search(
        self, name: tuple[str, ...], nearness: Callable[[Numbers], Counts], needed: NDArray[np.int32]
    ) -> Covered | None:
        """The names whose dates may go with ours and that share as much of `name` as these dates ask for, or None."""
        telling = keys.telling(name)
        near = [self._near_to(part) for part in telling]
        near += self._joined([(a, b) for a, b in pairwise(name) if len(a) + len(b) > 4])
        if not near:
            return None
        numbers = np.concatenate([numbers for numbers, _ in near])
        dates = nearness(numbers)
        passed = dates.nonzero()[0]
        if not len(passed):
            return None
        numbers, told = numbers[passed], np.concatenate([told for _, told in near])[passed]
        order = numbers.argsort(kind="stable")
        numbers = numbers[order]
        starts = np.concatenate(([True], numbers[1:] != numbers[:-1])).nonzero()[0]
        covered, dates = np.add.reduceat(told[order], starts), dates[passed[order[starts]]]
        enough = (covered >= needed[dates]).nonzero()[0]
        if not len(enough):
            return None
        return self._with_rests(name, telling, numbers[starts[enough]], dates[enough], covered[enough])

    def _with_rests(
        self, name: tuple[str, ...], telling: list[str], numbers: Numbers, near: Counts, covered: Numbers
    ) -> Covered:
        """An initial may stand for any part of the other name; initials and particles may add a little themselves."""
        initials = sum(len(part) == 1 for part in name)
        theirs = self._initials[numbers].astype(np.int32)
        little = PARTICLE * min(len(name) - len(telling) - initials, 3) + INITIAL * (initials + theirs)
        ours = round(1000 * sum(map(normalise.weight, telling)))
        rest = ours - covered - 1000 * theirs
        return Covered(numbers, near, covered + little, rest, self._weights[numbers] - covered - 1000 * initials)

    def in_common(self, names: Numbers, ours: Counts) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """For each name, how many of a hundred consonants, and of letters, both names have at the most."""
        theirs = self._counts[names]
        shape = (len(names), 2, LETTERS)
        both = np.minimum(theirs, ours).reshape(shape).sum(axis=2, dtype=np.int64)
        every = theirs.reshape(shape).sum(axis=2, dtype=np.int64) + ours.reshape(2, LETTERS).sum(axis=1, dtype=np.int64)
        shares = 200 * both // np.maximum(every, 1)
        shares[every == 0] = 100
        return shares[:, 0], shares[:, 1]

    def texts(self, number: int) -> list[str]:
        """The name's consonants and letters, as `evidence.whole_texts` has them."""
        return self._texts[self._ends[number] : self._ends[number + 1]].tobytes().decode().split("\t")

    def _near_to(self, part: str) -> Found:
        found = self._near.get(part)
        if found is None:
            if len(self._near) >= KEPT_NEAR:
                self._near.clear()
            found = self._near[part] = self._likes(part)
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
        for at, (first, second) in enumerate(zip(firsts, seconds, strict=True), 3):
            if len(first) and len(second):
                both = [self._named(tokens, text) for tokens, text in ((first, part[:at]), (second, part[at:]))]
                rows = np.intersect1d(both[0], both[1], assume_unique=True)
                found.append((rows, np.full(len(rows), JOINED, np.int32)))
        return found

    def _named(self, tokens: Numbers, text: str) -> Numbers:
        token = next((token for token in tokens.tolist() if self._parts[token] == text), None)
        return self._rows(token) if token is not None else NOTHING[0]

    def _joined(self, pairs: list[tuple[str, str]]) -> list[Found]:
        """The names that have two neighbours as one."""
        found: list[Found] = []
        tokens = self._by_key.each([keys.of_joined(*pair) for pair in pairs]) if pairs else []
        for (first, second), each in zip(pairs, tokens, strict=True):
            for token in each.tolist():
                if normalise.likeness(first + second, self._parts[token]) >= 0.88:
                    rows = self._rows(token)
                    found.append((rows, np.full(len(rows), JOINED, np.int32)))
        return found

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


def counted(whole: tuple[str, ...]) -> Counts:
    """How often each consonant, and each letter, is in a name."""
    texts = (whole[0], whole[2])
    counts = [np.bincount(np.frombuffer(text.encode(), np.uint8) & (LETTERS - 1), minlength=LETTERS) for text in texts]
    return np.minimum(np.concatenate(counts), 255).astype(np.uint8)
