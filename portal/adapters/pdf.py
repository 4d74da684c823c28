"""From HTML to a tagged PDF that anybody can read, on paper or aloud. Fetches nothing: what it needs is in the HTML."""

from __future__ import annotations

import base64
import functools
import os
from pathlib import Path

STATIC = Path(__file__).parent.parent.parent / "static"
EPOCH = "946684800"
"""The fonts within a PDF carry the moment at which they were cut out; ours always carry this one."""
FONTS = {"latin": "atkinson-next-latin.woff2", "latin_ext": "atkinson-next-latin-ext.woff2"}


def render(html: str) -> bytes:
    """The page as PDF/UA. The same HTML gives the same bytes; HTML that wants to fetch something raises an error."""
    from weasyprint import HTML  # takes a second and 80 MB: only who makes letters pays for it
    from weasyprint.urls import URLFetcher

    os.environ.setdefault("SOURCE_DATE_EPOCH", EPOCH)
    fetcher = URLFetcher(allowed_protocols=("data",), allow_redirects=False, fail_on_errors=True)
    made: bytes = HTML(string=html, url_fetcher=fetcher).write_pdf(pdf_variant="pdf/ua-1", pdf_identifier=b"passage")
    return made


@functools.cache
def fonts() -> dict[str, str]:
    """Our typeface as data: addresses, by subset."""
    return {subset: _as_data("font/woff2", STATIC / "fonts" / name) for subset, name in FONTS.items()}


@functools.cache
def mark() -> str:
    """Our mark as a data: address."""
    return _as_data("image/svg+xml", STATIC / "images" / "mark.svg")


def _as_data(kind: str, path: Path) -> str:
    return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"
