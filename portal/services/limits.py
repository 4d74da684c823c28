"""Limits on guessing and sending: one table, growing waits, counted by account and by where a try comes from.

A try is claimed before it is made, in a short transaction of its own, so that a hundred tries at once count as a
hundred. Waits are bounded, and a browser that has signed in to an account before is counted apart from everybody
else: a stranger who guesses at somebody's password slows strangers down, and nobody else. What only a signed-in
person can try is counted by that person, so that nobody else can use it up.

Every named action of the portal that is limited stands in LIMITS, and nowhere else. Each says what happens when tries
cannot be counted because the database does not answer: CLOSED refuses the action (guessing without a count is worse
than waiting), OPEN lets it happen (it harms nobody, and other walls hold).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from portal.clock import now
from portal.models import Attempt
from portal.models.encryption import keyring


@dataclass(frozen=True)
class Limit:
    """`free` tries within `window` cost nothing; each further one doubles the wait, up to the longest."""

    free: int
    first_wait: timedelta
    longest_wait: timedelta
    window: timedelta
    when_down: str

    def wait_after(self, tries: int) -> timedelta:
        """How long to wait after the last of so many tries."""
        if tries < self.free:
            return timedelta(0)
        doublings: int = min(tries - self.free, 20)
        return min(self.first_wait * (1 << doublings), self.longest_wait)


def _seconds(number: int) -> timedelta:
    return timedelta(seconds=number)


def _minutes(number: int) -> timedelta:
    return timedelta(minutes=number)


DAY = timedelta(days=1)
OPEN, CLOSED = "open", "closed"
SOURCE = "_source"
"""How the name of a limit by where a try comes from ends."""

LIMITS = {
    # A password, by address typed; by browser that signed in to it before; by where it comes from.
    "sign_in": Limit(10, _seconds(10), _minutes(15), DAY, CLOSED),
    "sign_in_known_browser": Limit(10, _seconds(10), _minutes(15), DAY, CLOSED),
    "sign_in_source": Limit(40, _seconds(10), _minutes(15), _minutes(60), CLOSED),
    "officer_sign_in": Limit(10, _seconds(10), _minutes(15), DAY, CLOSED),
    "officer_sign_in_known_browser": Limit(10, _seconds(10), _minutes(15), DAY, CLOSED),
    # A code or passkey after the password, by the account whose password was right; by where it comes from.
    "second_factor": Limit(5, _seconds(30), _minutes(15), DAY, CLOSED),
    "second_factor_source": Limit(40, _seconds(10), _minutes(15), _minutes(60), CLOSED),
    # A passkey at the door, by where it comes from: the answer alone says whose it is.
    "passkey_source": Limit(60, _seconds(10), _minutes(15), _minutes(60), CLOSED),
    # A way to an identity provider, by where it comes from.
    "provider_source": Limit(60, _seconds(10), _minutes(15), _minutes(60), CLOSED),
    # A factor asked again of somebody who is signed in or locked, by that session.
    "step_up": Limit(5, _seconds(30), _minutes(15), _minutes(60), CLOSED),
    # A new account, by where it comes from.
    "sign_up_source": Limit(20, _seconds(30), _minutes(15), _minutes(60), CLOSED),
    # A code, by the browser that asked for it: no new code within ten minutes resets this.
    "code_guess": Limit(5, _minutes(10), _minutes(10), _minutes(60), CLOSED),
    # The answer of another parent, and links that are not ours, by where they come from.
    "consent_source": Limit(30, _seconds(10), _minutes(15), _minutes(60), CLOSED),
    # A message with a code, by address and source, or by a browser that is known to the address; by source alone.
    "code_send": Limit(1, _seconds(30), _minutes(15), _minutes(60), CLOSED),
    "code_send_known_browser": Limit(1, _seconds(30), _minutes(15), _minutes(60), CLOSED),
    # By address alone, for browsers that are not known to it: only several sources together can ask for so many, and
    # then a person on a new device waits for minutes at most. Without it they could fill a mailbox for ever.
    "code_send_address": Limit(120, _seconds(30), _minutes(5), timedelta(hours=6), CLOSED),
    # Another address for one's own account, by account.
    "code_send_change": Limit(10, _minutes(1), _minutes(30), timedelta(hours=6), CLOSED),
    "code_send_source": Limit(40, _seconds(30), _minutes(15), _minutes(60), CLOSED),
    # The present password, asked again of somebody who is signed in.
    "password_again": Limit(5, _seconds(30), _minutes(15), _minutes(60), CLOSED),
    # A link that was mailed (an invitation), by where it comes from.
    "link_source": Limit(30, _seconds(10), _minutes(15), _minutes(60), CLOSED),
    # A document sent, by account; by where it comes from.
    "upload": Limit(60, _seconds(30), _minutes(10), _minutes(60), OPEN),
    "upload_source": Limit(300, _seconds(10), _minutes(10), _minutes(60), OPEN),
    # A search for a reference or a name, by officer; by where it comes from.
    "search": Limit(120, _seconds(10), _minutes(5), _minutes(60), OPEN),
    "search_source": Limit(1200, _seconds(10), _minutes(5), _minutes(60), OPEN),
    # A file taken out of the portal (letters, calendars, one's own data, the trail), by person; by where it comes from.
    "export": Limit(60, _seconds(30), _minutes(15), _minutes(60), CLOSED),
    "export_source": Limit(600, _seconds(10), _minutes(15), _minutes(60), CLOSED),
    # A masked number shown, by officer; by where it comes from.
    "reveal": Limit(60, _seconds(30), _minutes(15), _minutes(60), CLOSED),
    "reveal_source": Limit(600, _seconds(10), _minutes(15), _minutes(60), CLOSED),
    # A reference that a traveller shows at a desk, by officer: right and wrong ones alike.
    "desk_reference": Limit(30, _seconds(30), _minutes(15), _minutes(60), CLOSED),
    # A look at the public interface of free times, by where it comes from: two a second for ever, more now and then.
    "slots_source": Limit(240, _seconds(1), _seconds(30), _seconds(120), OPEN),
    # A notice whose signature is not right, by where it comes from; the company's own are never counted.
    "webhook_source": Limit(20, _seconds(10), _minutes(15), _minutes(60), OPEN),
}


@dataclass(frozen=True)
class Claim:
    """One try, to be counted under a limit for a key (who or where)."""

    limit: str
    key: str

    @property
    def hashed(self) -> bytes:
        return keyring().blind_index("attempt", f"{self.limit}|{self.key}")


def take(session: Session, claims: Iterable[Claim]) -> timedelta:
    """Count the try under each claim; gives zero. Where one must wait, counts nothing and gives the wait.

    The session is a short one of its own that is committed whatever becomes of the request.
    """
    claims = sorted(claims, key=lambda claim: (claim.limit, claim.hashed))
    for claim in claims:
        _stand_in_line(session, claim)
    wait = max((_remaining(session, claim) for claim in claims), default=timedelta(0))
    if wait <= timedelta(0):
        session.add_all(Attempt(action=claim.limit, key=claim.hashed, at=now()) for claim in claims)
        return timedelta(0)
    return wait


def may_fail_open(claims: Iterable[Claim]) -> bool:
    """Whether the action goes on when its tries cannot be counted: only where each of its limits says so."""
    return all(LIMITS[claim.limit].when_down == OPEN for claim in claims)


def forgive(session: Session, claims: Iterable[Claim]) -> None:
    """Forget the tries, after one that was right: all those of the account, the last one of the source."""
    for claim in claims:
        mine = (Attempt.action == claim.limit, Attempt.key == claim.hashed)
        chosen = select(Attempt.id).where(*mine).order_by(Attempt.id.desc())
        if claim.limit.endswith(SOURCE):
            chosen = chosen.limit(1)
        session.execute(delete(Attempt).where(Attempt.id.in_(chosen)))


def _stand_in_line(session: Session, claim: Claim) -> None:
    number = int.from_bytes(hashlib.sha256(claim.hashed).digest()[:8], signed=True)
    session.execute(select(func.pg_advisory_xact_lock(number)))


def _remaining(session: Session, claim: Claim) -> timedelta:
    limit = LIMITS[claim.limit]
    mine = (Attempt.action == claim.limit, Attempt.key == claim.hashed)
    session.execute(delete(Attempt).where(*mine, Attempt.at < now() - limit.window))
    tries, last = session.execute(select(func.count(), func.max(Attempt.at)).where(*mine)).one()
    return last + limit.wait_after(tries) - now() if last else timedelta(0)
