"""The two histories of an application: their kinds of work, the reasons for a gap, and how answers become a history."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from portal.domain.history_gaps import History, Period, Span, window
from portal.domain.months import Month
from portal.i18n import Lazy as _l

HISTORIES = ("addresses", "work")

KINDS_OF_WORK = {
    "employed": _l("Employed"),
    "self_employed": _l("Self-employed"),
    "student": _l("Student"),
    "retired": _l("Retired"),
    "caring": _l("Caring for family"),
    "unemployed": _l("Not working"),
    "other": _l("Something else"),
}
KINDS_WITH_PLACE = ("employed", "self_employed", "student")
"""Only these are asked where, and for or with whom."""

GAP_REASONS = {
    "travelling": _l("I was travelling"),
    "moving": _l("I was moving from one place to another"),
    "no_fixed_address": _l("I had no fixed address"),
    "not_working": _l("I was neither working nor studying"),
    "other": _l("Another reason"),
}
REASONS_FOR = {
    "addresses": ("travelling", "moving", "no_fixed_address", "other"),
    "work": ("not_working", "travelling", "other"),
}


def history_of(answers: Mapping[str, Any] | None, today: date, born: date | None) -> History:
    """The history that a section's answers tell when they are certified on `today`."""
    answers = answers or {}
    return History(
        window(today, born),
        [period_of(entry) for entry in answers.get("entries", ())],
        [span_of(explanation) for explanation in answers.get("explanations", ())],
    )


def period_of(entry: Mapping[str, Any]) -> Period:
    """The period of one entry: "from", and "to" which is None while it goes on."""
    return Period(Month.parse(entry["from"]), Month.parse(entry["to"]) if entry.get("to") else None)


def span_of(explanation: Mapping[str, Any]) -> Span:
    """The months that an explanation is about."""
    return Span(Month.parse(explanation["from"]), Month.parse(explanation["to"]))
