"""What every reader makes of a list: entries that can be screened against, and what is wrong with the others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypedDict

from portal.adapters.lookout_formats import dates
from portal.i18n import Lazy
from portal.i18n import Lazy as _l

LONGEST_NAME = 300
MOST_NAMES = 1000
LONGEST_DETAIL = 50_000
"""Characters of all that an entry says beside its names: some lists have long remarks, none has a book."""
NO_KEY = _l("The entry has no number.")
NO_NAME = _l("The entry has no name.")
LONG_NAME = _l("A name is longer than any name is.")
MANY_NAMES = _l("The entry has more names than anybody has.")
LONG_DETAIL = _l("The entry says more than any entry does.")
REPEATED = _l("The number of the entry stands on the list twice.")
ODD_LETTERS = _l("The entry has letters that could not be read.")
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


class Row(TypedDict):
    """One entry as it is imported. The first name is the main one; dates of birth are "1975" or "1975-04-12"."""

    entry_key: str
    names: list[str]
    birth_dates: list[str]
    details: dict[str, Any]
    """What else the list says: text, or a list of texts (weak_names, documents, citizenship, born_in)."""


@dataclass(frozen=True)
class RowError:
    """Why one entry is unfit: where it stands, its number as far as it has one, and the problem in words."""

    line: int
    entry_key: str
    problem: Lazy


class Unreadable(Exception):
    """The file as a whole cannot be read; nothing of it is."""

    def __init__(self, problem: Lazy) -> None:
        super().__init__(str(problem))
        self.problem = problem


@dataclass
class Reading:
    """A list as read: rows, errors, how many entries are not people, and the day of the list where it says so."""

    rows: list[Row] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)
    not_people: int = 0
    source_on: date | None = None

    def __post_init__(self) -> None:
        self._seen: set[str] = set()

    def add(
        self, line: int, key: str, names: Iterable[str], births: Iterable[str], details: dict[str, Any] | None = None
    ) -> None:
        """Keep an entry, or its first problem: never both, so that nothing is half imported."""
        key, kept_names, kept_births = _plain(key), _unique(names), _unique(births)
        details = dict(_kept(details or {}))
        try:
            days = _unique(day for text in kept_births for day in dates.read(text))
        except ValueError as error:
            self.errors.append(RowError(line, key, _l("“%(text)s” is not a date of birth.", text=str(error))))
            return
        problem = self._problem(key, kept_names, details)
        self._seen.add(key)
        if problem is None:
            self.rows.append(Row(entry_key=key, names=kept_names, birth_dates=days, details=details))
        else:
            self.errors.append(RowError(line, key, problem))

    def _problem(self, key: str, names: list[str], details: dict[str, Any]) -> Lazy | None:
        checks = (
            (not key, NO_KEY),
            (not names, NO_NAME),
            (any(len(name) > LONGEST_NAME for name in names), LONG_NAME),
            (len(names) > MOST_NAMES, MANY_NAMES),
            (len(key) > LONGEST_NAME or len(str(details)) > LONGEST_DETAIL, LONG_DETAIL),
            (REPLACEMENT in key + "".join(names) + str(details), ODD_LETTERS),
            (key in self._seen, REPEATED),
        )
        return next((problem for is_so, problem in checks if is_so), None)


def _plain(text: str) -> str:
    return " ".join(text.replace("\x00", "").split())


def _unique(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(plain for text in texts if (plain := _plain(text))))


def _kept(details: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in details.items():
        kept = _plain(value) if isinstance(value, str) else _unique(value)
        if kept:
            yield key, kept
