"""The first matcher by table: who is a hit, who is not, and why."""

from __future__ import annotations

from datetime import date

import pytest

from portal.i18n import speaking
from portal.screening import THRESHOLD, Entry, Index, Profile, in_words, screen
from portal.screening.matcher import BIRTH_POINTS, compare
from portal.screening.names import tokens
from portal.screening.reasons import WORDS

BORN = date(1986, 4, 12)
OURS = Profile(("Élise Marie Tremblay",), BORN)


def _entry(name: str, *births: str) -> Entry:
    return Entry("1", (name,), births)


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Mme Élise O’Brien-Roy", ("elise", "obrien", "roy")),
        ("TREMBLAY, Élise", ("tremblay", "elise")),
        ("Владимир Петров", ("vladimir", "petrov")),
        ("Dr. José de la Cruz Jr", ("jose", "de", "la", "cruz")),
        ("  ", ()),
    ],
)
def test_names_become_plain_parts(name: str, parts: tuple[str, ...]) -> None:
    assert tokens(name) == parts


@pytest.mark.parametrize(
    ("entry", "codes"),
    [
        (_entry("TREMBLAY, Elise Marie", "1986-04-12"), {"name_same", "birth_same"}),
        (_entry("Elise TREMBLAY", "1986-04-12"), {"name_close", "birth_same"}),
        (_entry("TREMBLEY, Elise", "1986-04-12"), {"name_close", "birth_same"}),
        (_entry("Elise Tremblay", "1986-12-04"), {"name_close", "birth_swapped"}),
        (_entry("Elise Tremblay", "1986-04-22"), {"name_close", "birth_slip"}),
        (_entry("Elise Tremblay", "1986"), {"name_close", "birth_year"}),
        (_entry("Elise Tremblay"), {"name_close", "birth_unknown"}),
        (_entry("Tremblay, Elisemarie", "1986-04-12"), {"name_same", "birth_same"}),
        (_entry("E. TREMBLAY", "1986-04-12"), {"name_close", "birth_same"}),
    ],
)
def test_a_likeness_is_a_hit_with_its_reasons(entry: Entry, codes: set[str]) -> None:
    (match,) = screen(OURS, Index([entry]))
    assert {reason["code"] for reason in match.reasons} == codes
    assert match.score >= THRESHOLD


@pytest.mark.parametrize(
    "entry",
    [
        _entry("Elise Marie Tremblay", "1956-01-30"),  # the same name, another generation
        _entry("TREMBLAY, Jean", "1986-04-12"),  # the same family name and birthday
        _entry("OKAFOR, Daniel", "1986-04-12"),  # a birthday alone
        _entry("TREMBLAY, Jean"),
    ],
)
def test_one_thing_alone_is_no_hit(entry: Entry) -> None:
    assert screen(OURS, Index([entry])) == []


def test_the_best_name_and_the_best_date_of_an_entry_count_once() -> None:
    entry = Entry("1", ("X. Nobody", "Elise Marie Tremblay"), ("1950", "1986-04-12"))
    (match,) = screen(OURS, Index([entry]))
    assert match.score == 1.0


def test_every_name_of_the_person_is_screened() -> None:
    both = Profile(("Jean Roy", "Elise Tremblay"), BORN)
    assert len(screen(both, Index([_entry("Elise Tremblay", "1986")]))) == 1


def test_better_evidence_never_scores_less() -> None:
    ranked = ("birth_same", "birth_swapped", "birth_slip", "birth_near", "birth_unknown", "birth_far")
    points = [BIRTH_POINTS[code] for code in ranked]
    assert points == sorted(points, reverse=True)


@pytest.mark.parametrize("code", [*BIRTH_POINTS, "name_same", "name_close"])
def test_every_reason_has_words_in_both_languages(code: str) -> None:
    assert code in WORDS
    reason = {"code": code, "points": 0.1, "theirs": "1986", "likeness": 0.93}
    words = set()
    for language in ("en", "fr"):
        with speaking(language):
            words.add(in_words(reason))
    assert len(words) == 2


def test_reasons_hold_nothing_that_the_applicant_told() -> None:
    match = compare(Profile(("Zoé Quimper",), date(1991, 1, 2)), _entry("Zoe Kimper", "1992"))
    assert not any("Quimper" in str(reason) or "1991" in str(reason) for reason in match.reasons)
