"""Processes that want the same place at the same moment, each with a database connection of its own."""

from __future__ import annotations

import multiprocessing
import time
import uuid
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Self

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.clock import now
from portal.db import Database
from portal.models import Account, Hold, Place
from portal.services import booking

HEAD_START = 0.05
"""Seconds until everybody has heard of the round: they begin at one moment."""


@dataclass(frozen=True)
class Wish:
    """Who wants which slot when, and whether the claim is ours or that of the careless."""

    account_id: uuid.UUID
    reference: str
    interview_id: uuid.UUID
    slot_id: uuid.UUID
    at: float
    is_careful: bool


class Crowd:
    """So many processes. `rush` lets them all go; gives how many were told that the place is theirs."""

    def __init__(self, url: str, size: int) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["tests.racing"])
        self.pipes: list[Connection] = []
        self.processes = []
        for _number in range(size):
            here, there = context.Pipe()
            process = context.Process(target=_compete, args=(url, there), daemon=True)
            process.start()
            there.close()
            self.pipes.append(here)
            self.processes.append(process)
        for pipe in self.pipes:
            assert pipe.recv() == "ready"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for pipe in self.pipes:
            pipe.send(None)
            pipe.close()
        for process in self.processes:
            process.join(10)
            process.close()

    def rush(self, travellers: list[tuple[uuid.UUID, str, uuid.UUID]], slot_id: uuid.UUID, *, is_careful: bool) -> int:
        """One traveller (account, reference, interview) a process, all for one slot."""
        at = time.time() + HEAD_START
        for pipe, who in zip(self.pipes, travellers, strict=True):
            pipe.send(Wish(*who, slot_id, at, is_careful))
        told = [pipe.recv() for pipe in self.pipes]
        assert set(told) <= {"booked", "taken"}, told
        return told.count("booked")


def _compete(url: str, pipe: Connection) -> None:
    database = Database(url)
    with database.transaction() as session:
        session.execute(text("select 1"))
    pipe.send("ready")
    while (wish := pipe.recv()) is not None:
        try:
            with database.transaction(viewer=str(wish.account_id)) as session:
                account = session.get_one(Account, wish.account_id)
                time.sleep(max(0.0, wish.at - time.time()))
                (_careful if wish.is_careful else _careless)(session, account, wish)
            pipe.send("booked")
        except (booking.SlotTaken, booking.HoldLost):
            pipe.send("taken")
        except Exception as error:
            pipe.send(repr(error))
    database.close()


def _careful(session: Session, account: Account, wish: Wish) -> None:
    standing = booking.look(session, account.id, wish.reference, wish.slot_id)
    booking.hold(session, standing, by=account)
    booking.confirm(session, booking.look(session, account.id, wish.reference), by=account)


def _careless(session: Session, account: Account, wish: Wish) -> None:
    """What peers do: look whether it is free, then write it down as one's own."""
    query = select(Place.id).where(Place.slot_id == wish.slot_id, Place.interview_part_id.is_(None))
    place_id = session.scalars(query.where(Place.hold_id.is_(None))).first()
    if place_id is None:
        raise booking.HoldLost
    hold = Hold(interview_id=wish.interview_id, purpose="book", until=now() + timedelta(minutes=10))
    session.add(hold)
    session.flush()
    values = {"hold": hold.id, "until": hold.until, "place": place_id}
    session.execute(text("update place set hold_id = :hold, held_until = :until where id = :place"), values)
