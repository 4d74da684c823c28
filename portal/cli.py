"""The `portal` command: what an operator types."""

from __future__ import annotations

import logging
import signal
import sys
import time
from pathlib import Path
from typing import Any

import click

from portal.commands import (
    audit,
    country_lists,
    documents,
    keys,
    lookouts,
    officers,
    refuse,
    retention,
    screening,
    settings,
    transaction,
)

CLONE = Path(__file__).parent.parent
PATIENCE = 8.0  # seconds for what has been asked, when told to stop
CONNECTIONS = 800
"""Open at once: idle and slow ones cost next to nothing, and at 100 a single stranger could hold them all."""


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
def main() -> None:
    """Passage, an enrolment portal for a trusted-traveller programme.

    Every command reads its settings from the environment; docs/operating.md names them.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for chatty in ("procrastinate", "alembic", "fontTools", "weasyprint"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, envvar="PASSAGE_PORT", help="Port to listen on.")
@click.option("--threads", default=8, show_default=True, help="Requests answered at once.")
def serve(host: str, port: int, threads: int) -> None:
    """Serve the pages until SIGINT or SIGTERM. What has begun is finished first."""
    from waitress.server import create_server

    from portal import UPLOAD_LIMIT, create_app
    from portal.web.receiving import Conversation

    given = settings()
    server = create_server(  # type: ignore[no-untyped-call]
        create_app(given),
        host=host,
        port=port,
        threads=threads,
        connection_limit=CONNECTIONS,
        asyncore_use_poll=True,  # `select` ends at 1024
        ident=None,
        max_request_body_size=2 * UPLOAD_LIMIT,  # what is a little too large gets a page in our own words
        clear_untrusted_proxy_headers=not given.trusted_proxies,
    )
    server.channel_class = Conversation
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: _drain(server.task_dispatcher))
    click.echo(f"Passage listens on http://{host}:{port}", err=True)
    server.run()


def _drain(dispatcher: Any) -> None:
    """Answer what has been asked already, also what still waits for a thread, then end the server's loop."""
    until = time.monotonic() + PATIENCE
    while (dispatcher.queue or dispatcher.active_count) and time.monotonic() < until:
        time.sleep(0.02)
    raise KeyboardInterrupt


@main.command()
@click.option("--until-idle", is_flag=True, help="End when no job is due.")
def work(until_idle: bool) -> None:
    """Do background work until SIGINT or SIGTERM. Run as many workers as you like, on any number of machines."""
    from portal.jobs import worker

    sys.exit(worker.run(settings(), until_idle=until_idle))


@main.command()
def migrate() -> None:
    """Bring the database to this version’s schema. Needs OWNER_DATABASE_URL."""
    from portal.migrate import head, upgrade

    given = settings()
    if given.owner_database_url is None:
        refuse("OWNER_DATABASE_URL is missing")
    upgrade(given.owner_database_url.get_secret_value())
    click.echo(f"The database is at {head()}.")


@main.group()
def centres() -> None:
    """Load the enrolment centres."""


@centres.command("load")
def load_centres() -> None:
    """Load the enrolment centres, or bring them up to date."""
    from portal.services import centres as service

    with transaction() as session:
        loaded = service.load(session)
    click.echo(f"{len(loaded)} enrolment centres are loaded.")


@main.command()
@click.option("--port", default=8000, show_default=True, help="Port of the portal.")
@click.option(
    "--state",
    type=click.Path(file_okay=False, path_type=Path),
    default=CLONE / "var",
    show_default="var/ of this clone",
    help="Folder that keeps the database, mail and files.",
)
def demo(port: int, state: Path) -> None:
    """Run the whole demonstration on this machine. Database, pages, worker, and stand-ins for mail and payments."""
    from demo import supervisor

    sys.exit(supervisor.run(port, state))


GROUPS = (
    officers.officers,
    lookouts.lookouts,
    retention.retention,
    keys.keys,
    audit.audit_trail,
    documents.documents,
    screening.screening,
    country_lists.country_lists,
)
for group in GROUPS:
    main.add_command(group)
