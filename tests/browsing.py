"""A browser without JavaScript: pages are checked on arrival, forms sent with their own token."""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup, Tag
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

ORIGIN = "http://localhost"


class Page:
    """A page as it arrived. Fails at once where it is not a page of the house."""

    def __init__(self, response: TestResponse, url: str, *, is_ours: bool = True) -> None:
        self.response = response
        self.status = response.status_code
        self.url = url
        self.html = response.get_data(as_text=True)
        self.soup = BeautifulSoup(self.html, "html5lib")
        if is_ours and response.mimetype == "text/html" and not 300 <= response.status_code < 400:
            self.check()

    def check(self) -> None:
        """What holds for every page: title, one h1, unique ids, labels, language, nothing inline."""
        where = f"{self.status} {self.url}"
        html = self.soup.html
        assert html is not None and html.get("lang") in ("en-CA", "fr-CA"), f"no language: {where}"
        title = self.soup.title
        assert title is not None and title.get_text().strip().endswith("– Passage"), f"no title: {where}"
        assert len(self.soup.find_all("h1")) == 1, f"{len(self.soup.find_all('h1'))} h1: {where}"
        ids = [str(tag["id"]) for tag in self.soup.find_all(id=True)]
        assert len(ids) == len(set(ids)), f"ids twice {sorted(i for i in ids if ids.count(i) > 1)}: {where}"
        assert not self.soup.find_all(style=True), f"inline style: {where}"
        assert not self.soup.find_all("style"), f"inline style sheet: {where}"
        assert all(script.get("src") for script in self.soup.find_all("script")), f"inline script: {where}"
        assert not [t for t in self.soup.find_all(True) for a in t.attrs if a.startswith("on")], f"handler: {where}"
        self._check_labels(where)
        for form in self.soup.find_all("form", method="post"):
            assert form.find("input", attrs={"name": "csrf_token"}), f"a form without token: {where}"
        for image in self.soup.find_all("img"):
            assert image.has_attr("alt"), f"an image without alt: {where}"

    def _check_labels(self, where: str) -> None:
        labelled = {label.get("for") for label in self.soup.find_all("label")}
        for box in self.soup.select("input, select, textarea"):
            if box.get("type") in ("hidden", "submit", "button"):
                continue
            name = box.get("aria-label") or box.get("aria-labelledby")
            assert name or box.get("id") in labelled, f"a box without label ({box.get('name')}): {where}"

    @property
    def text(self) -> str:
        """All the words of the page, with single ordinary spaces."""
        return " ".join(self.soup.get_text(" ").split())

    @property
    def heading(self) -> str:
        """The page's h1."""
        heading = self.soup.h1
        return " ".join(heading.get_text(" ").split()) if heading else ""

    @property
    def language(self) -> str:
        """The language that the page says it speaks."""
        return str(self.soup.html["lang"])[:2] if self.soup.html else ""

    @property
    def problems(self) -> list[str]:
        """The sentences of the error summary."""
        return [" ".join(item.get_text(" ").split()) for item in self.soup.select(".govuk-error-summary__list li")]

    def value(self, name: str) -> str:
        """What stands in the box called `name`."""
        box = self.soup.find(attrs={"name": name})
        assert isinstance(box, Tag), f"no box called {name}: {self.url}"
        if box.name == "textarea":
            return box.get_text().removeprefix("\n")
        if box.name == "select":
            chosen = box.find("option", selected=True)
            return str(chosen.get("value", "")) if isinstance(chosen, Tag) else ""
        if box.get("type") in ("radio", "checkbox"):
            chosen = self.soup.find(attrs={"name": name, "checked": True})
            return str(chosen.get("value", "")) if isinstance(chosen, Tag) else ""
        return str(box.get("value", ""))

    def link(self, words: str) -> str:
        """The address behind the first link or button-link whose words contain `words`."""
        for anchor in self.soup.find_all("a", href=True):
            if words in " ".join(anchor.get_text(" ").split()):
                return urljoin(self.url, str(anchor["href"]))
        raise AssertionError(f"no link “{words}” on {self.url}: {self.text[:400]}")

    def form(self, containing: str | None = None, action: str | None = None) -> Tag:
        """The main form, or the one that holds a box called `containing`, or leads to an address with `action`."""
        forms = self.soup.find_all("form")
        for form in forms:
            if containing and not form.find(attrs={"name": containing}):
                continue
            if action and action not in str(form.get("action", "")):
                continue
            if containing or action or form.get("id") == "main-form":
                return form
        raise AssertionError(f"no such form on {self.url}: {self.text[:400]}")


class Browser:
    """Opens pages, follows redirects, fills in forms. Keeps cookies."""

    def __init__(self, app: Flask | None = None, *, client: Any = None, origin: str = ORIGIN) -> None:
        self.client: FlaskClient = client or (app.test_client() if app else None)
        self.origin = origin
        self.page: Page | None = None

    def open(self, url: str, *, follow: bool = True, **headers: str) -> Page:
        """Go to `url`, through redirects within the portal."""
        return self._arrive(self.client.get(url, headers=headers, base_url=self.origin), url, follow)

    def fill(self, url: str, *, press: str | None = None, follow: bool = True, **fields: Any) -> Page:
        """Open `url`, fill in its main form and send it; `press` names another button, as "name=value"."""
        page = self.open(url)
        assert page.status == 200, f"{page.status} instead of a form: {url}: {page.text[:300]}"
        return self.send(page, press=press, follow=follow, **fields)

    def send(
        self, page: Page | None = None, *, form: Tag | None = None, press: str | None = None, follow: bool = True,
        **fields: Any,
    ) -> Page:  # fmt: skip
        """Send the form of a page that is open; what is not named stays as the page has it."""
        page = page or self.page
        assert page is not None
        form = form or page.form()
        data = as_shown(form) | {name: value for name, value in fields.items() if value is not None}
        if press:
            name, _, value = press.partition("=")
            data[name] = value
        action = urljoin(page.url, str(form.get("action") or page.url))
        multipart = form.get("enctype") == "multipart/form-data"
        options: dict[str, Any] = {"content_type": "multipart/form-data"} if multipart else {}
        return self._arrive(self.client.post(action, data=data, base_url=self.origin, **options), action, follow)

    def press(self, words: str, page: Page | None = None, **fields: Any) -> Page:
        """Press the button with these words, in whatever form it stands."""
        page = page or self.page
        assert page is not None
        for button in page.soup.find_all("button"):
            if words in " ".join(button.get_text(" ").split()):
                form_id = button.get("form")
                form = page.soup.find("form", id=form_id) if form_id else button.find_parent("form")
                assert isinstance(form, Tag), f"a button without a form: {words}"
                named = f"{button['name']}={button.get('value', '')}" if button.get("name") else None
                return self.send(page, form=form, press=named, **fields)
        raise AssertionError(f"no button “{words}” on {page.url}: {page.text[:400]}")

    def _arrive(self, response: TestResponse, url: str, follow: bool) -> Page:
        for _ in range(6):
            if not (follow and response.status_code in (301, 302, 303, 307, 308)):
                break
            url = urljoin(url if url.startswith("http") else self.origin + url, response.headers["Location"])
            if urlsplit(url).netloc not in ("", urlsplit(self.origin).netloc):
                break
            response = self.client.get(url, base_url=self.origin)
        is_ours = urlsplit(url).netloc in ("", urlsplit(self.origin).netloc)
        self.page = Page(response, url, is_ours=is_ours)
        return self.page


def as_shown(form: Tag) -> dict[str, Any]:
    """What a form would send as the page shows it."""
    shown: dict[str, Any] = {}
    for box in form.select("input, select, textarea"):
        name, kind = box.get("name"), box.get("type")
        if not name or kind in ("submit", "button", "file"):
            continue
        if kind in ("radio", "checkbox"):
            if box.has_attr("checked"):
                shown.setdefault(str(name), []).append(str(box.get("value", "on")))
        elif box.name == "select":
            chosen = box.find("option", selected=True) or box.find("option")
            shown[str(name)] = str(chosen.get("value", "")) if isinstance(chosen, Tag) else ""
        elif box.name == "textarea":
            shown[str(name)] = box.get_text().removeprefix("\n")
        else:
            shown[str(name)] = str(box.get("value", ""))
    return shown
