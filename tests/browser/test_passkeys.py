"""Passkeys in a real Chromium with an authenticator of its own: set up, used by keyboard alone, on a narrow screen."""

from __future__ import annotations

import re
import secrets
from datetime import date

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from demo.cast import CastTraveller
from portal.i18n import gettext as _
from portal.i18n import speaking
from tests.browser.test_journey import Watcher
from tests.drivers import ChromiumDriver
from tests.journey import Journey
from tests.running import RunningPortal

NARROW = {"width": 320, "height": 640}
PHONE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_traveller_signs_in_with_a_passkey(
    chromium: Browser, portal: RunningPortal, addresses: Flask, language: str
) -> None:
    context = chromium.new_context(viewport=NARROW)
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": PHONE})
    watcher = Watcher(page, with_scripts=True)
    journey = _journey(portal, addresses, ChromiumDriver(page, portal.address, watcher), language)

    _prove_address(journey)
    _press(page, watcher, journey.say("Set up a passkey"), "h1 >> text=" + journey.say("Save your recovery codes"))
    journey.driver.press(journey.say("I have saved them"))
    journey.see("Start an application")
    journey.go("account.security")
    journey.driver.press(journey.say("Sign out"))
    journey.go("account.sign_in")
    with page.expect_navigation():
        _press_by_keyboard(page, journey.say("Sign in with a passkey"))
    journey.see("You have no application yet")
    journey.go("account.add_passkey")
    assert watcher.complaints == []
    context.close()


def _journey(portal: RunningPortal, addresses: Flask, driver: ChromiumDriver, language: str) -> Journey:
    def address_of(endpoint: str, **values: object) -> str:
        with addresses.test_request_context():
            return str(addresses.url_for(endpoint, _external=False, **values))

    name = f"Keys{secrets.token_hex(3)}"
    traveller = CastTraveller(name, "Holder", date(1980, 1, 1), "", "Windsor", "ON", "N9A 1A1", "CA", language)
    return Journey(driver, {}, address_of, portal.demonstration.state / "mail", traveller)


def _prove_address(journey: Journey) -> None:
    journey.go("account.sign_up")
    journey.driver.fill(email=journey.traveller.email, message_language=journey.traveller.language)
    text = journey.await_mail(journey.say("You asked for a code to confirm this email address. Your code is:"))
    code = re.search(r"\b\d{3}[ \u00a0]?\d{3}\b", text)
    assert code, text
    journey.driver.fill(code=code.group())
    with speaking(journey.traveller.language):
        assert _("Choose how to sign in") in journey.driver.words()


def _press(page: Page, watcher: Watcher, words: str, arrival: str) -> None:
    page.get_by_role("button", name=words).click()
    page.wait_for_selector(arrival)
    watcher(page)


def _press_by_keyboard(page: Page, words: str) -> None:
    """Tab until the button has the focus, then press Enter."""
    for _step in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == words:
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"“{words}” cannot be reached by keyboard")
