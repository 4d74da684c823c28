"""Reads the machine-readable zone of a passport or card from a picture of it, however it lies."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from portal.adapters.mrz_reader import lines, locating
from portal.adapters.mrz_reader.decoding import Decoded, decode
from portal.adapters.mrz_reader.strips import Array, Points
from portal.domain.mrz import BY_KIND, LAYOUTS, Layout

GOOD_FIT = -0.33  # a grid of letters that fits at least so well is the one
PATIENCE = 15  # seconds of the clock after which the best so far must do
POOR_FIT = -1.0  # one that fits less is none
STEPS = ((0.09, 0.0), (-0.09, 0.0), (0.0, 0.1), (0.0, -0.08))
"""Parts of a letter's height by which a strip is moved, and made higher, for further looks at the same line."""
MOST_STEPS = 3
SURE = -0.01  # mean log-likelihood of a zone that needs no second look
AS_GOOD = 0.03  # mean log-likelihood by which a look may be worse than the best and still be heard


@dataclass(frozen=True)
class Found:
    """A zone on a page: its layout, the places of its letters, and how well the letters fit."""

    layout: Layout
    places: tuple[lines.Place, ...]

    @property
    def fit(self) -> float:
        """How well the worst line fits."""
        return min(place.fit for place in self.places)


def read(page: Image.Image) -> Decoded | None:
    """The zone that a page shows; None where none can be made out. Takes up to some seconds of the processor."""
    grey = page.convert("L")
    found = _found(grey)
    if found is None:
        return None
    decoded = decode(found.layout, [lines.read(grey, place).likely for place in found.places])
    return _looked_again(grey, found) if decoded.doubtful or decoded.likelihood < SURE else decoded


def _found(grey: Image.Image) -> Found | None:
    best: Found | None = None
    began = time.monotonic()
    for candidate in _candidates(grey):
        if best is None or candidate.fit > best.fit:
            best = candidate
        if best.fit > GOOD_FIT or time.monotonic() - began > PATIENCE:
            break
    return best if best is not None and best.fit > POOR_FIT else None


def _candidates(grey: Image.Image) -> Iterator[Found]:
    for quads in locating.zones(grey):
        for layout, chosen in _layouts(quads):
            ways = (chosen, _on_its_head(chosen))  # letters on their head look like letters, but not so much
            found = (Found(layout, lines.place(grey, turned, layout.length)) for turned in ways)
            yield max(found, key=lambda one: one.fit)


def _layouts(quads: list[Points]) -> Iterator[tuple[Layout, list[Points]]]:
    """The layouts that marked lines may have; of three lines the lower two may be a zone, and another text above."""
    if len(quads) == 3:
        yield BY_KIND["TD1"], quads
    if len(quads) >= 2:
        for layout in LAYOUTS:
            if layout.lines == 2:
                yield layout, quads[-2:]
                if len(quads) == 3:
                    yield layout, quads[:2]


def _on_its_head(quads: list[Points]) -> list[Points]:
    return [np.roll(quad, 2, 0) for quad in reversed(quads)]


def _looked_again(grey: Image.Image, found: Found) -> Decoded:
    """The zone by several looks at each line, step by step towards where its letters are clearest."""
    return decode(found.layout, [_clearest(grey, place) for place in found.places])


def _clearest(grey: Image.Image, place: lines.Place) -> Array:
    looks = [lines.read(grey, place)]
    best = looks[0]
    for _ in range(MOST_STEPS):
        places = [replace(place, quad=_moved(place.quad, *step)) for step in STEPS]
        near = [lines.read(grey, moved) for moved in places]
        looks += near
        clearest = max(near, key=lambda look: look.clearness)
        if clearest.clearness < best.clearness + AS_GOOD / 3:
            break
        best, place = clearest, places[[look is clearest for look in near].index(True)]
    heard = [look.likely for look in looks if look.clearness > best.clearness - AS_GOOD]
    return np.asarray(np.mean(heard, 0))


def _moved(quad: Points, down: float, taller: float) -> Points:
    left, right = quad[3] - quad[0], quad[2] - quad[1]
    return np.stack(
        [
            quad[0] + left * (down - taller), quad[1] + right * (down - taller),
            quad[2] + right * (down + taller), quad[3] + left * (down + taller),
        ]
    )  # fmt: skip
