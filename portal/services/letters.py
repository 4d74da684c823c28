"""Letters: frozen when they are written, then made into a PDF by the worker, and read on the screen or on paper."""

from __future__ import annotations

import hashlib
import uuid
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.adapters import pdf, queue, templates
from portal.clock import now, today
from portal.domain import addresses, recourse
from portal.domain.adjudication import refusal_reason
from portal.domain.errors import NotFound
from portal.i18n import Lazy, current_language, format_date, speaking
from portal.i18n import gettext as _
from portal.models import Application, Letter, Membership
from portal.services import audit, files, programme
from portal.services.actors import SYSTEM, Actor

TEMPLATE_VERSION = 1
"""Goes up when `templates/letters` begins to need other contents than the letters written so far have."""


def write(
    session: Session,
    application: Application,
    kind: str,
    *,
    agency: str | None = None,
    reason: str | None = None,
    by: Actor = SYSTEM,
) -> Letter:
    """Freeze a letter in the language of the account and queue its PDF.

    `kind` is "approval", or "refusal" with its agency and the code of its reason.
    """
    language = application.account.language
    with speaking(language):
        contents = {"template": TEMPLATE_VERSION, "kind": kind, **_envelope(application)}
        if kind == "approval":
            contents |= _approval(session, application)
        else:
            contents |= _refusal(session, agency or "", reason or "")
    letter = Letter(application=application, kind=kind, agency=agency, language=language, contents=contents)
    session.add(letter)
    session.flush()
    audit.record(session, "letter:write", letter, application_id=application.id, by=by, kind=kind)
    queue.enqueue(session, "make_letter", letter_id=str(letter.id))
    return letter


def _envelope(application: Application) -> dict[str, Any]:
    """Who the letter is for, where it goes, and what it is about."""
    answers = (application.versions[-1].answers or {}) if application.versions else {}
    name = application.person.full_name
    return {
        "name": name,
        "recipient": addresses.envelope(name, answers.get("identity") or {}),
        "reference": application.reference,
        "written_on": today().isoformat(),
    }


def _approval(session: Session, application: Application) -> dict[str, Any]:
    membership = session.scalars(select(Membership).where(Membership.application_id == application.id)).one()
    opens = timedelta(days=programme.setting(session, "renewal", today())["opens_days"])
    return {
        "number": membership.number,
        "valid_from": membership.valid_from.isoformat(),
        "valid_until": membership.valid_until.isoformat(),
        "renewal_opens_on": (membership.valid_until - opens).isoformat(),
    }


def _refusal(session: Session, agency: str, reason: str) -> dict[str, Any]:
    limits = recourse.limits(programme.setting(session, "recourse", today()), agency, today())
    return {"agency": agency, "reason": refusal_reason(reason).code, **limits}


def of(session: Session, application: Application) -> list[Letter]:
    """The letters about an application, oldest first."""
    query = select(Letter).where(Letter.application_id == application.id).order_by(Letter.created_at, Letter.agency)
    return list(session.scalars(query))


def find(session: Session, application: Application, letter_id: uuid.UUID) -> Letter:
    """One letter about this application. Raises NotFound for any other."""
    letter = session.get(Letter, letter_id)
    if letter is None or letter.application_id != application.id:
        raise NotFound
    return letter


def title(letter: Letter) -> str:
    """What the letter is called, in the language being spoken."""
    return _("Your membership is approved") if letter.kind == "approval" else _("Your membership is not approved")


def words(letter: Letter) -> dict[str, Any]:
    """What `letters/body.html` needs as `letter`, in the language being spoken."""
    frozen = {name: _as_date(name, value) for name, value in (letter.contents or {}).items()}
    if letter.kind != "refusal":
        return frozen
    reason, route = refusal_reason(frozen["reason"]), recourse.RECOURSE[frozen["agency"]]
    last_day = Lazy(
        route.last_day.message,
        day=format_date(frozen["last_day_on"]),
        days=frozen["days"],
        law_day=format_date(frozen["law_last_day_on"]),
        law_days=frozen["law_days"],
    )
    rule = reason.rules[frozen["agency"]]
    return {**frozen, "reason": reason.public_text, "rule": rule, "recourse": route, "last_day": last_day}


def _as_date(name: str, value: Any) -> Any:
    return date.fromisoformat(value) if name.endswith("_on") or name.startswith("valid_") else value


def make(session: Session, letter_id: uuid.UUID) -> None:
    """Make the PDF and keep it, sealed under the person's key. Does nothing where it is made already."""
    letter = session.get(Letter, letter_id, with_for_update={"of": Letter})
    if letter is None or letter.made_at is not None:
        return
    content = pdf.render(as_html(letter))
    letter.file_key = files.keep(letter.key_owner, content, of=letter.application_id)
    letter.sha256 = hashlib.sha256(content).digest()
    letter.made_at = now()


def as_html(letter: Letter) -> str:
    """The letter as it goes to paper, in its own language."""
    with speaking(letter.language):
        return templates.render(
            "letters/layout.html",
            letter=words(letter),
            title=title(letter),
            fonts=pdf.fonts(),
            mark=pdf.mark(),
            address=templates.address(f"/{current_language()}/"),
        )


def read(letter: Letter) -> bytes:
    """The PDF. Raises NotFound while it is not made yet."""
    if letter.file_key is None:
        raise NotFound
    return files.read(letter.key_owner, letter.file_key, of=letter.application_id)
