"""What people type, made safe to keep: one Unicode form, no invisible characters, trimmed."""

from __future__ import annotations

import unicodedata

LINE_BREAKS = "\r\n", "\r", "\u2028", "\u2029"
_BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_UNREADABLE = "\ufffd"
_IGNORED = dict.fromkeys(map(ord, "\u200b\u2060\ufeff"))


def normalise(typed: str, *, many_lines: bool = False) -> str:
    """`typed` in Unicode form NFC, without spaces at its ends; line breaks are "\\n", or a space in a single line."""
    for line_break in LINE_BREAKS:
        typed = typed.replace(line_break, "\n")
    if not many_lines:
        typed = typed.replace("\n", " ").replace("\t", " ")
    return unicodedata.normalize("NFC", typed.translate(_IGNORED)).strip()


def without_hidden(typed: str) -> str:
    """`typed` without the characters that nobody can see or store: controls, lone surrogates, direction overrides."""
    return "".join(character for character in typed if not _is_hidden(character))


def has_hidden(typed: str) -> bool:
    """Whether `typed` carries a character that `without_hidden` would take out."""
    return any(map(_is_hidden, typed))


def _is_hidden(character: str) -> bool:
    if character in "\n\t":
        return False
    return (
        unicodedata.category(character) in ("Cc", "Cs")
        or character in _BIDI_CONTROLS
        or character == _UNREADABLE
        or ord(character) & 0xFFFE == 0xFFFE
    )
