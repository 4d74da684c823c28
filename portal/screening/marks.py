"""Places of birth and citizenships as bits: whether two records may share one, asked of a whole index at once."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from portal.screening import evidence

Bits = NDArray[np.uint64]
CODES = (("", "place_other", "place_same"), ("", "citizenship_other", "citizenship_same"))


@lru_cache(maxsize=50_000)
def of_words(words: frozenset[str]) -> int:
    """A bit for each word; two words may have the same."""
    bits = 0
    for word in words:
        bits |= 1 << crc32(word.encode()) % 63
    return bits


def of_record(places: Iterable[str], citizenships: Iterable[str]) -> tuple[int, int]:
    """The bits of the words of places, and of citizenships; the highest bit says that there is one at all."""
    place = country = 0
    for text in places:
        place |= of_words(evidence.words(text)) | 1 << 63
    for code in citizenships:
        country |= of_words(frozenset((code,))) | 1 << 63
    return place, country


def shared(ours: Bits, theirs: Bits) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """For each row of both, what goes for place and citizenship: an index into each of `CODES`."""
    states = []
    for side in (0, 1):
        both = theirs[:, side] & ours[:, side]
        states.append((both != 0).astype(np.intp) + ((both << np.uint64(1)) != 0))
    return states[0], states[1]
