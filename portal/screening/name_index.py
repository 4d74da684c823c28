"""Names by their parts, in arrays: which of them have how much of a name, be it spelled differently."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import Indel

from portal.screening import evidence, keys, normalise
from portal.screening.arrays import ByNumber, Numbers, Places, beginnings
from portal.screening.neighbours import JOINED, Neighbours

Counts = NDArray[np.uint8]
Nearness = Callable[[Places, Numbers], Counts]
"""Tells of names how their dates go with those of the people who ask, each asker by number beside a name."""
LETTERS = 32
PARTICLE, INITIAL = 100, 200
"""What they add at the most."""
TOLD_BITS, NAME_BITS = 12, 32


class Covered(NamedTuple):
    """Names, who asked, how their dates go, how much is covered, how much at least is left over on either side."""

    names: Numbers
    whose: Places
    near: Counts
    covered: Places
    rest: Places
    other: Places


class NameIndex:
    """Which names have parts like those of a name."""

    def __init__(self, parts: list[str], names: ByNumber, by_key: ByNumber, arrays: dict[str, NDArray[Any]]) -> None:
        self._parts, self._names, self._by_key, self._arrays = parts, names, by_key, arrays
        self._weights, self._initials = arrays["weights"], arrays["initials"]
        self._counts, self._texts, self._ends = arrays["counts"], arrays["texts"], arrays["ends"]
        self._neighbours = Neighbours(parts, names, by_key)

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
        own = sum(each.nbytes for each in self._arrays.values())
        return own + self._neighbours.bytes + self._names.bytes + self._by_key.bytes

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

    def search(self, asked: Sequence[tuple[str, ...]], nearness: Nearness, needed: NDArray[np.int64]) -> Covered:
        """The names whose dates may go with those asked for and that share as much of them as these dates ask for."""
        telling = [keys.telling(name) for name in asked]
        names, whose, told = self._sharing(asked, telling)
        near = nearness(whose, names)
        passed = near.nonzero()[0]
        packed = (whose[passed] << NAME_BITS + TOLD_BITS) | (names[passed].astype(np.int64) << TOLD_BITS) | told[passed]
        order = packed.argsort()
        packed = packed[order]
        starts = beginnings(packed >> TOLD_BITS)
        if not len(packed):
            starts = starts[:0]
        covered = np.add.reduceat(packed & ((1 << TOLD_BITS) - 1), starts) if len(starts) else packed
        first = passed[order[starts]]
        enough = (covered >= needed[near[first]]).nonzero()[0]
        first, covered = first[enough], covered[enough]
        return self._with_rests(asked, telling, names[first], whose[first], near[first], covered)

    def _sharing(self, asked: Sequence[tuple[str, ...]], telling: list[list[str]]) -> tuple[Numbers, Places, Numbers]:
        """The names that share a part with a name asked for, for which of these, and how much it covers."""
        near = self._neighbours.of(part for parts in telling for part in parts)
        found = [near[part] for parts in telling for part in parts]
        owners = np.repeat(np.arange(len(asked)), [len(parts) for parts in telling])
        whose = np.repeat(owners, [len(names) for names, _told in found])
        pairs = [
            (number, pair)
            for number, name in enumerate(asked)
            for pair in pairwise(name)
            if len(pair[0]) + len(pair[1]) > 4
        ]
        joined, at = self._neighbours.of_joined([pair for _number, pair in pairs])
        joining = np.array([number for number, _pair in pairs], np.int64)[at]
        return (
            np.concatenate([*(names for names, _told in found), joined]),
            np.concatenate((whose, joining)),
            np.concatenate([*(told for _names, told in found), np.full(len(joined), JOINED, np.int32)]),
        )

    def _with_rests(
        self,
        asked: Sequence[tuple[str, ...]],
        telling: list[list[str]],
        names: Numbers,
        whose: Places,
        near: Counts,
        covered: Places,
    ) -> Covered:
        """An initial may stand for any part of the other name; initials and particles may add a little themselves."""
        initials = np.array([sum(len(part) == 1 for part in name) for name in asked], np.int64)
        particles = np.array([len(name) - len(told) for name, told in zip(asked, telling, strict=True)]) - initials
        weights = np.array([round(1000 * sum(map(normalise.weight, told))) for told in telling], np.int64)
        theirs, ours = self._initials[names].astype(np.int64), initials[whose]
        little = PARTICLE * np.minimum(particles, 3)[whose] + INITIAL * (ours + theirs)
        rest, other = weights[whose] - covered - 1000 * theirs, self._weights[names] - covered - 1000 * ours
        return Covered(names, whose, near, covered + little, rest, other)

    def in_common(self, names: Numbers, ours: Counts) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """For each name, how many of a hundred consonants, and of letters, it and ours beside it have at the most."""
        theirs = self._counts[names]
        shape = (len(names), 2, LETTERS)
        both = np.minimum(theirs, ours).reshape(shape).sum(axis=2, dtype=np.int64)
        every = theirs.reshape(shape).sum(axis=2, dtype=np.int64) + ours.reshape(shape).sum(axis=2, dtype=np.int64)
        shares = 200 * both // np.maximum(every, 1)
        shares[every == 0] = 100
        return shares[:, 0], shares[:, 1]

    def alike(self, names: Numbers, ours: Sequence[evidence.Name]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """How like the consonants, and the letters, of each name and of ours beside it are."""
        whole = [self._texts_of(number) for number in names.tolist()]
        bones, sorted_bones, letters, sorted_letters = (
            process.cpdist(
                [name.whole[side] for name in ours],
                [texts[side] for texts in whole],
                scorer=Indel.normalized_similarity,
                dtype=np.float64,
            )
            for side in range(4)
        )
        return np.maximum(bones, sorted_bones), np.maximum(letters, sorted_letters)

    def _texts_of(self, number: int) -> list[str]:
        """The name's consonants and letters, as `evidence.whole_texts` has them."""
        return self._texts[self._ends[number] : self._ends[number + 1]].tobytes().decode().split("\t")


def counted(whole: tuple[str, ...]) -> Counts:
    """How often each consonant, and each letter, is in a name."""
    texts = (whole[0], whole[2])
    counts = [np.bincount(np.frombuffer(text.encode(), np.uint8) & (LETTERS - 1), minlength=LETTERS) for text in texts]
    return np.minimum(np.concatenate(counts), 255).astype(np.uint8)
