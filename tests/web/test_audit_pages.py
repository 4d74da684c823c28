"""The auditors' pages, who looked at one's file, and that whatever officers see or change is audited."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import create_engine, select, text

from portal.clock import now, telling
from portal.db import Database, view_as
from portal.domain.errors import NotFound, NotOpenToThis
from portal.domain.registry import permissions_of
from portal.jobs.audit import make_audit_export
from portal.models import AuditEntry, AuditExport
from portal.models.viewers import JOINT
from portal.services import audit, audit_exports, audit_search, looks
from portal.services.actors import SYSTEM
from portal.services.audit_search import Criteria
from tests import servers, world
from tests.browsing import ORIGIN, Browser, Page
from tests.web.access_table import PLACED
from tests.web.test_access import address_of
from tests.world import World


@pytest.fixture(scope="module")
def auditor(here: World) -> Browser:
    return here.officer("auditor.ca")


@pytest.fixture(scope="module")
def canadian(here: World) -> Browser:
    return here.officer("officer1.ca")


@pytest.fixture
def trail(urls_here: servers.Urls) -> Iterator[Any]:
    """What was added to the trail since the last look: (actor, agency, action, kind), in order."""
    engine = create_engine(urls_here["owner"])
    last = [0]

    def added() -> list[tuple[str, str | None, str, str | None]]:
        query = text(
            "select id, actor_kind, agency, action, facts ->> 'kind' from audit_entry where id > :last order by id"
        )
        with engine.connect() as connection:
            rows = connection.execute(query, {"last": last[0]}).all()
        last[0] = rows[-1][0] if rows else last[0]
        return [tuple(row[1:]) for row in rows]  # type: ignore[misc]

    added()
    yield added
    engine.dispose()


def _file(here: World, stage: str, rest: str = "") -> str:
    return f"/en/officers/applications/{here.values[stage]['reference']}{rest}"


AT = "@example.org"


def _search(browser: Browser, **fields: str) -> Page:
    page = browser.open("/en/officers/audit")
    return browser.send(page, form=page.soup.select_one("form.filters"), **fields)


# Search


def test_an_auditor_finds_by_action_and_reference(here: World, auditor: Browser, canadian: Browser, trail: Any) -> None:
    canadian.open(_file(here, "paid"))
    reference = here.values["paid"]["reference"]
    page = _search(auditor, action="application:view", reference=reference.lower(), actor=f"officer1.ca{AT}")
    assert page.status == 200 and page.heading == "Audit trail"
    assert "@" not in page.url and "%40" not in page.url, "an address of somebody in the address"
    assert "Ariane Bouchard" in page.text and "application:view" in page.text and reference in page.text
    assert ("officer", "CA", "audit:search", None) in trail()


def test_nothing_of_the_other_agency_is_found(here: World, auditor: Browser) -> None:
    here.officer("officer1.us").open("/en/officers/queue")
    page = _search(auditor, actor=f"officer1.us{AT}")
    assert page.status == 422 and "Nobody has this email address" in page.text
    with here.app.extensions["database"].transaction("CA") as session:
        by = _officer(session, "auditor.ca@example.org")
        found = list(session.scalars(audit_search.found(session, Criteria(), by)))
        assert found and {row.agency for row in found} == {"CA", None}
        agencys = [row for row in found if row.action.startswith(("screening:finish", "review:", "hit:", "refusal:"))]
        assert agencys and {row.agency for row in agencys} == {"CA"}


def _officer(session: Any, email: str) -> Any:
    from portal.models import Officer
    from portal.models.accounts import email_index

    return session.query(Officer).filter_by(email_index=email_index(email)).one()


def test_pages_follow_one_another_without_gap_or_overlap(here: World) -> None:
    with here.app.extensions["database"].transaction("US") as session:
        by = _officer(session, "auditor.us@example.org")
        for _ in range(2 * audit_search.PAGE):
            audit.record(session, "test:write", "test", by=SYSTEM)
        first = audit_search.page(session, Criteria(), by)
        second = audit_search.page(session, Criteria(), by, before=first.older)
        again = audit_search.page(session, Criteria(), by, after=second.newer)
    shown = [line.entry.id for line in (*first.lines, *second.lines)]
    assert shown == sorted(shown, reverse=True) and len(set(shown)) == 2 * audit_search.PAGE
    assert [line.entry.id for line in again.lines] == [line.entry.id for line in first.lines]
    assert first.newer is None


def test_a_search_names_whose_application(auditor: Browser) -> None:
    page = _search(auditor, person=world.CAST["paid"].email, action="application:submit")
    assert "application:submit" in page.text and "the applications of one traveller" in page.text
    assert _search(auditor, person=f"nobody{AT}").status == 422


def test_a_wrong_date_or_reference_is_said(auditor: Browser) -> None:
    page = _search(auditor, **{"since-day": "31", "since-month": "2", "since-year": "2026"})
    assert page.status == 422 and "Check the day" in page.text
    assert _search(auditor, reference="nonsense").status == 422
    page = _search(auditor, **{"until-day": "1", "until-month": "2", "until-year": "2020"})
    assert page.status == 200 and "Nothing is found" in page.text


@pytest.mark.parametrize(
    "asked", ("before=99999999999999999999999", "after=-5", "actor=x", "since=x", "until=9999-12-31", "whose=US")
)
def test_an_address_that_makes_no_sense_does_no_harm(auditor: Browser, asked: str) -> None:
    assert auditor.open(f"/en/officers/audit?{asked}").status == 200


def test_the_page_says_how_far_the_trail_is_sealed(auditor: Browser) -> None:
    page = auditor.open("/fr/agents/journal")
    assert page.status == 200
    assert "Rows that wait for a seal" in auditor.open("/en/officers/audit").text


# Export


@pytest.fixture(scope="module")
def working(urls_here: servers.Urls) -> Iterator[Database]:
    worker = Database(urls_here["worker"])
    yield worker
    worker.close()


def _export(working: Database, auditor: Browser, search: str, part: int, monkeypatch: pytest.MonkeyPatch) -> str:
    """Ask for an export of what `search` finds, let the worker write it, and fetch it."""
    monkeypatch.setattr(audit_exports, "PART", part)
    page = auditor.press("Export as CSV", auditor.open(f"/en/officers/audit?{search}"))
    assert page.heading == "Your exports of the audit trail" and "Being made" in page.text
    with working.transaction() as session:
        export_id = session.scalars(select(AuditExport.id).where(AuditExport.made_at.is_(None))).one()
    make_audit_export(working, str(export_id))
    page = auditor.open("/en/officers/audit/exports")
    assert "Ready" in page.text
    response = auditor.client.get(page.link("Download"), base_url=ORIGIN)
    assert response.status_code == 200 and response.mimetype == "text/csv"
    assert "attachment" in response.headers["Content-Disposition"] and response.headers["Cache-Control"] == "no-store"
    return response.get_data(as_text=True)


def test_an_export_is_csv_that_no_spreadsheet_runs(
    here: World, working: Database, auditor: Browser, trail: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    american_reason = '=HYPERLINK("http://example.net";"x"), "quoted"\nsecond line'
    other = here.officer("officer2.ca")
    page = other.fill(_file(here, "paid", "/reason"), reason=american_reason)
    assert page.status == 200, page.text
    text = _export(working, auditor, "action=application:give_reason", 5_000, monkeypatch)
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert len(rows) == 1 and rows[0]["actor"] == "Gordon MacLeod"
    assert rows[0]["reason"].startswith("'=HYPERLINK(")
    written = trail()
    for action in ("audit:export", "audit_export:download"):
        assert ("officer", "CA", action, None) in written
    assert ("system", "CA", "audit_export:make", None) in written


def test_an_export_in_many_parts_lacks_and_repeats_nothing(
    here: World, working: Database, auditor: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = _export(working, auditor, "whose=own", 7, monkeypatch)
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    numbers = [int(row["number"]) for row in rows]
    assert len(rows) > 14 and numbers == sorted(set(numbers), reverse=True)
    assert text.count("\ufeff") == text.count('"number","at"') == 1
    with here.app.extensions["database"].transaction("CA") as session:
        by = _officer(session, "auditor.ca@example.org")
        found = audit_search.found(session, Criteria(whose="own"), by).where(AuditEntry.id <= numbers[0])
        assert {row.id for row in session.scalars(found)} == set(numbers)


def test_an_export_is_its_auditor_s_for_a_day(
    here: World, working: Database, auditor: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    _export(working, auditor, "action=audit", 5_000, monkeypatch)
    link = auditor.open("/en/officers/audit/exports").link("Download")
    assert here.officer("auditor.us").open(link).status == 404
    with here.app.extensions["database"].transaction("CA") as session:
        by, until = _officer(session, "auditor.ca@example.org"), now() + timedelta(days=1, minutes=1)
        export = audit_exports.of_officer(session, by)[0]
        with telling(until):
            assert audit_exports.state(export) == "over"
            with pytest.raises(NotFound):
                audit_exports.download(session, export.id, by)
        with pytest.raises(NotOpenToThis):
            audit_exports.ask(session, Criteria(), by)
            audit_exports.ask(session, Criteria(), by)


# Who looked


def test_the_applicant_sees_who_looked(here: World, canadian: Browser) -> None:
    canadian.open(_file(here, "paid"))
    page = here.traveller("paid").open(f"/en/applications/{here.values['paid']['reference']}/who-looked")
    assert page.status == 200
    assert "Canada" in page.text and "Review of your application" in page.text
    assert "Ariane" not in page.text and "Bouchard" not in page.text


@pytest.mark.parametrize(
    ("who", "kind", "is_told"),
    (
        ("officer2.ca", "question", True),
        ("officer2.ca", "investigation", False),
        ("supervisor.ca", "question", False),
        ("officer2.ca", "cover", True),
    ),
)
def test_investigations_and_supervisors_leave_no_trace(
    here: World, urls_here: servers.Urls, who: str, kind: str, is_told: bool
) -> None:
    before = _told(here, "asked")
    officer = here.officer(who)
    officer.fill(_file(here, "asked", "/reason"), kind=kind, reason="A question by telephone.")
    assert officer.open(_file(here, "asked")).status == 200
    after = _told(here, "asked")
    assert {look.kind for look in set(after) - set(before)} == ({kind} if is_told else set())


def test_looking_at_a_hit_or_a_proposal_leaves_no_trace(here: World, canadian: Browser) -> None:
    before = _told(here, "refusal_proposed")
    assert here.officer("officer2.ca").open(_file(here, "refusal_proposed", "/confirm-refusal")).status in (200, 303)
    assert _told(here, "refusal_proposed") == before
    before = _told(here, "paid")
    canadian.open(_file(here, "paid", f"/hits/{here.values['paid']['hit_id']}"))
    assert _told(here, "paid") == before


def _told(here: World, stage: str) -> list[looks.Look]:
    from portal.models import Application

    with here.app.extensions["database"].transaction(JOINT) as session:
        application = session.query(Application).filter_by(reference=here.values[stage]["reference"]).one()
        view_as(session, str(application.account_id))
        return looks.at(session, application)


def test_many_looks_of_a_day_are_one(here: World, canadian: Browser) -> None:
    for _ in range(3):
        canadian.open(_file(here, "paid"))
    told = _told(here, "paid")
    assert len(told) == len(set(told))


# Letters, and forms that are shown again


def test_a_letter_that_is_read_is_recorded(here: World, trail: Any) -> None:
    values, traveller = here.values["approved"], here.traveller("approved")
    trail()
    address = f"/en/applications/{values['reference']}/letters/{values['letter_id']}"
    traveller.open(address)
    assert [row[2] for row in trail()] == ["letter:view"]
    with traveller.client.get(f"{address}/pdf", base_url=ORIGIN) as response:
        assert response.status_code == 200
    assert [row[2] for row in trail()] == ["letter:download"]


def test_a_form_that_is_shown_again_is_a_look_too(here: World, canadian: Browser, trail: Any) -> None:
    page = canadian.open(_file(here, "paid", "/ask"))
    trail()
    assert canadian.send(page, question="").status == 422
    assert [row[2] for row in trail()] == ["identity:view"]


# Complete

NOTHING_OF_OTHERS = {"officer.desk_help",
    "officer.sign_out", "officer.signed_out", "officer.sign_in", "officer.accept_invitation", "officer.unlock",
    "officer.prove", "officer.security", "officer.add_passkey", "officer.remove_passkey",
    "officer.give_reason",
    "officer.find",  # an empty form; what it finds is tried below
    "officer.interviews",  # nothing today; the day of an interview is tried below
    "admin.invite_officer",
}  # fmt: skip
"""Pages that show nobody's data but, at most, one's own sign-in."""
MUST_BE_SEEN = {
    "officer.my_work", "officer.queue", "officer.show_review", "officer.show_document_page", "officer.add_note",
    "officer.ask", "officer.assess_hit", "officer.record_interview", "officer.audit_trail",
    "officer.unusual_looking", "admin.officers", "admin.disable_officer",
    "officer.emergencies", "officer.judge_emergency",
}  # fmt: skip
"""Pages that this test must really open, lest it prove nothing."""

WHO = {
    "officer1.ca": "officer", "supervisor.ca": "supervisor", "admin1.ca": "administrator", "auditor.ca": "auditor",
}  # fmt: skip


def _viewer(here: World, endpoint: str) -> str:
    """The first of the cast whose role opens the page."""
    permission = here.app.view_functions[endpoint].permission  # type: ignore[attr-defined]
    return next(name for name, role in WHO.items() if permission in permissions_of((role,)))


def test_each_officers_page_that_shows_something_writes_a_row(here: World, trail: Any) -> None:
    silent, seen, browsers = [], set(), {name: here.officer(name) for name in WHO}
    for rule in here.app.url_map.iter_rules():
        is_staffs = rule.endpoint.startswith(("officer.", "admin.")) and not rule.rule.startswith("/fr/")
        if not is_staffs or "GET" not in (rule.methods or ()) or rule.endpoint not in PLACED:
            continue
        name = _viewer(here, rule.endpoint)
        trail()
        with browsers[name].client.get(address_of(here, rule), base_url=ORIGIN) as response:
            is_shown, is_recorded = response.status_code == 200, any(row[0] == "officer" for row in trail())
        if is_shown:
            seen.add(rule.endpoint)
        if is_shown and not is_recorded and rule.endpoint not in NOTHING_OF_OTHERS:
            silent.append(f"{rule.endpoint} by {name}")
    assert not silent, "\n".join(silent)
    assert seen >= MUST_BE_SEEN


def test_the_interviews_of_a_day_are_recorded(
    here: World, canadian: Browser, urls_here: servers.Urls, trail: Any
) -> None:
    engine = create_engine(urls_here["owner"])
    query = text("select s.local_on from place p join slot s on s.id = p.slot_id where p.interview_part_id is not null")
    with engine.connect() as connection:
        day = connection.execute(query.columns()).scalars().first()
    engine.dispose()
    trail()
    page = canadian.open(f"/en/officers/interviews?day-day={day.day}&day-month={day.month}&day-year={day.year}")
    assert page.status == 200 and "interview:list" in {row[2] for row in trail()}


def test_the_queue_and_a_search_in_it_are_recorded(here: World, canadian: Browser, trail: Any) -> None:
    canadian.open("/en/officers/work")
    assert "queue:view" in {row[2] for row in trail()}
    canadian.fill("/en/officers/find", find=here.values["paid"]["reference"], follow=False)
    assert "application:find" in {row[2] for row in trail()}


CHANGES: tuple[tuple[str, str, str, dict[str, str], str], ...] = (
    ("officer2.ca", "asked", "/reason", {"reason": "A call."}, "application:give_reason"),
    ("officer1.ca", "paid", "/note", {"text": "A note."}, "note:add"),
    ("officer1.ca", "paid", "/ask", {"question": "Which street?"}, "review:ask"),
    (
        "officer1.ca",
        "paid",
        "/hits/{hit_id}",
        {"verdict": "not_same", "evidence": "face", "assessment": "Another face."},
        "hit:assess",
    ),
)


@pytest.mark.parametrize(("who", "stage", "rest", "fields", "action"), CHANGES)
def test_each_change_writes_a_row(
    here: World, trail: Any, who: str, stage: str, rest: str, fields: dict[str, str], action: str
) -> None:
    browser = here.officer(who)
    trail()
    browser.fill(_file(here, stage, rest.format(**here.values[stage])), **fields)
    assert action in {row[2] for row in trail()}


# The weekly report


def test_the_supervisor_is_told_of_unusual_looking(here: World) -> None:
    page = here.officer("supervisor.ca").open("/en/officers/unusual-looking")
    assert page.status == 200 and "No officer’s looking met a rule" in page.text
    for asked in ("2026-99-99", "0001-01-01", "9999-12-31", "x"):
        assert here.officer("supervisor.ca").open(f"/en/officers/unusual-looking?week={asked}").status == 200
