"""Who may open what: every route of the portal in one table, tried by everybody on real things."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, text
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from portal.domain.permissions import Permission
from portal.domain.registry import permissions_of
from portal.models import Base
from tests import servers
from tests.browsing import ORIGIN, Browser
from tests.web.access_table import (
    ANY_TEXT,
    ANYBODY,
    EVERYBODY,
    EXCEPTIONS,
    FREE_TEXT,
    NO_DEVICE,
    NOBODY,
    OFFICERS_DOOR,
    OPEN,
    OWNER,
    PLACED,
    ROLES,
    STAFF,
    STRANGER,
    TABLE,
    TRAVELLERS_DOOR,
    Door,
    Outcome,
)
from tests.world import World


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
def people(here: World) -> People:
    return People(here)


def _rules(app: Flask) -> list[Rule]:
    """Every route, each but once: those in French are the same views."""
    return [rule for rule in app.url_map.iter_rules() if not rule.rule.startswith("/fr/")]


def _address(here: World, rule: Rule, door: Door) -> str:
    nobodys = {"filename": "css/app.css", "device_id": NO_DEVICE, "factor_id": NO_DEVICE, "agency": "ca"}
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


WITHOUT = defaultdict(str, audit_entry="where action !~ ':(view|list|forged|forged_link)$'")


def _fingerprints(url: str) -> dict[str, tuple[int, int]]:
    """For each table but that of counted tries: how many rows it has, and a number that depends on all of them.

    Of the audit trail without looks and forgeries, which are written down whatever becomes of a form.
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
