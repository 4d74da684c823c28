"""What no honest browser sends: a clear page in the house style, in the right language, with the right status."""

from urllib.parse import urlencode

import pytest
from flask import Flask, request

from portal import create_app
from portal.config import Settings
from portal.db import Database
from tests.browsing import ORIGIN, Browser, Page
from tests.interviewing import PASSWORD, account
from tests.signing_in import sign_in


def _page(app: Flask, path: str, **options) -> Page:
    response = app.test_client().open(path, base_url=options.pop("base_url", ORIGIN), **options)
    return Page(response, path)


@pytest.mark.parametrize(
    ("path", "language"),
    [("/en/nowhere", "en"), ("/fr/nulle-part", "fr"), ("/nowhere", "en"), ("/en/applications/P-0000-0001", "en")],
)
def test_an_unknown_address_is_a_404_in_its_language(browser: Browser, path: str, language: str) -> None:
    page = browser.open(path)
    assert (page.status, page.language) == (404, language)


def test_the_browsers_wish_decides_where_the_address_says_nothing(browser: Browser) -> None:
    assert browser.open("/nowhere", **{"Accept-Language": "fr-CA,fr;q=0.9"}).language == "fr"


@pytest.mark.parametrize("path", ["/en/%00", "/en/?x=%00", "/en/%ff%fe", "/en/?q=%ff%fe", "/fr/%c3%28"])
def test_broken_encodings_and_nul_bytes_are_refused(app: Flask, database: Database, path: str) -> None:
    page = _page(app, path)
    assert page.status in (400, 404)


def test_a_foreign_host_is_refused(app: Flask, database: Database) -> None:
    response = app.test_client().get("/en/", base_url="http://evil.example")
    assert response.status_code == 400
    assert "evil.example" not in response.get_data(as_text=True)


def test_a_chunked_body_is_refused(app: Flask, database: Database) -> None:
    page = _page(app, "/en/sign-in", method="POST", headers={"Transfer-Encoding": "chunked"})
    assert page.status == 411


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_refused(app: Flask, database: Database, method: str) -> None:
    assert _page(app, "/en/", method=method).status == 405


def test_forwarded_headers_of_strangers_are_ignored(app: Flask, database: Database) -> None:
    headers = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "X-Forwarded-For": "1.2.3.4"}
    page = _page(app, "/en/", headers=headers)
    assert page.status == 200 and "evil.example" not in page.html


def test_every_answer_carries_the_headers(browser: Browser) -> None:
    for path in ("/en/", "/fr/", "/en/nowhere", "/health/live"):
        headers = browser.client.get(path, base_url=ORIGIN).headers
        assert headers["Content-Security-Policy"] == (
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; "
            "connect-src 'self'; form-action 'self' http://localhost:9; frame-src 'none'; base-uri 'none'; "
            "frame-ancestors 'none'; object-src 'none'"
        )
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert "Access-Control-Allow-Origin" not in headers


def test_health(browser: Browser) -> None:
    assert browser.client.get("/health/live", base_url=ORIGIN).json == {"status": "live"}
    ready = browser.client.get("/health/ready", base_url=ORIGIN)
    assert (ready.status_code, ready.json) == (200, {"status": "ready", "unfit": []})


def test_the_address_bar_cannot_bend_the_language_link(browser: Browser) -> None:
    page = browser.open("/en/?_scheme=javascript&_external=1&endpoint=x&_anchor=y&language=fr&kept=1")
    assert page.status == 200
    links = [str(link["href"]) for link in page.soup.find_all("a", hreflang=True)]
    assert links and all(link == "/fr/?kept=1" for link in links)


def test_forwarded_headers_of_our_own_proxies_say_where_a_request_comes_from(settings: Settings) -> None:
    behind = create_app(settings.model_copy(update={"trusted_proxies": 1}))
    seen = []
    behind.before_request(lambda: seen.append((request.remote_addr, request.host)))
    headers = {"X-Forwarded-For": "9.9.9.9, 1.2.3.4", "X-Forwarded-Host": "evil.example"}
    behind.test_client().get("/health/live", base_url=ORIGIN, headers=headers)
    behind.extensions["database"].engine.dispose()
    assert seen == [("1.2.3.4", "localhost")]


@pytest.mark.parametrize("wanted", ["/en/\r\nX: y", "//evil.example", "/en/\\evil.example", "https://evil.example/en/"])
def test_signing_in_leads_nowhere_else(browser: Browser, database: Database, wanted: str) -> None:
    with database.transaction() as session:
        account(session, "maya@example.org")
    address = "/en/sign-in?" + urlencode({"next": wanted})
    page = sign_in(browser, "maya@example.org", PASSWORD, address)
    assert page.url.endswith("/en/applications")


@pytest.mark.parametrize("key", ["\0" * 20, "é" * 20, "x" * 65])
def test_a_form_key_of_a_stranger_s_making_is_no_key(browser: Browser, key: str) -> None:
    page = browser.fill("/en/sign-in", email="maya@example.org", password="wrong", form_key=key)
    assert page.status == 422
