"""What a browser test of passkeys needs: an authenticator in Chromium, a traveller who enrols with it, keys pressed."""

from __future__ import annotations

import re
import secrets
from datetime import date

from flask import Flask
from playwright.sync_api import Page

from demo.cast import CastTraveller
from portal.i18n import gettext as _
from portal.i18n import speaking
from tests.drivers import ChromiumDriver
from tests.journey import Journey
from tests.running import RunningPortal

PHONE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def with_authenticator(page: Page) -> None:
    """Give the page a device that makes passkeys and knows its holder."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": PHONE})


def journey_of(
    portal: RunningPortal, addresses: Flask, driver: ChromiumDriver, language: str, name: str = ""
) -> Journey:
    """Somebody new, who speaks this language."""

    def address_of(endpoint: str, **values: object) -> str:
        with addresses.test_request_context():
            return str(addresses.url_for(endpoint, _external=False, **values))

    name = name or f"Keys{secrets.token_hex(3)}"
    traveller = CastTraveller(name, "Holder", date(1980, 1, 1), "", "Windsor", "ON", "N9A 1A1", "CA", language)
    return Journey(driver, {}, address_of, portal.demonstration.state / "mail", traveller)


def enrol(journey: Journey, page: Page) -> None:
    """Sign up with a passkey and nothing else, and save the recovery codes."""
    journey.go("account.sign_up")
    journey.driver.fill(email=journey.traveller.email, message_language=journey.traveller.language)
    text = journey.await_mail(journey.say("You asked for a code to confirm this email address. Your code is:"))
    code = re.search(r"\b\d{3}[ \u00a0]?\d{3}\b", text)
    assert code, text
    journey.driver.fill(code=code.group())
    with speaking(journey.traveller.language):
        assert _("Choose how to sign in") in journey.driver.words()
    press(page, journey.say("Set up a passkey"), journey.say("Save your recovery codes"))


def press(page: Page, words: str, heading: str) -> None:
    """Press a button, and wait for the page with this heading."""
    page.get_by_role("button", name=words).first.click()
    page.get_by_role("heading", level=1, name=heading).wait_for()


def press_by_keyboard(page: Page, words: str) -> None:
    """Tab until the button has the focus, then press Enter."""
    for _step in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == words:
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"“{words}” cannot be reached by keyboard")
