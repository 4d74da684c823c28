"""Photos of documents that nobody has: a page with a machine-readable zone, damaged as cameras and hands damage it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

Quad = np.ndarray
"""Four corners, from the top left clockwise."""

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 ./-"


@dataclass(frozen=True)
class Damage:
    """How a picture was taken. Degrees; blur for letters 30 pixels high; glare as a share of the zone."""

    turn: float = 0
    tilt: float = 0
    blur: float = 0
    noise: float = 0
    glare: float = 0
    quality: int = 92
    megapixels: float = 3
    filled: float = 0.8
    quarter: int = 0


@dataclass(frozen=True)
class Scene:
    """A picture, the corners of each line's letters in it, and how high the letters are in pixels."""

    picture: Image.Image
    corners: list[Quad]
    letter_height: float


def paint(
    lines: Sequence[str],
    font: Path,
    damage: Damage,
    seed: int,
    others: Sequence[Path],
    size: tuple[int, int] | None = None,
) -> Scene:
    """A document with `lines` in `font`, photographed on a table; `others` print the rest of the page.

    The picture is as large as the damage says, or has exactly this size.
    """
    rng = np.random.default_rng(seed)
    size = size or _canvas(damage, rng)
    page, boxes = _document(lines, font, size[0] * damage.filled, rng, others)
    warp = _camera(page.size, boxes, size, damage, rng)
    picture = _background(size, rng, others)
    _paste(picture, page, warp)
    corners = [moved(warp, box) for box in boxes]
    height = float(np.mean([np.linalg.norm(c[3] - c[0]) + np.linalg.norm(c[2] - c[1]) for c in corners])) / 2
    picture = _developed(picture, corners, height, damage, rng)
    for _ in range(damage.quarter):
        corners = [np.stack([c[:, 1], picture.width - c[:, 0]], 1) for c in corners]
        picture = picture.transpose(Image.Transpose.ROTATE_90)
    return Scene(picture, corners, height)


def homography(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """The projective map that takes four points to four points."""
    rows, right = [], []
    for (x, y), (u, v) in zip(source, target, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        right += [u, v]
    return np.append(np.linalg.solve(np.array(rows, float), np.array(right, float)), 1).reshape(3, 3)


def moved(warp: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Points through a projective map."""
    flat = np.c_[points, np.ones(len(points))] @ warp.T
    return flat[:, :2] / flat[:, 2:]


def _canvas(damage: Damage, rng: np.random.Generator) -> tuple[int, int]:
    ratio = float(rng.choice([4 / 3, 4 / 3, 16 / 9, 1.41, 1.0]))
    width = (damage.megapixels * 1e6 * ratio) ** 0.5
    return round(width), round(width / ratio)


# --- the document ------------------------------------------------------------------------------------------------


@cache
def _font(path: Path, size: float) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(path), size)


def _capital(path: Path, height: float) -> ImageFont.FreeTypeFont:
    """The font so that its capitals are `height` pixels high."""
    box = _font(path, 100).getbbox("H", anchor="ls")
    return _font(path, round(height * 100 / -box[1] * 4) / 4)


def _document(
    lines: Sequence[str], font: Path, zone: float, rng: np.random.Generator, others: Sequence[Path]
) -> tuple[Image.Image, list[Quad]]:
    """The flat page and the corners of each line; the zone is `zone` pixels wide."""
    count = len(lines[0])
    pitch = zone / count
    is_narrow = len(lines) == 3
    width = round(zone * rng.uniform(1.04, 1.16))
    height = round(width * (rng.uniform(0.6, 0.66) if is_narrow else rng.uniform(0.66, 0.74)))
    if rng.random() < 0.15:  # both pages of an open booklet, or a card on its sheet
        height = round(height * 1.7)
    page = _paper((width, height), rng)
    spacing = pitch * rng.uniform(1.9, 2.9)
    letter = pitch * rng.uniform(0.86, 1.2)
    bottom = height - pitch * rng.uniform(1.0, 2.6)
    left = (width - zone) / 2 + rng.uniform(-0.3, 0.3) * (width - zone)
    top = bottom - spacing * (len(lines) - 1) - letter
    _furniture(page, top - letter, pitch, rng, others)
    ink = tuple(int(v) for v in rng.integers(5, 75) + rng.integers(-5, 6, 3).clip(-5, 5))
    drawing, face = ImageDraw.Draw(page), _capital(font, letter)
    boxes = []
    for row, line in enumerate(lines):
        base = bottom - spacing * (len(lines) - 1 - row)
        for column, character in enumerate(line):
            middle = left + (column + 0.5) * pitch
            x = middle - face.getlength(character) / 2
            drawing.text((x, base), character, font=face, fill=ink, anchor="ls")
        boxes.append(np.array([[left, base - letter], [left + zone, base - letter], [left + zone, base], [left, base]]))
    return page, boxes


def _paper(size: tuple[int, int], rng: np.random.Generator) -> Image.Image:
    light = rng.integers(165, 250)
    base = np.clip(light + rng.integers(-22, 22, 3), 0, 255)
    small = rng.normal(0, rng.uniform(0, 9), (7, 9, 1)) + base
    page = Image.fromarray(np.clip(small, 0, 255).astype(np.uint8)).resize(size, Image.Resampling.BICUBIC)
    if rng.random() < 0.75:
        _guilloche(page, rng)
    return page


def _guilloche(page: Image.Image, rng: np.random.Generator) -> None:
    drawing = ImageDraw.Draw(page)
    colour = tuple(int(v) for v in np.clip(rng.integers(110, 225) + rng.integers(-30, 30, 3), 0, 255))
    x = np.arange(0, page.width + 12, max(4, page.width / 130))
    waves = [(rng.uniform(2, 40), rng.uniform(0.01, 0.1), rng.uniform(0, 7)) for _ in range(2)]
    for start in np.arange(-30, page.height + 30, page.height / rng.uniform(8, 45)):
        y = start + sum(
            high * page.height / 700 * np.sin(fast * x * 900 / page.width + late + start * 0.02)
            for high, fast, late in waves
        )
        drawing.line(
            list(map(tuple, np.c_[x, y].tolist())),
            fill=colour,
            width=max(1, round(page.width / rng.uniform(500, 1200))),
        )


def _furniture(page: Image.Image, end: float, pitch: float, rng: np.random.Generator, others: Sequence[Path]) -> None:
    """A portrait, labels and their values, a seal; nothing below `end`."""
    drawing = ImageDraw.Draw(page)
    width = page.width
    high = min(end * 0.7, width * 0.35)
    x, y = width * rng.choice([0.05, 0.66]), end - high - rng.uniform(0, 0.1) * end
    tone = np.clip(rng.normal(150, 40) + rng.normal(0, 22, (6, 5, 3)), 0, 255).astype(np.uint8)
    portrait = Image.fromarray(tone).resize((max(2, round(high * 0.78)), max(2, round(high))), Image.Resampling.BICUBIC)
    face = ImageDraw.Draw(portrait)
    face.ellipse([portrait.width * p for p in (0.25, 0.25, 0.75, 0.9)], fill=tuple(rng.integers(60, 220, 3).tolist()))
    page.paste(portrait, (round(x), round(y)))
    for _ in range(int(rng.integers(6, 20))):
        size = pitch * rng.uniform(0.35, 1.3)
        words = "".join(rng.choice(list(LETTERS), int(rng.integers(4, 26))))
        place = (rng.uniform(0.04, 0.6) * width, rng.uniform(0.05, 0.92) * end)
        font = _capital(others[int(rng.integers(len(others)))], size)
        drawing.text(place, words, font=font, fill=tuple(rng.integers(10, 140, 3).tolist()), anchor="ls")
    if rng.random() < 0.5:
        r = rng.uniform(0.05, 0.14) * width
        cx, cy = rng.uniform(0, 1) * width, rng.uniform(0.1, 0.95) * end
        drawing.ellipse(
            (cx - r, cy - r, cx + r, cy + r),
            outline=tuple(rng.integers(60, 220, 3).tolist()),
            width=max(1, int(r / 14)),
        )


# --- the table it lies on ----------------------------------------------------------------------------------------


def _background(size: tuple[int, int], rng: np.random.Generator, others: Sequence[Path]) -> Image.Image:
    kind = rng.choice(["cloth", "wood", "tiles", "sheet", "plain", "stripes"])
    tone = np.clip(rng.integers(20, 235) + rng.integers(-25, 25, 3), 0, 255)
    if kind == "cloth":
        cells = (int(rng.integers(20, 160)), int(rng.integers(20, 160)))
        field = rng.normal(0, rng.uniform(5, 30), (*cells, 1)) + tone
    elif kind == "wood":
        field = rng.normal(0, rng.uniform(8, 28), (int(rng.integers(30, 120)), int(rng.integers(2, 6)), 1)) + tone
    elif kind == "stripes":
        field = np.repeat(rng.normal(0, 40, (1, int(rng.integers(6, 40)), 1)), 2, 0) + tone
    else:
        field = rng.normal(0, 4, (6, 8, 1)) + (tone if kind != "sheet" else np.array([238, 237, 232]))
    how = Image.Resampling.NEAREST if kind == "stripes" and rng.random() < 0.5 else Image.Resampling.BICUBIC
    picture = Image.fromarray(np.clip(field, 0, 255).astype(np.uint8)).resize(size, how)
    if kind == "tiles":
        _tiles(picture, rng)
    if kind == "sheet":
        _letter(picture, rng, others)
    return picture


def _tiles(picture: Image.Image, rng: np.random.Generator) -> None:
    drawing, step = ImageDraw.Draw(picture), picture.width / rng.uniform(3, 14)
    colour, wide = tuple(rng.integers(20, 230, 3).tolist()), max(1, round(step / 25))
    for k in range(int(picture.width / step) + 1):
        drawing.line((k * step, 0, k * step, picture.height), fill=colour, width=wide)
        drawing.line((0, k * step, picture.width, k * step), fill=colour, width=wide)


def _letter(picture: Image.Image, rng: np.random.Generator, others: Sequence[Path]) -> None:
    """Lines of print under the document: what looks most like a zone and is none."""
    drawing, size = ImageDraw.Draw(picture), picture.width / rng.uniform(70, 160)
    font = _capital(others[int(rng.integers(len(others)))], size)
    for y in np.arange(size * 3, picture.height, size * rng.uniform(1.8, 3)):
        if rng.random() < 0.8:
            words = "".join(rng.choice(list(LETTERS + "   "), int(rng.integers(10, 90))))
            drawing.text((size * 4, y), words, font=font, fill=(40, 40, 45), anchor="ls")


# --- the camera --------------------------------------------------------------------------------------------------


def _camera(
    page: tuple[int, int], boxes: list[Quad], size: tuple[int, int], damage: Damage, rng: np.random.Generator
) -> np.ndarray:
    """The map from the page to the picture: tilted about some axis, turned, so large that the page fits."""
    width, height = page
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], float)
    flat = (corners - [width / 2, height / 2]) / width
    axis, tilt, turn = rng.uniform(0, 2 * np.pi), np.radians(damage.tilt), np.radians(damage.turn)
    along = flat @ [np.cos(axis), np.sin(axis)]
    across = flat @ [-np.sin(axis), np.cos(axis)]
    depth = 1 + across * np.sin(tilt) / rng.uniform(1.3, 2.2)
    across = across * np.cos(tilt)
    seen = (along[:, None] * [np.cos(axis), np.sin(axis)] + across[:, None] * [-np.sin(axis), np.cos(axis)]) / depth[
        :, None
    ]
    seen = seen @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]) * width
    zone = moved(homography(corners, seen), np.concatenate(boxes))
    extent = np.ptp(zone, 0)  # the zone must be whole in the picture; the page need not
    scale = min(1.0, size[0] * 0.97 / extent[0], size[1] * 0.97 / extent[1])
    seen, zone = seen * scale, zone * scale
    room = np.stack([-zone.min(0), np.array(size) - zone.max(0)]) + np.array([[1], [-1]]) * 0.012 * size[0]
    whole = np.stack([-seen.min(0), np.array(size) - seen.max(0)])
    low = np.where(whole[0] < whole[1], whole[0], room[0])
    high = np.where(whole[0] < whole[1], whole[1], np.maximum(room[1], room[0]))
    return homography(corners, seen + rng.uniform(low, np.maximum(high, low)))


def _paste(picture: Image.Image, page: Image.Image, warp: np.ndarray) -> None:
    back = np.linalg.inv(warp)
    back = (back / back[2, 2]).ravel()[:8].tolist()
    how = (picture.size, Image.Transform.PERSPECTIVE, back, Image.Resampling.BICUBIC)
    mask = Image.new("L", page.size, 255).transform(*how)
    picture.paste(page.transform(*how), (0, 0), mask)


def _developed(
    picture: Image.Image, corners: list[Quad], height: float, damage: Damage, rng: np.random.Generator
) -> Image.Image:
    """Light, glare, blur, noise and JPEG, in the order in which they happen."""
    pixels = np.asarray(picture, np.float32)
    light = rng.uniform(0.75, 1.05) + rng.normal(0, 0.07, (3, 4))
    light = np.asarray(Image.fromarray(light.astype(np.float32)).resize(picture.size, Image.Resampling.BICUBIC))
    pixels = pixels * light[..., None]
    if damage.glare:
        pixels += _glare(picture.size, corners, damage.glare, rng)[..., None]
    picture = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    if damage.blur:
        picture = picture.filter(ImageFilter.GaussianBlur(float(damage.blur * height / 30)))
    if damage.noise:
        pixels = np.asarray(picture, np.float32)
        grain = rng.standard_normal((pixels.shape[0], pixels.shape[1], 1), np.float32) * 0.8
        grain = grain + rng.standard_normal(pixels.shape, np.float32) * 0.6
        picture = Image.fromarray(np.clip(pixels + grain * damage.noise, 0, 255).astype(np.uint8))
    coded = io.BytesIO()
    picture.save(coded, "JPEG", quality=damage.quality)
    return Image.open(coded).convert("RGB")


def _glare(size: tuple[int, int], corners: list[Quad], share: float, rng: np.random.Generator) -> np.ndarray:
    """Light that falls on a share of the zone: washed out, hardly ever quite white."""
    low, high = np.concatenate(corners).min(0), np.concatenate(corners).max(0)
    wide, tall = np.maximum(high - low, 4)
    reach = share * wide * tall / np.pi
    stretch = rng.uniform(1.0, 5)
    a, b = np.sqrt(reach * stretch), np.sqrt(reach / stretch)
    at = rng.uniform(low, high)
    turn = rng.uniform(0, np.pi)
    y, x = np.mgrid[0 : size[1], 0 : size[0]].astype(np.float32)
    x, y = x - at[0], y - at[1]
    u, v = (x * np.cos(turn) + y * np.sin(turn)) / a, (y * np.cos(turn) - x * np.sin(turn)) / b
    far = u * u + v * v
    return rng.uniform(70, 170) / (1 + np.minimum(far, 1e4) ** rng.uniform(1.5, 4))
