"""The worker: takes jobs from the queue until it is told to stop. Any number of them, on any number of machines."""

from __future__ import annotations

import asyncio
import logging
import signal
from concurrent.futures import ThreadPoolExecutor

import procrastinate
from procrastinate import JobContext, PsycopgConnector
from procrastinate.app import WorkerOptions

from portal.config import Settings
from portal.db import Broken, Database
from portal.jobs import messages
from portal.jobs.app import register
from portal.start import prepare

log = logging.getLogger(__name__)

LANES = {"default": 4}
"""Jobs at once in each lane."""
SENDERS = (0.5, 2.0, 2.0, 2.0)
"""Those who drain the outbox, and how many seconds each rests when nothing is due. They stand beside the lanes: a mail
server that does not answer holds up nothing but mail (security F9)."""
AFTER_TROUBLE = 5.0  # seconds
HEARTBEAT = 10.0  # seconds
DEAD_AFTER = 30.0  # seconds without a heartbeat
PATIENCE = 8.0  # seconds for what has begun, when asked to stop
KEEP_FAILED_JOBS = 30 * 24  # hours


def run(settings: Settings, *, until_idle: bool = False) -> int:
    """Work until SIGINT or SIGTERM (or, with `until_idle`, until nothing is due). Returns the exit code."""
    database = prepare(settings)
    try:
        return asyncio.run(_work(database, until_idle=until_idle))
    finally:
        database.engine.dispose()


def application(database: Database) -> procrastinate.App:
    """Procrastinate's application with all our jobs, over a pool of its own."""
    address = database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    connector = PsycopgConnector(conninfo=address, min_size=1, max_size=sum(LANES.values()) + len(LANES))
    app = procrastinate.App(connector=connector)
    register(app)
    _add_housekeeping(app)
    return app


async def _work(database: Database, *, until_idle: bool) -> int:
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(sum(LANES.values()) + len(SENDERS) + 4, "job"))
    app = application(database)
    async with app.open_async():
        await rescue(app)
        lanes = [
            asyncio.create_task(app.run_worker_async(**_options(database, lane, until_idle=until_idle)))
            for lane in LANES
        ]
        stop = _stop_on_signals()
        if until_idle:
            await asyncio.wait(lanes)
            await asyncio.to_thread(messages.drain, database)
        else:
            lanes += [asyncio.create_task(_send(database, rest)) for rest in SENDERS]
        return await _finish(lanes, stop, until_idle=until_idle)


async def _send(database: Database, rest: float) -> None:
    """Send what is due, for ever."""
    while True:
        try:
            has_sent = await asyncio.to_thread(messages.send_next, database)
        except Broken as error:
            log.warning("the outbox cannot be read: %s", type(error).__name__)
            await asyncio.sleep(AFTER_TROUBLE)
        else:
            await asyncio.sleep(0 if has_sent else rest)


def _options(database: Database, lane: str, *, until_idle: bool) -> WorkerOptions:
    return {
        "name": lane,
        "queues": [lane],
        "concurrency": LANES[lane],
        "wait": not until_idle,
        "delete_jobs": "successful",
        "additional_context": {"database": database},
        "install_signal_handlers": False,
        "shutdown_graceful_timeout": PATIENCE,
        "update_heartbeat_interval": HEARTBEAT,
        "stalled_worker_timeout": DEAD_AFTER,
    }


def _stop_on_signals() -> asyncio.Task[bool]:
    asked = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, asked.set)
    return asyncio.create_task(asked.wait())


async def _finish(lanes: list[asyncio.Task[None]], stop: asyncio.Task[bool], *, until_idle: bool) -> int:
    """Wait for the end: all lanes when idle work was asked for, else the signal, or a lane that ends by itself."""
    if until_idle:
        await asyncio.wait(lanes)
    else:
        await asyncio.wait([*lanes, stop], return_when=asyncio.FIRST_COMPLETED)
    is_meant = until_idle or stop.done()
    stop.cancel()
    for lane in lanes:
        lane.cancel()
    results = await asyncio.gather(*lanes, return_exceptions=True)
    errors = [result for result in results if isinstance(result, Exception)]
    for error in errors:
        log.error("a lane ended with an error", exc_info=error)
    return 0 if is_meant and not errors else 1


async def rescue(app: procrastinate.App) -> None:
    """Let the jobs of workers that died be done by others. A job may so run twice, and must not mind."""
    for stalled in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER):
        log.warning("job %s of a dead worker is taken up again", stalled.call_string)
        await app.job_manager.retry_job(stalled)


def _add_housekeeping(app: procrastinate.App) -> None:
    @app.periodic(cron="* * * * * */10")
    @app.task(name="rescue_jobs", queueing_lock="rescue_jobs", pass_context=True)
    async def rescue_jobs(context: JobContext, timestamp: int) -> None:
        await context.app.job_manager.prune_stalled_workers(DEAD_AFTER)
        await rescue(context.app)

    @app.periodic(cron="17 3 * * *")
    @app.task(name="forget_failed_jobs", queueing_lock="forget_failed_jobs", pass_context=True)
    async def forget_failed_jobs(context: JobContext, timestamp: int) -> None:
        await context.app.job_manager.delete_old_jobs(KEEP_FAILED_JOBS, include_failed=True, include_cancelled=True)
