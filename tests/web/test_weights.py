"""What a traveller's page weighs on its first view: bytes as the server sends them, requests, and nobody else asked."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

import brotli
import pytest

from portal.web.compression import LEAST_COMPRESSED
from tests.browsing import ORIGIN, Browser, Page
from tests.world import World

WITHOUT_SCRIPTS, WITH_SCRIPTS, MOST_REQUESTS = 50_000, 60_000, 6
BROWSER = {"Accept-Encoding": "gzip, deflate, br, zstd"}
FACE = re.compile(r"@font-face\s*{[^}]*url\(\"?(?P<url>[^\")]+)\"?\)[^}]*unicode-range:(?P<ranges>[^;}]+)")
OTHER_URL = re.compile(r"url\(\"?(?!data:)([^\")]+)\"?\)")
IMPORT = re.compile(r"""\b(?:from|import)\s*["']([^"']+)["']""")
LOADED_LINKS = "link[rel=stylesheet], link[rel=icon], link[rel=preload], link[rel=manifest]"

PAGES = {
    "home": ("", "/", "/"),
    "dashboard": ("begun", "/applications", "/demandes"),
    "task list": ("begun", "/applications/{reference}", "/demandes/{reference}"),
    "section": ("begun", "/applications/{reference}/identity", "/demandes/{reference}/identite"),
    "slot list": (
        "conditionally_approved",
        "/applications/{reference}/interview/times",
        "/demandes/{reference}/entrevue/heures",
    ),
}


class View:
    """A page's first view: everything that a browser without a cache loads for it, by address."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.browser = browser
        self.sizes: dict[str, int] = {}
        self.scripts: set[str] = set()
        text = self._load(address)
        assert text.startswith("<!DOCTYPE html>"), address
        self.page = Page(browser.client.get(address, base_url=ORIGIN), address)
        self._load_parts(address)

    def _load(self, address: str) -> str:
        """Load one thing; gives its text, and counts what went over the wire."""
        assert urlsplit(address).netloc in ("", urlsplit(ORIGIN).netloc), f"asks a third party: {address}"
        with self.browser.client.get(address, headers=BROWSER, base_url=ORIGIN) as response:
            assert response.status_code == 200, f"{response.status_code}: {address}"
            body = response.get_data()
            encoding = response.headers.get("Content-Encoding")
            is_small = len(body) <= LEAST_COMPRESSED
            assert encoding == "br" or is_small or not response.mimetype.startswith("text/"), f"as it is: {address}"
        self.sizes[address] = len(body)
        return (brotli.decompress(body) if encoding == "br" else body).decode(errors="replace")

    def _load_parts(self, address: str) -> None:
        for link in self.page.soup.select(LOADED_LINKS):
            self._load_once(urljoin(address, str(link["href"])), link.get("rel") == ["stylesheet"])
        for part in self.page.soup.select("img[src], source[src], iframe[src], object[data], embed[src], video[src]"):
            self._load_once(urljoin(address, str(part.get("src") or part.get("data"))))
        for script in self.page.soup.select("script[src]"):
            self._load_script(urljoin(address, str(script["src"])))

    def _load_once(self, address: str, is_style_sheet: bool = False) -> None:
        if address in self.sizes:
            return
        text = self._load(address)
        if is_style_sheet:
            for face in FACE.finditer(text):
                if self._needs(face["ranges"]):
                    self._load_once(urljoin(address, face["url"]))
            for other in OTHER_URL.findall(FACE.sub("", text)):
                self._load_once(urljoin(address, other))

    def _needs(self, ranges: str) -> bool:
        letters = {ord(letter) for letter in self.page.text}
        for part in ranges.replace("U+", "").split(","):
            first, _dash, last = part.strip().partition("-")
            if any(int(first, 16) <= letter <= int(last or first, 16) for letter in letters):
                return True
        return False

    def _load_script(self, address: str) -> None:
        if address not in self.scripts:
            self.scripts.add(address)
            for imported in IMPORT.findall(self._load(address)):
                self._load_script(urljoin(address, imported))

    @property
    def bytes_without_scripts(self) -> int:
        return sum(size for address, size in self.sizes.items() if address not in self.scripts)


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("name", PAGES)
def test_a_first_view_is_light(here: World, name: str, language: str) -> None:
    whose, english, french = PAGES[name]
    browser = here.traveller(whose) if whose else Browser(here.app)
    path = (english if language == "en" else french).format(reference=here.values[whose].get("reference"))
    view = View(browser, f"/{language}{path}")
    assert view.bytes_without_scripts <= WITHOUT_SCRIPTS, view.sizes
    assert sum(view.sizes.values()) <= WITH_SCRIPTS, view.sizes
    assert len(view.sizes) <= MOST_REQUESTS, view.sizes
    assert any(".css" in address for address in view.sizes) and view.scripts, "nothing was found to load"


@pytest.mark.parametrize("accepted", ["br", "gzip", "identity"])
def test_pages_and_files_come_in_what_the_browser_accepts(here: World, accepted: str) -> None:
    browser = Browser(here.app)
    sizes = []
    for address in ("/en/", "/static/css/app.css", "/static/js/govuk-frontend.js"):
        with browser.client.get(address, headers={"Accept-Encoding": accepted}, base_url=ORIGIN) as response:
            assert response.headers.get("Content-Encoding", "identity") == accepted, address
            assert "Accept-Encoding" in response.headers["Vary"], address
            sizes.append(len(response.get_data()))
    assert (sum(sizes) < 40_000) == (accepted != "identity"), sizes
