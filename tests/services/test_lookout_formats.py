"""Look-out lists as they are published: read whole or not at all, with invented samples in the real formats."""

from __future__ import annotations

from pathlib import Path

import pytest

from portal.adapters.lookout_formats import FORMATS, Reading, Unreadable, dates
from portal.i18n import speaking
from portal.services import lookout_lists

SAMPLES = Path(__file__).parent.parent.parent / "demo/data/lookouts"


def _sample(*names: str) -> list[bytes]:
    return [(SAMPLES / name).read_bytes() for name in names]


def _read(kind: str, *names: str) -> Reading:
    return FORMATS[kind](_sample(*names))


@pytest.mark.parametrize(
    ("kind", "names"), [("ofac-csv", ("sdn.csv", "alt.csv", "add.csv")), ("ofac-xml", ("sdn.xml",))]
)
def test_both_forms_of_the_sdn_list_say_the_same(kind: str, names: tuple[str, ...]) -> None:
    reading = _read(kind, *names)
    assert (reading.errors, reading.not_people) == ([], 1)
    first, second = reading.rows
    assert (first["entry_key"], first["names"]) == ("101", ["VALCOURT, Armand", "VALKUR, Arman"])
    assert first["birth_dates"] == ["1956-04-12", "1957"]
    assert first["details"]["weak_names"] == ["MANDO"]
    assert first["details"]["citizenship"] == ["Norway"] and first["details"]["born_in"] == ["Bergen, Norway"]
    assert "N0000001" in first["details"]["documents"][0]
    assert second["birth_dates"] == ["1960", "1961", "1962"]


def test_the_list_of_the_united_nations() -> None:
    reading = _read("un-xml", "un.xml")
    first, second = reading.rows
    assert (reading.errors, reading.not_people, str(reading.source_on)) == ([], 1, "2026-10-30")
    assert first["names"] == ["CYRUS BLANCHE ASTORIN", "Кирус Асторин", "Kirus Astorin"]
    assert first["birth_dates"] == ["1961-03-05", "1962", "1963"]
    assert first["details"]["weak_names"] == ["Cy"]
    assert first["details"]["documents"] == ["Passport P0000002 Chile"]
    assert second["birth_dates"] == ["1954"]


def test_the_autonomous_sanctions_of_canada() -> None:
    reading = _read("sema-xml", "sema.xml")
    first, second = reading.rows
    assert (reading.errors, reading.not_people) == ([], 1)
    assert first["entry_key"] == "Invented / 1, Part 1 / 1"
    assert first["names"] == ["Ouvrard, Quentin", "Kentin Uvrar", "Q. Gregor Ouvrard"]
    assert second["birth_dates"] == ["1960"]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("1975", ["1975"]),
        ("1975-04-12", ["1975-04-12"]),
        ("12 Apr 1975", ["1975-04-12"]),
        ("Apr 1975", ["1975"]),
        ("circa 12 Apr 1975", ["1975"]),
        ("1975 to 1977", ["1975", "1976", "1977"]),
        ("circa 1975 to circa 1976", ["1975", "1976"]),
    ],
)
def test_dates_as_lists_write_them(text: str, read: list[str]) -> None:
    assert dates.read(text) == read


@pytest.mark.parametrize("text", ["86", "1986-4-1", "1986-02-30", "04/05/1986", "1977 to 1975", "1900 to 1990", "0012"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=text):
        dates.read(text)


BOMB = b"""<?xml version="1.0"?><!DOCTYPE sdnList [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<sdnList><sdnEntry><uid>1</uid><lastName>&b;</lastName><sdnType>Individual</sdnType></sdnEntry></sdnList>"""
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE sdnList SYSTEM "file:///etc/passwd"><sdnList/>'


@pytest.mark.parametrize("content", [BOMB, OUTSIDE, BOMB.decode().encode("utf-16")])
def test_a_document_type_is_refused_and_nothing_is_expanded(content: bytes) -> None:
    with pytest.raises(Unreadable):
        FORMATS["ofac-xml"]([content])


@pytest.mark.parametrize(("kind", "name"), [("ofac-xml", "sdn.xml"), ("un-xml", "un.xml"), ("sema-xml", "sema.xml")])
def test_a_file_that_was_cut_off_is_refused_wherever_it_ends(kind: str, name: str) -> None:
    (content,) = _sample(name)
    for end in range(0, len(content.rstrip()) - 1, 97):
        with pytest.raises(Unreadable):
            FORMATS[kind]([content[:end]])


def test_a_list_of_another_kind_is_refused() -> None:
    with pytest.raises(Unreadable, match="another kind"):
        _read("un-xml", "sdn.xml")


def test_fewer_entries_than_the_file_says_are_refused() -> None:
    (content,) = _sample("sdn.xml")
    with pytest.raises(Unreadable, match="4 entries, and has 3"):
        FORMATS["ofac-xml"]([content.replace(b"<Record_Count>3", b"<Record_Count>4")])


HEAD = "entry_key,names,birth_dates,weak_names\n"


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ("X-1,,1975,\n", "no name"),
        (",Roy,1975,\n", "no number"),
        ("X-1,Roy,1975,\nX-1,Roy,1976,\n", "twice"),
        ("X-1,,1975,\nX-1,Roy,1976,\n", "no name"),
        ("X-1,Roy,75,\n", "“75” is not a date"),
        ("X-1,Roy\n", "more or fewer columns"),
        ("X-1,Roy,1975,a,b\n", "more or fewer columns"),
        (f"X-1,{'a' * 301},1975,\n", "longer"),
        ("X-1,R\ufffdy,1975,\n", "could not be read"),
    ],
)
def test_an_unfit_entry_is_named(lines: str, problem: str) -> None:
    reading = FORMATS["own-csv"]([(HEAD + lines).encode()])
    assert problem in str(reading.errors[0].problem) and reading.errors[0].line >= 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_letters_survive_their_encoding(encoding: str) -> None:
    reading = FORMATS["own-csv"]([(HEAD + "X-1,Élise Œuvrard,1975,Lise|Lili\n").encode(encoding)])
    assert reading.rows[0]["names"] == ["Élise Œuvrard"]
    assert reading.rows[0]["details"] == {"weak_names": ["Lise", "Lili"]}


def test_names_and_addresses_of_nobody_are_named() -> None:
    sdn, alt, add = _sample("sdn.csv", "alt.csv", "add.csv")
    reading = FORMATS["ofac-csv"]([sdn, alt + b'999,1,"aka","NOBODY",-0- \r\n', add])
    assert [(error.line, error.entry_key) for error in reading.errors] == [(3, "999")]


def test_the_errors_are_a_file_without_formulas() -> None:
    reading = FORMATS["own-csv"]([(HEAD + "=1+1,,1975,\n").encode()])
    with speaking("fr"):
        written = lookout_lists.errors_as_csv((one.line, one.entry_key, str(one.problem)) for one in reading.errors)
    assert written.splitlines() == ["Ligne,Signalement,Problème", "2,'=1+1,Le signalement n’a pas de nom."]
