"""The names of an index that have a part like a part of another name, spelled differently, for many parts at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from portal.screening import keys, normalise
from portal.screening.arrays import NOBODY, ByNumber, Numbers, Places, beginnings, stretches
from portal.screening.evidence import ALIKE

Found = tuple[Numbers, Numbers]
"""Names in rising order, and how much of each is covered, in thousandths of a weight."""
JOINED = 2000
"""What two neighbours written as one cover at the most."""
ALIKE_JOINED = 0.88
KEPT, AT_ONCE = 20_000, 512
TOLD_BITS, NAME_BITS = 12, 32


class Neighbours:
    """For a part of a name, the names with such a part; what was found for the latest parts is kept."""

    def __init__(self, parts: list[str], names: ByNumber, by_key: ByNumber) -> None:
        self._parts, self._names, self._by_key = parts, names.rows, by_key
        self._starts = np.searchsorted(names.sought, np.arange(len(parts) + 1))
        self._numbers = {part: number for number, part in enumerate(parts)}
        self._weights = np.array([_thousandths(part) for part in parts], np.int64)
        self._kept: dict[str, Found] = {}

    @property
    def bytes(self) -> int:
        """What the arrays take."""
        return self._starts.nbytes + self._weights.nbytes

    def of(self, parts: Iterable[str]) -> dict[str, Found]:
        """The names that have each of these parts or one like it, and perhaps those of earlier parts."""
        new = list(dict.fromkeys(part for part in parts if part not in self._kept))
        if len(self._kept) + len(new) > KEPT:
            self._kept.clear()
            new = list(dict.fromkeys(parts))
        for at in range(0, len(new), AT_ONCE):
            self._find(new[at : at + AT_ONCE])
        return self._kept

    def of_joined(self, pairs: Sequence[tuple[str, str]]) -> tuple[Numbers, Places]:
        """The names that have two neighbours as one, and for which of the pairs each is found."""
        tokens, whose = self._by_key.find([keys.of_joined(*pair) for pair in pairs])
        chosen = [
            at
            for at, (token, pair) in enumerate(zip(tokens.tolist(), whose.tolist(), strict=True))
            if normalise.likeness("".join(pairs[pair]), self._parts[token]) >= ALIKE_JOINED
        ]
        rows, stretch = self._rows(tokens[chosen])
        return rows, whose[chosen][stretch]

    def _rows(self, tokens: Numbers) -> tuple[Numbers, Places]:
        """The names that have these very parts, and which of them each has."""
        at, whose = stretches(self._starts[tokens], self._starts[tokens + 1])
        return self._names[at], whose

    def _find(self, new: list[str]) -> None:
        whose, tokens = self._alike(new)
        told = np.maximum(np.array([_thousandths(part) for part in new])[whose], self._weights[tokens])
        rows, stretch = self._rows(tokens)
        halves, halved = self._halves(new)
        owners = np.concatenate((whose[stretch], halved)) << NAME_BITS + TOLD_BITS
        names = np.concatenate((rows, halves)).astype(np.int64) << TOLD_BITS
        every = owners | names | np.concatenate((told[stretch], np.full(len(halves), JOINED)))
        every.sort()
        if len(every):  # the last of each name is the most that is covered of it
            every = every[np.append(beginnings(every >> TOLD_BITS)[1:] - 1, len(every) - 1)]
        ends = np.searchsorted(every, np.arange(1, len(new) + 1) << NAME_BITS + TOLD_BITS).tolist()
        found = ((every >> TOLD_BITS) & ((1 << NAME_BITS) - 1)).astype(np.int32)
        covered = (every & ((1 << TOLD_BITS) - 1)).astype(np.int32)
        for part, begin, end in zip(new, [0, *ends], ends, strict=False):
            self._kept[part] = found[begin:end], covered[begin:end]

    def _alike(self, new: list[str]) -> tuple[Places, Numbers]:
        """Every part that is like one of the new ones, beside it."""
        sought = [keys.looked_up(part) for part in new]
        tokens, at = self._by_key.find([key for each in sought for key in each])
        owners = np.repeat(np.arange(len(new)), [len(each) for each in sought])
        pairs = np.unique((owners[at] << NAME_BITS) | tokens)
        whose, tokens = pairs >> NAME_BITS, (pairs & ((1 << NAME_BITS) - 1)).astype(np.int32)
        alike = normalise.are_alike(
            [new[number] for number in whose.tolist()], [self._parts[token] for token in tokens.tolist()], ALIKE
        )
        return whose[alike], tokens[alike]

    def _halves(self, new: list[str]) -> tuple[Numbers, Places]:
        """The names that have one of the new parts as two neighbours."""
        numbers, found, whose = self._numbers, [NOBODY], []
        for owner, part in enumerate(new):
            for at in range(3, len(part) - 2):
                first, second = numbers.get(part[:at]), numbers.get(part[at:])
                if first is not None and second is not None:
                    ours, theirs = (
                        self._names[self._starts[each] : self._starts[each + 1]] for each in (first, second)
                    )
                    found.append(np.intersect1d(ours, theirs, assume_unique=True))
                    whose.append(owner)
        return np.concatenate(found), np.repeat(np.array(whose, np.int64), [len(each) for each in found[1:]])


def _thousandths(part: str) -> int:
    return round(1000 * normalise.weight(part))
