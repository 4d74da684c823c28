"""Country lists by two persons: read whole, compared with what holds, published by another, brought back."""

from __future__ import annotations

import ast
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.clock import now, telling, today
from portal.domain.errors import NotFound, NotOpenToThis, RuleViolation
from portal.models import CountryListVersion
from portal.services import checklists, country_lists, sections
from portal.services.country_lists import Brought
from tests.answers import ANSWERS
from tests.publishing import two
from tests.reviewing import paid

ROOT = Path(__file__).parent.parent.parent
HEAD = "nationality,requirement,if_resident,stay_days,condition_en,condition_fr,source\n"


def _file(*lines: str) -> bytes:
    return (HEAD + "".join(f"{line},,,,,Invented\n" for line in lines)).encode()


def _bring(session: Session, *lines: str, days: int = 0, agency: str = "CA") -> CountryListVersion:
    by, _other = two(session, agency)
    return country_lists.bring(session, agency, _file(*lines), Brought(today() + timedelta(days=days)), by=by)


def _publish(session: Session, version: CountryListVersion, release: str = "") -> CountryListVersion:
    country_lists.publish(session, version, by=two(session, version.agency)[1], release=release)
    return version


def _asked(session: Session, code: str, days: int = 0) -> str | None:
    tables = country_lists.tables(session, today() + timedelta(days=days))
    return str(tables["CA"].rules[code].requirement) if "CA" in tables and code in tables["CA"].rules else None


def test_a_list_holds_once_another_person_published_it_and_from_its_day_on(session: Session) -> None:
    first = _bring(session, "MX,visa", "FR,exempt")
    assert (first.state, _asked(session, "MX")) == ("ready", None)
    with pytest.raises(RuleViolation, match="Another person"):
        country_lists.publish(session, first, by=two(session, "CA")[0])
    _publish(session, first)
    later = _publish(session, _bring(session, "MX,electronic", "FR,exempt", days=30))
    assert [_asked(session, "MX", days=days) for days in (0, 29, 30)] == ["visa", "visa", "electronic"]
    between = _publish(session, _bring(session, "MX,exempt", "FR,exempt", days=10))
    assert [_asked(session, "MX", days=days) for days in (9, 10, 29, 30)] == ["visa", "exempt", "exempt", "electronic"]
    assert [first.number, later.number, between.number] == [1, 2, 3] and between.base_id == first.id


def test_the_dry_run_says_what_is_added_changed_and_removed_and_a_version_that_shrinks_needs_a_word(
    session: Session,
) -> None:
    _publish(session, _bring(session, "MX,visa", "FR,exempt", "DE,exempt"))
    draft = _bring(session, "MX,exempt", "IE,exempt")
    found = [(one.nationality, one.kind) for one in country_lists.changes(session, draft)]
    assert found == [("DE", "removed"), ("FR", "removed"), ("IE", "added"), ("MX", "changed")]
    with pytest.raises(RuleViolation, match="Say why"):
        _publish(session, draft)
    assert _publish(session, draft, release="They are on another list.").release == "They are on another list."


def test_what_is_unfit_is_kept_as_unfit_and_nothing_of_it_holds(session: Session) -> None:
    by, _other = two(session, "CA")
    unfit = country_lists.bring(session, "CA", _file("MX,visa", "QQ,visa", "FR,what"), Brought(today()), by=by)
    assert (unfit.state, unfit.rules, [error["line"] for error in unfit.errors]) == ("unfit", None, [3, 4])
    assert unfit.errors[0]["fr"] != unfit.errors[0]["en"]
    cut = country_lists.bring(session, "CA", b"nationality", Brought(today()), by=by)
    empty = country_lists.bring(session, "CA", HEAD.encode(), Brought(today()), by=by)
    assert cut.problem and empty.problem and cut.problem["fr"] != cut.problem["en"]
    for one in (unfit, cut, empty):
        with pytest.raises(NotOpenToThis):
            _publish(session, one)
    assert country_lists.tables(session, today()) == {}


@pytest.mark.parametrize(
    ("with_it", "problem"),
    [
        (lambda: Brought(today() - timedelta(days=1)), "from today"),
        (lambda: Brought(today(), "Invented."), "in French"),
        (lambda: Brought(today(), "x" * 501, "y"), "longer"),
    ],
)
def test_a_day_that_is_past_or_a_remark_in_one_language_is_refused(
    session: Session, with_it: object, problem: str
) -> None:
    with pytest.raises(RuleViolation, match=problem):
        country_lists.bring(session, "CA", _file("MX,visa"), with_it(), by=None)  # type: ignore[operator]


def test_the_same_list_is_refused_and_an_earlier_one_is_brought_back(session: Session) -> None:
    first = _publish(session, _bring(session, "MX,visa"))
    assert _bring(session, "MX,visa").problem is not None
    _publish(session, _bring(session, "MX,exempt"))
    back = country_lists.bring_earlier(session, first, by=two(session, "CA")[0])
    _publish(session, back)
    assert (back.number, back.copied_from, _asked(session, "MX")) == (3, first.id, "visa")


def test_a_draft_that_another_version_overtook_is_refused_and_a_late_one_begins_today(session: Session) -> None:
    overtaken = _bring(session, "MX,electronic")
    _publish(session, _bring(session, "MX,visa"))
    with pytest.raises(RuleViolation, match="meanwhile"):
        _publish(session, overtaken)
    country_lists.discard(session, overtaken, by=two(session, "CA")[0])
    late = _bring(session, "MX,exempt", days=1)
    with telling(now() + timedelta(days=5)):
        _publish(session, late)
        assert late.valid_from == today()


def test_the_other_agency_sees_what_is_published_and_neither_brings_nor_publishes(session: Session) -> None:
    draft, (american, _second) = _bring(session, "MX,visa"), two(session, "US")
    with pytest.raises(NotFound):
        country_lists.find(session, draft.id, agency="US")
    for act in (country_lists.publish, country_lists.discard):
        with pytest.raises(NotFound):
            act(session, draft, by=american)
    with pytest.raises(NotFound):
        country_lists.bring(session, "CA", _file("MX,visa"), Brought(today()), by=american)
    _publish(session, draft)
    assert country_lists.find(session, draft.id, agency="US").id == draft.id
    assert [one.id for one in country_lists.versions(session, agency="US")] == [draft.id]


def test_what_is_published_never_changes_not_even_in_the_database(session: Session) -> None:
    version = _publish(session, _bring(session, "MX,visa"))
    with pytest.raises(DBAPIError, match="never changes"), session.begin_nested():
        session.execute(
            update(CountryListVersion).where(CountryListVersion.id == version.id).values(rules={}),
            execution_options={"synchronize_session": False},
        )


def test_the_list_of_documents_of_an_application_goes_by_what_holds_today(session: Session) -> None:
    application = paid(session)
    application.status, application.submitted_at = "draft", None
    session.flush()
    told = ANSWERS["citizenship"] | {"status": "resident_us", "citizenships": ["MX"]}
    sections.save(session, application.id, "citizenship", raw={}, answers=told, by=application.account)
    _publish(session, _bring(session, "MX,visa", days=2))
    assert "entry_ca" not in [one.line.kind.key for one in checklists.of(session, application)]
    with telling(now() + timedelta(days=2)):
        (line,) = [one for one in checklists.of(session, application) if one.line.kind.key == "entry_ca"]
    assert (line.state, line.is_done) == ("optional", True)
    assert "Canada asks for a visa with this citizenship: Mexico." in str(line.line.why)


WEIGHING = (
    "screening",
    "sweep",
    "dry_run",
    "hit_",
    "member_hits",
    "lookout",
    "list_",
    "declared_history",
    "adjudication",
)
"""What screens, scores or weighs somebody: modules whose names begin so, and the matcher's package."""


def test_nothing_that_weighs_somebody_reads_a_country_list() -> None:
    forbidden = {"entry_rules", "country_lists", "country_list_csv", "CountryListVersion"}
    weighing = [
        path
        for folder in ("portal/services", "portal/domain", "portal/jobs", "portal/commands", "portal/models")
        for path in (ROOT / folder).glob("*.py")
        if path.stem.startswith(WEIGHING)
    ] + list((ROOT / "portal/screening").rglob("*.py"))
    assert len(weighing) > 25
    for path in weighing:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import | ast.ImportFrom):
                named = {part for one in node.names for part in one.name.split(".")}
                named |= set((getattr(node, "module", None) or "").split("."))
                assert not named & forbidden, f"{path.name} reads a country list"
