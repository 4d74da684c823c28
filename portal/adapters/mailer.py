"""Outgoing mail over SMTP: one message at a time, and a clear word on whether trying again makes sense."""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from urllib.parse import parse_qs, unquote, urlsplit

from portal.config import Settings

TIMEOUT = 30  # seconds for each step of the conversation
GREYLISTED = 5 * 60  # seconds; who asks us to come back later means some minutes


class Refused(Exception):
    """The message will never be taken (a 5xx answer about its reader or itself): trying again is of no use."""


class Deferred(Exception):
    """The message was not taken this time. `pause` is how many seconds to wait at least."""

    def __init__(self, reason: str, pause: int = 0) -> None:
        super().__init__(reason)
        self.pause = pause


@dataclass(frozen=True)
class _Server:
    host: str
    port: int
    user: str | None
    password: str
    is_tls: bool
    starts_tls: bool


_server: _Server | None = None
_sender = ""


def configure(settings: Settings) -> None:
    """Take the server and the sender from the settings. Raises ValueError for an address that is not SMTP's."""
    global _server, _sender
    _server = _parsed(settings.smtp_url)
    _sender = settings.mail_from


def sender() -> str:
    """From whom every message is."""
    return _sender


def _parsed(url: str) -> _Server:
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise ValueError("smtp_url must look like smtp://host:port or smtps://user:password@host:port")
    is_tls = parts.scheme == "smtps"
    return _Server(
        parts.hostname,
        parts.port or (465 if is_tls else 25),
        unquote(parts.username) if parts.username else None,
        unquote(parts.password or ""),
        is_tls,
        parse_qs(parts.query).get("starttls") == ["1"],
    )


def deliver(message: EmailMessage) -> None:
    """Hand `message` to the mail server. Raises Refused or Deferred; returning means that the server has it."""
    if _server is None:
        raise RuntimeError("no mail server was given: call portal.adapters.configure first")
    try:
        connection = _connect(_server)
    except (OSError, smtplib.SMTPException) as error:
        raise Deferred(f"no conversation with the mail server: {type(error).__name__}") from error
    try:
        _hand_over(connection, message)
    finally:
        _part(connection)


def _connect(server: _Server) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if server.is_tls:
        connection: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT, context=context)
    else:
        connection = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT)
    try:
        if server.starts_tls:
            connection.starttls(context=context)
        if server.user:
            connection.login(server.user, server.password)
    except BaseException:
        connection.close()
        raise
    return connection


def _hand_over(connection: smtplib.SMTP, message: EmailMessage) -> None:
    try:
        connection.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        raise _judged(next(iter(error.recipients.values()))[0]) from error
    except smtplib.SMTPDataError as error:
        raise _judged(error.smtp_code) from error
    except smtplib.SMTPNotSupportedError as error:
        raise Refused("the mail server cannot write to this address") from error
    except smtplib.SMTPResponseException as error:  # about us, not about the reader: somebody will mend it
        raise Deferred(f"the mail server answered {error.smtp_code}", GREYLISTED) from error
    except (OSError, smtplib.SMTPException) as error:
        raise Deferred(f"the conversation broke off: {type(error).__name__}") from error


def _judged(code: int) -> Refused | Deferred:
    # The answer's text may name the reader, so only its code is told.
    if 500 <= code < 600:
        return Refused(f"the mail server answered {code}")
    return Deferred(f"the mail server answered {code}", GREYLISTED)


def _part(connection: smtplib.SMTP) -> None:
    """Say goodbye. Whatever goes wrong now, the message was taken or not before."""
    with contextlib.suppress(OSError, smtplib.SMTPException):
        connection.quit()
    connection.close()
