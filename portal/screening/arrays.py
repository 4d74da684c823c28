"""Flat arrays that can be mapped from a file, and what is done with many stretches of them at once."""

from __future__ import annotations

from array import array
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int32]
Places = NDArray[np.int64]
NOBODY: Numbers = np.empty(0, np.int32)


def stretches(begins: Places, ends: Places) -> tuple[Places, Places]:
    """Every place from each begin up to its end, one stretch after the other; and to which stretch each belongs."""
    lengths = ends - begins
    whose = np.repeat(np.arange(len(lengths)), lengths)
    offsets = begins - np.concatenate(([0], np.cumsum(lengths)[:-1]))
    return np.arange(len(whose)) + offsets[whose], whose


def beginnings(ordered: Places) -> Places:
    """Where in an ordered array each new value begins."""
    return np.concatenate(([True], ordered[1:] != ordered[:-1])).nonzero()[0]


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

    def find(self, sought: list[int]) -> tuple[Numbers, Places]:
        """The rows of everything sought, and of each for which of the sought it is."""
        asked = np.asarray(sought, np.uint32)
        begins, ends = self.sought.searchsorted(asked, "left"), self.sought.searchsorted(asked, "right")
        at, whose = stretches(begins, ends)
        return self.rows[at], whose

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
