"""Everything by which somebody proves who they are: what there is, what would be left, and word of each change."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.domain.errors import RuleViolation
from portal.i18n import Lazy as _l
from portal.models import Account, AuthenticatorApp, Officer, Passkey, PrintedSheet
from portal.services import audit, authenticator, passkeys, recovery_codes, sheets, sign_in_news

Holder = Account | Officer
Factor = Passkey | AuthenticatorApp | PrintedSheet

tell = sign_in_news.tell
LAST = _l("This is your last way to sign in. Add another one first.")


@dataclass(frozen=True)
class Factors:
    """What somebody has set up to sign in."""

    has_password: bool
    passkeys: list[Passkey]
    apps: list[AuthenticatorApp]
    recovery_codes_left: int
    sheets: list[PrintedSheet]
    sheet_codes_left: int

    @property
    def has_second_step(self) -> bool:
        """Whether a password can be completed by something that one has."""
        return bool(self.passkeys or self.apps or self.recovery_codes_left or self.sheet_codes_left)

    @property
    def is_set_up(self) -> bool:
        """Whether there is a whole way in that lasts: recovery codes are for emergencies only."""
        return bool(self.passkeys) or (self.has_password and bool(self.apps or self.sheet_codes_left))


def of(session: Session, person: Holder) -> Factors:
    """The factors of an account or an officer."""
    return Factors(
        has_password=person.password_hash is not None,
        passkeys=passkeys.of(session, person),
        apps=authenticator.of(session, person),
        recovery_codes_left=recovery_codes.left(session, person),
        sheets=sheets.of(session, person),
        sheet_codes_left=sheets.left(session, person),
    )


def use_code(session: Session, person: Holder, code: str) -> str | None:
    """Use up a code of the app, a recovery code or one of a sheet. Returns which it was; None for a wrong one."""
    if authenticator.check(session, person, code):
        return "app"
    if recovery_codes.use(session, person, code):
        return "recovery_code"
    return "sheet" if sheets.use(session, person, code) else None


def remove(session: Session, factor: Factor) -> None:
    """Take a factor away and tell its holder. Raises RuleViolation where no whole way in would be left."""
    holder = factor.holder
    with session.begin_nested():
        _take_away(session, factor)
        session.flush()
        if not of(session, holder).is_set_up:
            raise RuleViolation(LAST)
    tell(session, holder, f"{factor.__tablename__}_removed")


def _take_away(session: Session, factor: Factor) -> None:
    if isinstance(factor, PrintedSheet):
        sheets.end(session, factor)
        return
    audit.record(session, f"{factor.__tablename__}:remove", factor, by=factor.holder)
    session.delete(factor)
