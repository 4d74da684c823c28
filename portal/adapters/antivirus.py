"""The virus scanner: a ClamAV daemon, asked over its own protocol (INSTREAM); nothing is written to a disk for it."""

from __future__ import annotations

import socket
import struct
from pathlib import Path

from portal.config import Settings

BLOCK = 64 * 1024
PATIENCE = 30.0  # seconds for each step of the conversation
LONGEST_ANSWER = 4096

_address: str | None = None


class ScannerAway(Exception):
    """The scanner gave no verdict: it is down, too busy, or met one of its own limits. Nothing is known of the file."""

    longest_pause = 120  # seconds: people wait, and a scanner that was started again should find their files soon


def configure(settings: Settings) -> None:
    """Ask the scanner that the settings name; without one nothing is scanned."""
    use(settings.clamd)


def use(address: str | None) -> None:
    """Ask the scanner at this address: the path of a Unix socket, or host:port."""
    global _address
    _address = address


def is_configured() -> bool:
    """Whether files are scanned here."""
    return _address is not None


def finds(content: bytes) -> str | None:
    """The name of what the scanner found in `content`; None where it found nothing, or there is no scanner here.

    Raises ScannerAway where it gave no verdict: whoever asks must wait, and must not take that for clean.
    """
    if _address is None:
        return None
    try:
        answer = _asked(_address, content)
    except OSError as error:
        raise ScannerAway(str(error)) from error
    verdict = answer.removeprefix("stream: ")
    if verdict == "OK":
        return None
    if verdict.endswith(" FOUND"):
        return verdict.removesuffix(" FOUND")
    raise ScannerAway(answer or "the scanner hung up")  # a limit of its own is an ERROR, and not clean


def _asked(address: str, content: bytes) -> str:
    with _connected(address) as conversation:
        conversation.sendall(b"zINSTREAM\0")
        for start in range(0, len(content), BLOCK):
            block = content[start : start + BLOCK]
            conversation.sendall(struct.pack(">I", len(block)) + block)
        conversation.sendall(struct.pack(">I", 0))
        answer = b""
        while not answer.endswith(b"\0") and len(answer) < LONGEST_ANSWER:
            part = conversation.recv(LONGEST_ANSWER)
            if not part:
                break
            answer += part
    return answer.rstrip(b"\0").decode(errors="replace").strip()


def _connected(address: str) -> socket.socket:
    if Path(address).is_absolute():
        conversation = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        conversation.settimeout(PATIENCE)
        try:
            conversation.connect(address)
        except OSError:
            conversation.close()
            raise
        return conversation
    host, _, port = address.rpartition(":")
    return socket.create_connection((host, int(port)), timeout=PATIENCE)
