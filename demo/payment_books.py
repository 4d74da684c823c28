"""The stand-in payment company's books, kept in one file: checkouts, the keys they came under, notices to send."""

from __future__ import annotations

import json
import os
import random
import secrets
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

LIFE = 24 * 3600  # seconds in which a checkout can be paid
TIMES_TOLD = 2  # how often a notice is delivered although it was taken the first time
LONGEST_PAUSE = 60.0  # seconds between two tries to deliver
API_VERSION = "2026-10-28.endive"

Session = dict[str, Any]
Notice = dict[str, Any]


class Refused(Exception):
    """What was asked cannot be done; the text says why, `kind` is the company's word for it."""

    def __init__(self, text: str, kind: str = "invalid_request_error") -> None:
        super().__init__(text)
        self.kind = kind


@dataclass
class Pages:
    """What the company's books hold."""

    sessions: dict[str, Session] = field(default_factory=dict)
    keys: dict[str, list[str]] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)
    refunds: dict[str, Session] = field(default_factory=dict)


class Books:
    """Every change is on the disk before it is answered, so that a killed company forgets nothing."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lock = threading.RLock()
        self.pages = Pages(**json.loads(path.read_text())) if path.exists() else Pages()

    def create(self, wanted: Session, key: str, fingerprint: str) -> tuple[Session, bool]:
        """A new checkout, or the one that was made under the same key; says whether it is that one."""
        with self.lock:
            if key and key in self.pages.keys:
                return self._made_before(key, fingerprint), True
            session = wanted | _new_session()
            self.pages.sessions[session["id"]] = session
            if key:
                self.pages.keys[key] = [fingerprint, session["id"]]
            self._save()
            return session, False

    def get(self, session_id: str) -> Session:
        """The checkout as it stands now; one whose time is over has expired. Raises Refused."""
        with self.lock:
            session = self.pages.sessions.get(session_id)
            if session is None:
                raise Refused(f"No such checkout.session: {session_id}")
            if session["status"] == "open" and session["expires_at"] <= time.time():
                self._expire(session)
            return dict(session)

    def pay(self, session_id: str) -> Session:
        """Pay a checkout, once. Raises Refused where it is not open."""
        with self.lock:
            if self.get(session_id)["status"] == "expired":
                raise Refused("This checkout has expired.")
            session = self.pages.sessions[session_id]
            if session["status"] == "open":
                session |= {"status": "complete", "payment_status": "paid", "payment_intent": f"pi_{_random()}"}
                self._tell("payment_intent.succeeded", _intent(session, "succeeded"))
                self._tell("checkout.session.completed", session)
                self._save()
            return dict(session)

    def decline(self, session_id: str) -> None:
        """Note that a card was declined; the checkout stays open."""
        with self.lock:
            self._tell("payment_intent.payment_failed", _intent(self.get(session_id), "requires_payment_method"))
            self._save()

    def expire(self, session_id: str) -> Session:
        """Close an open checkout. Raises Refused where it is not open."""
        with self.lock:
            if self.get(session_id)["status"] != "open":
                raise Refused('Only Checkout Sessions with a status in ["open"] can be expired.')
            self._expire(self.pages.sessions[session_id])
            return self.get(session_id)

    def refund(self, intent: str, key: str, amount: int | None = None) -> Session:
        """Give back what was paid under a payment intent, or `amount` of it, or the refund made under the same key.

        Raises Refused for more than is left.
        """
        with self.lock:
            if key and key in self.pages.keys:
                return dict(self.pages.refunds[self.pages.keys[key][1]])
            paid = next((one for one in self.pages.sessions.values() if one["payment_intent"] == intent), None)
            if paid is None:
                raise Refused(f"No such payment_intent: {intent}")
            before = sum(one["amount"] for one in self.pages.refunds.values() if one["payment_intent"] == intent)
            if before + (amount or paid["amount_total"]) > paid["amount_total"]:
                raise Refused("This payment has already been refunded.")
            refund = _new_refund(paid, amount or paid["amount_total"])
            self.pages.refunds[refund["id"]] = refund
            if key:
                self.pages.keys[key] = ["", refund["id"]]
            self._tell("refund.created", refund)
            self._save()
            return dict(refund)

    def refund_known(self, refund_id: str) -> Session:
        """A refund as it stands now: pending until the next time that somebody asks. Raises Refused."""
        with self.lock:
            refund = self.pages.refunds.get(refund_id)
            if refund is None:
                raise Refused(f"No such refund: {refund_id}")
            refund["status"] = "succeeded"
            self._save()
            return dict(refund)

    def due(self) -> list[Notice]:
        """The notices to deliver now, in any order but that of their making."""
        with self.lock:
            for session_id in list(self.pages.sessions):
                self.get(session_id)
            found = [dict(notice) for notice in self.pages.notices if notice["next_at"] <= time.time()]
        random.shuffle(found)
        return found

    def delivered(self, event_id: str, *, was_taken: bool) -> None:
        """Note a try to deliver: what was taken is told once more a little later, what was not is tried ever later."""
        with self.lock:
            notice = next(one for one in self.pages.notices if one["event"]["id"] == event_id)
            if was_taken:
                notice["taken"] += 1
                notice["next_at"] = time.time() + random.uniform(0.5, 3)
            else:
                notice["failed"] += 1
                notice["next_at"] = time.time() + min(0.5 * 2 ** min(notice["failed"], 10), LONGEST_PAUSE)
            if notice["taken"] >= TIMES_TOLD:
                self.pages.notices.remove(notice)
            self._save()

    def _made_before(self, key: str, fingerprint: str) -> Session:
        known, session_id = self.pages.keys[key]
        if known != fingerprint:
            raise Refused(
                "Keys for idempotent requests can only be used with the same parameters.", "idempotency_error"
            )
        return self.get(session_id)

    def _expire(self, session: Session) -> None:
        session["status"] = "expired"
        self._tell("checkout.session.expired", session)
        self._save()

    def _tell(self, kind: str, about: dict[str, Any]) -> None:
        event = {
            "id": f"evt_{_random()}",
            "object": "event",
            "api_version": API_VERSION,
            "created": int(time.time()),
            "livemode": False,
            "type": kind,
            "data": {"object": public(about)},
        }
        self.pages.notices.append({"event": event, "next_at": time.time(), "taken": 0, "failed": 0})

    def _save(self) -> None:
        unfinished = self.path.with_suffix(".unfinished")
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(vars(self.pages), file)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(self.path)


def public(thing: dict[str, Any]) -> dict[str, Any]:
    """A thing as the company's interface shows it: without what only its own page needs."""
    shown = {name: value for name, value in thing.items() if name != "description"}
    return {"url": None, **shown} if thing["object"] == "checkout.session" else shown


def _new_session() -> Session:
    session_id = f"cs_test_{_random()}{_random()}"
    return {
        "id": session_id,
        "object": "checkout.session",
        "created": int(time.time()),
        "expires_at": int(time.time()) + LIFE,
        "livemode": False,
        "mode": "payment",
        "payment_intent": None,
        "payment_status": "unpaid",
        "status": "open",
    }


def _new_refund(paid: Session, amount: int) -> Session:
    """At once for what is a round sum of dollars, a little later for the rest, so that both ways can be seen."""
    return {
        "id": f"re_{_random()}",
        "object": "refund",
        "amount": amount,
        "currency": paid["currency"],
        "created": int(time.time()),
        "payment_intent": paid["payment_intent"],
        "status": "succeeded" if amount % 100 == 0 else "pending",
    }


def _intent(session: Session, status: str) -> dict[str, Any]:
    return {
        "id": session["payment_intent"] or f"pi_{_random()}",
        "object": "payment_intent",
        "amount": session["amount_total"],
        "currency": session["currency"],
        "status": status,
    }


def _random() -> str:
    return secrets.token_hex(12)
