"""Untrusted files as pictures of their pages, drawn by a child process with limits; what a file is, by content."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import filetype

from portal.domain import mrz
from portal.domain.documents import Limits
from portal.domain.mrz import MRZ

CHILD = Path(__file__).with_name("imaging_child.py")
DOTS_PER_INCH = 150
POINTS_PER_INCH = 72
ZONE_PAGES = 2  # a passport is sent alone, or behind a cover
LONGEST_EDGE = 3000  # pixels of a drawn page
MEMORY = 560_000_000  # bytes of the child’s address space
OUTPUT = 80_000_000  # bytes of all pages together
PROCESSOR_SECONDS = 20
PATIENCE = 45  # seconds of the clock

ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1"}  # all that the child is told: it may start no thread, and need not
HEAD = 8192
"""So many first bytes tell what a file is."""
HEIC = "image/heic"
MOVING_PNG = "image/apng"
HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis"})
PICTURES = HEIC_BRANDS | {b"mif1"}


@dataclass(frozen=True)
class DrawnPage:
    """One page, decoded and drawn anew, as a JPEG."""

    width: int
    height: int
    jpeg: bytes
    zone: MRZ | None = None
    """What its machine-readable zone says, where one was looked for and found."""


@dataclass(frozen=True)
class Drawing:
    """What came of a file: its pages, or the code of the reason why there are none."""

    pages: tuple[DrawnPage, ...] = ()
    refusal: str | None = None

    @property
    def zone(self) -> MRZ | None:
        """The machine-readable zone of the first page that has one."""
        return next((page.zone for page in self.pages if page.zone), None)


class ImagingFailed(Exception):
    """The child ended as it should never end; nothing is known about the file."""


def media_type_of(content: bytes) -> str | None:
    """What the content is by its first bytes, a first gate only: the decoder decides."""
    if content[4:8] == b"ftyp":  # a box with the family of what follows, which a phone's photo has in common with films
        return HEIC if HEIC_BRANDS & _brands(content) else None
    kind = filetype.guess(content[:HEAD])
    found: str | None = kind.mime if kind else None
    if found == MOVING_PNG:  # its first picture is an ordinary one
        return "image/png"
    return found


def _brands(content: bytes) -> set[bytes]:
    """The kinds of picture that a file of boxes says it can be read as, its own kind first."""
    length = min(int.from_bytes(content[:4], "big"), 256)
    return (
        {content[8:12], *(content[at : at + 4] for at in range(16, length, 4))} if content[8:12] in PICTURES else set()
    )


def draw(content: bytes, limits: Limits, *, is_read: bool = False) -> Drawing:
    """Draw every page of a JPEG, PNG, HEIC or PDF anew, or say why not. Takes at most `PATIENCE` seconds.

    With `is_read`, the machine-readable zone of the first pages is looked for too: about a second of the processor.
    The child gets the bytes, the limits and nothing of our environment. Raises ImagingFailed where the fault is ours.
    """
    with os.fdopen(_memory_file("in"), "wb+") as given, os.fdopen(_memory_file("out"), "wb+") as drawn:
        given.write(content)
        given.seek(0)
        try:
            done = subprocess.run(  # noqa: S603 (our own program, our own arguments)
                [sys.executable, "-I", str(CHILD), json.dumps(_options(content, limits, is_read))],
                stdin=given,
                stdout=drawn,
                stderr=subprocess.PIPE,
                env=ENVIRONMENT,
                cwd="/",
                start_new_session=True,
                timeout=PATIENCE,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Drawing(refusal="too_heavy")
        if done.returncode < 0:  # stopped by a limit, or by a decoder that fell
            return Drawing(refusal="too_heavy")
        if done.returncode > 0:
            raise ImagingFailed(done.stderr[-2000:].decode(errors="replace"))
        drawn.seek(0)
        return _read(drawn)


def turned(jpeg: bytes, degrees: int) -> bytes:
    """A page that we drew, turned clockwise by 90, 180 or 270 degrees; as it is for 0."""
    from PIL import Image

    turns = {90: Image.Transpose.ROTATE_270, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_90}
    if degrees not in turns:
        return jpeg
    out = io.BytesIO()
    with Image.open(io.BytesIO(jpeg), formats=["JPEG"]) as picture:
        picture.transpose(turns[degrees]).save(out, "JPEG", quality=90)
    return out.getvalue()


def bound(pages: tuple[DrawnPage, ...]) -> bytes:
    """The drawn pages as one PDF that holds nothing else: no script, form, attachment, layer or encryption."""
    import pikepdf

    document = pikepdf.Pdf.new()
    for drawn in pages:
        size = (drawn.width * POINTS_PER_INCH / DOTS_PER_INCH, drawn.height * POINTS_PER_INCH / DOTS_PER_INCH)
        page = document.add_blank_page(page_size=size)
        picture = document.make_stream(
            drawn.jpeg,
            Type=pikepdf.Name.XObject,
            Subtype=pikepdf.Name.Image,
            Width=drawn.width,
            Height=drawn.height,
            ColorSpace=pikepdf.Name.DeviceRGB,
            BitsPerComponent=8,
            Filter=pikepdf.Name.DCTDecode,
        )
        name = page.add_resource(picture, pikepdf.Name.XObject)
        page.Contents = document.make_stream(f"{size[0]:.2f} 0 0 {size[1]:.2f} 0 0 cm {name} Do".encode())
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _memory_file(name: str) -> int:
    # Personal data on its way to the child and back: never on a disk.
    return os.memfd_create(f"passage-imaging-{name}", os.MFD_CLOEXEC)


def _options(content: bytes, limits: Limits, is_read: bool) -> dict[str, int | str | None]:
    return {
        "media_type": media_type_of(content),
        "pages": limits.pages,
        "pixels": limits.pixels,
        "edge": LONGEST_EDGE,
        "dpi": DOTS_PER_INCH,
        "memory": MEMORY,
        "output": OUTPUT,
        "seconds": PROCESSOR_SECONDS,
        "zone_pages": ZONE_PAGES if is_read else 0,
    }


def _read(stream: io.BufferedRandom | io.BufferedIOBase) -> Drawing:
    pages: list[DrawnPage] = []
    while True:
        line = json.loads(stream.readline())
        if "refused" in line:
            return Drawing(refusal=str(line["refused"]))
        if "pages" in line:
            return Drawing(tuple(pages))
        jpeg = stream.read(int(line["size"]))
        pages.append(DrawnPage(int(line["width"]), int(line["height"]), jpeg, _zone(line["zone"])))


def _zone(read: dict[str, Any] | None) -> MRZ | None:
    """What the child read, taken apart by the rules here: it sends letters and the places that are not sure."""
    if read is None:
        return None
    return mrz.read(read["lines"], frozenset((row, column) for row, column in read["doubtful"]))
