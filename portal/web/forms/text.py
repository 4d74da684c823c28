"""What people type, made safe to keep: one Unicode form, no invisible characters, trimmed."""

from __future__ import annotations

import re
import unicodedata

LINE_BREAKS = "\r\n", "\r", "\u2028", "\u2029"
_CONTROLS = "\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f"
_SURROGATES = "\\ud800-\\udfff"
_DIRECTION_OVERRIDES = "\\u202a-\\u202e\\u2066-\\u2069"
_UNREADABLE = "\\ufffd"
_NONCHARACTERS = "".join(f"\\U{plane:04x}fffe\\U{plane:04x}ffff" for plane in range(17))
_HIDDEN = re.compile(f"[{_CONTROLS}{_SURROGATES}{_DIRECTION_OVERRIDES}{_UNREADABLE}{_NONCHARACTERS}]")
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
    return _HIDDEN.sub("", typed)


def has_hidden(typed: str) -> bool:
    """Whether `typed` carries a character that `without_hidden` would take out."""
    return _HIDDEN.search(typed) is not None
