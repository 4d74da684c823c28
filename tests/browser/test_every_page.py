"""Every page of the portal in Chromium: axe, 320 pixels, the keyboard, no scripts, in both languages.

The pages come from the routes: a new one is looked at by itself, or fails here until it is said how to come to it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext
from waitress.server import create_server
from werkzeug.routing import Rule

from portal.db import Database
from tests import servers
from tests.browser.sweeping import NARROW, troubles_with_scripts, troubles_without_scripts
from tests.browser.visiting import STORIES, Visit
from tests.browsing import ORIGIN, Browser, Page
from tests.web.access_table import ANYBODY, OPEN, OWNER, PLACED, STAFF, SUPERVISORS
from tests.web.conftest import here, urls_here  # noqa: F401  # fixtures
from tests.web.test_access import address_of
from tests.world import World

AUDIENCES = {
    "accounts": ("account",),
    "applicants": ("applicant",),
    "officers": ("officer", "admin"),
    "visitors": ("public", "demonstration"),  # last: one of them consents, and then nobody waits for that any more
}
A_FEW = ("account.security", "officer.show_review", "officer.audit_trail", "officer.unlock")
"""What `make test` looks at; `make test-all` looks at everything."""
LAST_SECTION = "consent"
"""Opens when all else is done; tests/browser/test_journey.py comes to it."""
NOT_PAGES = {"static", "demonstration.index_in_my_language", "demonstration.mail_in_my_language"}
ELSEWHERE = {
    "account.national_sign_in": "leads to another site, which this world does not have",
    "account.app_picture": "a picture on the page that sets up an app",
    "account.download_recovery_codes": "a file, while the codes are not saved yet",
    "applicant.join_family": "for who consented for a child; tests/web/test_family_pages.py has one",
    "officer.assess_member_hit": "for a hit on a member; tests/web/test_member_hits.py has one",
    "officer.pilot_figures": "a file, for agencies that have a pilot; tests/web/test_pilots.py has one",
    "applicant.use_same": "a button, which leads back to the section",
    "applicant.confirm_together": "for a family with interviews to book; tests/web/test_together_pages.py has one",
    "applicant.booked_together": "as above",
    "account.return_from_national": "where that site leads back to",
    "account.link_national": "as above; tests/web/test_identity_providers.py opens it",
    "account.remove_national": "as above",
    "officer.directory_sign_in": "leads to an agency's directory, which this world does not have",
    "officer.directory_proof": "as above",
    "officer.return_from_directory": "where the directory leads back to",
}
"""Addresses without a page of ours in this world, and why."""


@pytest.fixture(scope="module")
def visit(here: World, urls_here: servers.Urls) -> Iterator[Visit]:  # noqa: F811
    """The world's portal, listening."""
    server = create_server(here.app, host="127.0.0.1", port=0, threads=4)  # type: ignore[no-untyped-call]
    threading.Thread(target=server.run, daemon=True).start()
    owner = Database(urls_here["owner"])
    yield Visit(here, owner, f"http://localhost:{server.effective_port}")
    server.close()
    owner.close()


def _rules(here: World, *blueprints: str) -> list[Rule]:  # noqa: F811
    """The routes of pages, each but once: the French ones are the same pages."""
    rules = [rule for rule in here.app.url_map.iter_rules() if "GET" in (rule.methods or ())]
    ours = [rule for rule in rules if not rule.rule.startswith("/fr/") and rule.endpoint.split(".")[0] in blueprints]
    return [rule for rule in ours if (rule.defaults or {}).get("section") != LAST_SECTION]


def _who(endpoint: str) -> str:
    """Whose page it is: a stage of the cast, an officer, or nobody's."""
    group, door = PLACED[endpoint]
    if group is ANYBODY:
        return ""
    if group is SUPERVISORS:
        return "supervisor.ca"
    if group[OWNER] == OPEN:
        return door.whose or "begun"
    return next(name for who, name in STAFF.items() if group[who] == OPEN)


def _arrived(visit: Visit, rule: Rule) -> tuple[Browser, Page | None]:
    """A browser, and the page that is open in it; None for what is no page."""
    visit.stay_signed_in()
    if rule.endpoint in STORIES:
        browser = STORIES[rule.endpoint](visit)
        assert browser.page is not None
        return browser, browser.page
    browser, address = visit.browser(_who(rule.endpoint)), address_of(visit.here, rule)
    answer = browser.client.get(address, base_url=ORIGIN)
    return browser, Page(answer, address) if answer.mimetype == "text/html" else None


def _addresses(page: Page) -> list[str]:
    """The page's own address and that in the other language, which one page alone does without."""
    other = page.soup.select_one("link[hreflang]")
    own = urlsplit(page.url)._replace(scheme="", netloc="").geturl()
    return [own, str(other["href"])] if other else [own]


def _troubles(visit: Visit, contexts: tuple[BrowserContext, BrowserContext], rule: Rule) -> list[str]:
    """What is wrong with one page in either language, or why it could not be looked at."""
    browser, page = _arrived(visit, rule)
    if page is None:
        return []
    if page.status != 200:
        return [f"{rule.endpoint}: {page.status} at {page.url}; say in STORIES how to come to it"]
    cookie = browser.client.get_cookie("passage")
    found = []
    for context, troubles in zip(contexts, (troubles_with_scripts, troubles_without_scripts), strict=True):
        context.clear_cookies()
        if cookie:
            context.add_cookies([{"name": "passage", "value": cookie.value, "url": visit.address}])
        for address in _addresses(page):
            tab = context.pages[0]
            answer = tab.goto(visit.address + address)
            assert answer is not None and answer.status == 200, f"{answer and answer.status} at {address}"
            found += [f"{rule.endpoint} {tab.url}: {one}" for one in troubles(tab)]
    return found


@pytest.fixture
def contexts(chromium: Chromium) -> Iterator[tuple[BrowserContext, BrowserContext]]:
    """A narrow screen with scripts, and one without."""
    made = tuple(chromium.new_context(viewport=NARROW, java_script_enabled=scripts) for scripts in (True, False))  # type: ignore[arg-type]
    for context in made:
        context.new_page()
    yield made[0], made[1]
    for context in made:
        context.close()


def test_it_is_said_how_to_come_to_every_page(here: World) -> None:  # noqa: F811
    endpoints = {rule.endpoint for rule in here.app.url_map.iter_rules()}
    known = {blueprint for blueprints in AUDIENCES.values() for blueprint in blueprints} | {"api", "health", "static"}
    assert {endpoint.split(".")[0] for endpoint in endpoints} <= known
    assert set(ELSEWHERE) | set(STORIES) | set(A_FEW) | NOT_PAGES <= endpoints


def test_a_few_pages_are_for_everybody(visit: Visit, contexts: tuple[BrowserContext, BrowserContext]) -> None:
    rules = [rule for rule in _rules(visit.here, *sum(AUDIENCES.values(), ())) if rule.endpoint in A_FEW]
    found = [one for rule in rules for one in _troubles(visit, contexts, rule)]
    assert found == [], "\n".join(found)


@pytest.mark.slow
@pytest.mark.parametrize("audience", AUDIENCES)
def test_every_page_is_for_everybody(
    visit: Visit, contexts: tuple[BrowserContext, BrowserContext], audience: str
) -> None:
    rules = [rule for rule in _rules(visit.here, *AUDIENCES[audience])
             if rule.endpoint not in NOT_PAGES | set(ELSEWHERE)]  # fmt: skip
    found = [one for rule in rules for one in _troubles(visit, contexts, rule)]
    assert found == [], "\n".join(found)
