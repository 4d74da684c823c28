"""A fresh proof before what matters, the lock screen, and what was typed meanwhile: kept, once, for the same person."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from sqlalchemy import select

from portal.clock import now, telling
from portal.db import Database, view_as
from portal.models import Application, AuditEntry, KeptForm, Officer, RefusalProposal
from portal.services import applications
from portal.web import kept
from portal.web.forms import Form
from tests import reviewing, servers
from tests.browsing import ORIGIN, Browser, Page
from tests.interviewing import PASSWORD, account, officer
from tests.signing_in import sign_in
from tests.statements import executed

NOTE = "Le dossier de Longueuil ne dit pas la même chose."
PROOF, LOCK = "Show that it is you", "The workbench is locked"


class Desk:
    """An officer of Canada who holds an application, and a colleague who does not."""

    def __init__(self, app: Flask, database: Database) -> None:
        self.app, self.database = app, database
        with database.transaction() as session:
            self.officer, self.colleague = officer(session, "CA"), officer(session, "CA")
            self.application = reviewing.paid(session)
            reviewing.held(session, self.application, session.get_one(Officer, self.officer.id))
        self.browser = self.sign_in(self.officer)

    def sign_in(self, by: Officer) -> Browser:
        """A browser in which this officer is signed in."""
        browser = Browser(self.app)
        browser.fill("/en/officers/sign-in", email=by.email, password=PASSWORD)
        return browser

    def url(self, *rest: str) -> str:
        """The address of the case file, or of a page of it."""
        return "/".join((f"/en/officers/applications/{self.application.reference}", *rest))

    def audited(self, action: str) -> list[AuditEntry]:
        """The rows of the audit trail with this action."""
        with self.database.transaction() as session:
            return list(session.scalars(select(AuditEntry).where(AuditEntry.action == action)))

    def proposals(self) -> int:
        """How many refusals were proposed."""
        with self.database.transaction() as session:
            view_as(session, "CA")
            return len(session.scalars(select(RefusalProposal)).all())


@pytest.fixture
def desk(app: Flask, database: Database) -> Desk:
    return Desk(app, database)


@contextmanager
def later(minutes: float) -> Iterator[None]:
    """It is so many minutes later."""
    with telling(now() + timedelta(minutes=minutes)):
        yield


def _refuse(desk: Desk, page: Page) -> Page:
    return desk.browser.send(page, reason="untrue_information", note=NOTE)


def test_a_decision_wants_a_fresh_proof_and_what_was_typed_is_kept(desk: Desk) -> None:
    page = desk.browser.open(desk.url("refuse"))
    with later(11):
        asked = _refuse(desk, page)
        assert asked.heading == PROOF and NOTE not in asked.html
        assert desk.proposals() == 0
        again = desk.browser.send(asked, password=PASSWORD)
        assert (again.value("reason"), again.value("note")) == ("untrue_information", NOTE)
        assert desk.proposals() == 0
        desk.browser.send(again)
        assert desk.proposals() == 1
    assert [row.actor_id for row in desk.audited("sign_in:prove")] == [desk.officer.id]


def test_a_page_of_a_decision_asks_before_anything_is_typed(desk: Desk) -> None:
    with later(11):
        assert desk.browser.open(desk.url("clear")).heading == PROOF
        assert desk.browser.send(password=PASSWORD).heading == "Clear this application"
        assert desk.browser.open(desk.url("confirm-refusal")).heading != PROOF


def test_what_was_typed_rests_sealed_and_is_opened_once_by_who_typed_it(desk: Desk) -> None:
    page = desk.browser.open(desk.url("refuse"))
    with later(11):
        _refuse(desk, page)
        with desk.database.transaction() as session:
            kept = session.scalars(select(KeptForm)).one()
            assert NOTE.encode() not in (kept._body or b"")
        back = desk.browser.page.url if desk.browser.page else ""
        target = f"{ORIGIN}{_next_of(back)}"
        colleague = desk.sign_in(desk.colleague)
        colleague.fill(desk.url("reason"), reason="At my desk.")
        assert colleague.open(target).value("note") == ""
        assert desk.browser.send(password=PASSWORD).value("note") == NOTE
        assert desk.browser.open(target).value("note") == ""


def _next_of(url: str) -> str:
    return parse_qs(urlsplit(url).query)["next"][0]


def test_what_was_typed_is_gone_after_ten_minutes(desk: Desk) -> None:
    page = desk.browser.open(desk.url("refuse"))
    with later(11):
        asked = _refuse(desk, page)
    with later(22):
        assert desk.browser.send(asked, password=PASSWORD).value("note") == ""


def test_a_wrong_proof_is_refused_recorded_and_slowed(desk: Desk) -> None:
    with later(11):
        desk.browser.open(desk.url("clear"))
        for _ in range(5):
            page = desk.browser.send(password="five wrong words in a row")
            assert page.problems == ["That did not show who you are. Try again."]
        page = desk.browser.send(password=PASSWORD)
        assert page.status == 429 and "Wait" in page.problems[0]
        colleague = desk.sign_in(desk.colleague)
        assert colleague.open("/en/officers/work").status == 200
    assert len(desk.audited("sign_in:refuse_proof")) == 5


def test_a_proof_makes_a_new_cookie_and_kills_the_old_one(desk: Desk) -> None:
    before = desk.browser.client.get_cookie("passage")
    assert before
    with later(11):
        desk.browser.open(desk.url("clear"))
        desk.browser.send(password=PASSWORD)
        after = desk.browser.client.get_cookie("passage")
        assert after and after.value != before.value
        thief = Browser(desk.app)
        thief.client.set_cookie("passage", before.value)
        assert thief.open("/en/officers/work").heading == "Sign in to the workbench"
        assert desk.browser.open("/en/officers/work").heading == "My work"


def test_an_idle_workbench_is_locked_and_keeps_the_draft(desk: Desk) -> None:
    page = desk.browser.open(desk.url("note"))
    with later(16):
        locked = desk.browser.send(page, text=NOTE)
        assert locked.heading == LOCK and NOTE not in locked.html
        assert "no-store" in locked.response.headers["Cache-Control"]
        assert desk.browser.open(desk.url()).heading == LOCK
        assert desk.browser.send(locked, password="five wrong words in a row").status == 422
        kept = desk.browser.send(locked, password=PASSWORD)
        assert (kept.heading, kept.value("text")) == ("Add a note", NOTE)
        assert NOTE in desk.browser.send(kept).text


def test_a_page_that_covered_itself_does_nothing_with_what_it_sends(desk: Desk) -> None:
    """Also where the session went on in another window meanwhile: the words come back, and nobody is refused."""
    page = desk.browser.open(desk.url("refuse"))
    back = desk.browser.send(page, reason="untrue_information", note=NOTE, only_keep="1")
    assert (back.heading, back.value("note")) == ("Propose to refuse", NOTE)
    with later(16):
        assert desk.browser.send(back, only_keep="1").heading == LOCK
        assert desk.browser.send(password=PASSWORD).value("note") == NOTE
    assert desk.proposals() == 0


def test_a_locked_workbench_can_be_left(desk: Desk) -> None:
    with later(16):
        desk.browser.open("/en/officers/work")
        assert desk.browser.press("Sign out").heading == "You are signed out"
        assert desk.browser.open("/en/officers/work").heading == "Sign in to the workbench"
    assert len(desk.audited("sign_in:end")) == 1


def test_a_button_pressed_on_a_locked_workbench_leads_back_to_its_page(desk: Desk) -> None:
    page = desk.browser.open(desk.url())
    with later(16):
        data = {"csrf_token": page.value("csrf_token")}
        answer = desk.browser.client.post(
            desk.url("give-back"), data=data, base_url=ORIGIN, headers={"Referer": f"{ORIGIN}{desk.url()}"}
        )
        assert answer.status_code == 303
        desk.browser.open(answer.headers["Location"])
        assert desk.browser.send(password=PASSWORD).url.endswith(desk.url())
    with desk.database.transaction() as session:
        assert session.get_one(Application, desk.application.id).status == "under_review"


def test_after_ten_hours_there_is_nothing_to_unlock(desk: Desk) -> None:
    for minutes in range(14, 600, 14):
        with later(minutes):
            assert desk.browser.open("/en/officers/work").heading == "My work"
    with later(601):
        assert desk.browser.open("/en/officers/work").heading == "Sign in to the workbench"


def test_what_a_page_asks_by_itself_keeps_nobody_signed_in(desk: Desk) -> None:
    with later(8):
        desk.browser.open("/en/officers/work", **{"X-Passage-Background": "1"})
    with later(16):
        assert desk.browser.open("/en/officers/work").heading == LOCK
    colleague = desk.sign_in(desk.colleague)
    with later(8):
        colleague.open("/en/officers/work")
    with later(16):
        assert colleague.open("/en/officers/work").heading == "My work"


@pytest.mark.parametrize("change", [{"roles": ["officer", "supervisor"]}, {"disabled": True}])
def test_other_rights_end_the_session(desk: Desk, change: dict[str, Any]) -> None:
    with desk.database.transaction() as session, servers.as_owner(session):
        row = session.get_one(Officer, desk.officer.id)
        if change.pop("disabled", False):
            row.disabled_at = now()
        for name, value in change.items():
            setattr(row, name, value)
    assert desk.browser.open("/en/officers/work").heading == "Sign in to the workbench"


def test_a_passport_number_is_masked_until_it_is_asked_for(desk: Desk) -> None:
    page = desk.browser.open(desk.url())
    assert "HK482917" not in page.html and "•••• 2917" in page.text
    with later(11):
        assert desk.browser.press("Show the passport number", page).heading == PROOF
        asked = desk.browser.send(password=PASSWORD)
    assert desk.audited("passport_number:view") == []
    with later(12):
        asked = desk.browser.open(desk.url("passport-number"))
        assert "HK482917" not in asked.html
        shown = desk.browser.press("Show the passport number", asked)
    assert "HK482917" in shown.text
    row = desk.audited("passport_number:view")[0]
    assert (row.actor_id, row.reason, row.application_id) == (desk.officer.id, "assigned", desk.application.id)


def test_nobody_sees_the_number_without_a_reason(desk: Desk) -> None:
    found = desk.sign_in(desk.colleague).open(desk.url("passport-number"))
    assert found.status == 409 and "2917" not in found.text


def _without_joint_reading(seen: list[str]) -> list[str]:
    """Without the step to both agencies' decisions and back, which is the case file's own."""
    joint = next((number for number, one in enumerate(seen) if "set_config" in one and "'joint'" in one), None)
    if joint is None:
        return seen
    back = next(number for number in range(joint + 1, len(seen)) if "set_config" in seen[number])
    return [one for number, one in enumerate(seen) if number not in (joint, back)]


@pytest.mark.parametrize("minutes", [0, 2])
def test_session_permission_and_audit_cost_three_statements(desk: Desk, minutes: int) -> None:
    """Also when the session is noted as seen, which happens once a minute."""
    with later(minutes), executed() as seen:
        assert desk.browser.open(desk.url()).status == 200
    walls = [one for one in _without_joint_reading(seen) if "sign_in" in one or "set_config" in one]
    trail = [one for one in seen if one.lstrip().lower().startswith("insert into audit_entry")]
    assert len(trail) == 1
    assert len(walls) + len(trail) <= 3, "\n".join(walls + trail)


def test_a_traveller_who_was_away_too_long_signs_in_and_finds_what_was_typed(app: Flask, database: Database) -> None:
    with database.transaction() as session:
        holder = account(session)
        email = holder.email or ""
        address = f"/en/applications/{applications.start(session, holder, by=holder).reference}/identity"
    browser = Browser(app)
    sign_in(browser, email, PASSWORD)
    page = browser.open(address)
    with later(31):
        door = browser.send(page, family_name="Tremblay", given_names="Élise")
        assert door.heading == "Sign in" and "Tremblay" not in door.html
        back = sign_in(browser, email, PASSWORD, door.url)
        assert (back.value("family_name"), back.value("given_names")) == ("Tremblay", "Élise")


def test_no_box_that_is_kept_bears_the_name_of_one_that_never_is(app: Flask) -> None:
    """Secrets are left out by the names of their boxes, on any form: another box so called would lose its words."""
    secret = kept.secret_names()
    assert {"password", "code", "answer"} <= secret
    found = {
        f"{form.__module__}.{form.__name__}.{name}"
        for form in kept._all_forms(Form)
        for name, field in kept._fields(form)
        if name in secret and not field.field_class.secret
    }
    assert found == set()
