"""Two browsers for the journey: one without scripts over plain HTTP, and Chromium."""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin, urlsplit

from bs4 import Tag
from playwright.sync_api import Locator, Page

from tests.browsing import Browser
from tests.journey import FIRST, stream
from tests.live import LiveClient

OPEN_WHAT_HIDES_IT = """box => {
  for (let at = box; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true
}"""


class PlainDriver:
    """A browser that knows HTML and nothing else; each page is checked as it arrives."""

    def __init__(self, address: str) -> None:
        self.origin = address
        self.browser = Browser(client=LiveClient(address), origin=address)

    def go(self, path: str) -> None:
        page = self.browser.open(urljoin(self.origin, path))
        assert page.status == 200, f"{page.status} at {path}: {page.text[:500]}"

    def fill(self, press: str | None = None, **fields: Any) -> None:
        page = self.browser.page
        assert page is not None
        where = urlsplit(page.url).netloc
        if where != urlsplit(self.origin).netloc:
            return self._fill_elsewhere(press, fields)
        typed = {name: self._value(page.form(), name, value) for name, value in fields.items()}
        sent = self.browser.send(page, press=press, **typed)
        assert sent.status == 200, f"{sent.status} {sent.problems}: {sent.text[:500]}"
        return None

    def _value(self, form: Tag, name: str, value: Any) -> Any:
        if value is FIRST:
            box = form.find("input", attrs={"name": name})
            assert isinstance(box, Tag)
            return str(box["value"])
        if isinstance(value, tuple):
            return (stream(value[1]), value[0])
        return value if isinstance(value, list) else str(value)

    def _fill_elsewhere(self, press: str | None, fields: dict[str, Any]) -> None:
        page = self.browser.page
        assert page is not None
        form = page.soup.find("form")
        assert isinstance(form, Tag)
        self.browser.send(page, form=form, press=f"{press}=1", **fields)
        arrived = self.browser.page
        assert arrived is not None
        if arrived.status in (302, 303):
            self.go(arrived.response.headers["Location"])

    def press(self, words: str) -> None:
        page = self.browser.press(words)
        if page.status in (302, 303):
            page = self.browser.open(page.response.headers["Location"])
        assert page.status == 200, f"{page.status}: {page.text[:500]}"

    def follow(self, words: str) -> None:
        assert self.browser.page is not None
        self.go(self.browser.page.link(words))

    def words(self) -> str:
        return self.browser.page.text if self.browser.page else ""

    def address(self) -> str:
        return self.browser.page.url if self.browser.page else ""

    def download(self, words: str) -> bytes:
        assert self.browser.page is not None
        return bytes(self.browser.client.get(self.browser.page.link(words)).data)  # type: ignore[attr-defined]


class ChromiumDriver:
    """A page of a real Chromium, with scripts or without."""

    def __init__(self, page: Page, address: str, on_arrival: Any = None) -> None:
        self.page = page
        self.origin = address
        self.on_arrival = on_arrival or (lambda page: None)

    def go(self, path: str) -> None:
        response = self.page.goto(urljoin(self.origin, path))
        assert response is not None and response.status == 200, f"{response and response.status} at {path}"
        self.on_arrival(self.page)

    def fill(self, press: str | None = None, **fields: Any) -> None:
        is_ours = urlsplit(self.page.url).netloc == urlsplit(self.origin).netloc
        form = self.page.locator("#main-form" if is_ours else "form").first
        for name, value in fields.items():
            self._type(form, name, value)
        if press:
            self._click(form.locator(f'button[name="{press}"]'))
        else:
            self._click(form.locator('button[type="submit"]:not([name="switch_lang"]):not(.first-button)').first)

    def _type(self, form: Locator, name: str, value: Any) -> None:
        boxes = form.locator(f'[name="{name}"]')
        kind = boxes.first.get_attribute("type")
        if value is FIRST:
            self._tick(boxes.first)
        elif isinstance(value, tuple):
            boxes.first.set_input_files({"name": value[0], "mimeType": "image/jpeg", "buffer": value[1]})
        elif kind in ("radio", "checkbox"):
            for one in value if isinstance(value, list) else [value]:
                chosen = boxes.first if kind == "checkbox" and value == "y" else form.locator(
                    f'[name="{name}"][value="{one}"]'
                )  # fmt: skip
                self._tick(chosen)
        elif boxes.first.evaluate("box => box.tagName") == "SELECT":
            boxes.first.select_option(str(value))
        else:
            boxes.first.fill(str(value))

    @staticmethod
    def _tick(box: Locator) -> None:
        # The drawn circle lies over the real box; the label is what a finger meets.
        box.evaluate(OPEN_WHAT_HIDES_IT)
        box.check(force=True)

    def _click(self, button: Locator) -> None:
        with self.page.expect_navigation():
            button.click()
        self.on_arrival(self.page)

    def press(self, words: str) -> None:
        self._click(self.page.get_by_role("button", name=words).first)

    def follow(self, words: str) -> None:
        self._click(self.page.get_by_role("link", name=words).first)

    def words(self) -> str:
        return " ".join(self.page.inner_text("body").split())

    def address(self) -> str:
        return self.page.url

    def download(self, words: str) -> bytes:
        href = self.page.get_by_role("link", name=words).first.get_attribute("href")
        response = self.page.request.get(urljoin(self.page.url, href or ""))
        assert response.status == 200
        return response.body()
