"""The officers' door: closed to networks that are not named, whatever a request says of itself; passkeys only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from pydantic import ValidationError

from portal import adapters, create_app
from portal.config import Settings
from portal.db import Database
from portal.services import officers
from tests.browsing import ORIGIN, Browser
from tests.interviewing import PASSWORD, officer

INSIDE, OUTSIDE = "10.1.2.3", "203.0.113.9"
OFFICERS_PAGES = ("/en/officers/sign-in", "/en/officers/work", "/fr/agents/connexion", "/en/officers/locked",
                  "/en/officers/applications/P-0000-0000", "/en/officers", "/en/officers/invite")  # fmt: skip


@contextmanager
def _app(settings: Settings, **other: Any) -> Iterator[Flask]:
    app = create_app(settings.model_copy(update=other))
    yield app
    app.extensions["database"].engine.dispose()
    adapters.configure(settings)  # which are one for the whole process


def _status(app: Flask, path: str, address: str, **headers: str) -> int:
    return (
        app.test_client()
        .get(path, base_url=ORIGIN, headers=headers, environ_overrides={"REMOTE_ADDR": address})
        .status_code
    )


def test_outside_the_named_networks_there_are_no_officers_pages(settings: Settings, database: Database) -> None:
    with _app(settings, officers_door="10.0.0.0/8, 2001:db8::/32") as app:
        assert {_status(app, page, OUTSIDE) for page in OFFICERS_PAGES} == {404}
        assert _status(app, "/en/officers/sign-in", INSIDE) == 200
        assert _status(app, "/en/officers/sign-in", "2001:db8::7") == 200
        assert _status(app, "/en/officers/sign-in", f"::ffff:{INSIDE}") == 200
        assert _status(app, "/en/sign-in", OUTSIDE) == 200
        page = app.test_client().get("/en/help", base_url=ORIGIN, environ_overrides={"REMOTE_ADDR": OUTSIDE})
        assert "/en/officers/sign-in" not in page.text


def test_an_officer_who_is_signed_in_inside_finds_nothing_outside(settings: Settings, database: Database) -> None:
    with database.transaction() as session:
        email = officer(session, "CA").email
    with _app(settings, officers_door="127.0.0.0/8") as app:
        browser = Browser(app)
        browser.fill("/en/officers/sign-in", email=email, password=PASSWORD)
        assert browser.open("/en/officers/work").heading == "My work"
        answer = browser.client.get("/en/officers/work", base_url=ORIGIN, environ_overrides={"REMOTE_ADDR": OUTSIDE})
        assert answer.status_code == 404


@pytest.mark.parametrize(
    ("proxies", "forwarded", "status"),
    [
        (0, INSIDE, 404),  # nobody's word is believed
        (1, f"{INSIDE}, {OUTSIDE}", 404),  # what the client itself wrote before our proxy's entry
        (1, INSIDE, 200),
        (2, f"{INSIDE}, {OUTSIDE}, 10.9.9.9", 404),
        (1, "not an address", 404),
    ],
)
def test_forwarded_addresses_are_believed_of_our_own_proxies_only(
    settings: Settings, database: Database, proxies: int, forwarded: str, status: int
) -> None:
    with _app(settings, officers_door="10.0.0.0/8", trusted_proxies=proxies) as app:
        assert _status(app, "/en/officers/sign-in", OUTSIDE, **{"X-Forwarded-For": forwarded}) == status


@pytest.mark.parametrize("networks", ["", " , ", "10.0.0.0/40", "anywhere", "10.0.0.1/8"])
def test_a_door_that_says_nothing_sensible_keeps_the_portal_from_starting(settings: Settings, networks: str) -> None:
    with pytest.raises(ValidationError):
        Settings(**{**settings.model_dump(), "officers_door": networks})


def test_in_production_no_password_opens_the_officers_door(settings: Settings, database: Database) -> None:
    with database.transaction() as session:
        email = officer(session, "CA").email
    with _app(settings, demonstration=False) as app:
        browser = Browser(app)
        page = browser.open("/en/officers/sign-in")
        assert page.soup.find("input", type="password") is None
        browser.send(page, email=email, password=PASSWORD)
        assert browser.open("/en/officers/work").heading == "Sign in to the workbench"


def test_in_production_an_invitation_takes_no_password(settings: Settings, database: Database) -> None:
    with database.transaction() as session:
        people = [("Ada Roy", "ada@ca.example.org"), ("Ben Côté", "ben@ca.example.org")]
        (_first, token), _second = officers.bootstrap(session, "CA", people)
    with _app(settings, demonstration=False) as app:
        browser = Browser(app)
        page = browser.open(f"/en/officers/invitation/{token}")
        assert page.soup.find("input", type="password") is None
        assert browser.send(page, password=PASSWORD).status == 422
        assert browser.open("/en/officers/work").heading == "Sign in to the workbench"
    with database.transaction() as session:
        assert officers.check_password(session, "ada@ca.example.org", PASSWORD) is None
