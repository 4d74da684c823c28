"""Reading a country list: our CSV, strictly and whole; every unfit line is named."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from typing import Any

from portal.adapters.lookout_formats.letters import decoded
from portal.adapters.lookout_formats.rows import ODD_LETTERS, REPLACEMENT, RowError, Unreadable
from portal.domain import countries
from portal.domain.entry_rules import LONGEST_STAY, LONGEST_TEXT, Requirement, Rule
from portal.i18n import Lazy
from portal.i18n import Lazy as _l

COLUMNS = ("nationality", "requirement", "if_resident", "stay_days", "condition_en", "condition_fr", "source")
KINDS = ", ".join(Requirement)
LARGEST = 1024 * 1024
"""Bytes of a file: a list names fewer than 300 nationalities."""

TOO_LARGE = _l("The file is larger than any country list is.")
OTHER_COLUMNS = _l("The first line must name these columns, in any order: %(columns)s.", columns=", ".join(COLUMNS))
OTHER_COUNT = _l("The line has more or fewer columns than the first one.")
NO_COUNTRY = _l("“%(text)s” is not a country of ISO 3166 (two letters), nor a code of passports.")
TWICE = _l("The nationality stands on the list twice.")
NO_REQUIREMENT = _l("“%(text)s” is no requirement. It must be one of these: %(kinds)s.")
NO_DAYS = _l("“%(text)s” is not a number of days from 1 to %(most)s.")
ONE_LANGUAGE = _l("A condition must stand there in English and in French, or in neither.")
NO_SOURCE = _l("The line does not say where the rule stands.")
LONG_TEXT = _l("A text is longer than %(most)s characters.", most=LONGEST_TEXT)
NOT_OWN = _l("“citizen” is for the country’s own citizens, and only they have it.")


@dataclass
class CountryReading:
    """A country list as read: the fit rules by nationality, and what is wrong with the other lines."""

    rules: dict[str, Rule] = field(default_factory=dict)
    errors: list[RowError] = field(default_factory=list)


class _Unfit(Exception):
    def __init__(self, problem: Lazy) -> None:
        super().__init__(str(problem))
        self.problem = problem


def read(content: bytes, country: str) -> CountryReading:
    """The list of the country "CA" or "US". Raises Unreadable where the file as a whole is not such a list."""
    if len(content) > LARGEST:
        raise Unreadable(TOO_LARGE)
    lines = csv.DictReader(io.StringIO(decoded(content)), strict=True)
    reading = CountryReading()
    try:
        if sorted(lines.fieldnames or ()) != sorted(COLUMNS):
            raise Unreadable(OTHER_COLUMNS)
        for line in lines:
            _add(reading, lines.line_num, line, country)
    except csv.Error as error:
        raise Unreadable(_l("Line %(number)s is broken.", number=lines.reader.line_num)) from error
    return reading


def _add(reading: CountryReading, number: int, line: dict[Any, Any], country: str) -> None:
    code = str(line.get("nationality") or "").strip().upper()
    try:
        if None in line or None in line.values():
            raise _Unfit(OTHER_COUNT)
        plain = {name: " ".join(value.split()) for name, value in line.items()}
        if code in reading.rules:
            raise _Unfit(TWICE)
        reading.rules[code] = _rule(code, plain, country)
    except _Unfit as error:
        reading.errors.append(RowError(number, code[:LONGEST_TEXT], error.problem))


def _rule(code: str, line: dict[str, str], country: str) -> Rule:
    _check_texts(code, line)
    requirement = _requirement(line["requirement"])
    if (requirement is Requirement.CITIZEN) != (code == country):
        raise _Unfit(NOT_OWN)
    resident = _requirement(line["if_resident"]) if line["if_resident"] else None
    if resident is Requirement.CITIZEN:
        raise _Unfit(NOT_OWN)
    texts = {name: line[name] for name in ("condition_en", "condition_fr", "source")}
    return Rule(requirement, if_resident=resident, stay_days=_days(line["stay_days"]), **texts)


def _check_texts(code: str, line: dict[str, str]) -> None:
    checks = (
        (any(REPLACEMENT in text or "\x00" in text for text in line.values()), ODD_LETTERS),
        (any(len(text) > LONGEST_TEXT for text in line.values()), LONG_TEXT),
        (code not in countries.CODES | countries.PASSPORT_CODES.keys(), _l(NO_COUNTRY.message, text=code[:40])),
        (bool(line["condition_en"]) != bool(line["condition_fr"]), ONE_LANGUAGE),
        (not line["source"], NO_SOURCE),
    )
    for is_so, problem in checks:
        if is_so:
            raise _Unfit(problem)


def _requirement(text: str) -> Requirement:
    try:
        return Requirement(text)
    except ValueError:
        raise _Unfit(_l(NO_REQUIREMENT.message, text=text[:40], kinds=KINDS)) from None


def _days(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= LONGEST_STAY):
        raise _Unfit(_l(NO_DAYS.message, text=text[:40], most=LONGEST_STAY))
    return int(text)


def written(rules: dict[str, Rule]) -> str:
    """The rules as a file that can be read again."""
    file = io.StringIO()
    lines = csv.DictWriter(file, COLUMNS)
    lines.writeheader()
    for code, rule in sorted(rules.items()):
        lines.writerow({"nationality": code, **{name: value or "" for name, value in rule.kept().items()}})
    return file.getvalue()
