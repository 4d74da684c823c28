"""A request of a browser, and the temporary files that it was received in."""

from __future__ import annotations

import contextlib
from typing import IO, Any

import flask


class Request(flask.Request):
    """A request whose temporary files are gone once it is answered, also where its body could not be read to the end.

    Werkzeug closes the files of a form that it has read. Where reading fails in the middle (a full disk), the file that
    was being written would keep its space until Python tidies up: just when there is none.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._streams: list[IO[bytes]] = []

    def _get_file_stream(self, *arguments: Any, **named: Any) -> IO[bytes]:
        stream = super()._get_file_stream(*arguments, **named)
        self._streams.append(stream)
        return stream

    def close(self) -> None:
        """Close every file of this request."""
        super().close()
        for stream in self._streams:
            with contextlib.suppress(OSError):  # what waits to be written finds no room either
                stream.close()
