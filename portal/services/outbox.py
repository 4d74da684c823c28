"""The outbox: from a row to an email in the reader's language, and what became of it."""

from __future__ import annotations

import logging
import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.adapters import mailer, templates
from portal.clock import now
from portal.domain import late_arrivals, references
from portal.domain.closures import REASONS
from portal.i18n import speaking, zone_name
from portal.models import Account, AccountPerson, OutgoingMessage, Person, Place
from portal.models.encryption import Erased
from portal.services import calendars, links, pauses
from portal.services.notifications import ADDRESS, MESSAGES, MOVED

log = logging.getLogger(__name__)

CALLED_OFF = ("interview_cancelled", "interview_called_off")
"""These take the appointment out of the calendar again."""

GIVE_UP_AFTER = timedelta(days=3)
KINDS = ("txt", "html")
TAKE_NEXT = text(
    """
    update outgoing_message set attempts = attempts + 1, due_at = :again
    where id = (
        select id from outgoing_message
        where sent_at is null and failed_at is null and due_at <= :now
        order by due_at limit 1
        for update skip locked
    )
    returning id
    """
)


@dataclass(frozen=True)
class Shown:
    """A message as its reader finds it under Messages. `body` is safe HTML, `link` the path that `action` leads to."""

    message: OutgoingMessage
    subject: str
    body: str
    action: str
    link: str


def take_next(session: Session) -> uuid.UUID | None:
    """The message that has been due for longest, counted as an attempt; None when none is.

    It is due again in a minute: should whoever took it die, another one sends it then.
    """
    values = {"now": now(), "again": now() + timedelta(seconds=pauses.FIRST)}
    found: uuid.UUID | None = session.execute(TAKE_NEXT, values).scalar()
    return found


def take(session: Session, message_id: uuid.UUID) -> EmailMessage | None:
    """The email to send now. None when there is nothing to send, or never will be."""
    row = session.get(OutgoingMessage, message_id)
    if row is None or row.sent_at or row.failed_at:
        return None
    try:
        return compose(session, row)
    except (Erased, ValueError) as error:  # the reader was erased, or the address is none
        _fail(row, type(error).__name__)
        return None


def mark_sent(session: Session, message_id: uuid.UUID) -> None:
    """The mail server has it. What was secret in it is forgotten."""
    row = session.get_one(OutgoingMessage, message_id)
    row.sent_at = now()
    row.secrets = None


def mark_refused(session: Session, message_id: uuid.UUID, reason: str) -> None:
    """The mail server will never take it."""
    _fail(session.get_one(OutgoingMessage, message_id), reason)


def mark_deferred(session: Session, message_id: uuid.UUID, reason: str, *, pause: int) -> None:
    """The mail server did not take it this time: again after `pause` seconds at least; after three days, never."""
    row = session.get_one(OutgoingMessage, message_id)
    if now() - row.created_at > GIVE_UP_AFTER:
        _fail(row, reason)
    row.due_at = now() + timedelta(seconds=pauses.before_try(row.attempts - 1, at_least=pause))


def messages_of(session: Session, account: Account) -> list[OutgoingMessage]:
    """What the account finds under Messages, newest first."""
    kept = [event for event, message in MESSAGES.items() if message.is_kept]
    query = (
        select(OutgoingMessage)
        .where(OutgoingMessage.account == account, OutgoingMessage.event.in_(kept))
        .order_by(OutgoingMessage.created_at.desc())
    )
    return list(session.scalars(query))


def show(session: Session, row: OutgoingMessage) -> Shown:
    """The message for the screen, in the language in which it was sent."""
    with speaking(row.language):
        values = _values(session, row)
        template = f"emails/{row.event}.html"
        return Shown(
            row,
            subject=templates.render_block(f"emails/{row.event}.txt", "subject", **values),
            body=templates.render_block(template, "body", **values),
            action=templates.render_block(template, "action", **values),
            link=links.path(MESSAGES[row.event].page, row.language, **(row.secrets or {})),
        )


def compose(session: Session, row: OutgoingMessage) -> EmailMessage:
    """The email of a row: text and HTML, in its language. Raises ValueError for an address that cannot be one."""
    email = EmailMessage(policy=SMTP)
    email["From"] = mailer.sender()
    email["To"] = _address(row)
    email["Date"] = format_datetime(row.created_at)
    email["Message-ID"] = f"<{row.id}@{_domain()}>"
    email["Auto-Submitted"] = "auto-generated"
    email["Content-Language"] = f"{row.language}-CA"
    with speaking(row.language):
        values = _values(session, row)
        subject = templates.render_block(f"emails/{row.event}.txt", "subject", **values)
        plain, rich = (templates.render(f"emails/{row.event}.{kind}", subject=subject, **values) for kind in KINDS)
    email["Subject"] = subject
    email.set_content(plain + "\n", cte="quoted-printable")
    email.add_alternative(rich, "html", cte="quoted-printable")
    _attach_calendar(session, email, row)
    return email


def _address(row: OutgoingMessage) -> Address:
    # One reader and never a list of them, nor a line break: Address takes one address or raises ValueError.
    try:
        return Address(addr_spec=(row.secrets or {}).get(ADDRESS) or row.reader.email or "")
    except (IndexError, TypeError) as error:
        raise ValueError("no address") from error


def _domain() -> str:
    return parseaddr(mailer.sender())[1].rpartition("@")[2] or "localhost"


def _values(session: Session, row: OutgoingMessage) -> dict[str, Any]:
    secrets = row.secrets or {}
    return {
        "given_name": _given_name(session, row),
        "reference": references.masked(row.application.reference) if row.application else None,
        "link": templates.address(
            links.path(MESSAGES[row.event].page, row.language, **secrets), audience=row.reader.audience
        ),
        "place": _place(session, row, "place_id"),
        "new_place": _place(session, row, "new_place_id"),
        **dict(_readable(name, row.facts.get(name)) for name in MESSAGES[row.event].facts),
        **{name: secrets.get(name, "") for name in MESSAGES[row.event].secrets},
    }


def _readable(name: str, value: Any) -> tuple[str, Any]:
    """A fact as a template wants it: dates as dates, cents as an amount. None where it was not told."""
    if name.endswith("_on"):
        return name, date.fromisoformat(value) if value else None
    if name.endswith("_at"):
        return name.removesuffix("_at"), datetime.fromisoformat(value) if value else None
    if name == "closure_reason":
        return "reason", REASONS.get(value)
    if name.endswith("_cents"):
        return name.removesuffix("_cents"), Decimal(value) / 100 if value is not None else None
    return name, value


def _given_name(session: Session, row: OutgoingMessage) -> str | None:
    """The first given name of the account's own person, once an application has told it."""
    if row.account is None or MESSAGES[row.event].to_other:
        return None
    query = (
        select(Person)
        .join(AccountPerson, AccountPerson.person_id == Person.id)
        .where(AccountPerson.account == row.account, AccountPerson.role == "self", AccountPerson.until.is_(None))
    )
    person = session.scalar(query)
    names = (person.given_names or "").split() if person else []
    return names[0] if names else None


def _place(session: Session, row: OutgoingMessage, fact: str) -> dict[str, Any] | None:
    """When and where the interview is, was or could be, by the centre's own clock; until when a new time is kept."""
    place_id = row.facts.get(fact)
    place = session.get(Place, uuid.UUID(place_id)) if place_id else None
    return _told(row, place) | {"second": _told(row, place.second) if place.second else None} if place else None


def _told(row: OutgoingMessage, place: Place) -> dict[str, Any]:
    return {
        "day": place.slot.local_on,
        "starts_at": place.starts_at,
        "zone": place.centre.zone,
        "tz": ZoneInfo(place.centre.zone),
        "zone_name": zone_name(place.centre.zone, place.starts_at),
        "centre": place.centre.name_in(row.language),
        "late": late_arrivals.in_words(place.centre.late_rule, place.centre.late_minutes),
        "address": f"{place.centre.address}, {place.centre.city}",
        "kept_until": _local(row.facts.get("kept_until"), place.centre.zone),
    }


def _local(moment: str | None, zone: str) -> datetime | None:
    return datetime.fromisoformat(moment).astimezone(ZoneInfo(zone)) if moment else None


def _attach_calendar(session: Session, email: EmailMessage, row: OutgoingMessage) -> None:
    if not MESSAGES[row.event].with_calendar or "place_id" not in row.facts:
        return
    facts = {name: row.facts[name] for name in MOVED if name in row.facts}
    file = calendars.for_message(session, row.language, cancelled=row.event in CALLED_OFF, **facts)
    if file:
        kind, _, subtype = calendars.MEDIA_TYPE.partition("/")
        email.add_attachment(file, maintype=kind, subtype=subtype, filename=calendars.FILE_NAME)


def _fail(row: OutgoingMessage, reason: str) -> None:
    log.error("message %s (%s) is given up after %d attempts: %s", row.id, row.event, row.attempts, reason)
    row.failed_at = now()
    row.secrets = None
