"""The SDN list as CSV: the SDN file, then ALT (other names) and ADD (addresses), joined by the entry's number."""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from portal.adapters.lookout_formats.letters import decoded
from portal.adapters.lookout_formats.rows import Reading, RowError, Unreadable
from portal.i18n import Lazy as _l

NOTHING = "-0-"
WIDTHS = (12, 5, 6)
NAMES = ("SDN", "ALT", "ADD")
BIRTH = re.compile(r"(?:^|alt\. )DOB (.+)")
PLACE = re.compile(r"(?:^|alt\. )POB (.+)")
CITIZEN = re.compile(r"(?:alt\. )?(?:nationality|citizen) (.+)")
WEAK = re.compile(r"a\.k\.a\. '(.+)'")
DOCUMENT = re.compile(r"(?:Passport|National ID No\.|Identification Number|Tax ID No\.) .+")

Lines = list[tuple[int, list[str]]]


def read(files: Sequence[bytes]) -> Reading:
    """The people of the list. ALT and ADD may be left out together. Raises Unreadable for a broken file."""
    reading = Reading()
    tables = [_lines(reading, *given) for given in zip(files, WIDTHS, NAMES, strict=False)]
    sdn, alt, add = [*tables, [], []][:3]
    known = {line[0] for _number, line in sdn}
    names = _by_key(reading, alt, known, 3)
    countries = _by_key(reading, add, known, 4)
    for number, line in sdn:
        if line[2].lower() != "individual":
            reading.not_people += 1
        else:
            _add(reading, number, line, names[line[0]], countries[line[0]])
    return reading


def _lines(reading: Reading, content: bytes, width: int, name: str) -> Lines:
    lines = csv.reader(io.StringIO(decoded(content)), strict=True)
    kept: Lines = []
    try:
        for line in lines:
            if len(line) == width:
                kept.append((lines.line_num, [_value(text) for text in line]))
            elif any(text.strip() for text in line):
                problem = _l("%(file)s: the line has not %(count)s columns.", file=name, count=width)
                reading.errors.append(RowError(lines.line_num, line[0], problem))
    except csv.Error as error:
        raise Unreadable(_l("%(file)s: line %(number)s is broken.", file=name, number=lines.line_num)) from error
    if not kept:
        raise Unreadable(_l("%(file)s: there is no line of this format.", file=name))
    return kept


def _value(text: str) -> str:
    return "" if text.strip() == NOTHING else text.strip()


def _by_key(reading: Reading, lines: Lines, known: set[str], column: int) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for number, line in lines:
        if line[0] in known:
            found[line[0]].append(line[column])
        else:
            reading.errors.append(RowError(number, line[0], _l("No entry has this number.")))
    return found


def _add(reading: Reading, number: int, line: list[str], other_names: list[str], countries: list[str]) -> None:
    remarks = [part.strip().rstrip(".") for part in line[11].split(";")]
    details: dict[str, Any] = {
        "programs": line[3],
        "citizenship": _found(CITIZEN, remarks),
        "born_in": _found(PLACE, remarks),
        "weak_names": _found(WEAK, remarks),
        "documents": [part for part in remarks if DOCUMENT.fullmatch(part)],
        "lives_in": countries,
        "remarks": line[11],
    }
    names = [line[1], *other_names] if line[1] else []
    reading.add(number, line[0], names, _found(BIRTH, remarks), details)


def _found(pattern: re.Pattern[str], remarks: list[str]) -> list[str]:
    return [found[1] for part in remarks if (found := pattern.fullmatch(part))]
