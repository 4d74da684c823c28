"""Who may open what: every route of the portal in one table, tried by everybody on real things."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, text
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from portal.config import Settings
from portal.domain.permissions import Permission, permissions_of
from portal.models import Base
from tests import servers, world
from tests.browsing import ORIGIN, Browser
from tests.world import World

NOBODY, OWNER, STRANGER = "nobody", "the owner", "another applicant"
CANADA, UNITED_STATES = "an officer of Canada", "an officer of the United States"
ADMINISTRATOR, AUDITOR = "an administrator", "an auditor"
STAFF = {CANADA: "officer1.ca", UNITED_STATES: "officer1.us", ADMINISTRATOR: "admin1.ca", AUDITOR: "auditor.ca"}
EVERYBODY = (NOBODY, OWNER, STRANGER, *STAFF)

OPEN = "open"
"""The endpoint's own answer; every other outcome is a status, or the door that one is led to."""
NO_DEVICE = str(uuid.UUID(int=0))
TRAVELLERS_DOOR, OFFICERS_DOOR = "/en/sign-in", "/en/officers/sign-in"

Outcome = str | int
Group = dict[str, Outcome]


def _group(nobody: Outcome, *, owner: Outcome = 403, stranger: Outcome | None = None, **staff: Outcome) -> Group:
    """What each of EVERYBODY gets; who is not named gets what forbids."""
    return {
        NOBODY: nobody,
        OWNER: owner,
        STRANGER: owner if stranger is None else stranger,
        CANADA: staff.get("canada", 403),
        UNITED_STATES: staff.get("united_states", 403),
        ADMINISTRATOR: staff.get("administrator", 403),
        AUDITOR: staff.get("auditor", 403),
    }


ANYBODY = dict.fromkeys(EVERYBODY, OPEN)
TRAVELLERS = _group(TRAVELLERS_DOOR, owner=OPEN)
OWNERS = _group(TRAVELLERS_DOOR, owner=OPEN, stranger=404)
ALL_STAFF = _group(OFFICERS_DOOR, canada=OPEN, united_states=OPEN, administrator=OPEN, auditor=OPEN)
OFFICERS = _group(OFFICERS_DOOR, canada=OPEN, united_states=OPEN)
ASSIGNED = _group(OFFICERS_DOOR, canada=OPEN, united_states=409)
"""The review is in the hands of the officer of Canada; the other agency's officer has to say first why to look."""
OWN_AGENCY = _group(OFFICERS_DOOR, canada=OPEN, united_states=404)
ADMINISTRATORS = _group(OFFICERS_DOOR, administrator=OPEN)
AUDITORS = _group(OFFICERS_DOOR, auditor=OPEN)
SUPERVISORS = _group(OFFICERS_DOOR)
"""Nobody of those who try every door here."""


@dataclass(frozen=True)
class Door:
    """An endpoint: whose thing its address names (a stage of the cast), and what it answers when it is open."""

    endpoint: str
    whose: str = ""
    get: Outcome = 200
    post: Outcome = 400


TABLE: tuple[tuple[Group, tuple[Door, ...]], ...] = (
    (
        ANYBODY,
        (
            Door("static"),
            Door("health.live"),
            Door("health.ready"),
            Door("public.language_choice", get=303),
            Door("public.home"),
            Door("public.eligibility"),
            Door("public.help"),
            Door("public.privacy"),
            Door("public.accessibility"),
            Door("public.centres"),
            Door("account.sign_up"),
            Door("account.confirm_email", post=200),
            Door("account.send_code_again", post=303),
            Door("account.choose_password", get=303, post=303),
            Door("account.forgot_password"),
            Door("account.sign_in"),
            Door("account.passkey_options"),
            Door("account.passkey_sign_in"),
            Door("account.second_step", get=TRAVELLERS_DOOR, post=TRAVELLERS_DOOR),
            Door("account.second_step_passkey"),
            Door("account.choose_sign_in", get=303, post=303),
            Door("account.new_passkey_options"),
            Door("account.set_up_app", get=TRAVELLERS_DOOR, post=TRAVELLERS_DOOR),
            Door("account.app_picture", get=404),
            Door("account.recover", get=TRAVELLERS_DOOR, post=TRAVELLERS_DOOR),
            Door("account.continue_recovery"),
            Door("account.sign_out"),
            Door("account.signed_out"),
            Door("account.closed"),
            Door("officer.sign_in"),
            Door("officer.sign_out"),
            Door("officer.signed_out"),
            Door("officer.accept_invitation"),
            Door("officer.invitation_options"),
            Door("officer.passkey_options"),
            Door("officer.passkey_sign_in"),
            Door("officer.unlock", get=303, post=303),
            Door("officer.unlock_options"),
            Door("api.payment_notice"),
            Door("demonstration.index"),
            Door("demonstration.index_in_my_language", get=302),
            Door("demonstration.mail"),
            Door("demonstration.mail_in_my_language", get=302),
            Door("demonstration.message"),
            Door("demonstration.attachment"),
        ),
    ),
    (
        TRAVELLERS,
        (
            Door("account.security"),
            Door("account.change_language"),
            Door("account.change_password"),
            Door("account.end_device"),
            Door("account.add_passkey"),
            Door("account.add_app"),
            Door("account.save_recovery_codes", get=303, post=303),
            Door("account.download_recovery_codes", get=404),
            Door("account.renew_recovery_codes"),
            Door("account.request_sheet"),
            Door("account.cancel_recovery"),
            Door("account.prove"),
            Door("account.proof_options"),
            Door("account.change_email"),
            Door("account.prove_email", get=303, post=303),
            Door("account.cancel_email_change"),
            Door("account.your_data"),
            Door("account.ask_for_data"),
            Door("account.what_you_agreed_to"),
            Door("account.close_account"),
            Door("applicant.dashboard"),
            Door("applicant.start_application"),
            Door("applicant.messages"),
        ),
    ),
    (
        OWNERS,
        (
            Door("account.rename_passkey", "begun"),
            Door("account.remove_factor", "begun"),
            Door("applicant.show_application", "begun"),
            Door("applicant.edit_section", "begun"),
            Door("applicant.edit_entry", "begun"),
            Door("applicant.remove_entry", "begun"),
            Door("applicant.explain_gap", "begun"),
            Door("applicant.upload_document", "begun"),
            Door("applicant.check_answers", "begun"),
            Door("applicant.withdraw", "begun"),
            Door("applicant.ask_for_correction", "paid"),
            Door("account.download_data", "approved"),
            Door("applicant.reopen_application", "sent"),
            Door("applicant.show_document_page", "sent"),
            Door("applicant.pay", "sent"),
            Door("applicant.show_payment", "paid"),
            Door("applicant.receipt", "paid"),
            Door("applicant.answer_request", "asked"),
            Door("applicant.extend_request", "asked"),
            Door("applicant.choose_slot", "conditionally_approved"),
            Door("applicant.confirm_slot", "conditionally_approved"),
            Door("applicant.extend_hold", "conditionally_approved"),
            Door("applicant.show_interview", "booked"),
            Door("applicant.cancel_interview", "booked"),
            Door("applicant.download_calendar", "booked"),
            Door("applicant.show_membership", "approved"),
            Door("applicant.read_letter", "approved"),
            Door("applicant.who_looked", "paid"),
            Door("applicant.download_letter", "approved"),
        ),
    ),
    (
        ALL_STAFF,
        (
            Door("officer.my_work"),
            Door("officer.prove"),
            Door("officer.proof_options"),
            Door("officer.security"),
            Door("officer.end_device"),
            Door("officer.add_passkey"),
            Door("officer.new_passkey_options"),
            Door("officer.remove_passkey", get=404, post=404),
        ),
    ),
    (
        OFFICERS,
        (
            Door("officer.queue"),
            Door("officer.find"),
            Door("officer.take_next"),
            Door("officer.interviews"),
            Door("officer.record_interview", "booked"),
            Door("officer.desk_help"),
            Door("officer.help_traveller", "begun"),
            Door("officer.give_reason", "paid"),
            Door("officer.take", "asked"),
            Door("officer.give_back", "asked"),
            Door("officer.screen_again", "paid"),
        ),
    ),
    (
        ASSIGNED,
        (
            Door("officer.show_review", "paid"),
            Door("officer.show_document_page", "paid"),
            Door("officer.show_passport_number", "paid"),
            Door("officer.add_note", "paid"),
            Door("officer.ask", "paid"),
            Door("officer.clear", "paid"),
            Door("officer.propose_refusal", "paid"),
            Door("officer.decide_correction", "paid"),
            Door("officer.confirm_refusal", "refusal_proposed"),
        ),
    ),
    (OWN_AGENCY, (Door("officer.assess_hit", "paid"),)),
    (AUDITORS, (Door("officer.audit_trail"), Door("officer.export_audit_trail"))),
    (SUPERVISORS, (Door("officer.unusual_looking"), Door("officer.legal_hold", "paid"))),
    (
        ADMINISTRATORS,
        (
            Door("admin.officers"),
            Door("admin.invite_officer"),
            Door("admin.disable_officer"),
            Door("admin.replace_passkeys"),
        ),
    ),
)
PLACED = {door.endpoint: (group, door) for group, doors in TABLE for door in doors}

EXCEPTIONS: dict[tuple[str, str], dict[str, Outcome]] = {
    # Who is signed in is led past the door.
    ("GET", "/en/sign-in"): dict.fromkeys((OWNER, STRANGER), 303),
    ("POST", "/en/sign-in"): dict.fromkeys((OWNER, STRANGER), 303),
    ("GET", "/en/officers/sign-in"): dict.fromkeys(STAFF, 303),
    ("POST", "/en/officers/sign-in"): dict.fromkeys(STAFF, 303),
    # Who has no session to unlock signs in.
    ("GET", "/en/officers/locked"): {NOBODY: OFFICERS_DOOR},
    ("POST", "/en/officers/locked"): {NOBODY: OFFICERS_DOOR},
    # Consent is the last part, and others are not complete.
    ("GET", "/en/applications/<reference:reference>/consent"): {OWNER: 303},
    ("POST", "/en/applications/<reference:reference>/consent"): {OWNER: 303},
    # Without a reason to look, one is asked for it.
    ("GET", "/en/officers/applications/<reference:reference>"): {UNITED_STATES: 303},
}
"""Where a route answers somebody in another way than its group and its endpoint say."""

ROLES = {
    NOBODY: (),
    OWNER: ("applicant",),
    STRANGER: ("applicant",),
    CANADA: ("officer",),
    UNITED_STATES: ("officer",),
    ADMINISTRATOR: ("administrator",),
    AUDITOR: ("auditor",),
}
FREE_TEXT = {"static": {"filename"}, "officer.accept_invitation": {"token"},
             "officer.invitation_options": {"token"}, "demonstration.message": {"name"},
             "demonstration.attachment": {"name"}, "applicant.edit_entry": {"entry_id"},
             "applicant.remove_entry": {"entry_id"}, "applicant.explain_gap": {"first"}}  # fmt: skip
"""The parts of addresses that may be any text, since their views compare them with what there is."""
ANY_TEXT = {"UnicodeConverter", "PathConverter", "AnyConverter"}


class People:
    """A client for everybody, each signed in once."""

    def __init__(self, here: World) -> None:
        self.here = here
        owners = {door.whose or "begun" for door in self._doors()}
        self.owners = {stage: here.traveller(stage).client for stage in owners}
        self.others = {who: here.officer(name).client for who, name in STAFF.items()}
        self.others[NOBODY] = Browser(here.app).client
        self.others[STRANGER] = here.traveller("stranger").client

    @staticmethod
    def _doors() -> Iterator[Door]:
        return (door for _group, door in PLACED.values())

    def client(self, who: str, door: Door) -> FlaskClient:
        """Whom `who` is at this door: the owner is somebody else at each."""
        return self.owners[door.whose or "begun"] if who == OWNER else self.others[who]


@pytest.fixture(scope="module")
def urls_here(server: Any, template: str) -> Iterator[servers.Urls]:
    urls = servers.new_database(server, template)
    yield urls
    servers.drop_database(server, urls)


@pytest.fixture(scope="module")
def here(urls_here: servers.Urls, settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The world, in a database of its own."""
    with world.world(settings, urls_here, tmp_path_factory.mktemp("world")) as built:
        yield built


@pytest.fixture(scope="module")
def people(here: World) -> People:
    return People(here)


def _rules(app: Flask) -> list[Rule]:
    """Every route, each but once: those in French are the same views."""
    return [rule for rule in app.url_map.iter_rules() if not rule.rule.startswith("/fr/")]


def _address(here: World, rule: Rule, door: Door) -> str:
    nobodys = {"filename": "css/app.css", "device_id": NO_DEVICE, "factor_id": NO_DEVICE}
    known = nobodys | here.values[""] | here.values.get(door.whose, {})
    values = {name: known[name] for name in rule.arguments if name in known} | (rule.defaults or {})
    adapter = here.app.url_map.bind("localhost")
    return adapter.build(rule.endpoint, values, "GET" if "GET" in (rule.methods or ()) else "POST")


def address_of(here: World, rule: Rule) -> str:
    """The address of a route, led to a real thing."""
    return _address(here, rule, PLACED[rule.endpoint][1])


def _expected(rule: Rule, method: str, who: str) -> Outcome:
    group, door = PLACED[rule.endpoint]
    usual = group[who]
    if usual == OPEN:
        usual = door.get if method == "GET" else door.post
    return EXCEPTIONS.get((method, rule.rule), {}).get(who, usual)


def _outcome(response: TestResponse) -> Outcome:
    """The status, or the door that the answer leads to."""
    path = urlsplit(response.location or "").path
    return path if response.status_code == 303 and path in (TRAVELLERS_DOOR, OFFICERS_DOOR) else response.status_code


def _surprises(here: World, people: People, method: str, who: str) -> list[str]:
    found = []
    for rule in _rules(here.app):
        if method in (rule.methods or ()):
            door = PLACED[rule.endpoint][1]
            address = _address(here, rule, door)
            with people.client(who, door).open(address, method=method, base_url=ORIGIN) as response:
                outcome, expected = _outcome(response), _expected(rule, method, who)
            if outcome != expected:
                found.append(f"{method} {address} ({rule.endpoint}): {outcome} instead of {expected}")
    return found


def test_every_route_has_its_place_in_the_table(app: Flask) -> None:
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert sorted(endpoints - set(PLACED)) == [], "say who may open these"
    assert sorted(set(PLACED) - endpoints) == [], "these are gone"
    assert len(PLACED) == sum(len(doors) for _group, doors in TABLE), "an endpoint is placed twice"
    rules = {(method, rule.rule) for rule in app.url_map.iter_rules() for method in rule.methods or ()}
    assert set(EXCEPTIONS) <= rules


def test_every_route_takes_only_the_methods_that_are_tried_here(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        assert set(rule.methods or ()) <= {"GET", "HEAD", "OPTIONS", "POST"}, rule


def test_every_view_names_a_permission_that_fits_its_place(app: Flask) -> None:
    for endpoint, (group, _door) in PLACED.items():
        permission = getattr(app.view_functions[endpoint], "permission", None)
        assert isinstance(permission, Permission), f"{endpoint} names no permission"
        if group is ANYBODY:
            assert permission in (Permission.PUBLIC, Permission.PAYMENT_NOTIFY), endpoint
            continue
        for who, roles in ROLES.items():
            is_refused = group[who] in (403, TRAVELLERS_DOOR, OFFICERS_DOOR)
            assert (permission not in permissions_of(roles)) == is_refused, f"{endpoint}: {permission}, {who}"


def test_every_part_of_an_address_has_a_type(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        untyped = {name for name, converter in rule._converters.items() if type(converter).__name__ in ANY_TEXT}
        assert untyped <= FREE_TEXT.get(rule.endpoint, set()), rule


def test_every_page_stands_in_both_languages(app: Flask) -> None:
    routes: dict[str, list[tuple[object, ...]]] = {"/en/": [], "/fr/": []}
    for rule in app.url_map.iter_rules():
        if (prefix := rule.rule[:4]) in routes:
            parts = {**(rule.defaults or {}), "language": ""}
            routes[prefix].append(
                (rule.endpoint, sorted(rule.methods or ()), sorted(rule.arguments), sorted(parts.items()))
            )
    assert sorted(routes["/en/"]) == sorted(routes["/fr/"])


@pytest.mark.parametrize("who", EVERYBODY)
def test_who_may_look(here: World, people: People, who: str) -> None:
    assert _surprises(here, people, "GET", who) == []


@pytest.mark.parametrize("who", EVERYBODY)
def test_nothing_is_done_without_a_token(
    here: World, people: People, who: str, server: Any, urls_here: servers.Urls
) -> None:
    database = server.url("superuser", servers.database_name(urls_here))
    before = _fingerprints(database)
    assert _surprises(here, people, "POST", who) == []
    assert _fingerprints(database) == before


WITHOUT = defaultdict(str, audit_entry="where action !~ ':(view|list)$'")


def _fingerprints(url: str) -> dict[str, tuple[int, int]]:
    """For each table but that of counted tries: how many rows it has, and a number that depends on all of them.

    Of the audit trail without the looks, which are written down whatever becomes of a form.
    """
    engine = create_engine(url)
    names = [*(Base.metadata.tables.keys() - {"attempt"}), "procrastinate_jobs"]
    with engine.connect() as connection:
        found = {
            name: tuple(connection.execute(
                text(f"select count(*), coalesce(sum(hashtextextended(t::text, 0)), 0) from {name} t {WITHOUT[name]}")
            ).one())
            for name in names
        }  # fmt: skip
    engine.dispose()
    return found


def test_the_files_of_a_page_are_there(here: World) -> None:
    browser = Browser(here.app)
    page = browser.open("/en/")
    links = [str(link["href"]) for link in page.soup.select("link[rel=stylesheet], link[rel=icon], link[rel=preload]")]
    assert len(links) == 3
    for address in [*links, *(str(script["src"]) for script in page.soup.select("script[src]"))]:
        with browser.client.get(address, base_url=ORIGIN) as response:
            assert response.status_code == 200, address
            assert "immutable" in response.headers["Cache-Control"]
