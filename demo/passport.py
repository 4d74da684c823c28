"""A specimen passport page, drawn for the demonstration: nobody's, and marked as such."""

from __future__ import annotations

import io
from unicodedata import normalize

from PIL import Image, ImageDraw, ImageFont

from demo.cast import CastTraveller
from portal.domain import mrz

SIZE = (1250, 880)
PITCH = 26.6  # pixels from letter to letter of the lines for machines
INK, PAPER, TINT, BAND = (20, 32, 31), (246, 248, 247), (214, 228, 224), (13, 92, 85)


BORROWED = {"daniel.abara@example.org": "liam.kowalczyk@example.org"}
"""Who gives whose passport: officers are told of it on both case files."""


def number_of(traveller: CastTraveller) -> str:
    """A passport number of a form that no country uses: the traveller's own, or a borrowed one."""
    return f"SP{sum(BORROWED.get(traveller.email, traveller.email).encode()) * 7919 % 10_000_000:07d}"


def page_of(traveller: CastTraveller) -> bytes:
    """The page as a JPEG, as somebody might photograph it."""
    image = Image.new("RGB", SIZE, PAPER)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, SIZE[0], 96), fill=BAND)
    draw.text((40, 24), "SPECIMEN - PASSPORT - PASSEPORT", font=drawn_font(42), fill=PAPER)
    _draw_portrait(draw)
    for row, (label, value) in enumerate(_fields(traveller)):
        draw.text((470, 140 + row * 92), plain(label), font=drawn_font(22), fill=BAND)
        draw.text((470, 168 + row * 92), plain(value), font=drawn_font(36), fill=INK)
    draw.rectangle((0, 720, SIZE[0], SIZE[1]), fill=TINT)
    for row, line in enumerate(_machine_readable(traveller)):
        for column, letter in enumerate(line):
            _draw_letter(draw, letter, (52 + column * PITCH, 777 + row * 60))
    written = io.BytesIO()
    image.save(written, "JPEG", quality=82)
    return written.getvalue()


def _draw_letter(draw: ImageDraw.ImageDraw, letter: str, at: tuple[float, float]) -> None:
    draw.text(at, letter, font=drawn_font(32), fill=INK, anchor="ms")
    if letter == "I":  # as fonts of one width have it
        for y in (at[1] - 22, at[1] - 2):
            draw.line((at[0] - 7, y, at[0] + 7, y), fill=INK, width=3)


def plain(text: str) -> str:
    """The text without accents, which the drawing library's own face does not have."""
    return normalize("NFKD", text).encode("ascii", "ignore").decode()


def drawn_font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """The drawing library's own face."""
    return ImageFont.load_default(size)


def _draw_portrait(draw: ImageDraw.ImageDraw) -> None:
    draw.rectangle((60, 150, 410, 620), fill=TINT)
    draw.ellipse((160, 230, 310, 400), fill=(150, 172, 167))
    draw.pieslice((90, 420, 380, 820), 180, 360, fill=(150, 172, 167))
    draw.rectangle((60, 621, 410, 700), fill=PAPER)


def _fields(traveller: CastTraveller) -> list[tuple[str, str]]:
    return [
        ("Family name / Nom de famille", traveller.family_name.upper()),
        ("Given names / Prénoms", traveller.given_names.upper()),
        ("Date of birth / Date de naissance", traveller.born.isoformat()),
        ("Number / Numéro", number_of(traveller)),
        ("Sex / Sexe", traveller.sex),
        ("Expiry / Expiration", "2031-06-30"),
    ]


def _machine_readable(traveller: CastTraveller) -> tuple[str, ...]:
    country = {"CA": "CAN", "US": "USA"}[traveller.country]
    return mrz.compose(
        "TD3",
        document="P",
        issuing_state=country,
        family_name=traveller.family_name,
        given_names=traveller.given_names,
        number=number_of(traveller),
        nationality=country,
        birth=f"{traveller.born:%y%m%d}",
        sex=traveller.sex,
        expiry="310630",
    )
