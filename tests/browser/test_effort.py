"""What the whole way costs a traveller on a phone, in screens, taps and keystrokes: never more than is allowed."""

from __future__ import annotations

from playwright.sync_api import Browser

from bench.effort import LIMITS, MOST_SCREENS_FOR_A_CHILD, Phone, on_a_phone, walked
from tests.running import RunningPortal


def test_the_way_is_short(chromium: Browser, portal: RunningPortal) -> None:
    phone = Phone(on_a_phone(chromium), "en")
    took = walked(phone, portal)
    phone.page.context.close()

    adult = took["one adult"]
    assert adult.screens <= LIMITS.screens, phone.seen
    assert adult.taps <= LIMITS.taps
    assert adult.keystrokes <= LIMITS.keystrokes
    assert took["each further child"].screens <= MOST_SCREENS_FOR_A_CHILD, phone.seen
