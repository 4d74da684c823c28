"""The first matcher by table: who is a hit, who is not, and why."""

from __future__ import annotations

from datetime import date

import pytest

from portal.i18n import speaking
from portal.screening import THRESHOLD, Entry, Index, Profile, in_words, screen, weights
from portal.screening.evidence import BIRTHS
from portal.screening.matcher import DOCUMENT_FLOOR, compare
from portal.screening.names import tokens
from portal.screening.reasons import WORDS, Reason

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
    assert {reason["code"] for reason in match.reasons} - {"name_extra", "name_conflict", "name_many"} == codes
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
    assert [reason["theirs"] for reason in match.reasons] == ["Elise Marie Tremblay", "1986-04-12"]


def test_every_name_of_the_person_is_screened() -> None:
    both = Profile(("Jean Roy", "Elise Tremblay"), BORN)
    assert len(screen(both, Index([_entry("Elise Tremblay", "1986")]))) == 1


@pytest.mark.parametrize("code", sorted(WORDS))
def test_every_reason_has_words_in_both_languages(code: str) -> None:
    assert {*BIRTHS, "name_same", "name_close"} <= set(WORDS)
    reason = {"code": code, "points": 0.1, "theirs": "19", "likeness": 0.93}
    words = set()
    for language in ("en", "fr"):
        with speaking(language):
            words.add(in_words(reason))
    assert len(words) == 2


def test_reasons_hold_nothing_that_the_applicant_told() -> None:
    match = compare(Profile(("Zoé Quimper",), date(1991, 1, 2)), _entry("Zoe Kimper", "1992"))
    assert not any("Quimper" in str(reason) or "1991" in str(reason) for reason in match.reasons)


def test_each_weight_has_the_sign_of_its_evidence() -> None:
    table = weights.table()
    for measures in table["steps"].values():
        assert set(measures) == {*weights.HELPS, *weights.HURTS}
        for measure, steps in measures.items():
            assert [cut for cut, _ in steps] == sorted(cut for cut, _ in steps)
            assert all(points >= 0 if measure in weights.HELPS else points <= 0 for _, points in steps), measure
    codes = table["codes"]
    births = [codes[code] for code in BIRTHS]
    assert births == sorted(births, reverse=True)
    for code in ("document_near", "place_same", "citizenship_same", "place_other", "citizenship_other"):
        for group in table["steps"]:
            assert codes[f"{code} {group}"] * (-1 if code.endswith("other") else 1) >= 0
    assert codes["document_same"] > 0


def test_the_points_of_the_reasons_are_the_score() -> None:
    entry = Entry("1", ("Elyse TREMBLAY", "E. Roy"), ("1986",), (), ("AB123456",), ("Québec",), ("fr",))
    person = Profile(
        ("Élise Marie Tremblay",), BORN, ("AB123457",), "Québec, Canada", ("ca",), given_names="Élise Marie"
    )
    match = compare(person, entry)
    assert match.score == pytest.approx(sum(reason["points"] for reason in match.reasons), abs=0.001)
    assert {"document_near", "place_same", "citizenship_other"} <= {reason["code"] for reason in match.reasons}


def test_a_document_alone_is_always_a_hit() -> None:
    person = Profile(("Zoe Quimper",), BORN, documents=("AB 123-456",))
    (match,) = screen(person, Index([Entry("1", ("Ivan Petrov",), ("1950-01-30",), documents=("ab123456",))]))
    assert match.score >= DOCUMENT_FLOOR > THRESHOLD
    assert {"document_same", "name_other"} <= {reason["code"] for reason in match.reasons}


def test_a_weak_alias_supports_and_never_raises_alone() -> None:
    weak = Entry("1", ("Ivan Petrov",), ("1986-04-12",), weak_names=("Elise Marie Tremblay",))
    assert screen(OURS, Index([weak])) == [] and compare(OURS, weak).score < THRESHOLD
    both = Entry("2", ("Elise Tremblay",), ("1986-04-12",), weak_names=("Elise Marie Tremblay",))
    assert "name_weak" in {reason["code"] for reason in compare(OURS, both).reasons}


def test_one_person_is_one_hit_by_the_closest_entry() -> None:
    far = Entry("1", ("Elise Tremblai",), ("1986",), person_key="P")
    near = Entry("2", ("Elise Marie Tremblay",), ("1986-04-12",), person_key="P")
    assert [match.entry.key for match in screen(OURS, Index([far, near]))] == ["2"]


@pytest.mark.parametrize("name", ["", "   ", "\u0000\u202e", "x" * 5000, "’’’", "-" * 300])
def test_hostile_names_break_nothing(name: str) -> None:
    entry = Entry("1", (name,), ("1986-04-12",))
    assert screen(Profile((name,), BORN), Index([entry])) in ([], [compare(Profile((name,), BORN), entry)])


@pytest.mark.parametrize(
    ("listed", "english", "french"),
    [
        ("1975-04-12", "12 April 1975", "12 avril 1975"),
        ("1975-04", "April 1975", "avril 1975"),
        ("1975", "1975", "1975"),
        ("1975-13-40", "1975-13-40", "1975-13-40"),
    ],
)
def test_a_lists_date_is_written_out_in_both_languages(listed: str, english: str, french: str) -> None:
    reason = Reason(code="birth_near", points=-0.1, theirs=listed, likeness=0.0)
    for language, day in (("en", english), ("fr", french)):
        with speaking(language):
            assert in_words(reason).endswith(day)
