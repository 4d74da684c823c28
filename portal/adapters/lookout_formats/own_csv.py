"""Our own CSV: entry_key, names, birth_dates, and details; several values of one column are parted by |."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from portal.adapters.lookout_formats.letters import decoded
from portal.adapters.lookout_formats.rows import Reading, RowError, Unreadable
from portal.i18n import Lazy as _l

SEPARATOR = "|"
NEEDED = ("entry_key", "names", "birth_dates")
SEVERAL = ("weak_names", "documents")
"""Details that are always lists."""


def read(files: Sequence[bytes]) -> Reading:
    """The one file of a list in our own CSV. Raises Unreadable without its columns."""
    lines = csv.DictReader(io.StringIO(decoded(files[0])), strict=True)
    reading = Reading()
    try:
        if not set(NEEDED) <= set(lines.fieldnames or ()):
            raise Unreadable(_l("The first line must name the columns entry_key, names and birth_dates."))
        for line in lines:
            _add(reading, lines.line_num, line)
    except csv.Error as error:
        raise Unreadable(_l("Line %(number)s is broken.", number=lines.reader.line_num)) from error
    return reading


def _add(reading: Reading, number: int, line: dict[Any, Any]) -> None:
    if None in line or None in line.values():
        problem = _l("The line has more or fewer columns than the first one.")
        reading.errors.append(RowError(number, line.get("entry_key") or "", problem))
        return
    details: dict[str, Any] = {
        key: value.split(SEPARATOR) if key in SEVERAL else value for key, value in line.items() if key not in NEEDED
    }
    reading.add(
        number, line["entry_key"], line["names"].split(SEPARATOR), line["birth_dates"].split(SEPARATOR), details
    )
