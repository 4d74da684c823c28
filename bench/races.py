"""What a drop must withstand besides its speed: the sharp race for one place, and robots among the people who wait."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from bench import people
from bench.client import post
from bench.rush import Connection, Outcome, confirm, hammer, hold
from portal.clock import now
from portal.db import Database
from portal.models import Application, EnrolmentCentre, Interview, Place, Slot
from portal.services import offers, waiting_list

RACERS = 8
NOBODYS = 1_000_000
"""The first of the places that the bare handlers have not booked yet."""
PEOPLE, ROBOTS, RELEASED = 90, 10, 50
AS_OFTEN = 100
"""How much more often than a person, who asks once, a robot asks."""

WHO_HAS = """
    select count(*) filter (where application.reference = any(:robots)), count(*)
    from place left join interview_part part on part.id = place.interview_part_id
    left join hold on hold.id = place.hold_id
    join interview on interview.id = coalesce(part.interview_id, hold.interview_id)
    join application on application.id = interview.application_id
    where place.slot_id = any(cast(:slots as uuid[]))
"""
START_AGAIN = (
    "update place set interview_part_id = null where interview_part_id in ("
    " select part.id from interview_part part join interview on interview.id = part.interview_id"
    " join application on application.id = interview.application_id where application.reference = any(:racers))",
    "update place set hold_id = null, held_until = null where hold_id in (select hold.id from hold"
    " join interview on interview.id = hold.interview_id"
    " join application on application.id = interview.application_id where application.reference = any(:racers))",
    "update interview set state = 'to_book' where application_id in ("
    " select id from application where reference = any(:racers))",
    "update interview_part set state = 'open' where interview_id in (select interview.id from interview"
    " join application on application.id = interview.application_id where application.reference = any(:racers))",
)


def sharp(
    ports: Sequence[int], database: Database, racers: Sequence[people.Traveller], slots: Sequence[str]
) -> list[int]:
    """`RACERS` ask at once for the one place of each slot, on all servers; how often each place was booked."""
    told = []
    for slot in slots:
        told.append(asyncio.run(_round(ports, racers, slot)))
        with database.transaction() as session:
            taken = session.execute(
                text("select count(interview_part_id) from place where slot_id = cast(:slot as uuid)"), {"slot": slot}
            ).scalar_one()
            if taken != 1:
                raise SystemExit(f"{told[-1]} were told that the place is theirs; the table says {taken}")
            for statement in START_AGAIN:
                session.execute(text(statement), {"racers": [one.reference for one in racers]})
    return told


async def _round(ports: Sequence[int], racers: Sequence[people.Traveller], slot: str) -> int:
    connections = [Connection(ports[number % len(ports)]) for number in range(len(racers))]
    for connection in connections:
        connection.streams = await asyncio.open_connection("127.0.0.1", connection.port)
    at_once = zip(connections, racers, strict=True)
    told = await asyncio.gather(*(_race(connection, one, slot) for connection, one in at_once))
    for connection in connections:
        connection.close()
    return sum(told)


async def _race(connection: Connection, traveller: people.Traveller, slot: str) -> bool:
    outcome = Outcome()
    status, _head, _body = await hold(connection, traveller, slot, outcome)
    return status == 303 and await confirm(connection, traveller, slot, outcome) == 303


async def careless(ports: Sequence[int], rounds: int) -> list[int]:
    """The negative control: the same race for a handler that looks first; how often each place was booked."""
    told = []
    for slot in range(NOBODYS, NOBODYS + rounds):
        connections = [Connection(ports[number % len(ports)]) for number in range(RACERS)]
        for connection in connections:
            connection.streams = await asyncio.open_connection("127.0.0.1", connection.port)
        message = post("/book-carelessly", {"slot": str(slot)})
        answers = await asyncio.gather(*(connection.ask(message) for connection in connections))
        told.append(sum(status == 303 for status, _head, _body in answers))
        for connection in connections:
            connection.close()
    return told


def with_robots(ports: Sequence[int], app: Flask, database: Database, centre: EnrolmentCentre) -> dict[str, Any]:
    """A release while people wait on the list, every tenth of them a robot that also asks all the time for what comes.

    The places are released as the service does it: to the list first, in order of approval. What they have afterwards
    is compared with their share of the list.
    """
    everybody = PEOPLE + ROBOTS
    with database.transaction() as session:
        known = people.crowd(app, session, everybody)
        robots = known[:: everybody // ROBOTS]
        _join(session, known)
        slots = _slots(session, centre, RELEASED)
    names = [str(slot) for slot in slots]
    counted: list[tuple[int, int]] = []
    hammering = threading.Thread(
        target=lambda: counted.append(asyncio.run(hammer(ports, robots, names, times=AS_OFTEN)))
    )
    hammering.start()
    with database.transaction("joint") as session:
        for slot in session.scalars(select(Slot).where(Slot.id.in_(slots))):
            session.add(Place(slot_id=slot.id, centre_id=slot.centre_id, starts_at=slot.starts_at, desk=1))
        session.flush()
        offers.offer_released(session, session.get_one(EnrolmentCentre, centre.id), now().date())
    hammering.join()
    with database.transaction() as session:
        values = {"robots": [robot.reference for robot in robots], "slots": names}
        theirs, all_of_them = session.execute(text(WHO_HAS), values).one()
    fair = all_of_them * ROBOTS / everybody
    return {
        "what": "robots on the waiting list, each asking as often as a hundred people",
        "robots": ROBOTS, "people": PEOPLE, "released": RELEASED, "given": all_of_them, "to_robots": theirs,
        "asked": counted[0][0], "gain": round(theirs / fair - 1, 3) if fair else None,
    }  # fmt: skip


def _join(session: Session, known: Sequence[people.Traveller]) -> None:
    """Everybody onto the list, in the order of `known`."""
    order = {one.reference: number for number, one in enumerate(known)}
    query = select(Interview).join(Interview.application).where(Application.reference.in_(order))
    for interview in session.scalars(query):
        approved = now() - timedelta(days=1, minutes=len(known) - order[interview.application.reference])
        interview.application.conditionally_approved_at = approved
        waiting_list.join(session, interview, {}, by=interview.application.account)


def _slots(session: Session, centre: EnrolmentCentre, count: int) -> list[Any]:
    """Slots that have no place yet."""
    first = now().replace(second=45, microsecond=0) + timedelta(days=50)
    made = [
        Slot(centre_id=centre.id, starts_at=at, local_on=at.date(), minutes=1)
        for at in (first + timedelta(minutes=number) for number in range(count))
    ]
    session.add_all(made)
    session.flush()
    return [slot.id for slot in made]
