"""Many processes for few places: nobody has a place twice, none is lost, and the race itself finds a careless claim."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import func, select, text

from portal.db import Database
from portal.models import EnrolmentCentre, Place
from tests import interviewing, servers
from tests.racing import Crowd

Travellers = list[tuple[uuid.UUID, str, uuid.UUID]]


def _travellers(database: Database, count: int) -> Travellers:
    with database.transaction() as session:
        made = [interviewing.applicant(session) for _number in range(count)]
        return [(one.application.account_id, one.application.reference, one.id) for one in made]


def _slot(database: Database, centre_id: uuid.UUID, number: int, places: int) -> uuid.UUID:
    with database.transaction() as session:
        starts_at = interviewing.soon(days=7 + number // 20, hour=number % 20)
        return interviewing.slot(session, session.get_one(EnrolmentCentre, centre_id), starts_at, places).id


def _start_again(database: Database) -> None:
    """Everybody is as before the round; what was booked stays counted by the caller."""
    with database.transaction() as session:
        session.execute(text("update place set interview_part_id = null, hold_id = null, held_until = null"))
        session.execute(text("delete from hold"))
        session.execute(text("update interview set state = 'to_book'"))
        session.execute(text("update interview_part set state = 'open'"))


def _run(database: Database, url: str, *, processes: int, places: int, rounds: int, is_careful: bool) -> list[int]:
    """How many were told in each round that a place is theirs. In a careful one the table says the same."""
    with database.transaction() as session:
        centre_id = interviewing.centre(session).id
    told = []
    travellers = _travellers(database, processes)
    with Crowd(url, processes) as crowd:
        for number in range(rounds):
            slot_id = _slot(database, centre_id, number, places)
            told.append(crowd.rush(travellers, slot_id, is_careful=is_careful))
            if is_careful:
                with database.transaction() as session:
                    booked = select(func.count(Place.interview_part_id)).where(Place.slot_id == slot_id)
                    assert session.scalar(booked) == told[-1], f"round {number}"
            _start_again(database)
    return told


def test_twenty_four_processes_for_three_places(database: Database, urls: servers.Urls) -> None:
    assert _run(database, urls["web"], processes=24, places=3, rounds=6, is_careful=True) == [3] * 6


def test_the_race_of_processes_catches_a_careless_claim(database: Database, urls: servers.Urls) -> None:
    told = _run(database, urls["web"], processes=8, places=1, rounds=10, is_careful=False)
    assert sum(told) > len(told), "the race did not find the mistake that it is there to find"


@pytest.mark.slow
def test_the_sharp_race_a_hundred_times(database: Database, urls: servers.Urls) -> None:
    assert _run(database, urls["web"], processes=8, places=1, rounds=100, is_careful=True) == [1] * 100
