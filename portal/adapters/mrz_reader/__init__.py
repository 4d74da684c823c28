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
from portal.domain import mrz
from portal.domain.mrz import BY_KIND, LAYOUTS, Layout
from portal.domain.mrz_states import STATES

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
    decoded = _decoded(grey, found)
    if not _makes_sense(decoded):
        found, decoded = next(_others_that_do(grey, found), (found, decoded))
    return _looked_again(grey, found) if decoded.doubtful or decoded.likelihood < SURE else decoded


def _decoded(grey: Image.Image, found: Found) -> Decoded:
    return decode(found.layout, [lines.read(grey, place).likely for place in found.places])


def _makes_sense(decoded: Decoded) -> bool:
    """Whether states stand where states do, and every check digit is right."""
    states = (mrz.text_at(decoded.lines, decoded.layout.places[name]) for name in ("issuing_state", "nationality"))
    are_known = all(state.rstrip("<") in STATES for state in states)
    return are_known and all(mrz.checks(decoded.layout, decoded.lines).values())


def _others_that_do(grey: Image.Image, found: Found) -> Iterator[tuple[Found, Decoded]]:
    """The zone somewhat to the left or right, or longer than it was marked, where that makes sense of it."""
    for layout, left, right in _elsewhere(found.layout):
        quads = [
            _stretched(place.quad, left / found.layout.length, right / found.layout.length) for place in found.places
        ]
        other = Found(layout, lines.place(grey, quads, layout.length))
        decoded = _decoded(grey, other)
        if other.fit > POOR_FIT and _makes_sense(decoded):
            yield other, decoded


def _elsewhere(layout: Layout) -> Iterator[tuple[Layout, float, float]]:
    """Layouts, and by how many letters the lines reach further to each side."""
    for longer in LAYOUTS:
        more = longer.length - layout.length
        if more > 0 and longer.lines == layout.lines:
            yield from ((longer, more, 0), (longer, 0, more), (longer, more / 2, more / 2), (longer, -1, more + 1))
    for cells in (1, -1, 3, -3):
        yield layout, cells, -cells


def _stretched(quad: Points, left: float, right: float) -> Points:
    """Corners that reach further to each side, by parts of the line's length."""
    top, bottom = quad[1] - quad[0], quad[2] - quad[3]
    return np.stack([quad[0] - top * left, quad[1] + top * right, quad[2] + bottom * right, quad[3] - bottom * left])


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
