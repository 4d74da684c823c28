"""A real SMTP server for the tests, which keeps what it receives and can be told to refuse."""

from __future__ import annotations

import socket
from email import message_from_bytes, policy
from email.message import EmailMessage
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope
from aiosmtpd.smtp import Session as SMTPSession


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


class Mailbox:
    """`messages` in order of arrival. `answers` holds replies to give instead of accepting, first one first."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.answers: list[str] = []
        self._controller = Controller(self, hostname="127.0.0.1", port=free_port())

    async def handle_DATA(self, server: SMTP, session: SMTPSession, envelope: Envelope) -> str:
        if self.answers:
            return self.answers.pop(0)
        content: Any = envelope.content
        message = message_from_bytes(content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.messages.append(message)
        return "250 OK"

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._controller.stop()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"smtp://127.0.0.1:{self._controller.port}"

    def clear(self) -> None:
        """Forget what was received and what to answer."""
        self.messages.clear()
        self.answers.clear()

    def to(self, address: str) -> list[EmailMessage]:
        """The messages to an address, oldest first."""
        return [message for message in self.messages if address in str(message["To"])]

    def text(self, address: str) -> str:
        """The plain text of the newest message to an address."""
        body = self.to(address)[-1].get_body(("plain",))
        assert body is not None
        return str(body.get_content())
