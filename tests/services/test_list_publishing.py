"""Publishing a list by two persons: what is brought is read whole, rehearsed, and published by somebody else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.adapters.lookout_formats import Row
from portal.clock import today
from portal.config import Settings
from portal.db import Database, view_as
from portal.domain.errors import NotFound, NotOpenToThis, RuleViolation
from portal.jobs.lookouts import read_lookout_list, sweep_part
from portal.models import LookoutEntry, LookoutListVersion, LookoutUpload, SweepPart
from portal.services import list_publishing, list_reading, lookout_lists, sweeps
from tests import reviewing
from tests.publishing import draft, publish, rehearse, seen_by, two
from tests.reviewing import paid
from tests.services.test_outbox_kill import environment_of


def _rows(count: int) -> list[Row]:
    return [Row(entry_key=f"X-{n}", names=[f"Invented {n}"], birth_dates=[], details={}) for n in range(count)]


@pytest.fixture
def canada(session: Session) -> Iterator[Session]:
    yield session  # the portal itself; what an agency does and sees is asked as that agency


def _bring(session: Session, content: str, *, name: str = "A", kind: str = "own-csv") -> LookoutListVersion:
    by, _other = two(session, "CA")
    return list_publishing.bring(
        session, name, "CA", kind, [content.encode()], is_shared=False, source_on=today(), by=by
    )


HEAD = "entry_key,names,birth_dates\n"


def test_what_is_brought_is_read_into_a_draft_and_nobody_screens_against_it(canada: Session) -> None:
    version = _bring(canada, HEAD + "X-1,Quillon Vasterholm,1961\n")
    list_publishing.read(canada, version.id)
    assert (version.state, version.number, version.entry_count) == ("ready", None, 1)
    assert version.change == {"added": ["X-1"], "changed": [], "removed": []}
    assert lookout_lists.current_versions(canada, "CA") == []
    assert canada.scalars(select(LookoutUpload)).all() == []
    list_publishing.read(canada, version.id)  # a job may run twice
    assert canada.scalar(select(func.count()).select_from(LookoutEntry)) == 1


def test_a_list_with_an_unfit_entry_is_refused_whole_with_every_error_in_both_languages(canada: Session) -> None:
    version = _bring(canada, HEAD + "X-1,Quillon Vasterholm,1961\n,Nobody,1961\nX-3,,1961\n")
    list_publishing.read(canada, version.id)
    assert version.state == "unfit" and [error["line"] for error in version.errors] == [3, 4]
    assert version.errors[1]["en"] == "The entry has no name." and version.errors[1]["fr"] != version.errors[1]["en"]
    assert canada.scalars(select(LookoutEntry)).all() == []
    with pytest.raises(NotOpenToThis):
        list_publishing.publish(canada, version, by=two(canada, "CA")[1])


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("names\nA\n", "first line must name"),
        (HEAD, "no entry about a person"),
        ('<!DOCTYPE x [<!ENTITY a "b">]><x/>', "first line must name"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(canada: Session, content: str, problem: str) -> None:
    version = _bring(canada, content)
    list_publishing.read(canada, version.id)
    assert version.state == "unfit" and version.problem and problem in version.problem["en"]


def test_the_same_list_again_is_no_new_version(canada: Session) -> None:
    publish(canada, "A", "CA", _rows(2))
    again = draft(canada, "A", "CA", _rows(2))
    assert again.state == "unfit" and again.problem and "says the same" in again.problem["en"]


def test_two_persons_publish_and_the_database_says_so(canada: Session) -> None:
    first, second = two(canada, "CA")
    paid(canada)
    version = draft(canada, "A", "CA", _rows(2))
    with pytest.raises(RuleViolation, match="dry run"):
        list_publishing.publish(canada, version, by=second)
    rehearse(canada, version)
    with pytest.raises(RuleViolation, match="Another person"):
        list_publishing.publish(canada, version, by=first)
    list_publishing.publish(canada, version, by=second)
    assert (version.number, version.published_by) == (1, second.id)
    for cheat in ({"imported_by": second.id}, {"published_by": None}):
        with pytest.raises(IntegrityError, match="published_by"), canada.begin_nested():
            canada.execute(update(LookoutListVersion).values(**cheat))


def test_an_officer_of_the_other_agency_brings_and_publishes_nothing(canada: Session) -> None:
    _first, american = two(canada, "US")
    version = draft(canada, "A", "CA", _rows(2))
    rehearse(canada, version)
    with pytest.raises(NotFound):
        list_publishing.publish(canada, version, by=american)
    with pytest.raises(NotFound):
        list_publishing.bring(canada, "A", "CA", "own-csv", [b""], is_shared=False, source_on=today(), by=american)
    with pytest.raises(IntegrityError, match="published_by"), canada.begin_nested():
        values = {"published_by": american.id, "published_at": version.imported_at, "number": 1, "state": "published"}
        canada.execute(update(LookoutListVersion).values(**values))


def test_the_other_agency_sees_what_is_published_and_shared_and_nothing_else(canada: Session) -> None:
    publish(canada, "Secret", "CA", _rows(2))
    shared = publish(canada, "Shared", "CA", _rows(2), is_shared=True)
    draft(canada, "Shared", "CA", _rows(3), is_shared=True)
    with seen_by(canada, "US"):
        canada.expire_all()
        seen = canada.scalars(select(LookoutListVersion)).all()
        assert [version.id for version in seen] == [shared.id]
        assert [(one.newest, one.drafts) for one in list_reading.lists(canada, "US")] == [(shared, [])]
        assert set(canada.scalars(select(LookoutEntry.version_id))) == {shared.id}
        assert canada.scalars(select(SweepPart)).all() == []


def test_a_list_that_shrinks_much_needs_a_word(canada: Session) -> None:
    publish(canada, "A", "CA", _rows(20))
    assert publish(canada, "A", "CA", _rows(18), release="").number == 2
    cut = draft(canada, "A", "CA", _rows(16))
    rehearse(canada, cut)
    with pytest.raises(RuleViolation, match="one in ten"):
        list_publishing.publish(canada, cut, by=two(canada, "CA")[1], release="  ")
    list_publishing.publish(canada, cut, by=two(canada, "CA")[1], release="The source dropped four.")
    assert (cut.number, cut.release) == (3, "The source dropped four.")


def test_an_earlier_version_comes_back_as_a_new_one_by_two_persons(canada: Session) -> None:
    first, second = two(canada, "CA")
    one, _two = publish(canada, "A", "CA", _rows(3)), publish(canada, "A", "CA", _rows(2))
    back = list_publishing.bring_earlier(canada, one, by=first)
    list_publishing.read(canada, back.id)
    rehearse(canada, back)
    assert back.change == {"added": ["X-2"], "changed": [], "removed": []}
    list_publishing.publish(canada, back, by=second)
    assert (back.number, back.sha256, back.copied_from) == (3, one.sha256, one.id)
    with pytest.raises(NotOpenToThis):
        list_publishing.bring_earlier(canada, back, by=first)


def test_a_draft_that_was_overtaken_is_not_published(canada: Session) -> None:
    old, new = draft(canada, "A", "CA", _rows(2)), draft(canada, "A", "CA", _rows(3))
    for version in (old, new):
        rehearse(canada, version)
    list_publishing.publish(canada, new, by=two(canada, "CA")[1])
    with pytest.raises(RuleViolation, match="meanwhile"):
        list_publishing.publish(canada, old, by=two(canada, "CA")[1])
    list_publishing.discard(canada, old, by=two(canada, "CA")[0])
    assert old.state == "discarded" and list_publishing.dry_run_of(canada, old) is None


def test_what_a_version_would_change(canada: Session) -> None:
    publish(canada, "A", "CA", _rows(3))
    rows = [*_rows(2), Row(entry_key="X-9", names=["New"], birth_dates=[], details={})]
    rows[0] = Row(**{**rows[0], "birth_dates": ["1975"]})  # type: ignore[typeddict-item]
    found = lookout_lists.difference(canada, "CA", "A", rows)
    assert (found.added, found.changed, found.removed) == (("X-9",), ("X-0",), ("X-2",))
    assert not found.shrinks_much


def test_the_dry_run_counts_whom_the_draft_would_hit_and_changes_nothing(canada: Session) -> None:
    paid(canada)
    paid(canada, birth_on="1951-01-02")
    version = draft(canada, "A", "CA", [reviewing.LOOKALIKE, reviewing.STRANGER])
    rehearse(canada, version)
    dry_run = list_publishing.dry_run_of(canada, version)
    assert dry_run is not None and dry_run.ended_at is not None
    told = sweeps.progress(canada, dry_run)
    assert (told.done, told.total) == (2, 2)
    assert told.counts == {"applications": 1, "new_applications": 1}
    list_publishing.publish(canada, version, by=two(canada, "CA")[1])
    other = {**reviewing.STRANGER, "names": ["OKAFOR, Dan"]}
    second = draft(canada, "A", "CA", [reviewing.LOOKALIKE, Row(**other)])  # type: ignore[typeddict-item]
    rehearse(canada, second)
    dry_run = list_publishing.dry_run_of(canada, second)
    assert dry_run is not None
    assert sweeps.progress(canada, dry_run).counts == {"applications": 1, "new_applications": 0}


KILLED = """
import sys, time, uuid
from portal.config import Settings
from portal.services import list_publishing
from portal.start import prepare
database = prepare(Settings())
with database.transaction() as session:
    list_publishing.read(session, uuid.UUID(sys.argv[1]))
    print("read", flush=True)
    time.sleep(60)
"""


def test_a_worker_killed_while_it_reads_leaves_nothing_and_the_next_one_reads_it(
    worker_settings: Settings, worker_database: Database, database: Database, tmp_path: Path
) -> None:
    with database.transaction() as session:
        view_as(session, "CA")
        version_id = _bring(session, HEAD + "X-1,Quillon Vasterholm,1961\n").id
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(version_id)],
        env=os.environ | environment_of(worker_settings, worker_settings.smtp_url),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None and process.stdout.readline() == "read\n"
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert _state(worker_database, version_id) == ("waiting", 0)
    read_lookout_list(worker_database, str(version_id))
    assert _state(worker_database, version_id) == ("ready", 1)
    with worker_database.transaction() as session:
        parts = session.scalars(select(SweepPart.id)).all()
    for part_id in [*parts, *parts]:
        sweep_part(worker_database, str(part_id))


def _state(database: Database, version_id: uuid.UUID) -> tuple[str, int]:
    with database.transaction() as session:
        count = session.scalar(select(func.count()).select_from(LookoutEntry)) or 0
        return session.get_one(LookoutListVersion, version_id).state, count
