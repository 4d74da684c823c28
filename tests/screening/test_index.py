"""Which entries are compared: none is left out that would be a hit, from whichever side one looks."""

from __future__ import annotations

import csv
import itertools
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from portal.commands import screening as files
from portal.screening import THRESHOLD, Entry, Index, MemberIndex, Profile, births, compare, screen, screen_all
from portal.screening.evidence import birth_code
from portal.screening.normalise import likeness, tokens

SHARED = Path(__file__).parents[3] / "shared/data/screening"
REAL = pytest.mark.skipif(not (SHARED / "lookout_list.csv").exists(), reason="the shared screening data is not here")

GIVEN_NAMES = """
    Aleksandr Alexander Élise Elise Mohammed Muhamad Jean Jean-Pierre Jeanpierre Noor Nooruddin Abdul José
"""
FAMILY_NAMES = """
    Tremblay Trembley Ivanov Iwanow Haqqani Hakkani Roy DeRoy Zhang Chang Rahman Abdurrahman Petrov
"""
GIVEN, FAMILY = GIVEN_NAMES.split(), FAMILY_NAMES.split()
DATES = ("1986-04-12", "1986-12-04", "1968-04-12", "1986", "1985-07-01", "1986-04-22", "", "1950-01-30")


def _entries() -> list[Entry]:
    names = [f"{given} {family.upper()}" for given, family in itertools.product(GIVEN, FAMILY)]
    return [
        Entry(str(i), (name, names[i - 7]), tuple(filter(None, [DATES[i % 8]])), (), (f"X{i:06}",), ("Québec",))
        for i, name in enumerate(names)
    ]


def _people() -> list[Profile]:
    names = [f"{given} {family}" for given, family in itertools.product(GIVEN[::-1], FAMILY)]
    return [
        Profile(
            (name,), date.fromisoformat(DATES[i % 3]) if i % 5 else None, (f"X{i * 7 % 200:06}",), "Québec", ("ca",)
        )
        for i, name in enumerate(names)
    ]


def _hits(profile: Profile, entries: list[Entry]) -> set[str]:
    return {entry.key for entry in entries if compare(profile, entry).score >= THRESHOLD}


def test_the_search_leaves_out_no_hit() -> None:
    entries, people = _entries(), _people()
    index = Index(entries)
    found = {(i, entry.key) for i, person in enumerate(people) for entry in index.candidates(person)}
    hits = {(i, key) for i, person in enumerate(people) for key in _hits(person, entries)}
    assert len(hits) > 500 and hits <= found


def test_many_together_find_what_each_finds_alone() -> None:
    """The same matches with the same reasons in any order, and those that comparing everybody with everything finds."""
    entries, people = _entries(), _people()
    index = Index(entries)
    together = list(screen_all(people, index))
    assert together == [screen(person, index) for person in people]
    assert together == list(screen_all(people[::-1], Index(entries)))[::-1]
    alone = [_hits(person, entries) for person in people]
    assert [{match.entry.key for match in each} for each in together] == alone and sum(map(len, alone)) > 500


def test_dates_of_birth_are_alike_as_the_score_has_it() -> None:
    """The same, one digit off, neighbours or day and month exchanged, and no other: for every two of many dates."""
    days = [
        f"{year}-{month:02}-{day:02}"
        for year in (1968, 1986, 1968, 2001)
        for month in (1, 4, 12)
        for day in (1, 4, 12, 21, 30)
    ]
    for born in map(date.fromisoformat, days):
        ours = np.full(len(days), births.digits(born.isoformat()), np.uint32)
        found = set(births.exact(ours, births.days_of([(day,) for day in days])[0]).tolist())
        wanted = {at for at, day in enumerate(days) if birth_code(born, day) in births.CODES[births.EXACT]}
        assert found == wanted and len(wanted) < len(days)


def test_a_saved_index_finds_the_same(tmp_path: Path) -> None:
    index = Index(_entries())
    index.save(tmp_path)
    mapped = Index.load(tmp_path)
    assert len(mapped) == len(index) > 0
    for person in _people()[:60]:
        assert screen(person, mapped) == screen(person, index)


def test_looking_for_entries_among_members_is_looking_for_members_among_entries(tmp_path: Path) -> None:
    entries, people = _entries(), _people()
    members, index = MemberIndex(people), Index(entries)
    members.save(tmp_path)
    forwards = {(i, match.entry.key) for i, person in enumerate(people) for match in screen(person, index)}
    for each in (members, MemberIndex.load(tmp_path)):
        backwards = {
            (number, entry.key)
            for entry in entries
            for number in each.candidates(entry)
            if compare(people[number], entry).score >= THRESHOLD
        }
        assert backwards == forwards


@REAL
def test_the_delta_of_a_real_change_is_the_full_search() -> None:
    """What the entries that the OFAC list gained from 2021 to 2023 find among people is what a full search adds."""
    old = {row["entry_id"]: row for row in files.rows_of(SHARED / "lookout_list_ofac_2021.csv")}
    new = [row for row in files.rows_of(SHARED / "lookout_list.csv") if row["source"] == "US-OFAC-SDN"]
    added = [files.entry_of(row) for row in new if old.get(row["entry_id"]) != row]
    assert len(added) > 1000
    with (SHARED / "dev_pairs.csv").open(encoding="utf-8", newline="") as file:
        people = [files.profile_of(row, "q_") for row in itertools.islice(csv.DictReader(file), 0, None, 8)]
    index, members = Index(added), MemberIndex(people)
    full = {
        (number, entry.key)
        for number, person in enumerate(people)
        for entry in index.candidates(person)
        if compare(person, entry).score >= THRESHOLD
    }
    delta = {
        (number, entry.key)
        for entry in added
        for number in members.candidates(entry)
        if compare(people[number], entry).score >= THRESHOLD
    }
    assert delta == full and len(full) > 100


def test_an_index_of_nothing_finds_nothing() -> None:
    assert Index([]).candidates(Profile(("Zoe Quimper",), None)) == []
    assert MemberIndex([]).candidates(Entry("1", ("Zoe Quimper",), ("1986-04-12",), (), ("AB123456",))) == []


@pytest.mark.parametrize(
    ("written", "latin"),
    [
        ("Владимир Петров", "Vladimir Petrov"),
        ("Γιώργος Παπαδόπουλος", "Giorgos Papadopoulos"),
        ("محمد حسن عبد الرحمن", "Mohammad Hassan Abdul Rahman"),
        ("משה כהן", "Moshe Kohen"),
        ("王秀英", "Wang Xiuying"),
        ("김영수", "Kim Yeong Su"),
        ("नरेन्द्र मोदी", "Narendra Modi"),
        ("გიორგი ბერიძე", "Giorgi Beridze"),
    ],
)
def test_names_in_eight_scripts_are_found_by_their_latin_form(written: str, latin: str) -> None:
    born = date(1971, 5, 9)
    for ours, theirs in ((written, latin), (latin, written)):
        (match,) = screen(Profile((ours,), born), Index([Entry("1", (theirs,), ("1971-05-09",))]))
        assert match.score >= THRESHOLD


def test_a_person_with_one_name_is_found_by_it_and_the_date() -> None:
    person = Profile(("Sukarnoputri",), date(1971, 5, 9), birth_place="Jakarta, Indonesia", citizenships=("id",))
    same = Entry("1", ("SUKARNOPUTRI",), ("1971-05-09",), (), (), ("Jakarta",), ("id",))
    assert [match.entry.key for match in screen(person, Index([same]))] == ["1"]
    other = Entry("2", ("Budi SUKARNOPUTRI",), ("1950-01-30",))
    assert screen(person, Index([other])) == []


def test_a_list_that_knows_only_the_year_is_enough_for_a_full_name() -> None:
    person = Profile(("Thaddeus Quimper",), date(1971, 5, 9))
    assert screen(person, Index([Entry("1", ("Thadeus QUIMPER",), ("1971",))]))
    assert not screen(person, Index([Entry("2", ("Thadeus QUIMPER",), ("1961",))]))


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("Habibullah", "Habib Allah"),
        ("Abdurrahman", "Abd al-Rahman"),
        ("Noureddine", "Nur al-Din"),
        ("Abdullah", "'Abd Allah"),
    ],
)
def test_compound_names_have_one_form(ours: str, theirs: str) -> None:
    a, b = tokens(ours), [part for part in tokens(theirs) if part != "al"]
    assert len(a) == len(b) and all(likeness(x, y) > 0.9 for x, y in zip(a, b, strict=True))
