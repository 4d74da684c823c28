"""Keeping the trail's head outside the database: a file and a message a day, so that a cut or rewritten trail shows."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.adapters import mailer, sealing
from portal.clock import now
from portal.i18n import LANGUAGES, speaking
from portal.i18n import gettext as _
from portal.models import AuditEntry, AuditSeal
from portal.services import audit
from portal.services.actors import SYSTEM

ANCHORED = "audit:anchor"


def text_of(seal: AuditSeal) -> str:
    """A seal as an anchor: its statement and signature, as JSON that `portal audit verify --anchor` reads."""
    return json.dumps({**seal.statement.as_json(), "signature": seal.signature.hex()}, indent=1) + "\n"


def name_of(day: date) -> str:
    """The name of a day's anchor file."""
    return f"passage-audit-{day.isoformat()}.json"


def is_anchored(session: Session, day: date) -> bool:
    """Whether the day's head is kept and sent already."""
    query = select(AuditEntry.facts).where(AuditEntry.action == ANCHORED).order_by(AuditEntry.id.desc()).limit(1)
    facts = session.scalars(query).first()
    return facts is not None and str(facts.get("day")) >= day.isoformat()


def note(session: Session, seal: AuditSeal, day: date) -> None:
    """Write down that the day's head is outside."""
    audit.record(session, ANCHORED, "audit_seal", by=SYSTEM, day=day.isoformat(), seal=seal.number)


def message(seal: AuditSeal, day: date) -> EmailMessage | None:
    """The day's message, in both languages and without anything personal. None where nobody is to have it."""
    address = sealing.anchor_address()
    if address is None:
        return None
    domain = parseaddr(mailer.sender())[1].rpartition("@")[2] or "localhost"
    email = EmailMessage(policy=SMTP)
    email["From"], email["To"], email["Date"] = mailer.sender(), address, format_datetime(now())
    email["Message-ID"] = f"<audit-anchor-{day.isoformat()}-{seal.number}@{domain}>"
    email["Auto-Submitted"] = "auto-generated"
    email["Subject"] = " / ".join(_in_each_language(lambda: _("Passage audit trail, %(day)s", day=day.isoformat())))
    words = _in_each_language(_words)
    email.set_content("\n\n".join(words) + "\n", cte="quoted-printable")
    email.add_attachment(text_of(seal).encode(), "application", "json", filename=name_of(day))
    return email


def _words() -> str:
    return _(
        "The attached file is today’s head of the audit trail. Keep this message. "
        "Anybody who cuts or rewrites the trail later cannot change what you hold: "
        "“portal audit verify --anchor FILE” then names the difference."
    )


def _in_each_language(say: Callable[[], str]) -> list[str]:
    said = []
    for language in LANGUAGES:
        with speaking(language):
            said.append(say())
    return said
