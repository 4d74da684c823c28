"""The look: nobody else's colours or typeface, enough contrast in both themes, nothing inline, little to load."""

from __future__ import annotations

import re
from pathlib import Path

import brotli
import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.web import assets, compression

ROOT = Path(__file__).parent.parent.parent
CSS = (ROOT / "static/css/app.css").read_text()
TOKENS = (ROOT / "assets/sass/_tokens.scss").read_text()
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
MADE_TO_BE_SENT = ("emails", "exports", "letters")
PAGES = [path for path in TEMPLATES if path.relative_to(ROOT / "templates").parts[0] not in MADE_TO_BE_SENT]
CUSTOM = re.compile(r"--([\w-]+):\s*(#[0-9a-f]{3,6})\b")

TEXT = [
    ("ink", "paper"),
    ("ink", "surface"),
    ("ink", "tint"),
    ("ink", "info-tint"),
    ("ink", "success-tint"),
    ("ink", "attention-tint"),
    ("ink", "error-tint"),
    ("muted", "paper"),
    ("muted", "surface"),
    ("muted", "tint"),
    ("on-brand", "brand"),
    ("on-brand", "brand-hover"),
    ("brand-text", "surface"),
    ("brand-text", "tint"),
    ("on-deep", "deep"),
    ("link", "surface"),
    ("link", "paper"),
    ("link", "tint"),
    ("link", "info-tint"),
    ("link-visited", "surface"),
    ("link-visited", "paper"),
    ("link-hover", "surface"),
    ("on-focus", "focus"),
    ("error", "surface"),
    ("error", "paper"),
    ("error", "error-tint"),
    ("success", "success-tint"),
    ("attention", "attention-tint"),
    ("info", "info-tint"),
    ("canada", "canada-tint"),
    ("states", "states-tint"),
]
SHAPES = [
    ("border", "surface"),
    ("border", "paper"),
    ("border", "tint"),
    ("brand-text", "surface"),
    ("brand-text", "tint"),
    ("amber", "deep"),
    ("ink", "focus"),
    ("success", "surface"),
    ("error", "surface"),
]


def _themes() -> dict[str, dict[str, str]]:
    light, dark = TOKENS.split("@mixin dark")
    return {"light": dict(CUSTOM.findall(light)), "dark": dict(CUSTOM.findall(light)) | dict(CUSTOM.findall(dark))}


def _luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_words_and_shapes_stand_out(theme: str) -> None:
    colours = _themes()[theme]
    dim = [pair for pair in TEXT if _contrast(colours[pair[0]], colours[pair[1]]) < 4.5]
    # On a focused control the dark theme's ring is light on dark; the amber ring around it is what shows.
    shapes = [pair for pair in SHAPES if theme == "light" or pair != ("ink", "focus")]
    faint = [pair for pair in shapes if _contrast(colours[pair[0]], colours[pair[1]]) < 3]
    assert not dim and not faint


def test_the_style_sheet_is_ours() -> None:
    assert not re.findall(r"#1d70b8|#0f7a52|#ffdd00|#fd0\b|GDS", CSS, re.I)
    assert len(re.findall(r"@font-face", CSS)) == 2
    assert {Path(name).name for name in re.findall(r"url\(([^)]+)\)", CSS.replace('"', ""))} == {
        "atkinson-next-latin.woff2",
        "atkinson-next-latin-ext.woff2",
    }
    assert "SIL OPEN FONT LICENSE" in (ROOT / "static/fonts/LICENSE.txt").read_text()


def test_first_view_is_light() -> None:
    def weight(name: str) -> int:
        return len(brotli.compress((ROOT / "static" / name).read_bytes(), quality=11))

    style, scripts = weight("css/app.css"), weight("js/app.js") + weight("js/govuk-frontend.js")
    font = (ROOT / "static/fonts/atkinson-next-latin.woff2").stat().st_size
    room_for_the_page = 2_000
    assert style <= 15_000
    assert style + font + room_for_the_page <= 50_000
    assert style + font + scripts + room_for_the_page <= 60_000


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_a_template_has_nothing_inline(path: Path) -> None:
    source = re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.S)
    assert not re.findall(r"\sstyle\s*=|<style\b|\son(?!ly\b)\w+\s*=\s*[\"']|javascript:", source)
    assert not re.findall(r"<script\b(?![^>]*\bsrc=)", source)
    assert not re.findall(r"\stitle\s*=\s*[\"']|\btabindex\s*=\s*[\"']?[1-9]", source)


@pytest.fixture
def browser() -> FlaskClient:
    app = Flask("look", static_folder=str(ROOT / "static"), static_url_path="/static")
    compression.init_app(app)
    assets.init_app(app)
    app.add_url_rule("/long", "long", lambda: "é" * 1000)
    app.add_url_rule("/short", "short", lambda: "short")
    app.add_url_rule("/address/<path:name>", "address", app.jinja_env.globals["asset"])
    return app.test_client()


@pytest.mark.parametrize("name", ["css/app.css", "js/app.js", "fonts/atkinson-next-latin.woff2", "images/mark.svg"])
def test_an_address_follows_the_content_and_lasts(browser: FlaskClient, name: str) -> None:
    address = browser.get(f"/address/{name}").text
    assert re.fullmatch(r"/static/[\w/-]+\.[0-9a-f]{10}\.\w+", address)
    answer = browser.get(address)
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == assets.FOREVER
    assert browser.get(f"/static/{name}").headers["Cache-Control"] == assets.BRIEFLY
    assert browser.get(address, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_files_that_a_file_names_have_lasting_addresses_too(browser: FlaskClient) -> None:
    font = browser.get("/address/fonts/atkinson-next-latin.woff2").text
    assert font in browser.get("/static/css/app.css").text
    script = browser.get("/address/js/govuk-frontend.js").text
    assert script in browser.get("/static/js/app.js").text


@pytest.mark.parametrize(
    "name", ["../pyproject.toml", "%2e%2e/pyproject.toml", "css", "css/none.css", "css/app.css%00"]
)
def test_nothing_else_is_served(browser: FlaskClient, name: str) -> None:
    assert browser.get(f"/static/{name}").status_code == 404


@pytest.mark.parametrize(("accepted", "encoding"), [("br, gzip", "br"), ("gzip", "gzip"), ("", None), ("br;q=0", None)])
def test_answers_are_compressed_as_the_browser_likes(browser: FlaskClient, accepted: str, encoding: str | None) -> None:
    for address in ("/long", "/static/css/app.css"):
        answer = browser.get(address, headers={"Accept-Encoding": accepted})
        assert answer.headers.get("Content-Encoding") == encoding
        assert answer.status_code == 200
    assert "Content-Encoding" not in browser.get("/short", headers={"Accept-Encoding": "br"}).headers
    assert brotli.decompress(browser.get("/long", headers={"Accept-Encoding": "br"}).data).decode() == "é" * 1000
