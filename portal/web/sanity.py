"""What no honest browser sends is refused before any page is asked: broken encodings, chunked bodies."""

from __future__ import annotations

from urllib.parse import unquote_to_bytes

from flask import Flask, abort, request


def _readable(encoded: str) -> bool:
    if encoded.isascii() and "%" not in encoded:
        return "\0" not in encoded  # as it is of nearly every request
    raw = unquote_to_bytes(encoded)
    if b"\0" in raw:
        return False
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def _check() -> None:
    # Servers differ in what they do with a chunked body that is too long; some cut it silently.
    if request.headers.get("Transfer-Encoding"):
        abort(411)
    path, query = request.path, request.query_string
    raw_path = request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or path
    if not (_readable(raw_path) and _readable(query.decode("latin-1")) and "\0" not in path):
        abort(400)
    if any("\0" in name or "\ufffd" in name for name in request.form):
        abort(400)


def init_app(app: Flask) -> None:
    """Check each request first of all."""
    app.before_request(_check)
