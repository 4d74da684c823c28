"""What the networks of the reader learn from: strips with the letter at each place, pages with their lines marked."""

from __future__ import annotations

import string
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from bench.mrz import pictures
from bench.mrz.pictures import Damage, Scene, homography, moved
from portal.adapters.mrz_reader.networks import BLANK, FRAME, SYMBOLS
from portal.adapters.mrz_reader.strips import CELL, HEIGHT, MARGIN, cut

LONGEST = 2 * MARGIN + CELL * 44
REACH = 0.36  # pitches to each side of a letter's centre in which the answer is that letter
IGNORED = -1
EDGE = 640
SQUARE = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], float)


def strips(seed: int, fonts: Sequence[Path]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """A strip of each line of a damaged document, cut a little wrong, and the symbol of each of its frames."""
    rng = np.random.default_rng(seed)
    cells = int(rng.choice([44, 44, 36, 30]))
    pitch = float(np.exp(rng.uniform(np.log(10.5), np.log(34))))
    width = int(pitch * cells / 0.93)
    size = (width, int(pitch * (10 if cells != 30 else 13) + width * 0.07))
    lines = _lines(cells, rng)
    scene = _scene(lines, size, _damage(rng, turn=3, filled=0.93), seed, fonts)
    grey = scene.picture.convert("L")
    for line, corners in zip(lines, scene.corners, strict=True):
        yield _strip(grey, line, corners, rng)


def page(seed: int, fonts: Sequence[Path]) -> tuple[np.ndarray, np.ndarray]:
    """A page of at most EDGE pixels, and for each FRAME x FRAME of them how much is a zone, and the heart of a line."""
    rng = np.random.default_rng(seed)
    lines = _lines(int(rng.choice([44, 44, 36, 30])), rng)
    scale = EDGE * rng.uniform(1, 1.7)
    size = (int(scale), int(scale * rng.choice([0.56, 0.71, 0.75])))
    scene = _scene(lines, size, _damage(rng, turn=17, filled=rng.uniform(0.45, 0.97)), seed, fonts)
    corners, picture = np.stack(scene.corners), scene.picture.convert("L")
    shrink = EDGE / max(picture.size)
    small = picture.resize((EDGE, round(picture.height * shrink)), Image.Resampling.BOX)
    corners = corners * [small.width / picture.width, small.height / picture.height]
    hearts = [_heart(box) for box in corners]
    zone = np.stack([corners[0][0], corners[0][1], corners[-1][2], corners[-1][3]])
    return np.asarray(small), np.stack([_marks(small.size, [zone]), _marks(small.size, hearts)])


def _scene(lines: list[str], size: tuple[int, int], damage: Damage, seed: int, fonts: Sequence[Path]) -> Scene:
    main = fonts[seed % len(fonts)]
    return pictures.paint(lines, main, damage, seed, fonts, size=size)


def _damage(rng: np.random.Generator, *, turn: float, filled: float) -> Damage:
    return Damage(
        turn=rng.uniform(-turn, turn),
        tilt=rng.uniform(0, 21),
        blur=rng.uniform(0, 2.3) if rng.random() < 0.6 else 0,
        noise=rng.uniform(0, 28) if rng.random() < 0.55 else 0,
        glare=rng.uniform(0.03, 0.2) if rng.random() < 0.45 else 0,
        quality=int(rng.integers(25, 95)),
        filled=filled,
    )


def _lines(cells: int, rng: np.random.Generator) -> list[str]:
    """Lines of letters that mean nothing, of names, and of numbers and days: no person's."""
    makers = (_any_letters, _names, _numbers)
    count = 3 if cells == 30 else 2
    return [makers[int(rng.choice(3, p=[0.35, 0.3, 0.35]))](cells, rng) for _ in range(count)]


def _any_letters(cells: int, rng: np.random.Generator) -> str:
    return "".join(rng.choice(list(SYMBOLS if rng.random() < 0.7 else "0O1I5S8B2Z6GQDUVCEFPRMNWHKXY74T<"), cells))


def _names(cells: int, rng: np.random.Generator) -> str:
    text = "".join(rng.choice(list("PIAC"), 1)) + "<" + "".join(rng.choice(list(string.ascii_uppercase), 3))
    while len(text) < cells and rng.random() < 0.8:
        word = "".join(rng.choice(list(string.ascii_uppercase), int(rng.integers(2, 11))))
        text += word + ("<<" if rng.random() < 0.3 else "<")
    return text[:cells].ljust(cells, "<")


def _numbers(cells: int, rng: np.random.Generator) -> str:
    digits, signs = list(string.digits), list(SYMBOLS[:36])
    number = "".join(rng.choice(signs, 9)) if rng.random() < 0.3 else "".join(rng.choice(digits, 9))
    state, sex = "".join(rng.choice(list(string.ascii_uppercase), 3)), str(rng.choice(list("MF<")))
    days = ["".join(rng.choice(digits, 7)) for _ in range(2)]
    rest = "".join(rng.choice(signs, int(rng.integers(0, 15)))).ljust(14, "<") + "".join(rng.choice(digits, 2))
    return (number + str(rng.integers(10)) + state + days[0] + sex + days[1] + rest)[:cells].ljust(cells, "<")


def _strip(
    grey: Image.Image, line: str, corners: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    cells, warp = len(line), homography(SQUARE, corners)
    centres = moved(warp, np.c_[(np.arange(cells) + 0.5) / cells, np.full(cells, 0.5)])
    quad = moved(warp, _a_little_off(rng))
    start, end = (quad[0] + quad[3]) / 2, (quad[1] + quad[2]) / 2
    along = (end - start) / ((end - start) @ (end - start))
    places = (centres - start) @ along * CELL * cells + MARGIN - 0.5
    wanted = _nearly_even(cells, rng)
    before, after = places[1] - places[0], places[-1] - places[-2]
    known = np.r_[places[0] - before * np.array([2, 1]), places, places[-1] + after * np.array([1, 2])]
    columns = np.interp(np.arange(2 * MARGIN + CELL * cells), wanted, known)
    strip = np.zeros((HEIGHT, LONGEST), np.float32)
    strip[:, : len(columns)] = cut(grey, quad, cells, columns)
    return strip, _answers(line, wanted[2:-2], len(columns))


def _a_little_off(rng: np.random.Generator) -> np.ndarray:
    """The corners of a line as a locator finds them: too high or low, too large or small, aslant."""
    box = SQUARE.copy()
    down, taller, aslant = rng.normal(0, 0.08 if rng.random() < 0.75 else 0.17), rng.normal(0, 0.1), rng.normal(0, 0.08)
    box[:2, 1] += down - taller
    box[2:, 1] += down + taller
    box[[0, 3], 1] -= aslant
    box[[1, 2], 1] += aslant
    return box


def _nearly_even(cells: int, rng: np.random.Generator) -> np.ndarray:
    """Where a strip's letters come to stand, with two more cells at each end: hardly ever quite evenly."""
    error = 0.3 if rng.random() < 0.6 else 1.2
    off, part = rng.normal(0, error, 2) * CELL / 2, (np.arange(cells + 4)) / (cells + 3)
    bend = rng.normal(0, error * 6) * 4 * part * (1 - part)
    return MARGIN + CELL * (np.arange(-2, cells + 2) + 0.5) - 0.5 + off[0] * (1 - part) + off[1] * part + bend


def _answers(line: str, places: np.ndarray, width: int) -> np.ndarray:
    frames = np.arange(width // FRAME) * FRAME - 0.5  # a frame's answer is about this place (lines._frames)
    far = np.abs(frames[:, None] - places[None])
    symbols = np.array([SYMBOLS.index(letter) for letter in line])[far.argmin(1)]
    answers = np.full(LONGEST // FRAME, IGNORED)
    answers[: len(frames)] = np.where(far.min(1) < REACH * np.diff(places).mean(), symbols, BLANK)
    return answers


def _heart(box: np.ndarray) -> np.ndarray:
    above, below = box[:2] * 0.8 + box[[3, 2]] * 0.2, box[[2, 3]] * 0.8 + box[[1, 0]] * 0.2
    return np.concatenate([above, below])


def _marks(size: tuple[int, int], quads: list[np.ndarray]) -> np.ndarray:
    drawn = Image.new("L", size)
    for quad in quads:
        ImageDraw.Draw(drawn).polygon([tuple(corner) for corner in quad], fill=255)
    return np.asarray(drawn.reduce(FRAME), np.float32) / 255
