"""The demonstration's mail server: takes every message over SMTP and keeps it as a file, for the mail reader.

A message is acknowledged once it is on the disk, under its final name; its name sorts by the time it came.
"""

import asyncio
import os
import secrets
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

LARGEST = 10_000_000  # bytes
STOP = {signal.SIGINT, signal.SIGTERM}


class KeepMessages:
    """What to do with a message: write it to `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        content = envelope.content or b""
        raw = content if isinstance(content, bytes) else content.encode()
        try:
            await asyncio.to_thread(keep, self.folder, raw)
        except OSError:
            return "451 The message could not be kept; try again later"
        return "250 The message is kept"


def keep(folder: Path, message: bytes) -> Path:
    """Write one message so that it is there whole or not at all, and outlives a loss of power."""
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}-{secrets.token_hex(4)}"
    unfinished, finished = folder / f".{name}.part", folder / f"{name}.eml"
    with unfinished.open("xb") as file:
        file.write(message)
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(finished)
    descriptor = os.open(folder, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)
    return finished


def mail_server(port: int, folder: Path) -> Controller:
    """A server on this machine only, in a thread of its own; its `start` returns when it listens."""
    return Controller(KeepMessages(folder), hostname="127.0.0.1", port=port, data_size_limit=LARGEST)


def main() -> None:
    """Serve at PASSAGE_SMTP_URL into PASSAGE_MAIL_FOLDER until SIGINT or SIGTERM."""
    port = urlsplit(os.environ["PASSAGE_SMTP_URL"]).port
    if port is None:
        sys.exit("PASSAGE_SMTP_URL names no port")
    server = mail_server(port, Path(os.environ["PASSAGE_MAIL_FOLDER"]))
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP)  # before the server's thread is made, which inherits it
    server.start()
    signal.sigwait(STOP)
    server.stop()


if __name__ == "__main__":
    main()
