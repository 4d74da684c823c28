"""How a function becomes a job: `@job("name")` for what is queued, `@every(cron)` for what comes round."""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import procrastinate
from procrastinate import BaseRetryStrategy, JobContext, RetryDecision
from procrastinate.jobs import Job as QueuedJob

from portal import jobs
from portal.db import Database
from portal.services import pauses

MOST_ATTEMPTS = 80
"""With these pauses three days pass before a job that always fails is given up."""

Work = Callable[..., None]


@dataclass(frozen=True)
class Job:
    """One kind of background work. `work(database, **ids)` opens its own transactions and may run twice."""

    name: str
    work: Work
    cron: str | None = None


JOBS: dict[str, Job] = {}


def job(name: str) -> Callable[[Work], Work]:
    """Let `queue.enqueue(session, name, **ids)` lead to the function below, called with the database and the ids."""

    def register(work: Work) -> Work:
        _add(Job(name, work))
        return work

    return register


def every(cron: str) -> Callable[[Work], Work]:
    """Run the function below, called with the database alone, whenever `cron` says; a sixth field is seconds."""

    def register(work: Work) -> Work:
        _add(Job(work.__name__, work, cron))
        return work

    return register


def _add(new: Job) -> None:
    if new.name in JOBS:
        raise ValueError(f"two jobs are called {new.name!r}")
    JOBS[new.name] = new


class Backoff(BaseRetryStrategy):
    """Tries again after a minute, two, four … an hour, never all at once.

    An error may ask for a longer `pause`, or for none longer than its `longest_pause`, both in seconds.
    """

    def get_retry_decision(self, *, exception: BaseException, job: QueuedJob) -> RetryDecision | None:
        if job.attempts >= MOST_ATTEMPTS:
            return None
        said = {
            "at_least": getattr(exception, "pause", 0),
            "longest": getattr(exception, "longest_pause", pauses.LONGEST),
        }
        return RetryDecision(retry_in={"seconds": pauses.before_try(job.attempts, **said)})


def load() -> dict[str, Job]:
    """Every job there is: each module of this package is read once."""
    for module in pkgutil.iter_modules(jobs.__path__):
        importlib.import_module(f"{jobs.__name__}.{module.name}")
    return JOBS


def register(app: procrastinate.App) -> None:
    """Give Procrastinate all our jobs."""
    for one in load().values():
        task = app.task(name=one.name, pass_context=True, retry=Backoff(), **_options(one))(_adapted(one))
        if one.cron:
            app.periodic(cron=one.cron)(task)


def _options(one: Job) -> dict[str, Any]:
    # What comes round waits at most once.
    return {"queueing_lock": one.name} if one.cron else {}


def _adapted(one: Job) -> Callable[..., None]:
    @functools.wraps(one.work)
    def run(context: JobContext, **arguments: Any) -> None:
        database: Database = context.additional_context["database"]
        arguments.pop("timestamp", None)
        one.work(database, **arguments)

    return run
