"""Why a person resembles an entry: each reason as stored data, and in words for the officer who reads it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, TypedDict

from babel.numbers import format_percent

from portal.i18n import LOCALES, current_language, format_date, format_month
from portal.i18n import Lazy as _l


class Reason(TypedDict):
    """One reason: what it is, how much it adds to the score, and what the list says. Nothing of the applicant's."""

    code: str
    points: float
    theirs: str
    likeness: float


WORDS = {
    "name_same": _l("The name is the same as “%(theirs)s”"),
    "name_close": _l("The name is close to “%(theirs)s” (%(percent)s alike)"),
    "name_other": _l("The name is another: the list has “%(theirs)s”"),
    "name_conflict": _l("Parts of the two names contradict each other"),
    "name_extra": _l("Parts of the name are found on one side only"),
    "name_many": _l("The list has %(theirs)s names for this person, so that one of them is like another name sooner"),
    "birth_same": _l("The date of birth is the same"),
    "birth_swapped": _l("The date of birth is the same with day and month exchanged: %(theirs)s"),
    "birth_slip": _l("The date of birth differs in one digit: %(theirs)s"),
    "birth_year": _l("The year of birth is the same: the list has %(theirs)s"),
    "birth_same_year": _l("The year of birth is the same, the day is another: the list has %(theirs)s"),
    "birth_near": _l("The year of birth is one or two years off: the list has %(theirs)s"),
    "birth_unknown": _l("The list has no date of birth"),
    "birth_far": _l("The date of birth is another: the list has %(theirs)s"),
    "document_same": _l("A document has the same number"),
    "document_near": _l("A document’s number differs in one character"),
    "place_same": _l("The place of birth is the same"),
    "place_other": _l("The place of birth is another"),
    "citizenship_same": _l("A citizenship is the same"),
    "citizenship_other": _l("No citizenship is the same"),
    "name_weak": _l("A weak alias supports it: “%(theirs)s”"),
}


def in_words(reason: Mapping[str, Any]) -> str:
    """The reason as a sentence in the language being spoken. Raises KeyError for a code that is not known."""
    words = WORDS[reason["code"]]
    percent = format_percent(reason["likeness"], locale=LOCALES[current_language()])
    theirs = _written_out(reason["theirs"]) if reason["code"].startswith("birth_") else reason["theirs"]
    return str(_l(words.message, theirs=theirs, percent=percent))


def _written_out(day: str) -> str:
    """A list's date as people write it: a full date, or a month; a year alone, and what is no date, as it is."""
    try:
        if len(day) == 10:
            return format_date(date.fromisoformat(day))
        return format_month(date.fromisoformat(f"{day}-01")) if len(day) == 7 else day
    except ValueError:
        return day
