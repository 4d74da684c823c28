"""Five years of addresses and work, month by month: the window, what covers it, gaps, overlaps, explained gaps.

Month precision (rulings, section 1): the window is the 60 calendar months up to the month of certification, from the
month of birth where that is later. A gap is a whole month that nothing covers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from portal.domain.months import Month, months_between
from portal.i18n import format_month, gettext, ngettext

WINDOW_MONTHS = 60
TOLERATED_OVERLAP = 1
"""Two neighbours may share the month of the move: nobody is asked about that."""


class Span(NamedTuple):
    """The months from `first` to `last`, both included."""

    first: Month
    last: Month

    @property
    def length(self) -> int:
        """How many months; none where the last comes before the first."""
        return max(0, self.first.until(self.last) + 1)

    def months(self) -> Iterator[Month]:
        """Each of its months, in order."""
        return months_between(self.first, self.last)

    def __contains__(self, month: object) -> bool:
        return isinstance(month, Month) and self.first <= month <= self.last

    def within(self, other: Span) -> Span | None:
        """The part that lies in `other`; None where there is none."""
        part = Span(max(self.first, other.first), min(self.last, other.last))
        return part if part.length else None

    def __str__(self) -> str:
        """In words: "May 2023 to July 2023 (3 months)"."""
        months = ngettext("%(num)s month", "%(num)s months", self.length)
        first, last = format_month(self.first.first_day), format_month(self.last.first_day)
        if self.first == self.last:
            return f"{first} ({months})"
        return gettext("%(first)s to %(last)s (%(length)s)", first=first, last=last, length=months)


class Period(NamedTuple):
    """One entry of a history; `last` is None while it goes on."""

    first: Month
    last: Month | None

    def until(self, end: Month) -> Span:
        """The period as a span; one that goes on lasts until `end`."""
        return Span(self.first, end if self.last is None else self.last)


def window(today: date, born: date | None = None) -> Span:
    """The months that a history must account for when it is certified on `today`."""
    last = Month.of(today)
    first = last.plus(1 - WINDOW_MONTHS)
    return Span(max(first, Month.of(born)) if born and born <= today else first, last)


class Coverage(StrEnum):
    """What is known of one month."""

    COVERED = "covered"
    EXPLAINED = "explained"
    GAP = "gap"


@dataclass(frozen=True)
class History:
    """A window, the periods that were entered, and the spans that were explained."""

    window: Span
    periods: Sequence[Period]
    explanations: Sequence[Span] = ()

    def coverage(self) -> list[tuple[Month, Coverage]]:
        """Each month of the window and what is known of it."""
        covered = _months_of((period.until(self.window.last) for period in self.periods), self.window)
        explained = _months_of(self.explanations, self.window)
        return [(month, _state(month in covered, month in explained)) for month in self.window.months()]

    def covered(self) -> list[Span]:
        """The runs of months that a period covers."""
        return self._runs(Coverage.COVERED)

    def gaps(self) -> list[Span]:
        """The runs of months that nothing covers and nobody explained."""
        return self._runs(Coverage.GAP)

    def explained(self) -> list[Span]:
        """The runs of months that nothing covers, with an explanation."""
        return self._runs(Coverage.EXPLAINED)

    def overlaps(self) -> list[Span]:
        """Where two periods share more than a month: allowed, but worth a second look."""
        spans = sorted(period.until(self.window.last) for period in self.periods)
        shared = (later.within(earlier) for n, earlier in enumerate(spans) for later in spans[n + 1 :])
        return sorted({span for span in shared if span and span.length > TOLERATED_OVERLAP})

    def is_complete(self) -> bool:
        """Whether every month of the window is accounted for."""
        return not self.gaps()

    def is_useful(self, explanation: Span) -> bool:
        """Whether any month of the explanation is still without a period."""
        return any(span.within(explanation) for span in self.explained())

    def _runs(self, wanted: Coverage) -> list[Span]:
        runs: list[Span] = []
        for month, state in self.coverage():
            if state != wanted:
                continue
            if runs and runs[-1].last.plus(1) == month:
                runs[-1] = Span(runs[-1].first, month)
            else:
                runs.append(Span(month, month))
        return runs


def _state(covered: bool, explained: bool) -> Coverage:
    if covered:
        return Coverage.COVERED
    return Coverage.EXPLAINED if explained else Coverage.GAP


def _months_of(spans: Iterable[Span], window: Span) -> set[Month]:
    return {month for span in spans if (part := span.within(window)) for month in part.months()}
