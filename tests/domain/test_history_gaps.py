"""Histories: what covers the last five years, and what does not."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.domain.history_gaps import Coverage, History, Period, Span, window
from portal.domain.months import Month
from portal.i18n import speaking

TODAY = date(2027, 3, 14)
WINDOW = window(TODAY)


def history(*periods: str, explained: str = "") -> History:
    """From "2020-01..2021-02" (no end: it goes on)."""
    return History(WINDOW, [_period(text) for text in periods], [_span(explained)] if explained else [])


def _period(text: str) -> Period:
    first, _, last = text.partition("..")
    return Period(Month.parse(first), Month.parse(last) if last else None)


def _span(text: str) -> Span:
    first, _, last = text.partition("..")
    return Span(Month.parse(first), Month.parse(last))


def test_the_window_is_sixty_months_that_end_with_this_one() -> None:
    assert Span(Month(2022, 4), Month(2027, 3)) == WINDOW
    assert WINDOW.length == 60


def test_the_window_of_a_child_begins_with_the_month_of_birth() -> None:
    assert window(TODAY, date(2024, 2, 29)).first == Month(2024, 2)
    assert window(TODAY, date(1980, 1, 1)) == WINDOW
    assert window(TODAY, TODAY).length == 1


@pytest.mark.parametrize(
    ("periods", "gaps"),
    [
        ([], ["2022-04..2027-03"]),
        (["2015-01.."], []),
        (["2015-01..2023-04", "2023-08.."], ["2023-05..2023-07"]),
        (["2015-01..2023-04", "2023-05.."], []),
        (["2015-01..2022-03"], ["2022-04..2027-03"]),
        (["2022-05..2027-02"], ["2022-04..2022-04", "2027-03..2027-03"]),
        (["2023-08..", "2015-01..2023-04", "2023-06..2023-06"], ["2023-05..2023-05", "2023-07..2023-07"]),
    ],
)
def test_gaps_are_whole_months_that_nothing_covers(periods: list[str], gaps: list[str]) -> None:
    assert history(*periods).gaps() == [_span(gap) for gap in gaps]


def test_an_explained_gap_is_none_and_its_rest_still_is() -> None:
    told = history("2015-01..2023-04", "2023-10..", explained="2023-05..2023-07")
    assert told.explained() == [_span("2023-05..2023-07")]
    assert told.gaps() == [_span("2023-08..2023-09")]
    assert not told.is_complete()
    assert told.is_useful(_span("2023-07..2023-12"))
    assert not told.is_useful(_span("2023-10..2023-12"))


def test_a_shared_month_is_no_overlap_and_two_are() -> None:
    assert history("2022-01..2024-05", "2024-05..").overlaps() == []
    assert history("2022-01..2024-05", "2024-04..").overlaps() == [_span("2024-04..2024-05")]


def test_a_gap_in_words() -> None:
    gap = _span("2023-05..2023-07")
    assert str(gap) == "May 2023 to July 2023 (3 months)"
    assert str(_span("2023-05..2023-05")) == "May 2023 (1 month)"
    with speaking("fr"):
        assert "mai 2023" in str(gap)


months = st.integers(-30, 90).map(WINDOW.first.plus)
periods = st.lists(
    st.tuples(months, st.none() | months)
    .map(lambda ends: Period(*ends))
    .filter(lambda period: not period.last or period.first <= period.last)
)
spans = st.lists(st.tuples(months, months).map(lambda ends: Span(min(ends), max(ends))))


@settings(max_examples=200, deadline=None)
@given(periods=periods, explanations=spans, born=st.none() | st.dates(date(2015, 1, 1), TODAY))
def test_coverage_and_gaps_together_are_the_window(
    periods: list[Period], explanations: list[Span], born: date | None
) -> None:
    told = History(window(TODAY, born), periods, explanations)
    runs = [*told.covered(), *told.explained(), *told.gaps()]
    assert sorted(month for run in runs for month in run.months()) == list(told.window.months())
    for month, state in told.coverage():
        is_covered = any(month in period.until(told.window.last) for period in periods)
        assert (state == Coverage.COVERED) == is_covered
        assert is_covered or (state == Coverage.EXPLAINED) == any(month in span for span in explanations)
