"""Heights: typed in centimetres, or in feet and inches, and kept in centimetres."""

from __future__ import annotations

import re

LEAST, MOST = 30, 272
CENTIMETRES = re.compile(r"(\d{2,3})\s*(?:cm)?")
METRES = re.compile(r"([0-2])[.,](\d{2})\s*m?")
FEET = re.compile(r"([1-8])\s*(?:'|’|ft|feet|pi|pieds?)\s*(?:(\d{1,2})\s*(?:\"|”|''|in|inches|po|pouces?)?)?")


def centimetres(typed: str) -> int | None:
    """The height that `typed` means, in centimetres; None where it means none: "170", "1,70 m", "5'7\"", "5 ft 7"."""
    text = " ".join(typed.lower().split())
    if found := CENTIMETRES.fullmatch(text):
        height = int(found[1])
    elif found := METRES.fullmatch(text):
        height = int(found[1]) * 100 + int(found[2])
    elif (found := FEET.fullmatch(text)) and int(found[2] or 0) < 12:
        height = round((int(found[1]) * 12 + int(found[2] or 0)) * 2.54)
    else:
        return None
    return height if LEAST <= height <= MOST else None


def in_words(height: int) -> str:
    """Both measures: 170 cm (5′7″)."""
    feet, inches = divmod(round(height / 2.54), 12)
    return f"{height} cm ({feet}′{inches}″)"
