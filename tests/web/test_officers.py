"""The officers' door, and administrators who see and manage their own agency only."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy import select

from portal.db import Database
from portal.models import AuditEntry
from portal.services import officers
from tests import servers
from tests.browsing import Browser, Page

PASSWORD = "quatre moineaux lisent"


@dataclass(frozen=True)
class Staff:
    """An administrator of each agency, and the open link of a second one in Canada."""

    canada: str
    states: str
    token: str
    states_id: str


@pytest.fixture
def staff(database: Database) -> Staff:
    """Two agencies with an administrator each."""
    with database.transaction() as session:
        (first, token), (_second, open_token) = officers.bootstrap(
            session, "CA", [("Ada Roy", "ada@ca.example.org"), ("Ben Côté", "ben@ca.example.org")]
        )
        officers.accept_invitation(session, token, password=PASSWORD)
        (other, token), _ = officers.bootstrap(
            session, "US", [("Uma Stone", "uma@us.example.org"), ("Vic Hill", "vic@us.example.org")]
        )
        officers.accept_invitation(session, token, password=PASSWORD)
        return Staff(first.email or "", other.email or "", open_token, str(other.id))


def _sign_in(browser: Browser, email: str, password: str = PASSWORD) -> Page:
    return browser.fill("/en/officers/sign-in", email=email, password=password, follow=False)


def test_an_invited_officer_chooses_a_password_once(app: Flask, staff: Staff) -> None:
    browser, link = Browser(app), f"/en/officers/invitation/{staff.token}"
    assert browser.fill(link, password="short").status == 422
    assert browser.send(password=PASSWORD, follow=False).status == 303
    assert browser.open("/en/officers").heading == "Officers"
    assert Browser(app).open(link).status == 404


def test_what_is_wrong_at_the_door_stays_unsaid(app: Flask, staff: Staff) -> None:
    def answer(email: str) -> object:
        page = _sign_in(Browser(app), email, "five wrong words in a row")
        return page.status, page.problems, sorted(name for name, _ in page.response.headers)

    assert answer(staff.canada) == answer("ben@ca.example.org") == answer("nobody@ca.example.org")


def test_officers_and_travellers_have_separate_doors(app: Flask, staff: Staff) -> None:
    page = Browser(app).fill("/en/sign-in", email=staff.canada, password=PASSWORD)
    assert page.problems == ["The email address or the password is not right"]


def test_signing_out_kills_the_old_cookie(app: Flask, staff: Staff) -> None:
    browser = Browser(app)
    _sign_in(browser, staff.canada)
    cookie = browser.client.get_cookie("passage")
    assert cookie
    assert browser.press("Sign out", browser.open("/en/officers")).heading == "You are signed out"
    browser.client.set_cookie("passage", cookie.value)
    assert browser.open("/en/officers").heading == "Sign in to the workbench"


def test_an_administrator_sees_and_manages_the_own_agency_only(app: Flask, staff: Staff) -> None:
    browser = Browser(app)
    _sign_in(browser, staff.canada)
    page = browser.open("/en/officers")
    assert "Ben Côté" in page.text
    assert "Uma Stone" not in page.text
    assert browser.open(f"/en/officers/{staff.states_id}/end-access").status == 404


def test_an_administrator_invites_and_ends_access(app: Flask, staff: Staff) -> None:
    browser = Browser(app)
    _sign_in(browser, staff.canada)
    page = browser.fill(
        "/en/officers/invite",
        name="Cléo Roy",
        email="cleo@ca.example.org",
        roles=["officer", "auditor"],
        staff_number="A-17",
        message_language="fr",
    )
    assert "Its link goes out when another administrator has granted the roles" in page.text
    assert "Roles to grant" in page.text
    page = browser.open(page.link("End access – Cléo Roy"))
    assert "Access is ended" in browser.send(page).text


def test_an_address_of_the_other_agency_cannot_be_invited(app: Flask, staff: Staff) -> None:
    browser = Browser(app)
    _sign_in(browser, staff.canada)
    page = browser.fill(
        "/en/officers/invite",
        name="Uma",
        email=staff.states,
        roles=["officer"],
        staff_number="B-1",
        message_language="en",
    )
    assert (page.status, page.value("name")) == (422, "Uma")


def test_an_officer_without_the_role_manages_nobody(app: Flask, database: Database, staff: Staff) -> None:
    with database.transaction() as session, servers.as_owner(session):
        officers.of_agency(session, "CA")[0].roles = ["auditor"]
    browser = Browser(app)
    _sign_in(browser, staff.canada)
    assert browser.open("/en/officers").status == 403


@pytest.fixture
def administrators(app: Flask, database: Database, staff: Staff) -> tuple[Browser, Browser]:
    """Both administrators of Canada, signed in."""
    with database.transaction() as session:
        officers.accept_invitation(session, staff.token, password=PASSWORD)
    first, second = Browser(app), Browser(app)
    _sign_in(first, staff.canada)
    _sign_in(second, "ben@ca.example.org")
    return first, second


def _invite(browser: Browser, **more: str) -> Page:
    return browser.fill(
        "/en/officers/invite",
        name="Cléo Roy",
        email="cleo@ca.example.org",
        roles=["officer"],
        staff_number="A-17",
        message_language="en",
        **more,
    )


def test_one_administrator_proposes_and_another_grants(administrators: tuple[Browser, Browser]) -> None:
    first, second = administrators
    page = first.open(_invite(first).link("Open – Cléo Roy"))
    assert "Another administrator has to grant it" in page.text
    assert not page.soup.select('button[value="grant"]')
    page = first.send(page, press="answer=grant")
    assert page.problems == ["Another administrator has to grant this: you proposed it."]
    page = second.open(second.open("/en/officers").link("Open – Cléo Roy"))
    assert "Proposed by Ada Roy" in page.text
    assert "The roles are granted" in second.send(page, press="answer=grant").text
    assert "Somebody settled it" in second.send(second.open(page.url), press="answer=grant").text
    assert "Roles to grant" not in first.open("/en/officers").text


def test_no_form_raises_a_role(administrators: tuple[Browser, Browser], database: Database, staff: Staff) -> None:
    first, second = administrators
    _invite(first, outcome="granted", settled_by=staff.states_id, agency="US")
    page = second.open(second.open("/en/officers").link("Open – Cléo Roy"))
    second.send(page, press="answer=grant", roles="administrator", officer_id=staff.states_id)
    with database.transaction() as session:
        made = next(one for one in officers.of_agency(session, "CA") if one.name == "Cléo Roy")
        assert (made.roles, made.agency) == (["officer"], "CA")
    page = first.open(f"/en/officers/{made.id}/change")
    first.send(page, roles="administrator", agency="US", staff_number="B-1", languages=["fr"])
    page = first.fill(f"/en/officers/{made.id}/roles", roles=["owner"])
    assert page.status == 422
    with database.transaction() as session:
        made = next(one for one in officers.of_agency(session, "CA") if one.name == "Cléo Roy")
        assert (made.roles, made.agency, made.staff_number, made.languages) == (["officer"], "CA", "A17", ["fr"])


def test_nobody_raises_their_own_role(administrators: tuple[Browser, Browser], database: Database) -> None:
    first, _second = administrators
    with database.transaction() as session:
        mine = next(one for one in officers.of_agency(session, "CA") if one.name == "Ada Roy").id
    page = first.fill(f"/en/officers/{mine}/roles", roles=["administrator", "supervisor"])
    assert page.problems == ["You cannot propose roles for yourself. Ask another administrator."]


def test_the_other_agency_has_no_such_proposal(
    app: Flask, administrators: tuple[Browser, Browser], staff: Staff
) -> None:
    link = _invite(administrators[0]).link("Open – Cléo Roy")
    stranger = Browser(app)
    _sign_in(stranger, staff.states)
    assert stranger.open(link).status == 404


def test_who_declines_says_why_and_the_proposer_reads_it(
    administrators: tuple[Browser, Browser], database: Database
) -> None:
    first, second = administrators
    _invite(first)
    page = second.open(second.open("/en/officers").link("Open – Cléo Roy"))
    page = second.send(page, press="answer=decline")
    assert (page.status, page.problems) == (422, ["Write why you decline"])
    page = second.send(page, press="answer=decline", why="She works for another team from Monday.")
    assert "The proposal is closed. Nothing has changed." in page.text and "Open – Cléo Roy" not in page.text
    assert "She works for another team" not in second.open("/en/officers").text
    told = first.open("/en/officers").text
    assert "Declined: the roles that you proposed for Cléo Roy" in told and "another team from Monday" in told
    french = first.open("/fr/agents").text
    assert "Cléo Roy" in french and "another team from Monday" in french
    with database.transaction() as session:
        cleo = next(one for one in officers.of_agency(session, "CA") if one.name == "Cléo Roy")
        assert cleo.roles == []
        actions = session.scalars(select(AuditEntry.action).where(AuditEntry.subject_id == cleo.id)).all()
        assert actions.count("role_grant:decline") == 1 and "role_grant:grant" not in actions


def test_who_proposed_takes_it_back_without_a_word(administrators: tuple[Browser, Browser]) -> None:
    first, _second = administrators
    page = first.open(_invite(first).link("Open – Cléo Roy"))
    assert not page.soup.select("textarea[name=why]")
    page = first.press("Take it back", page)
    assert "The proposal is closed" in page.text and "Declined: the roles" not in page.text


def test_an_administrator_notes_what_a_colleague_was_trained_for(
    administrators: tuple[Browser, Browser], database: Database
) -> None:
    first, second = administrators
    _invite(first)
    second.send(second.open(second.open("/en/officers").link("Open – Cléo Roy")), press="answer=grant")
    with database.transaction() as session:
        cleo = next(one for one in officers.of_agency(session, "CA") if one.name == "Cléo Roy").id
    page = first.fill(f"/en/officers/{cleo}/change", competences=["minors", "hits", "owner"])
    assert page.status == 422, "no other competence than those there are"
    page = first.fill(f"/fr/agents/{cleo}/modifier", competences=["minors"])
    assert "C’est enregistré" in page.text and "Mineurs" in page.text
    shown = {row.th.get_text(): " ".join(row.get_text(" ").split()) for row in page.soup.select("tbody tr")}
    assert "Dernière connexion le" in shown["Ada Roy"] and "Dernière connexion" not in shown["Cléo Roy"]
    with database.transaction() as session:
        assert next(one for one in officers.of_agency(session, "CA") if one.id == cleo).competences == ["minors"]
        row = session.scalars(select(AuditEntry).where(AuditEntry.action == "officer:change")).one()
        assert (row.subject_id, row.facts["competences"]) == (cleo, "minors")
