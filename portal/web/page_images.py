"""How a page of a document is answered: a picture that we drew, opened in a sandbox, kept by nobody."""

from __future__ import annotations

from flask import Response

MEDIA_TYPE = "image/jpeg"


def page_image(jpeg: bytes) -> Response:
    """The picture, under a policy that lets nothing in it run even where a browser takes it for something else."""
    response = Response(jpeg, mimetype=MEDIA_TYPE)
    response.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'; sandbox"
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Disposition"] = "inline"
    return response
