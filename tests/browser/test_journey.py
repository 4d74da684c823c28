"""The whole way in Chromium: in English and French with scripts, and without; axe on every page on the way."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from playwright.sync_api import Browser, ConsoleMessage, Page

from demo.cast import CastTraveller
from tests.browser.conftest import AXE
from tests.drivers import ChromiumDriver
from tests.journey import Journey
from tests.running import RunningPortal

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "rules": {"target-size": {"enabled": True}},
}
PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1366, "height": 800}
SHOWN_THOUGH_HIDDEN = """() => [...document.querySelectorAll("[hidden]")]
  .filter(part => part.getClientRects().length).map(part => part.textContent.trim())"""
WREN = CastTraveller("Wren", "Castellanos", date(1992, 12, 5), "", "Windsor", "ON", "N9A 1A1", "CA", "en")
LEONIE = CastTraveller("Léonie", "Archambault", date(1978, 6, 21), "", "Québec", "QC", "G1R 2B5", "CA", "fr")
OTIS = CastTraveller("Otis", "Farrow", date(1969, 3, 9), "", "Detroit", "MI", "48226", "US", "en", "M")
RUNS = {"en": (WREN, True, PHONE), "fr": (LEONIE, True, PHONE), "no-scripts": (OTIS, False, DESKTOP)}


class Watcher:
    """What must hold for each page that arrives: no axe violation, no console error, nothing wider than the window."""

    def __init__(self, page: Page, *, with_scripts: bool) -> None:
        self.with_scripts = with_scripts
        self.seen: set[str] = set()
        page.on("console", self._listen)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.hosts.add(request.url.split("/")[2]))
        self.complaints: list[str] = []
        self.hosts: set[str] = set()

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "favicon" not in message.location.get("url", ""):
            self.complaints.append(f"{message.text} {message.location.get('url')}")

    def __call__(self, page: Page) -> None:
        path = page.url.split("/", 3)[-1].split("?")[0]
        if not self.with_scripts or path in self.seen or path.startswith("pay/"):
            return
        self.seen.add(path)
        page.evaluate(AXE)
        violations = page.evaluate("rules => axe.run(document, rules).then(found => found.violations)", RULES)
        told = [(one["id"], [node["target"] for node in one["nodes"]][:3]) for one in violations]
        assert not told, f"{page.url}: {told}"
        shown = page.evaluate(SHOWN_THOUGH_HIDDEN)
        assert not shown, f"{page.url} shows what is hidden: {shown}"
        overflow = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert overflow <= 0, f"{page.url} is {overflow} px too wide"


@pytest.mark.parametrize("name", RUNS)
def test_the_whole_way(chromium: Browser, portal: RunningPortal, addresses: Flask, name: str) -> None:
    traveller, with_scripts, viewport = RUNS[name]

    def open_page(size: dict[str, int]) -> tuple[Page, Watcher]:
        context = chromium.new_context(java_script_enabled=with_scripts, viewport=size)
        page = context.new_page()
        return page, Watcher(page, with_scripts=with_scripts)

    def address_of(endpoint: str, **values: object) -> str:
        with addresses.test_request_context(base_url=portal.address):
            return addresses.url_for(endpoint, **values)

    page, watcher = open_page(viewport)
    desks = {agency: open_page(DESKTOP) for agency in ("CA", "US")}
    journey = Journey(
        driver=ChromiumDriver(page, portal.address, watcher),
        officers={agency: ChromiumDriver(desk, portal.address, watching) for agency, (desk, watching) in desks.items()},
        address_of=address_of,
        mail_folder=portal.demonstration.state / "mail",
        traveller=traveller,
    )
    number = journey.run()

    assert len(number) == 9 and number.startswith("00")
    ours = {portal.address.split("/")[2], f"localhost:{portal.demonstration.payments_port}"}
    assert watcher.hosts <= ours
    assert not watcher.complaints
    assert not any(watching.complaints for _, watching in desks.values())
    for opened in (page, *(desk for desk, _ in desks.values())):
        opened.context.close()
