"""Style sheet, scripts, typeface and pictures, under addresses that change with their content."""

from __future__ import annotations

import functools
import gzip
import hashlib
import mimetypes
import posixpath
import re
from dataclasses import dataclass
from pathlib import Path

import brotli
from flask import Flask, Response, abort, request

from portal.domain.permissions import Permission
from portal.web.access import requires
from portal.web.compression import wanted_encoding

FOREVER = "public, max-age=31536000, immutable"
BRIEFLY = "public, max-age=300"
_RELATIVE = re.compile(r"""(?<=["'(])\.{1,2}/[\w./-]+(?=["')])""")
_HASHED = re.compile(r"^(?P<stem>.+)\.(?P<digest>[0-9a-f]{10})(?P<suffix>\.\w+)$")
mimetypes.add_type("font/woff2", ".woff2")
mimetypes.add_type("text/javascript", ".js")


@dataclass(frozen=True)
class Asset:
    """One file as it is sent."""

    body: bytes
    mimetype: str
    digest: str


class Assets:
    """The files below one folder, each read and compressed once, when first asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.read = functools.cache(self._read)
        self.compressed = functools.cache(self._compressed)

    def address(self, name: str) -> str:
        """Where the page finds `name`, such as "css/app.css"."""
        stem, suffix = posixpath.splitext(name)
        return f"/static/{stem}.{self.read(name).digest}{suffix}"

    def exists(self, name: str) -> bool:
        path = (self.folder / name).resolve()
        return path.is_relative_to(self.folder) and path.is_file()

    def answer(self, filename: str) -> Response:
        """The view of each file: by its address, to be kept for ever, or by its plain name, to be asked for again."""
        hashed = _HASHED.match(filename)
        name = hashed["stem"] + hashed["suffix"] if hashed else filename
        if "\0" in name or not self.exists(name):
            abort(404)
        asset = self.read(name)
        encoding = wanted_encoding(asset.mimetype, len(asset.body))
        response = Response(self.compressed(name, encoding) if encoding else asset.body, mimetype=asset.mimetype)
        if encoding:
            response.headers["Content-Encoding"] = encoding
        response.vary.add("Accept-Encoding")
        response.headers["Cache-Control"] = FOREVER if hashed and hashed["digest"] == asset.digest else BRIEFLY
        response.set_etag(f"{asset.digest}-{encoding or 'plain'}")
        response.make_conditional(request)
        return response

    def _read(self, name: str) -> Asset:
        body = (self.folder / name).read_bytes()
        if name.endswith((".css", ".js")):
            body = self._with_addresses(name, body.decode()).encode()
        mimetype = mimetypes.guess_type(name)[0] or "application/octet-stream"
        return Asset(body, mimetype, hashlib.sha256(body).hexdigest()[:10])

    def _with_addresses(self, name: str, source: str) -> str:
        """`source` with the files that it names replaced by their addresses."""

        def replace(found: re.Match[str]) -> str:
            needed = posixpath.normpath(posixpath.join(posixpath.dirname(name), found[0]))
            return self.address(needed) if self.exists(needed) else found[0]

        return _RELATIVE.sub(replace, source)

    def _compressed(self, name: str, encoding: str) -> bytes:
        body = self.read(name).body
        return brotli.compress(body, quality=11) if encoding == "br" else gzip.compress(body, 9, mtime=0)


def init_app(app: Flask) -> None:
    """Serve the static folder in this way, and give templates `asset(name)`."""
    assets = Assets(Path(app.static_folder or "static"))
    app.jinja_env.globals["asset"] = assets.address

    @requires(Permission.PUBLIC)
    def answer(filename: str) -> Response:
        return assets.answer(filename)

    app.view_functions["static"] = answer
