"""What the embedded server says itself, before there is a request that a page could answer: a disk without room."""

from __future__ import annotations

import logging
from typing import Any

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.utilities import Error

from portal.services import uploads

log = logging.getLogger(__name__)

# In both languages, since nobody has read the request; without a style sheet, which would be a second request.
PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>There is no room for your file right now · Il n’y a pas de place pour votre fichier en ce moment</title></head>
<body><main>
<h1>There is no room for your file right now</h1>
<p>What you had saved is still there. Nothing of the file was kept. Go back and try again in a few minutes.</p>
<p><a href="/en/">Go to the home page</a></p>
<section lang="fr">
<h2>Il n’y a pas de place pour votre fichier en ce moment</h2>
<p>Ce que vous aviez enregistré est toujours là. Rien du fichier n’a été conservé. Revenez en arrière et réessayez dans
quelques minutes.</p>
<p><a href="/fr/">Aller à la page d’accueil</a></p>
</section>
</main></body></html>
"""


class NoRoom(Error):
    """The answer where the body of a request could not be kept until it was whole."""

    code = 507
    reason = "Insufficient Storage"

    def to_response(self, ident: str | None = None) -> tuple[str, list[tuple[str, str]], bytes]:
        headers = [
            ("Content-Type", "text/html; charset=utf-8"),
            ("Cache-Control", "no-store"),
            ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
            ("X-Content-Type-Options", "nosniff"),
            ("Connection", "close"),
        ]
        return f"{self.code} {self.reason}", headers, PAGE.encode()


class Patient:
    """The buffer of a body. Where the disk has no room it lets the rest go by: who still sends reads no answer."""

    def __init__(self, buffer: Any) -> None:
        self.buffer = buffer
        self.is_full = False

    def append(self, part: bytes) -> None:
        """Take the next bytes of the body, or let them go."""
        if self.is_full:
            return
        try:
            self.buffer.append(part)
        except OSError as error:
            if not uploads.is_full(error):
                raise
            log.error("no room for the body of a request: %s", error)
            self.is_full = True

    def __len__(self) -> int:
        return len(self.buffer)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.buffer, name)


class Request(HTTPRequestParser):
    """A request that is being received; its body waits in a temporary file that has no name."""

    def parse_header(self, header_plus: bytes) -> None:
        """Read the head; a body that follows may meet a full disk."""
        super().parse_header(header_plus)
        if self.body_rcv is not None:
            self.body_rcv.buf = Patient(self.body_rcv.buf)

    def received(self, data: bytes) -> int:
        """Take the next bytes. Where there was no room for the body, the whole of it is answered so."""
        taken = int(super().received(data))
        if self.completed and not self.error and self.body_rcv is not None and self.body_rcv.buf.is_full:
            self.error = NoRoom("")  # type: ignore[assignment]
        return taken


class Conversation(HTTPChannel):
    """One connection to a browser."""

    parser_class: Any = Request

    def handle_close(self) -> None:
        """The browser went away: what it had sent of a request goes at once, and not when somebody tidies up."""
        half, self.request = self.request, None
        super().handle_close()
        if half is not None:
            half.close()
