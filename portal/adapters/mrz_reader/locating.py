"""Where a page shows the lines of a machine-readable zone: a look at the whole page, then a closer one at each zone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image, ImageFilter

from portal.adapters.mrz_reader import networks
from portal.adapters.mrz_reader.strips import Array, Points

EDGE = 640  # pixels of the longer side of a page at the first look, and of a zone at the second
CLOSE_HEIGHT = 192  # pixels of the second look from top to bottom
FILLED = 0.88  # how much of the second look's width a zone takes
CERTAIN = 0.5
HALF_CERTAIN = 0.35
CORE = 0.6  # the share of a letter's height that the network marks as the heart of a line
SMALLEST = 24  # marked places that a zone has at least
MOST_ZONES = 3


@dataclass(frozen=True)
class Patch:
    """An area of marked places: their rows and columns, and how surely they are marked."""

    rows: Points
    columns: Points
    weights: Points

    @property
    def mass(self) -> float:
        return float(self.weights.sum())


@dataclass(frozen=True)
class Line:
    """A marked line in a close look: its heart goes from (left, a + b left) to (right, a + b right)."""

    left: float
    right: float
    start: float
    slope: float
    height: float

    def quad(self) -> Points:
        """The corners of its letters."""
        ends = np.array([self.left, self.right, self.right, self.left])
        half = np.array([-0.5, -0.5, 0.5, 0.5]) * self.height / np.sqrt(1 + self.slope**2)
        return np.stack([ends, self.start + self.slope * ends + half], 1)


def zones(page: Image.Image) -> Iterator[list[Points]]:
    """The corners of each line of each zone in a grey page, likeliest zone first; a zone may stand on its head.

    Looks again, at another size and contrast, for as long as somebody asks for more.
    """
    for edge, prepared in LOOKS:
        shrink = edge / max(page.size)
        size = max(8, round(page.width * shrink)), max(8, round(page.height * shrink))
        small = page.resize(size, Image.Resampling.BOX if shrink < 1 else Image.Resampling.BILINEAR)
        scale = np.array([page.width / small.width, page.height / small.height])
        for patch in _marked(np.asarray(prepared(small), np.float32))[:MOST_ZONES]:
            lines = _looked_at_closely(page, patch, scale)
            if len(lines) > 1:
                yield lines


def _as_it_is(small: Image.Image) -> Image.Image:
    return small


def _smoothed(small: Image.Image) -> Image.Image:
    return small.filter(ImageFilter.GaussianBlur(1))


def _evened(small: Image.Image) -> Image.Image:
    """Without slow changes of light, and with more contrast."""
    light = np.asarray(small.filter(ImageFilter.GaussianBlur(16)), np.float32)
    return Image.fromarray(np.clip(200 + 2 * (np.asarray(small, np.float32) - light), 0, 255).astype(np.uint8))


LOOKS = ((EDGE, _as_it_is), (448, _as_it_is), (EDGE, _evened), (EDGE, _smoothed), (960, _as_it_is))


def _marked(pixels: Array) -> list[Patch]:
    """The patches where a zone may be, by two looks: as the page lies, and from its side."""
    found = patches(_spread(np.maximum(*networks.mark(pixels))), HALF_CERTAIN)
    for patch in patches(_spread(np.maximum(*networks.mark(np.ascontiguousarray(np.rot90(pixels))))), HALF_CERTAIN):
        wide = pixels.shape[1] / networks.FRAME
        found.append(Patch(patch.columns, wide - 1 - patch.rows, patch.weights))
    found.sort(key=lambda patch: -patch.mass)
    return _with_whole(found)


def _with_whole(found: list[Patch]) -> list[Patch]:
    """The patches, and first of all two that lie one behind the other: a zone that glare has broken."""
    for one, other in ((0, 1), (0, 2), (1, 2)):
        if other < len(found):
            whole = _union(found[one], found[other])
            if _width(whole) < 1.5 * max(_width(found[one]), _width(found[other])) and _length(whole) > 1.3 * _length(
                found[0]
            ):
                return [whole, *found]
    return found


def _union(one: Patch, other: Patch) -> Patch:
    pairs = ((one.rows, other.rows), (one.columns, other.columns), (one.weights, other.weights))
    return Patch(*(np.concatenate(pair) for pair in pairs))


def _length(patch: Patch) -> float:
    return float(np.ptp(np.stack([patch.columns, patch.rows], 1) @ _direction(patch)))


def _width(patch: Patch) -> float:
    along = _direction(patch)
    return float(np.ptp(np.stack([patch.columns, patch.rows], 1) @ [-along[1], along[0]]))


def _direction(patch: Patch) -> Points:
    places = np.stack([patch.columns, patch.rows], 1)
    spread = np.cov((places - np.average(places, axis=0, weights=patch.weights)).T, aweights=patch.weights)
    return np.asarray(np.linalg.eigh(spread)[1][:, 1])


def _spread(marked: Array) -> Array:
    """Marks that reach a little further, so that the lines of a zone hang together."""
    high, wide = marked.shape
    framed = np.pad(marked, 1)
    return np.asarray(np.max([framed[i : i + high, j : j + wide] for i in range(3) for j in range(3)], 0))


def patches(marked: Array, certain: float = CERTAIN) -> list[Patch]:
    """The areas of places that hang together and are marked, largest first."""
    left = {(int(row), int(column)) for row, column in zip(*np.nonzero(marked > certain), strict=True)}
    found = []
    while left:
        reached = [left.pop()]
        for row, column in reached:
            near = {(row + down, column + across) for down in (-1, 0, 1) for across in (-1, 0, 1)} & left
            left -= near
            reached.extend(near)
        if len(reached) >= SMALLEST:
            rows, columns = np.array(reached).T
            found.append(Patch(rows.astype(float), columns.astype(float), marked[rows, columns].astype(float)))
    return sorted(found, key=lambda patch: -patch.mass)


def _looked_at_closely(page: Image.Image, patch: Patch, scale: Points) -> list[Points]:
    centre, along, length = _lie(patch, scale)
    for _ in range(2):  # the second time turned by what the first showed
        close, step = _close_look(page, centre, along, length)
        lines = _lines(networks.mark(np.asarray(close, np.float32))[1])
        if not lines:
            return []
        slope = float(np.mean([line.slope for line in lines]))
        quads = [_in_page(line.quad(), centre, along, step) for line in lines]
        if abs(slope) < 0.035:
            break
        corners = np.concatenate(quads)
        centre = (corners.min(0) + corners.max(0)) / 2
        along = _turned(along, slope)
        length = float(np.ptp(corners @ along))
    return quads


def _lie(patch: Patch, scale: Points) -> tuple[Points, Points, float]:
    """The middle of a patch, its direction and its length, in pixels of the page."""
    places = (np.stack([patch.columns, patch.rows], 1) * networks.FRAME + networks.FRAME / 2 - 0.5) * scale
    centre = np.average(places, axis=0, weights=patch.weights)
    spread = np.cov((places - centre).T, aweights=patch.weights)
    along = np.linalg.eigh(spread)[1][:, 1]
    along = along if along[0] > 0 else -along
    across = np.array([-along[1], along[0]])
    reach, width = (places - centre) @ along, (places - centre) @ across
    centre = centre + along * (reach.min() + reach.max()) / 2 + across * (width.min() + width.max()) / 2
    return centre, along, float(np.ptp(reach)) + networks.FRAME * float(scale.max())


def _close_look(page: Image.Image, centre: Points, along: Points, length: float) -> tuple[Image.Image, float]:
    """The zone level and as large as the network likes it, and how many pixels of the page one of its pixels is."""
    step = length / (EDGE * FILLED)
    shrink = max(1, int(step))
    part = page.reduce(shrink) if shrink > 1 else page
    (cos, sin), middle = along * step / shrink, (centre + 0.5) / shrink
    left, top = EDGE / 2, CLOSE_HEIGHT / 2
    turn = (cos, -sin, middle[0] - cos * left + sin * top, sin, cos, middle[1] - sin * left - cos * top)
    size = (EDGE, CLOSE_HEIGHT)
    return part.transform(size, Image.Transform.AFFINE, turn, Image.Resampling.BILINEAR, fillcolor=128), step


def _in_page(quad: Points, centre: Points, along: Points, step: float) -> Points:
    offset = (quad + 0.5 - [EDGE / 2, CLOSE_HEIGHT / 2]) * step
    return np.asarray(centre + offset[:, :1] * along + offset[:, 1:] * [-along[1], along[0]])


def _turned(along: Points, slope: float) -> Points:
    angle = np.arctan(slope)
    return np.array(
        [along[0] * np.cos(angle) - along[1] * np.sin(angle), along[1] * np.cos(angle) + along[0] * np.sin(angle)]
    )


def _lines(marked: Array) -> list[Line]:
    """The two or three lines of the zone, from above, in pixels of the close look."""
    lines = [_line(patch) for patch in _joined(patches(marked))]
    if not lines:
        return []
    longest = max(line.right - line.left for line in lines)
    lines = [line for line in lines if line.right - line.left > 0.6 * longest]
    left, right = min(line.left for line in lines), max(line.right for line in lines)
    height = max(line.height for line in lines)  # where marks are faint, a line looks lower than it is
    lines = [replace(line, left=left, right=right, height=height) for line in lines]
    middle = EDGE / 2
    lines.sort(key=lambda line: line.start + line.slope * middle)
    return lines[-3:]


def _joined(found: list[Patch]) -> list[Patch]:
    """Patches of one line, which glare has broken, as one."""
    lines: list[Patch] = []
    for patch in found:
        for number, line in enumerate(lines):
            if _continues(line, patch):
                lines[number] = _union(line, patch)
                break
        else:
            lines.append(patch)
    return lines


def _continues(line: Patch, patch: Patch) -> bool:
    slope, start = (
        np.polyfit(line.columns, line.rows, 1, w=line.weights) if np.ptp(line.columns) > 8 else (0.0, line.rows.mean())
    )
    return bool(abs(patch.rows.mean() - start - slope * patch.columns.mean()) < 1.5)


def _line(patch: Patch) -> Line:
    slope, start = np.polyfit(patch.columns, patch.rows, 1, w=patch.weights)
    thickness = patch.mass / (np.ptp(patch.columns) + 1)
    offset = networks.FRAME / 2 - 0.5
    left, right = patch.columns.min(), patch.columns.max() + 1
    return Line(
        float(left * networks.FRAME),
        float(right * networks.FRAME),
        float(start * networks.FRAME + offset - slope * offset),
        float(slope),
        float(max(thickness * networks.FRAME / CORE, 4)),
    )
