"""What each country asks of a nationality: who needs which paper, where the two differ, and what a file may say."""

from __future__ import annotations

import codecs

import pytest

from portal.adapters import country_list_csv
from portal.adapters.lookout_formats.rows import Unreadable
from portal.domain.checklist import lines, needed
from portal.domain.eligibility import Answers, Residence, Standing, entry_papers, outcome
from portal.domain.entry_rules import Requirement, Rule, Table, compared, papers
from portal.i18n import LANGUAGES, speaking

HEAD = "nationality,requirement,if_resident,stay_days,condition_en,condition_fr,source\n"


def _rule(kind: str, resident: str | None = None, days: int | None = None) -> Rule:
    return Rule(Requirement(kind), "Invented", if_resident=Requirement(resident) if resident else None, stay_days=days)


TABLES = {
    "CA": Table({"CA": _rule("citizen"), "US": _rule("exempt"), "FR": _rule("electronic"),
                 "MX": _rule("visa", "exempt")}),
    "US": Table({"US": _rule("citizen"), "CA": _rule("exempt"), "FR": _rule("exempt"), "MX": _rule("visa")}),
}  # fmt: skip


@pytest.mark.parametrize(
    ("held", "status", "asked"),
    [
        (["CA"], "citizen_ca", []),
        (["US"], "citizen_us", []),
        (["MX"], "viajero", ["CA visa MX", "US visa MX"]),
        (["MX"], "resident_ca", ["US visa MX"]),  # the resident card serves at home
        (["MX"], "resident_us", []),  # and in the neighbour, where its list says so
        (["FR"], "resident_us", ["CA electronic FR"]),
        (["MX", "FR"], None, ["CA electronic FR"]),  # the passport of which least is asked
        (["MX", "CA"], "citizen_ca", []),
        (["ZZ"], None, []),  # what no list names asks for nothing
        ([], None, []),
    ],
)
def test_who_needs_which_paper(held: list[str], status: str | None, asked: list[str]) -> None:
    found = papers(TABLES, held, status)
    assert [f"{one.country} {one.requirement} {one.nationality}" for one in found] == asked


def test_the_checklist_names_the_paper_its_reason_and_the_remark_and_never_demands_it() -> None:
    told = {"citizenship": {"status": "viajero", "citizenships": ["MX"]}}
    remarked = {"CA": Table(TABLES["CA"].rules, "This is invented.", "Ceci est inventé.")}
    line = next(one for one in lines(told, 38, remarked) if one.kind.key == "entry_ca")
    assert str(line.why) == "Canada asks for a visa with this citizenship: Mexico. This is invented."
    with speaking("fr"):
        french = next(one for one in lines(told, 38, remarked) if one.kind.key == "entry_ca")
        assert "Ceci est inventé." in str(french.why) and "Mexique" in str(french.why)
    assert needed(told, 38) == {"passport_page"} and not line.is_needed
    assert "entry_ca" not in [one.kind.key for one in lines(told, 38)]


def test_the_eligibility_check_tells_the_papers_and_decides_nothing_by_them() -> None:
    plain = Answers(Standing.RESIDENT_US, Residence.HERE, is_adult=True, past=frozenset())
    french = Answers(Standing.RESIDENT_US, Residence.HERE, is_adult=True, past=frozenset(), nationality="FR")
    assert [one.country for one in entry_papers(french, TABLES)] == ["CA"] and not entry_papers(plain, TABLES)
    assert outcome(french) == outcome(plain)
    member = Answers(Standing.VIAJERO, Residence.NOT_RESIDENT, is_adult=True, past=frozenset())
    assert [one.nationality for one in entry_papers(member, TABLES)] == ["MX", "MX"]


def test_where_the_two_countries_differ() -> None:
    tables = {
        "CA": Table({"CA": _rule("citizen"), "US": _rule("exempt"), "FR": _rule("visa"), "DE": _rule("visa", days=90)}),
        "US": Table({"CA": _rule("exempt"), "US": _rule("citizen"), "FR": _rule("visa"), "DE": _rule("visa", days=60)}),
    }
    assert [(row.nationality, row.differs) for row in compared(tables)] == [
        ("CA", False), ("FR", False), ("DE", True), ("US", False),
    ]  # fmt: skip
    assert all(row.differs for row in compared({"CA": tables["CA"]}))


FRENCH = "Québec : par avion « seulement »"
GOOD = HEAD + f'MX,visa,exempt,,"By air, only",{FRENCH},Section 5\nCA,citizen,,,,,Section 1\n'


@pytest.mark.parametrize(
    "content",
    [
        GOOD.encode(),
        codecs.BOM_UTF8 + GOOD.encode(),
        GOOD.encode("utf-16"),
        codecs.BOM_UTF16_BE + GOOD.encode("utf-16-be"),
        GOOD.encode("cp1252"),
        GOOD.replace("\n", "\r\n").encode(),
    ],
)
def test_a_list_in_any_usual_encoding_is_read_and_written_again(content: bytes) -> None:
    reading = country_list_csv.read(content, "CA")
    assert reading.errors == [] and list(reading.rules) == ["MX", "CA"]
    assert (reading.rules["MX"].condition_fr, reading.rules["MX"].if_resident) == (FRENCH, "exempt")
    again = country_list_csv.read(country_list_csv.written(reading.rules).encode(), "CA")
    assert again.rules == reading.rules


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("QQ,visa,,,,,S", "“QQ” is not a country"),
        (",visa,,,,,S", "“” is not a country"),
        ("MX,perhaps,,,,,S", "“perhaps” is no requirement"),
        ("MX,visa,perhaps,,,,S", "“perhaps” is no requirement"),
        ("MX,visa,,0,,,S", "“0” is not a number of days from 1 to 3650"),
        ("MX,visa,,²,,,S", "is not a number of days"),
        ("MX,visa,,,By air,,S", "in English and in French"),
        ("MX,visa,,,,,", "does not say where the rule stands"),
        ("MX,citizen,,,,,S", "only they have it"),
        ("CA,visa,,,,,S", "only they have it"),
        ("MX,visa,,,,", "more or fewer columns"),
        ("MX,visa,,,,,S,S", "more or fewer columns"),
        ("MX,visa,,,,," + "S" * 501, "longer than 500"),
        ("MX,visa,,,,,S\x00", "could not be read"),
        ("MX,visa,,,,,S\nmx,visa,,,,,S", "twice"),
    ],
)
def test_an_unfit_line_is_named_in_both_languages(line: str, problem: str) -> None:
    reading = country_list_csv.read((HEAD + line + "\n").encode(), "CA")
    assert len(reading.errors) == 1 and problem in str(reading.errors[0].problem)
    said = []
    for language in LANGUAGES:
        with speaking(language):
            said.append(str(reading.errors[0].problem))
    assert said[0] != said[1]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "first line must name"),
        (b"PK\x03\x04" + bytes(200), "first line must name"),
        (b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "first line must name"),
        (b"nationality,requirement\nMX,visa\n", "first line must name"),
        ((HEAD + 'MX,visa,,,,,"Section').encode(), "Line 2 is broken"),
        ((HEAD + f"MX,visa,,,,,{'S' * 140_000}\n").encode(), "is broken"),
        (HEAD.encode() + b"x" * country_list_csv.LARGEST, "larger than any country list"),
    ],
)
def test_a_file_that_is_no_country_list_is_refused_whole(content: bytes, problem: str) -> None:
    with pytest.raises(Unreadable, match=problem):
        country_list_csv.read(content, "CA")
