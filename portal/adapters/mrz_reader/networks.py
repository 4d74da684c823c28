"""Two small convolutional networks in plain numpy: one marks the lines of a zone, one reads a line.

How they were trained, on what and with what result: docs/mrz-reader.md and bench/mrz.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

WEIGHTS = Path(__file__).with_name("weights.npz")
SYMBOLS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ<"
BLANK = len(SYMBOLS)
FRAME = 4  # pixels of a strip, or of a picture, for one answer

READER = (  # stride down and across, margin down and across, of each layer
    ((2, 2), (2, 2)), ((1, 1), (1, 1)), ((2, 2), (1, 1)), ((2, 1), (1, 1)),
    ((1, 1), (0, 1)), ((1, 1), (0, 2)), ((1, 1), (0, 1)),
)  # fmt: skip


def read(strip: Array) -> Array:
    """For each FRAME pixels of an even strip, the log-likelihood of each symbol, and of none (BLANK), in columns."""
    layer = strip[None]
    for number, (stride, margin) in enumerate(READER):
        layer = _rectified(layer, f"r{number}", stride, margin)
    scores = _convolved(layer, "r_out")[:, 0]
    return _log_softmax(scores)


def mark(pixels: Array) -> tuple[Array, Array]:
    """For each FRAME x FRAME grey pixels, the probability that a zone, and that the heart of a line, is there."""
    layer = ((pixels - pixels.mean()) / (pixels.std() + 8))[None]
    layer = _rectified(layer, "l1", (2, 2), (1, 1))
    fine = _rectified(layer, "l2", (2, 2), (1, 1))
    layer = _rectified(fine, "l3", (2, 2), (1, 1))
    for name, spread in (("l4", 1), ("l5", 2), ("l6", 4)):
        layer = layer + _rectified(layer, name, (1, 1), (spread, spread), spread)
    layer = _rectified(layer, "l7", (1, 1), (0, 0))
    layer = layer.repeat(2, 1).repeat(2, 2)[:, : fine.shape[1], : fine.shape[2]]
    layer = _rectified(np.concatenate([layer, fine]), "l8", (1, 1), (1, 1))
    zone, line = 1 / (1 + np.exp(-_convolved(layer, "l_out")))
    return zone, line


@cache
def _weights() -> dict[str, Array]:
    with np.load(WEIGHTS, allow_pickle=False) as file:
        return {name: file[name].astype(np.float32) for name in file.files}


def _rectified(layer: Array, name: str, stride: tuple[int, int], margin: tuple[int, int], spread: int = 1) -> Array:
    return np.maximum(_convolved(layer, name, stride, margin, spread), 0)


def _convolved(
    layer: Array, name: str, stride: tuple[int, int] = (1, 1), margin: tuple[int, int] = (0, 0), spread: int = 1
) -> Array:
    kernel, bias = _weights()[f"{name}_w"], _weights()[f"{name}_b"]
    count, depth, high, wide = kernel.shape
    layer = np.pad(layer, ((0, 0), (margin[0], margin[0]), (margin[1], margin[1])))
    rows = (layer.shape[1] - (high - 1) * spread - 1) // stride[0] + 1
    columns = (layer.shape[2] - (wide - 1) * spread - 1) // stride[1] + 1
    views = np.empty((depth, high, wide, rows, columns), np.float32)
    for i in range(high):
        for j in range(wide):
            down, across = i * spread, j * spread
            views[:, i, j] = layer[
                :, down : down + rows * stride[0] : stride[0], across : across + columns * stride[1] : stride[1]
            ]
    flat = kernel.reshape(count, -1) @ views.reshape(depth * high * wide, rows * columns)
    return np.asarray(flat.reshape(count, rows, columns) + bias[:, None, None], np.float32)


def _log_softmax(scores: Array) -> Array:
    scores = scores - scores.max(0)
    return np.asarray(scores - np.log(np.exp(scores).sum(0)), np.float32)
