"""Names as passports carry them: which characters a name may have, and the line in the machine-readable zone."""

from __future__ import annotations

import unicodedata

MRZ_LENGTH = 39
"""Characters for the name in the first line of a passport (ICAO Doc 9303, part 4)."""

MRZ_LETTERS = {
    "Ä": "AE", "Å": "AA", "Æ": "AE", "Ð": "D", "Đ": "D", "Ħ": "H", "Ĳ": "IJ", "Ł": "L", "Ŋ": "N", "Ö": "OE",
    "Ø": "OE", "Œ": "OE", "ẞ": "SS", "Þ": "TH", "Ŧ": "T", "Ü": "UE", "ß": "SS", "ı": "I", "ĸ": "K",
}  # fmt: skip
"""Letters that ICAO Doc 9303 (part 3, section 6) writes with other letters; the rest lose their accents."""

JOINERS = " -–’'.·,"


def unusual_character(name: str) -> str | None:
    """The first character that no name in a passport has: a digit, a sign; None when there is none."""
    for character in name:
        if unicodedata.category(character)[0] not in "LM" and character not in JOINERS:
            return character
    return None


def mrz_line(family_name: str, given_names: str, *, length: int | None = MRZ_LENGTH) -> str:
    """Both names as the passport's machine-readable zone prints them: "TREMBLAY<<MARIE<EVE"; whole without a length."""
    family, given = _mrz(family_name), _mrz(given_names)
    return "<<".join(part for part in (family, given) if part)[:length]


def is_latin(name: str) -> bool:
    """Whether the machine-readable zone can carry every letter of the name."""
    return all(_letter(character) for character in name if character.isalpha())


def _mrz(name: str) -> str:
    words = name.replace("’", "").replace("'", "").replace(".", "")
    for joiner in JOINERS:
        words = words.replace(joiner, " ")
    return "<".join("".join(_letter(character) for character in word) for word in words.split())


def _letter(character: str) -> str:
    capital = character if character in MRZ_LETTERS else character.upper()
    plain = MRZ_LETTERS.get(capital) or unicodedata.normalize("NFD", capital)
    return "".join(letter for letter in plain if "A" <= letter <= "Z")
