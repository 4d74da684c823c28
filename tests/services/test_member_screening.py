"""Members are searched on every version; a new hit is an officer's task; the weekly audit must equal the deltas."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portal.adapters.lookout_formats import Row
from portal.clock import today
from portal.config import Settings
from portal.db import Database, view_as
from portal.jobs import screening as jobs
from portal.jobs.lookouts import sweep_part
from portal.models import (
    Application,
    LookoutHit,
    MemberScreening,
    Membership,
    OutgoingMessage,
    Review,
    ScreeningRun,
    ScreeningSweep,
    SweepPart,
)
from portal.models.viewers import JOINT
from portal.services import member_hits, member_screening, screening, sweep_work, sweeps
from portal.services.hit_assessments import sides
from tests import reviewing, servers
from tests.interviewing import officer
from tests.publishing import publish
from tests.reviewing import paid
from tests.services.test_outbox_kill import environment_of


def member(session: Session, **identity: str) -> Application:
    """A member, with the application that led there; both reviews are finished."""
    application = paid(session, **identity)
    application.status = "approved"
    session.execute(
        update(Review)
        .where(Review.application_id == application.id)
        .values(state="finished", finished_at=application.changed_at)
    )
    number = session.scalar(select(func.count()).select_from(Membership)) or 0
    session.add(
        Membership(
            person_id=application.person_id,
            application_id=application.id,
            number=f"00{number + 1:07d}",
            valid_from=today(),
            valid_until=today() + timedelta(days=1800),
        )
    )
    session.flush()
    return application


def caught_up(session: Session, agency: str = "CA") -> ScreeningSweep | None:
    """Do a sweep over whoever is behind, to the end."""
    sweep = member_screening.begin_behind(session, agency)
    if sweep is not None:
        sweep_work.do_all(session, sweep)
    return sweep


def standing_hits(session: Session) -> set[tuple[Any, ...]]:
    """Of everybody: the application, and what the entry says, as the newest run has it."""
    query = select(LookoutHit).join(LookoutHit.run).where(ScreeningRun.is_newest)
    return {(hit.application_id, *sides(hit.entry)) for hit in session.scalars(query)}


@pytest.fixture
def canada(session: Session) -> Iterator[Session]:
    yield session  # the portal itself; what an agency does and sees is asked as that agency


def test_a_members_new_hit_is_an_officers_task_and_changes_nothing_else(canada: Session) -> None:
    application = member(canada)
    publish(canada, "A", "CA", [reviewing.STRANGER])
    first = caught_up(canada)
    assert first is not None and first.total == 1
    assert member_screening.standing(canada, "CA") == screening.Standing(0, 1)
    publish(canada, "A", "CA", [reviewing.STRANGER, reviewing.LOOKALIKE])
    assert member_screening.standing(canada, "CA").behind == 1
    second = caught_up(canada)
    assert second is not None and sweeps.progress(canada, second).counts == {"members": 1, "in_full": 1, "changed": 1}
    (hit,) = member_hits.waiting(canada, "CA")
    assert hit.application_id == application.id and member_hits.count(canada, "CA") == 1
    assert canada.scalars(select(Membership.state)).all() == ["active"] and application.status == "approved"
    assert canada.scalars(select(Review.state).where(Review.agency == "CA")).all() == ["finished"]
    told = set(canada.scalars(select(OutgoingMessage.event).where(OutgoingMessage.application_id == application.id)))
    assert told <= {"application_received"}
    by = officer(canada, "CA")
    screening.assess_hit(canada, hit, "not_same", "Another face.", by, evidence=["face"])
    publish(canada, "A", "CA", [reviewing.STRANGER, reviewing.LOOKALIKE, _stranger(1)])
    caught_up(canada)
    assert member_hits.waiting(canada, "CA") == []  # the assessment carries over


def _stranger(number: int) -> Row:
    return Row(entry_key=f"S-{number}", names=[f"Quillon Vasterholm{number}"], birth_dates=["1901"], details={})


def test_a_member_whose_data_changed_is_searched_in_full(canada: Session) -> None:
    application = member(canada, birth_on="1950-01-01")
    publish(canada, "A", "CA", [reviewing.LOOKALIKE])
    caught_up(canada)
    assert canada.scalars(select(MemberScreening.person_id)).all() == [application.person_id]
    answers = reviewing.ANSWERS
    screening.update_profile(canada, application.person, answers)
    assert member_screening.standing(canada, "CA").behind == 1
    caught_up(canada)
    assert len(member_hits.waiting(canada, "CA")) == 1


def test_who_became_a_member_a_moment_ago_is_not_behind(canada: Session) -> None:
    publish(canada, "A", "CA", [reviewing.STRANGER])
    application = member(canada)
    screening.run(canada, application, "CA")
    assert member_screening.standing(canada, "CA") == screening.Standing(0, 1)
    assert member_screening.begin_behind(canada, "CA") is None


def test_the_other_agencys_list_concerns_nobody_here_unless_it_is_shared(canada: Session) -> None:
    member(canada)
    publish(canada, "A", "CA", [reviewing.STRANGER])
    publish(canada, "Secret", "US", [reviewing.LOOKALIKE])
    caught_up(canada)
    assert member_hits.waiting(canada, "CA") == []
    publish(canada, "Secret", "US", [reviewing.LOOKALIKE], is_shared=True)
    caught_up(canada)
    assert len(member_hits.waiting(canada, "CA")) == 1


NAMES = ("Tremblay", "Roy", "Gagnon", "Okafor", "Singh", "Nowak", "Petrov", "Haddad")


def _version(rng: random.Random) -> list[Row]:
    """Some of a pool of entries that resemble some members, in one of two wordings each."""
    pool = [
        Row(
            entry_key=f"E-{number}",
            names=[f"{NAMES[number % 8].upper()}, {'Élise Marie' if number % 3 else 'Anna'}"],
            birth_dates=[f"19{50 + number}-0{1 + number % 9}-12"],
            details={"remarks": rng.choice(("One.", "Another."))},
        )
        for number in range(24)
    ]
    return rng.sample(pool, 16)


def test_deltas_equal_a_full_search_over_many_versions(canada: Session) -> None:
    rng = random.Random(6)
    for number in range(12):
        born = date(1950 + 2 * number, 1 + (2 * number) % 9, 12).isoformat()
        member(canada, family_name=NAMES[(2 * number) % 8], birth_on=born)
    found = 0
    for _ in range(5):
        publish(canada, "A", "CA", _version(rng))
        caught_up(canada)
        deltas = standing_hits(canada)
        found += len(deltas)
        audit = member_screening.begin_audit(canada, "CA")
        assert audit is not None
        sweep_work.do_all(canada, audit)
        assert sweeps.progress(canada, audit).counts == {"checked": 12}
        assert standing_hits(canada) == deltas
    assert found > 5


def test_an_audit_that_differs_raises_an_alarm_and_mends_it(canada: Session, caplog: pytest.LogCaptureFixture) -> None:
    member(canada)
    supervisor = officer(canada, "CA", roles=["supervisor"])
    publish(canada, "A", "CA", [reviewing.LOOKALIKE])
    caught_up(canada)
    (hit,) = member_hits.waiting(canada, "CA")
    with servers.as_owner(canada):
        canada.delete(hit)
    audit = member_screening.begin_audit(canada, "CA")
    assert audit is not None
    sweep_work.do_all(canada, audit)
    assert sweeps.progress(canada, audit).counts["different"] == 1
    assert len(member_hits.waiting(canada, "CA")) == 1
    alarms = canada.scalars(select(OutgoingMessage).where(OutgoingMessage.event == "screening_alarm")).all()
    assert [alarm.officer_id for alarm in alarms] == [supervisor.id] and "differs" in caplog.text


def test_applicants_are_audited_too(canada: Session) -> None:
    application = paid(canada)
    publish(canada, "A", "CA", [reviewing.LOOKALIKE])
    audit = member_screening.begin_audit(canada, "CA")
    assert audit is not None
    sweep_work.do_all(canada, audit)
    assert sweeps.progress(canada, audit).counts == {"passed_over": 1}
    screening.run(canada, application, "CA")
    audit = member_screening.begin_audit(canada, "CA")
    assert audit is not None
    sweep_work.do_all(canada, audit)
    assert sweeps.progress(canada, audit).counts == {"checked": 1}


KILLED = """
import sys, time, uuid
from portal.config import Settings
from portal.services import sweep_work
from portal.start import prepare
database = prepare(Settings())
with database.transaction() as session:
    sweep_work.do(session, uuid.UUID(sys.argv[1]))
    print("done", flush=True)
    time.sleep(60)
"""


def test_a_run_whose_worker_is_killed_is_resumed_with_the_same_result(
    worker_settings: Settings, worker_database: Database, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeps, "PART", 2)
    with database.transaction() as session:
        view_as(session, JOINT)
        for born in ("1986-04-12", "1950-01-01", "1986-12-04", "1986-04-12", "1971-05-05"):
            member(session, birth_on=born)
        publish(session, "A", "CA", [reviewing.LOOKALIKE])
    jobs.screen_behind(worker_database)
    with worker_database.transaction() as session:
        parts = session.scalars(
            select(SweepPart.id).join(SweepPart.sweep).where(ScreeningSweep.kind == "members")
        ).all()
    assert len(parts) == 3
    sweep_part(worker_database, str(parts[0]))
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(parts[1])],
        env=os.environ | environment_of(worker_settings, worker_settings.smtp_url),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None and process.stdout.readline() == "done\n"
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    with worker_database.transaction() as session:
        sweep = session.scalars(select(ScreeningSweep).where(ScreeningSweep.kind == "members")).one()
        assert (sweeps.progress(session, sweep).done, sweep.ended_at) == (2, None)
    for part_id in [*parts, *parts]:  # another worker takes up what is left, and a job may run twice
        sweep_part(worker_database, str(part_id))
    with worker_database.transaction() as session:
        sweep = session.scalars(select(ScreeningSweep).where(ScreeningSweep.kind == "members")).one()
        told = sweeps.progress(session, sweep)
        assert sweep.ended_at is not None and (told.done, told.counts["members"]) == (5, 5)
        assert member_screening.standing(session, "CA") == screening.Standing(0, 5)
        resumed = standing_hits(session)
        assert len(resumed) == told.counts["changed"] == 3
        audit = member_screening.begin_audit(session, "CA")
        assert audit is not None
        sweep_work.do_all(session, audit)
        assert standing_hits(session) == resumed and "different" not in sweeps.progress(session, audit).counts
