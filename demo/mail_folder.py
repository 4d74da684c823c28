"""The emails that the demonstration's mail server keeps, and how they are shown without running what is in them."""

from __future__ import annotations

import html
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path

from markupsafe import Markup

MOST = 200
KEPT_TAGS = {"p", "h1", "h2", "ul", "ol", "li", "br", "a", "span", "strong", "dl", "dt", "dd"}
DROPPED_WITH_CONTENT = {"script", "style", "title", "head"}


@dataclass(frozen=True)
class Kept:
    """One email with the name under which it is kept, which begins with the moment at which it came."""

    name: str
    email: EmailMessage

    @property
    def came_at(self) -> datetime:
        return datetime.strptime(self.name.partition("-")[0], "%Y%m%dT%H%M%S.%fZ").replace(tzinfo=UTC)

    @property
    def paragraphs(self) -> list[list[str]]:
        """The plain text: paragraphs of lines."""
        body = self.email.get_body(("plain",))
        text = str(body.get_content()).strip() if body else ""
        return [part.splitlines() for part in text.split("\n\n") if part.strip()]

    @property
    def as_html(self) -> Markup | None:
        """The HTML version, down to its words, headings and links."""
        body = self.email.get_body(("html",))
        return sanitised(str(body.get_content())) if body else None

    @property
    def attachments(self) -> list[str]:
        """The names of the attached files."""
        return [part.get_filename() or "file" for part in self.email.iter_attachments()]


def newest(folder: Path | None) -> list[Kept]:
    """The latest emails, newest first."""
    paths = sorted(_paths(folder).items(), reverse=True)[:MOST]
    return [Kept(name, _parsed(path)) for name, path in paths]


def read(folder: Path | None, name: str) -> EmailMessage | None:
    """The email kept under `name`; None where there is none."""
    path = _paths(folder).get(name)
    return _parsed(path) if path else None


def _paths(folder: Path | None) -> dict[str, Path]:
    # A name is looked up among those that are there, so it never becomes a path of its own.
    return {path.stem: path for path in folder.glob("[0-9]*.eml")} if folder else {}


def _parsed(path: Path) -> EmailMessage:
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert isinstance(message, EmailMessage)  # what the default policy makes
    return message


def sanitised(source: str) -> Markup:
    """Only tags that carry words, only links over HTTP."""
    cleaner = _Cleaner()
    cleaner.feed(source)
    cleaner.close()
    return Markup("".join(cleaner.kept))  # built from escaped text and the tags above


class _Cleaner(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.kept: list[str] = []
        self.dropping = 0

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag in DROPPED_WITH_CONTENT:
            self.dropping += 1
        elif tag in KEPT_TAGS and not self.dropping:
            tag = "h3" if tag in ("h1", "h2") else tag
            href = dict(attributes).get("href") or ""
            link = f' href="{html.escape(href)}"' if tag == "a" and href.startswith(("http://", "https://")) else ""
            self.kept.append(f"<{tag}{link}>")

    def handle_endtag(self, tag: str) -> None:
        if tag in DROPPED_WITH_CONTENT:
            self.dropping = max(0, self.dropping - 1)
        elif tag in KEPT_TAGS and tag != "br" and not self.dropping:
            self.kept.append(f"</{'h3' if tag in ('h1', 'h2') else tag}>")

    def handle_data(self, data: str) -> None:
        if not self.dropping:
            self.kept.append(html.escape(data))
