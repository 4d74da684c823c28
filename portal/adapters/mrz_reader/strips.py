"""A line of the zone as a strip of fixed size: cut out of the picture, straightened, evenly lit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Array = NDArray[np.float32]
Points = NDArray[np.float64]

CELL = 16  # pixels from letter to letter in a strip
HEIGHT = 32
TOP, BOTTOM = 6, 26  # where capitals begin and end in a strip
MARGIN = 16  # pixels before the first cell and after the last
REACH = 24  # pixels to each side over which light is evened out
STRONGEST = 3.5  # contrast beyond this tells nothing more


def places(quad: Points, cells: int, columns: Points | None = None) -> Points:
    """Where each pixel of a strip stands in the picture, row by row, with its letters between the corners `quad`.

    Straight lines between the corners, not a view in perspective: corners that are a little off would bend that.
    `columns` says for each column of the strip where it stands in the strip that the quad alone would give.
    """
    width = 2 * MARGIN + CELL * cells
    across = np.arange(width, dtype=np.float64) if columns is None else columns
    u = ((across + 0.5 - MARGIN) / (CELL * cells))[None, :, None]
    v = ((np.arange(HEIGHT) + 0.5 - TOP) / (BOTTOM - TOP))[:, None, None]
    above, below = quad[0] * (1 - u) + quad[1] * u, quad[3] * (1 - u) + quad[2] * u
    return np.asarray((above * (1 - v) + below * v).reshape(-1, 2) - 0.5)


def cut(picture: Image.Image, quad: Points, cells: int, columns: Points | None = None) -> Array:
    """The letters between the corners `quad` of a grey picture as a strip of `cells` cells, evenly lit."""
    shrink = max(1, int(_pitch(quad, cells) / (CELL * 0.9)))
    part, quad = _around(picture, quad, shrink)
    seen = _sampled(part, places(quad, cells, columns))
    return even(seen.reshape(HEIGHT, -1))


def even(strip: Array) -> Array:
    """The strip without the light that fell on it: dark letters below nought, their contrast about one."""
    strip = strip - _wide_mean(strip)
    spread = np.sqrt(_wide_mean(strip * strip))
    return np.asarray(np.clip(strip / (spread + 2), -STRONGEST, STRONGEST), np.float32)


def _pitch(quad: Points, cells: int) -> float:
    return float(np.linalg.norm(quad[1] - quad[0]) + np.linalg.norm(quad[2] - quad[3])) / 2 / cells


def _around(picture: Image.Image, quad: Points, shrink: int) -> tuple[Array, Points]:
    """The part of the picture with the quad, smaller by a whole factor, and the quad in it."""
    room = 0.04 * float(np.linalg.norm(quad[1] - quad[0])) + 0.6 * float(np.linalg.norm(quad[3] - quad[0]))
    left, top = np.clip(np.floor(quad.min(0) - room), 0, np.subtract(picture.size, 1)).astype(int)
    right, bottom = np.clip(np.ceil(quad.max(0) + room), 1, picture.size).astype(int)
    part = picture.crop((int(left), int(top), max(int(right), int(left) + 1), max(int(bottom), int(top) + 1)))
    part = part.reduce(shrink) if shrink > 1 else part
    return np.asarray(part, np.float32), (quad - [left, top]) / shrink


def _sampled(pixels: Array, places: Points) -> Array:
    """The grey at places between pixels; beyond the border that of the border, for what lies there is not black."""
    high, wide = pixels.shape
    x, y = np.clip(places[:, 0], 0, wide - 1.001), np.clip(places[:, 1], 0, high - 1.001)
    x, y = np.maximum(x, 0), np.maximum(y, 0)
    left, top = x.astype(int), y.astype(int)
    right, bottom = np.minimum(left + 1, wide - 1), np.minimum(top + 1, high - 1)
    dx, dy = (x - left).astype(np.float32), (y - top).astype(np.float32)
    above = pixels[top, left] * (1 - dx) + pixels[top, right] * dx
    below = pixels[bottom, left] * (1 - dx) + pixels[bottom, right] * dx
    return np.asarray(above * (1 - dy) + below * dy, np.float32)


def _wide_mean(strip: Array) -> Array:
    """The mean of the columns within REACH, over the whole height."""
    columns = np.pad(strip.mean(0), REACH, mode="edge")
    sums = np.concatenate([[0.0], np.cumsum(columns)])
    return np.asarray((sums[2 * REACH + 1 :] - sums[: -2 * REACH - 1]) / (2 * REACH + 1), np.float32)[None]
