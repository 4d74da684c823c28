"""Background work: what is queued has a job, and what has a job is queued or comes round."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest
from procrastinate.periodic import croniter

from portal.jobs import app

PORTAL = Path(app.__file__).parent.parent
ENQUEUED = re.compile(r"""queue\.enqueue\(\s*session,\s*"(\w+)"(.*?)\)\n""", re.DOTALL)


def enqueued() -> dict[str, set[str]]:
    """Each job that a service queues, with the names of its identifiers."""
    found = {}
    for path in PORTAL.rglob("*.py"):
        for name, rest in ENQUEUED.findall(path.read_text()):
            found[name] = set(re.findall(r"(\w+_id)=", rest))
    return found


def test_what_is_queued_has_a_job_and_the_reverse() -> None:
    jobs = app.load()
    assert set(enqueued()) == {name for name, job in jobs.items() if job.cron is None}


def test_a_job_takes_the_identifiers_that_it_is_given() -> None:
    jobs = app.load()
    for name, identifiers in enqueued().items():
        database, *others = inspect.signature(jobs[name].work).parameters
        assert (database, set(others)) == ("database", identifiers), name


def test_what_comes_round_has_a_time_and_takes_nothing() -> None:
    for job in app.load().values():
        if job.cron:
            croniter.croniter(job.cron)
            assert list(inspect.signature(job.work).parameters) == ["database"], job.name


def test_every_job_says_what_it_does() -> None:
    assert not [name for name, job in app.load().items() if not inspect.getdoc(job.work)]


def test_two_jobs_cannot_have_one_name() -> None:
    name = next(iter(app.load()))
    with pytest.raises(ValueError, match=name):
        app.job(name)(lambda database: None)
