"""Signed-in sessions on the server: begun, found while they last, renewed when a factor is shown, ended for good."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from portal.clock import now
from portal.models import Account, Officer, SignIn
from portal.models.statements import Statement, Whole, parts
from portal.models.viewers import NOBODY, VIEWING, as_whom, view_as
from portal.services import audit
from portal.services.actors import Actor

NOTE_EVERY = timedelta(minutes=1)
FRESH_FOR = timedelta(minutes=10)
"""How long a factor that was shown is good for a decision."""
LOCKABLE = frozenset({"officer"})
"""Whose idle session is locked until a factor is shown; everybody else's is over."""

Limits = Mapping[str, tuple[timedelta, timedelta]]
"""Idle and absolute limits by audience."""

OPEN, LOCKED, OVER = "open", "locked", "over"

_SIGN_IN, _ACCOUNT, _OFFICER = Whole(SignIn), Whole(Account), Whole(Officer)
_BY_TOKEN = Statement(
    f"""
    select {_SIGN_IN.sql}, {_ACCOUNT.sql}, {_OFFICER.sql}, {VIEWING}
    from sign_in left join account on account.id = sign_in.account_id
    left join officer on officer.id = sign_in.officer_id
    where sign_in.token_hash = :token_hash and sign_in.ended_at is null
    """  # noqa: S608  # no part of it comes from outside
)
_NOTE = Statement("update sign_in set seen_at = :at where id = :sign_in and ended_at is null returning id")


@dataclass(frozen=True)
class Found:
    """The session behind a token, and whether it is open, locked, or over by its limits."""

    row: SignIn
    state: str

    @property
    def person(self) -> Account | Officer:
        """Whose session it is."""
        return person_of(self.row)


def person_of(row: SignIn) -> Account | Officer:
    """The account or the officer."""
    person = row.account or row.officer
    if person is None:
        raise LookupError("a sign-in of nobody")
    return person


def begin(session: Session, person: Account | Officer, *, token_hash: bytes, device: str) -> SignIn:
    """Begin a session for `person`, who has just proved who they are and whose browser holds the token."""
    row = SignIn(
        token_hash=token_hash,
        account=person if isinstance(person, Account) else None,
        officer=person if isinstance(person, Officer) else None,
        seen_at=now(),
        proved_at=now(),
        rights=_rights(person),
        device=device,
    )
    session.add(row)
    audit.record(session, "sign_in:begin", row, by=person)
    view_as(session, as_whom(person))
    return row


def _rights(person: Account | Officer) -> list[str] | None:
    return [person.agency, *sorted(person.roles)] if isinstance(person, Officer) else None


def find(session: Session, token_hash: bytes, *, limits: Limits, at: datetime, extends: bool = True) -> Found | None:
    """The session with this token's hash; None where it was ended, or its person disabled or given other rights.

    An open one reads as its person from here on, and is noted as seen unless `extends` is False.
    """
    row = _by_token(session, token_hash)
    if row is None:
        return None
    found = Found(row, state_of(row, limits=limits, at=at))
    is_valid = found.person.disabled_at is None and row.rights == _rights(found.person)
    if is_valid and found.state == OPEN and _is_seen(session, row, at, extends):
        # In this transaction the statement that found the session said it already; later ones go by this.
        session.info["viewer"] = as_whom(found.person)
        return found
    view_as(session, NOBODY)  # nobody whose session is open reads here
    return found if is_valid and found.state != OPEN else None


def _by_token(session: Session, token_hash: bytes) -> SignIn | None:
    """The session and whose it is, in the statement that also says for whom this transaction reads."""
    found = _BY_TOKEN.first(session, {"token_hash": token_hash})
    if found is None:
        return None
    sign_in, account, officer = parts(found, _SIGN_IN, _ACCOUNT, _OFFICER)
    return _SIGN_IN.made(
        session, sign_in, account=_ACCOUNT.made(session, account), officer=_OFFICER.made(session, officer)
    )


def _is_seen(session: Session, row: SignIn, at: datetime, extends: bool) -> bool:
    """Note once a minute that the session was seen. False when it was ended meanwhile."""
    return not (extends and at - row.seen_at > NOTE_EVERY) or _note_seen(session, row, at)


def state_of(row: SignIn, *, limits: Limits, at: datetime) -> str:
    """Open, locked or over at this moment, by the limits alone."""
    audience = person_of(row).audience
    idle, absolute = limits[audience]
    if at - row.created_at > absolute:
        return OVER
    if at - row.seen_at > idle:
        return LOCKED if audience in LOCKABLE else OVER
    return OPEN


def _note_seen(session: Session, row: SignIn, at: datetime) -> bool:
    # Guarded, so that a late request cannot revive a session that was ended meanwhile.
    is_open = _NOTE.first(session, {"sign_in": row.id, "at": at}) is not None
    if is_open:
        set_committed_value(row, "seen_at", at)
    return is_open


def renew(session: Session, row: SignIn, *, token_hash: bytes) -> bool:
    """A factor was shown: the session goes on under another token, and the old one opens nothing. False if ended."""
    query = (
        update(SignIn)
        .where(SignIn.id == row.id, SignIn.ended_at.is_(None), SignIn.token_hash == row.token_hash)
        .values(token_hash=token_hash, seen_at=now(), proved_at=now())
        .returning(SignIn.id)
    )
    if session.scalars(query).first() is None:
        return False
    audit.record(session, "sign_in:prove", row, by=person_of(row))
    return True


def is_fresh(row: SignIn, at: datetime) -> bool:
    """Whether a factor was shown so lately that it is good for a decision."""
    return row.proved_at is not None and at - row.proved_at <= FRESH_FOR


def lasting(session: Session, person: Account | Officer, *, limits: Limits, at: datetime) -> list[SignIn]:
    """The sessions of `person` that still last, locked ones too, the one seen last first."""
    column = SignIn.account_id if isinstance(person, Account) else SignIn.officer_id
    query = select(SignIn).where(column == person.id, SignIn.ended_at.is_(None))
    rows = session.scalars(query.order_by(SignIn.seen_at.desc()))
    return [row for row in rows if state_of(row, limits=limits, at=at) != OVER]


def end(session: Session, row: SignIn, *, by: Actor) -> None:
    """End one session."""
    row.ended_at = now()
    audit.record(session, "sign_in:end", row, by=by)


def end_all(session: Session, person: Account | Officer, *, except_for: SignIn | None = None, by: Actor) -> None:
    """End every session of `person`, but for one where it is named: another password or factor, other rights, or none.

    Who has just changed their own factor keeps the session in which they did.
    """
    column = SignIn.account_id if isinstance(person, Account) else SignIn.officer_id
    query = update(SignIn).where(column == person.id, SignIn.ended_at.is_(None)).values(ended_at=now())
    if except_for is not None:
        query = query.where(SignIn.id != except_for.id)
    session.execute(query)
    audit.record(session, "sign_in:end_all", person, by=by)
