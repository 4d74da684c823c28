"""Answers made smaller on their way out: brotli or gzip, for text of more than a few hundred bytes."""

from __future__ import annotations

import gzip

import brotli
from flask import Flask, Response, request

COMPRESSED_TYPES = ("text/", "application/json", "application/manifest+json", "image/svg+xml")
LEAST_COMPRESSED = 500


def init_app(app: Flask) -> None:
    """Compress what the views answer. Form tokens are masked anew each time, so lengths give nothing away."""
    app.after_request(compress)


def compress(response: Response) -> Response:
    """`response`, compressed where that is worth it and the browser takes it."""
    if response.direct_passthrough or response.is_streamed or "Content-Encoding" in response.headers:
        return response
    body = response.get_data()
    encoding = wanted_encoding(response.mimetype, len(body))
    if is_worth_it(response.mimetype, len(body)):
        response.vary.add("Accept-Encoding")
    if encoding:
        response.set_data(brotli.compress(body, quality=5) if encoding == "br" else gzip.compress(body, 6, mtime=0))
        response.headers["Content-Encoding"] = encoding
    return response


def is_worth_it(mimetype: str | None, length: int) -> bool:
    """Whether an answer of this kind and length becomes smaller."""
    return length > LEAST_COMPRESSED and (mimetype or "").startswith(COMPRESSED_TYPES)


def wanted_encoding(mimetype: str | None, length: int) -> str | None:
    """ "br", "gzip" or None, for the request being answered."""
    if not is_worth_it(mimetype, length):
        return None
    accepted = request.accept_encodings
    return next((encoding for encoding in ("br", "gzip") if accepted.quality(encoding) > 0), None)
