"""One line of a zone: where each of its letters stands, and how likely each symbol is there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from portal.adapters.mrz_reader import networks
from portal.adapters.mrz_reader.networks import BLANK, FRAME
from portal.adapters.mrz_reader.strips import CELL, MARGIN, Array, Points, cut

Steps = NDArray[np.int32]

STEP = 2  # pixels of a strip from one possible place to the next
FLOOR = -3.0  # log-likelihood below which a place counts no worse: glare and stains
GAP = 0.5  # weight of the gaps between letters
BEYOND = 0.4  # weight of the places before the first letter and after the last
ROOM = 4  # cells that the first look at a line takes in to each side, for the corners are not known well
COARSE = (np.arange(-2.5, 2.51, 0.25), np.arange(-0.34, 0.35, 0.02))
SHAPE = (len(COARSE[0]), len(COARSE[0]), len(COARSE[1]))
NEAR = (1, 1, 1)  # steps of first, last and bend by which the lines of one zone may differ
FINE = (np.arange(-0.75, 0.76, 0.125), np.arange(-0.06, 0.061, 0.01))
"""COARSE, FINE: cells by which either end may stand elsewhere, and how much letters may crowd at one end."""


@dataclass(frozen=True)
class Reading:
    """A line as it was read: for each of its cells the log-likelihood of each symbol, and how well it all fits."""

    likely: Array
    fit: float

    @property
    def text(self) -> str:
        """The likeliest symbol of each cell."""
        return "".join(networks.SYMBOLS[number] for number in self.likely.argmax(1))

    @property
    def clearness(self) -> float:
        """The mean log-likelihood of the likeliest symbols: nought where there is no doubt."""
        return float(self.likely.max(1).mean())


@dataclass(frozen=True)
class Place:
    """Where the cells of a line stand: their centres in the strip that its corners give, and how well they fit."""

    quad: Points
    centres: Points
    fit: float


def place(picture: Image.Image, quads: Sequence[Points], cells: int) -> tuple[Place, ...]:
    """A first look at the lines between corners `quads`: where their `cells` letters stand, evenly spaced.

    The lines of a zone begin and end one below the other, so where one is clear it tells where the others stand.
    """
    columns = np.arange(-ROOM * CELL, (cells + ROOM) * CELL + 2 * MARGIN, dtype=np.float64)
    grids = _coarse(cells)
    scores = [_scores(networks.read(cut(picture, quad, cells, columns)), grids).reshape(SHAPE) for quad in quads]
    together = np.sum([_of_neighbours(score) for score in scores], 0)
    middle = np.unravel_index(int(together.argmax()), SHAPE)
    return tuple(_place(quad, score, middle, grids) for quad, score in zip(quads, scores, strict=True))


def _place(quad: Points, scores: Array, middle: tuple[np.intp, ...], grids: Grids) -> Place:
    """The best place of a line not far from where all its zone's lines stand best."""
    low = [max(int(at) - near, 0) for at, near in zip(middle, NEAR, strict=True)]
    part = scores[tuple(slice(start, int(at) + near + 1) for start, at, near in zip(low, middle, NEAR, strict=True))]
    found = np.unravel_index(int(part.argmax()), part.shape)
    number = int(np.ravel_multi_index(tuple(start + int(at) for start, at in zip(low, found, strict=True)), SHAPE))
    return Place(quad, grids.centres[number] - ROOM * CELL, float(scores.ravel()[number]))


def _of_neighbours(scores: Array) -> Array:
    """For each grid the best score of those not far from it."""
    for axis, near in enumerate(NEAR):
        moved = np.pad(
            scores, [(near, near) if axis == other else (0, 0) for other in range(3)], constant_values=-np.inf
        )
        length = scores.shape[axis]
        scores = np.max([np.take(moved, range(start, start + length), axis) for start in range(2 * near + 1)], 0)
    return scores


def read(picture: Image.Image, place: Place) -> Reading:
    """The line that stands there, by a closer look."""
    cells = len(place.centres)
    answers = networks.read(cut(picture, place.quad, cells, _columns(place.centres, cells)))
    scores = _scores(answers, _fine(cells))
    number = int(scores.argmax())
    return Reading(_likely(answers, _fine(cells).centres[number]), float(scores[number]))


def _columns(centres: Points, cells: int) -> Points:
    """For each column of a strip, where it stands when the cells have these centres in it."""
    wanted = MARGIN + CELL * (np.arange(-2, cells + 2) + 0.5)
    first, last = centres[1] - centres[0], centres[-1] - centres[-2]
    beyond = np.concatenate([centres[0] - first * np.array([2, 1]), centres, centres[-1] + last * np.array([1, 2])])
    return np.asarray(np.interp(np.arange(2 * MARGIN + CELL * cells), wanted, beyond))


@dataclass(frozen=True)
class Grids:
    """Ways in which the cells may stand: their centres; where letters, gaps and nothing stand, in STEPs of a strip."""

    centres: Array
    letters: Steps
    gaps: Steps
    beyond: Steps


def _scores(answers: Array, grids: Grids) -> Array:
    """How well each grid fits the answers, for a cell."""
    letter, gap = _places(answers)
    last = len(letter) - 1
    score = letter[np.minimum(grids.letters, last)].mean(1)
    score += GAP * gap[np.minimum(grids.gaps, last)].mean(1)
    score += BEYOND * gap[np.minimum(grids.beyond, last)].sum(1) / grids.centres.shape[1]
    return np.asarray(score)


def _places(answers: Array) -> tuple[Array, Array]:
    """For each possible place, the log-likelihood of the likeliest letter there, and of no letter."""
    frames = _frames(np.arange(0, answers.shape[1] * FRAME, STEP))
    known = np.arange(answers.shape[1])
    letter = np.interp(frames, known, np.maximum(answers[:BLANK].max(0), FLOOR))
    gap = np.pad(np.interp(frames, known, np.maximum(answers[BLANK], FLOOR)), 1, mode="edge")
    gap = np.max([gap[:-2], gap[1:-1], gap[2:]], 0)  # a gap is hardly wider than a frame
    return letter.astype(np.float32), gap.astype(np.float32)


def _frames(places: Points) -> Points:
    """The number of the frame whose answer is about a place, in pixels of the strip."""
    return np.asarray((places + 0.5) / FRAME)


@cache
def _coarse(cells: int) -> Grids:
    return _grids(cells, ROOM, *COARSE)


@cache
def _fine(cells: int) -> Grids:
    return _grids(cells, 0, *FINE)


def _grids(cells: int, room: int, offsets: Points, bends: Points) -> Grids:
    """Every way in which the cells may stand: the first, the last, and how the letters between crowd."""
    first, last, bend = (axis.ravel() for axis in np.meshgrid(offsets, offsets, bends, indexing="ij"))
    part = np.arange(cells) / (cells - 1)
    part = part * (1 + bend[:, None]) / (1 + bend[:, None] * part)
    start, end = MARGIN + CELL * (room + 0.5 + first), MARGIN + CELL * (room + cells - 0.5 + last)
    centres = np.asarray(start[:, None] + (end - start)[:, None] * part, np.float32)
    before, after = centres[:, 1:2] - centres[:, :1], centres[:, -1:] - centres[:, -2:-1]
    between = (centres[:, 1:] + centres[:, :-1]) / 2
    gaps = np.concatenate([centres[:, :1] - before / 2, between, centres[:, -1:] + after / 2], 1)
    beyond = [centres[:, :1] - before * near for near in (0.8, 1.1)] + [
        centres[:, -1:] + after * near for near in (0.8, 1.1)
    ]
    return Grids(centres, _steps(centres), _steps(gaps), _steps(np.concatenate(beyond, 1)))


def _steps(places: Array) -> Steps:
    return np.maximum(np.rint(places / STEP), 0).astype(np.int32)


def _likely(answers: Array, centres: Points) -> Array:
    """For each cell, the log-likelihood of each symbol, from what was answered near its centre."""
    known = np.arange(answers.shape[1])
    pitch = float(np.diff(centres).mean())
    total = np.zeros((len(centres), BLANK), np.float32)
    for shift, weight in ((-0.2, 0.25), (0.0, 0.5), (0.2, 0.25)):
        frames = _frames(centres + shift * pitch)
        low = np.clip(np.floor(frames), 0, len(known) - 2).astype(int)
        part = np.clip(frames - low, 0, 1)[:, None].astype(np.float32)
        seen = np.exp(answers[:BLANK, low].T) * (1 - part) + np.exp(answers[:BLANK, low + 1].T) * part
        total += weight * (seen + 1e-6)
    total = np.log(total / total.sum(1, keepdims=True))
    return np.asarray(total, np.float32)
