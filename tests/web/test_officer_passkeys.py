"""Officers and their passkeys: invited, in, locked, unlocked, lost; and every answer that opens nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from portal.clock import now, telling
from portal.db import Database
from portal.models import AuditEntry, Officer, OutgoingMessage, Passkey
from portal.services import officers, role_grants
from tests.browsing import Browser, Page
from tests.interviewing import PASSWORD, account
from tests.signing_in import sign_in
from tests.soft_passkey import SoftPasskey
from tests.web.test_passkeys import add_passkey, options

DOOR, WORK = "/en/officers/sign-in", "/en/officers/work"


@dataclass
class Staff:
    """Two administrators of Canada, who came in by their invitations, each with a passkey."""

    app: Flask
    database: Database
    browsers: list[Browser]
    passkeys: list[SoftPasskey]

    def person(self, number: int) -> Officer:
        """The first or the second of them."""
        with self.database.transaction() as session:
            return sorted(session.scalars(select(Officer)), key=lambda one: one.name or "")[number]

    def actions(self) -> list[str]:
        """What the audit trail says, in order."""
        with self.database.transaction() as session:
            return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def _accept(app: Flask, token: str) -> tuple[Browser, SoftPasskey, Page]:
    browser, passkey, link = Browser(app), SoftPasskey(), f"/en/officers/invitation/{token}"
    page = browser.open(link)
    answer = passkey.make(options(browser, page, f"{link}/options"))
    return browser, passkey, browser.send(page, answer=answer)


@pytest.fixture
def staff(app: Flask, database: Database) -> Staff:
    people = [("Ada Roy", "ada@ca.example.org"), ("Ben Côté", "ben@ca.example.org")]
    with database.transaction() as session:
        tokens = [token for _officer, token in officers.bootstrap(session, "CA", people)]
    came = [_accept(app, token) for token in tokens]
    assert [page.heading for _browser, _passkey, page in came] == ["My work", "My work"]
    return Staff(app, database, [one[0] for one in came], [one[1] for one in came])


def _show(browser: Browser, passkey: SoftPasskey) -> Page:
    page = browser.open(DOOR)
    asked = options(browser, page, f"{DOOR}/passkey-options")
    return browser.send(page, form=page.form(action="/sign-in/passkey"), answer=passkey.sign(asked))


def test_a_passkey_opens_the_workbench_and_nobody_has_a_password(staff: Staff) -> None:
    browser = Browser(staff.app)
    assert _show(browser, staff.passkeys[0]).heading == "My work"
    assert staff.person(0).password_hash is None
    assert browser.press("Sign out").heading == "You are signed out"
    assert browser.open(WORK).heading == "Sign in to the workbench"


def test_an_invitation_works_once(staff: Staff, app: Flask) -> None:
    with staff.database.transaction() as session:
        by = session.get_one(Officer, staff.person(0).id)
        officers.invite(
            session, name="Cléo", email="cleo@example.org", roles=["officer"], language="en", staff_number="C-1", by=by
        )
        second = next(one for one in officers.of_agency(session, "CA") if one.id != by.id and one.roles)
        role_grants.grant(session, role_grants.waiting(session, "CA")[0], by=second)
        messages = session.scalars(select(OutgoingMessage).where(OutgoingMessage.event == "officer_invited"))
        token = next((one.secrets or {})["token"] for one in messages if one.reader.name == "Cléo")
    assert _accept(app, token)[2].heading == "My work"
    assert Browser(app).open(f"/en/officers/invitation/{token}").status == 404


def test_the_lock_screen_takes_one_s_own_passkey_and_no_other(staff: Staff) -> None:
    browser, mine, other = staff.browsers[0], *staff.passkeys
    with telling(now() + timedelta(minutes=16)):
        page = browser.open("/en/officers/invite")
        assert page.heading == "The workbench is locked" and "Ada Roy" in page.text
        asked = options(browser, page, "/en/officers/locked/options")
        assert browser.send(page, answer=other.sign(asked)).status == 422
    with telling(now() + timedelta(minutes=17)):
        used = mine.sign(options(browser, page, "/en/officers/locked/options"))
        assert browser.send(page, answer=used).heading == "Invite an officer"
    with telling(now() + timedelta(minutes=40)):
        again = browser.open("/en/officers/invite")
        assert browser.send(again, answer=used).status == 422, "an answer that was used before"
    assert staff.actions().count("sign_in:refuse_proof") == 2


def test_an_answer_for_one_purpose_does_not_serve_another(staff: Staff) -> None:
    browser, passkey = staff.browsers[0], staff.passkeys[0]
    door = Browser(staff.app)
    page = door.open(DOOR)
    for_the_door = passkey.sign(options(door, page, f"{DOOR}/passkey-options"))
    with telling(now() + timedelta(minutes=16)):
        locked = browser.open(WORK)
        assert browser.send(locked, answer=for_the_door).status == 422
        for_the_lock = passkey.sign(options(browser, locked, "/en/officers/locked/options"))
        assert door.send(page, form=page.form(action="/sign-in/passkey"), answer=for_the_lock).status == 422
    assert "passkey:refuse" in staff.actions()


def test_a_traveller_s_passkey_opens_no_workbench(staff: Staff) -> None:
    with staff.database.transaction() as session:
        email = account(session).email or ""
    browser, passkey = Browser(staff.app), SoftPasskey()
    sign_in(browser, email, PASSWORD)
    add_passkey(browser, passkey)
    page = _show(Browser(staff.app), passkey)
    assert page.status == 422 and "not accepted" in page.problems[0]


def test_who_lost_a_passkey_gets_a_new_link_and_the_old_one_is_dead(staff: Staff) -> None:
    helper, lost = staff.browsers[0], staff.browsers[1]
    page = helper.open(helper.open("/en/officers").link("New sign-in link – Ben Côté"))
    assert "The new link is on its way" in helper.send(page).text
    assert lost.open(WORK).heading == "Sign in to the workbench"
    assert _show(Browser(staff.app), staff.passkeys[1]).status == 422
    with staff.database.transaction() as session:
        ben = session.get_one(Officer, staff.person(1).id)
        query = select(OutgoingMessage).where(OutgoingMessage.officer_id == ben.id)
        token = (session.scalars(query.order_by(OutgoingMessage.created_at.desc())).first().secrets or {})["token"]
    assert _accept(staff.app, token)[2].heading == "My work"


def test_nobody_renews_their_own_way_in_nor_another_agency_s(staff: Staff) -> None:
    me = staff.person(0)
    page = staff.browsers[0].fill(f"/en/officers/{me.id}/new-passkey")
    assert page.status == 422 and "Ask another administrator" in page.problems[0]
    with staff.database.transaction() as session:
        people = [("Uma", "u@example.org"), ("Vic", "v@example.org")]
        (american, _token), _other = officers.bootstrap(session, "US", people)
    assert staff.browsers[0].open(f"/en/officers/{american.id}/new-passkey").status == 404


def test_passkeys_and_devices_are_looked_after_from_inside(staff: Staff) -> None:
    browser, second = staff.browsers[0], SoftPasskey()
    elsewhere = Browser(staff.app)
    _show(elsewhere, staff.passkeys[0])
    page = browser.open("/en/officers/account")
    assert page.text.count("Signed in on") == 2
    assert "That device is signed out" in browser.press("Sign out this device", page).text
    assert elsewhere.open(WORK).heading == "Sign in to the workbench"
    assert "passkey:add" in staff.actions()
    page = browser.open("/en/officers/account/passkeys/add")
    answer = second.make(options(browser, page, "/en/officers/account/passkeys/options"))
    _show(elsewhere, staff.passkeys[0])
    assert "The passkey is added" in browser.send(page, name="The key in my drawer", answer=answer).text
    assert elsewhere.open(WORK).heading == "Sign in to the workbench", "every other session ends"
    assert _show(elsewhere, second).heading == "My work"
    page = browser.fill(browser.open("/en/officers/account").link("Remove The key in my drawer"))
    assert "The passkey is removed" in page.text
    with staff.database.transaction() as session:
        assert len(session.scalars(select(Passkey).where(Passkey.officer_id == staff.person(0).id)).all()) == 1
    last = browser.fill(browser.open("/en/officers/account").link("Remove"))
    assert last.status == 422 and "last way to sign in" in last.problems[0]


def test_a_role_raised_by_a_form_field_is_not_believed(staff: Staff) -> None:
    """The pages of one's own sign-in and of the door take no role, whatever the form says."""
    browser = staff.browsers[0]
    raised = {"roles": "supervisor", "agency": "US", "id": str(staff.person(1).id)}
    browser.fill("/en/officers/account/passkeys/add", name="x", **raised)
    _show(Browser(staff.app), staff.passkeys[0])
    assert (staff.person(0).roles, staff.person(0).agency) == (["administrator"], "CA")
