"""Passkeys in a real Chromium with an authenticator of its own: a traveller, an officer, and an address not ours."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psycopg
import pytest
from flask import Flask
from playwright.sync_api import Browser, Page
from sqlalchemy import select

from portal.db import Database
from portal.models import Officer
from portal.models.accounts import email_index
from portal.services import officers, role_grants
from tests import reviewing, servers
from tests.browser.authenticator import enrol, journey_of, press, press_by_keyboard, with_authenticator
from tests.browser.test_journey import DESKTOP, Watcher
from tests.browsing import Browser as PlainBrowser
from tests.drivers import ChromiumDriver
from tests.journey import Journey
from tests.live import LiveClient
from tests.running import RunningPortal

NARROW = {"width": 320, "height": 640}
NOTE = "The dates of Longueuil do not agree."
PROOF, IN_HAND = "Show that it is you", "TREMBLAY, Élise Marie"
SIGN = """async options => {
  const bytes = text => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), one => one.charCodeAt(0))
  const publicKey = { challenge: bytes(options.challenge), rpId: options.rpId, userVerification: "required" }
  return JSON.stringify((await navigator.credentials.get({ publicKey })).toJSON())
}"""
"""What a page does that hands our challenge on to a visitor's passkey."""


@pytest.fixture(scope="module")
def owner(portal: RunningPortal, addresses: Flask) -> Iterator[Database]:
    """The tables' owner, with the keys of the portal that runs."""
    database = Database(portal.urls["owner"])
    yield database
    database.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page with an authenticator, whose clock a test may put forward."""
    context = chromium.new_context(viewport=DESKTOP)
    page = context.new_page()
    page.set_default_timeout(15_000)
    with_authenticator(page)
    yield page
    context.close()


def _earlier(portal: RunningPortal, column: str, minutes: int) -> None:
    """What every session says of itself happened so many minutes before."""
    moved = f"update sign_in set {column} = {column} - make_interval(mins => %s) where ended_at is null"
    with psycopg.connect(servers.plain(portal.urls["owner"])) as connection:
        connection.execute(moved, [minutes])


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_traveller_signs_in_with_a_passkey(
    page: Page, portal: RunningPortal, addresses: Flask, language: str
) -> None:
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    watcher = Watcher(page, with_scripts=True)
    journey = journey_of(portal, addresses, ChromiumDriver(page, portal.address, watcher), language)

    enrol(journey, page)
    watcher(page)
    journey.driver.press(journey.say("I have saved them"))
    journey.see("Start an application")
    journey.go("account.security")
    journey.driver.press(journey.say("Sign out"))
    journey.go("account.sign_in")
    with page.expect_navigation():
        press_by_keyboard(page, journey.say("Sign in with a passkey"))
    journey.see("You have no application yet")
    _earlier(portal, "proved_at", 11)
    journey.go("account.add_passkey")
    journey.see(PROOF)
    press(page, journey.say("Use your passkey"), journey.say("Add a passkey"))
    assert watcher.complaints == []


def test_an_officer_comes_in_goes_away_and_decides_by_passkey(
    page: Page, portal: RunningPortal, addresses: Flask, owner: Database
) -> None:
    page.clock.install()
    watcher = Watcher(page, with_scripts=True)
    journey = journey_of(portal, addresses, ChromiumDriver(page, portal.address, watcher), "en", "Ives")

    _come_in(journey, page, owner)
    reference = _review_in_hand(owner, journey.traveller.email)
    _leave_and_come_back(journey, page, portal, reference)
    _reveal(journey, page, portal, reference)
    _propose_refusal(journey, page, portal, reference)
    assert watcher.complaints == []


def _come_in(journey: Journey, page: Page, owner: Database) -> None:
    """By the link in the mail, out again, and in through the door, by keyboard alone."""
    _invite(owner, journey.traveller.email)
    link = re.search(r"http://localhost\S+/invitation/\S+", journey.await_mail("set up your passkey"))
    assert link
    journey.driver.go(link.group())
    press(page, "Set up a passkey", "My work")
    press(page, "Sign out", "You are signed out")
    journey.go("officer.sign_in")
    press_by_keyboard(page, "Sign in with a passkey")
    page.get_by_role("heading", level=1, name="My work").wait_for()


def _invite(owner: Database, email: str) -> None:
    """Two administrators of Canada let somebody in."""
    with owner.transaction() as session:
        first, second = (
            session.scalars(select(Officer).where(Officer.email_index == email_index(f"admin{n}.ca@example.org"))).one()
            for n in (1, 2)
        )
        roles, number = ["officer"], "IVES 1"
        invited = officers.invite(
            session, name="Ives", email=email, roles=roles, language="en", staff_number=number, by=first
        )
        grant = role_grants.open_for(session, invited)
        assert grant is not None
        role_grants.grant(session, grant, by=second)


def _review_in_hand(owner: Database, email: str) -> str:
    """A paid application whose Canadian review this officer holds; its reference."""
    with owner.transaction() as session:
        officer = session.scalars(select(Officer).where(Officer.email_index == email_index(email))).one()
        application = reviewing.paid(session)
        reviewing.held(session, application, officer)
        return application.reference


def _leave_and_come_back(journey: Journey, page: Page, portal: RunningPortal, reference: str) -> None:
    """The page covers itself, the server asks for the passkey, and what was typed is still there."""
    journey.go("officer.add_note", reference=reference)
    page.get_by_label("Note").fill(NOTE)
    page.clock.fast_forward("14:00")
    assert page.get_by_label("Note").is_visible()
    _earlier(portal, "seen_at", 16)
    page.clock.fast_forward("01:30")
    page.get_by_text("This page is covered").wait_for()
    assert NOTE not in page.inner_text("body") and reference not in page.inner_text("body")
    press(page, "Go on", "The workbench is locked")
    assert NOTE not in page.content()
    press(page, "Use your passkey", "Add a note")
    assert page.get_by_label("Note").input_value() == NOTE
    press(page, "Add the note", IN_HAND)
    assert NOTE in page.inner_text("main")


def _reveal(journey: Journey, page: Page, portal: RunningPortal, reference: str) -> None:
    """The masked number is shown to who has just used the passkey."""
    _earlier(portal, "proved_at", 11)
    assert "HK482917" not in page.content()
    press(page, "Show the passport number", PROOF)
    press(page, "Use your passkey", "Passport number")
    assert "HK482917" not in page.content()
    page.get_by_role("button", name="Show the passport number").click()
    page.get_by_text("HK482917").wait_for()


def _propose_refusal(journey: Journey, page: Page, portal: RunningPortal, reference: str) -> None:
    """A decision asks for the passkey after it was typed, and is taken when it is sent once more."""
    journey.go("officer.propose_refusal", reference=reference)
    page.get_by_label("Note for your colleagues").fill(NOTE)
    page.locator('[name="reason"]').first.check(force=True)
    _earlier(portal, "proved_at", 11)
    press(page, "Propose refusal", PROOF)
    press(page, "Use your passkey", "Propose to refuse")
    assert page.get_by_label("Note for your colleagues").input_value() == NOTE
    press(page, "Propose refusal", IN_HAND)


def test_what_a_passkey_signs_on_another_address_opens_nothing(
    page: Page, portal: RunningPortal, addresses: Flask
) -> None:
    """A page of the same name at another port may ask for the passkey; what it gets says where it was asked."""
    journey = journey_of(portal, addresses, ChromiumDriver(page, portal.address), "en")
    enrol(journey, page)
    with _another_address() as elsewhere:
        page.goto(elsewhere)
        refused = _handed_on(page, portal)
    assert refused.page is not None and "The passkey was not accepted" in refused.page.problems[0]
    assert refused.open("/en/account").heading == "Sign in"

    page.goto(f"{portal.address}/en/sign-in")
    taken = _handed_on(page, portal)
    assert taken.open("/en/account").heading == "Account and security"


@contextmanager
def _another_address() -> Iterator[str]:
    """An empty page at another port of the same host."""

    class Empty(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_told: object) -> None: ...

    with ThreadingHTTPServer(("localhost", 0), Empty) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}/"
        server.shutdown()


def _handed_on(page: Page, portal: RunningPortal) -> PlainBrowser:
    """Somebody else's browser asks us for a challenge and sends the answer that this page got from its passkey."""
    browser = PlainBrowser(client=LiveClient(portal.address), origin=portal.address)
    door = browser.open("/en/sign-in")
    asked = browser.client.post("/en/sign-in/passkey-options", data={"csrf_token": door.value("csrf_token")})
    answer = page.evaluate(SIGN, json.loads(asked.data))
    browser.send(door, form=door.form(action="/sign-in/passkey"), answer=answer)
    return browser
