"""Text files in whatever encoding they come: UTF-8 or UTF-16 by their mark, else UTF-8, else Windows-1252."""

from __future__ import annotations

import codecs

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
END_OF_FILE = "\x1a"
"""A sign that some lists end with, from the days of CP/M."""


def decoded(content: bytes) -> str:
    """The text of a file. A byte that has no letter becomes U+FFFD, which the rows refuse."""
    for mark, encoding in MARKS:
        if content.startswith(mark):
            return content.decode(encoding, errors="replace").rstrip(END_OF_FILE)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    return text.rstrip("\r\n " + END_OF_FILE)
