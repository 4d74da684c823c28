"""The `portal` command: what an operator types."""

from __future__ import annotations

import logging
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from email.utils import parseaddr
from pathlib import Path
from typing import Any, NoReturn

import click
from pydantic import ValidationError
from sqlalchemy.orm import Session

from portal.config import Settings
from portal.db import Database
from portal.domain.errors import RuleViolation

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

    settings = _settings()
    server = create_server(  # type: ignore[no-untyped-call]
        create_app(settings),
        host=host,
        port=port,
        threads=threads,
        connection_limit=CONNECTIONS,
        asyncore_use_poll=True,  # `select` ends at 1024
        ident=None,
        max_request_body_size=2 * UPLOAD_LIMIT,  # what is a little too large gets a page in our own words
        clear_untrusted_proxy_headers=not settings.trusted_proxies,
    )
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

    sys.exit(worker.run(_settings(), until_idle=until_idle))


@main.command()
def migrate() -> None:
    """Bring the database to this version’s schema. Needs OWNER_DATABASE_URL."""
    from portal.migrate import head, upgrade

    settings = _settings()
    if settings.owner_database_url is None:
        _refuse("OWNER_DATABASE_URL is missing")
    upgrade(settings.owner_database_url.get_secret_value())
    click.echo(f"The database is at {head()}.")


@main.group()
def officers() -> None:
    """Invite the first officers of the agencies."""


@officers.command()
@click.argument("agency", type=click.Choice(["CA", "US"]))
@click.argument("people", nargs=-1, required=True, metavar='"NAME <EMAIL>" "NAME <EMAIL>"...')
def bootstrap(agency: str, people: tuple[str, ...]) -> None:
    """Invite the first administrators of an agency, two at least. Each receives a link by email."""
    from portal.services import officers as service

    try:
        with _transaction() as session:
            invited = service.bootstrap(session, agency, [parseaddr(person) for person in people])
    except RuleViolation as error:
        _refuse(str(error))
    click.echo(f"{len(invited)} invitations are on their way.")


@main.group()
def centres() -> None:
    """Load the enrolment centres."""


@centres.command("load")
def load_centres() -> None:
    """Load the enrolment centres, or bring them up to date."""
    from portal.services import centres as service

    with _transaction() as session:
        loaded = service.load(session)
    click.echo(f"{len(loaded)} enrolment centres are loaded.")


@main.group()
def lookouts() -> None:
    """Publish the look-out lists of the agencies."""


@lookouts.command("publish")
@click.argument("name")
@click.argument("agency", type=click.Choice(["CA", "US"]))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), required=True, help="Date of the list at its source.")
@click.option("--shared", is_flag=True, help="The other agency may screen against it too.")
def publish_list(name: str, agency: str, file: Path, as_of: datetime, shared: bool) -> None:
    """Publish the next version of a list from a CSV file: entry_key, names and birth_dates (parted by |), details."""
    from portal.services import lookout_lists as service

    try:
        rows = service.rows_of_csv(file.read_text(encoding="utf-8-sig"))
        with _transaction() as session:
            version = service.import_list(session, name, agency, shared, rows, as_of.date())
            click.echo(f"“{name}”, version {version.number}: entries published: {version.entry_count}")
    except (RuleViolation, UnicodeDecodeError, KeyError) as error:
        _refuse(f"The list was not published: {error}")


@main.group()
def retention() -> None:
    """Say what is past its time, and what was forgotten."""


@retention.command("plan")
def plan_retention() -> None:
    """Count what the next run would forget; changes nothing. Needs the worker’s DATABASE_URL, which sees all holds."""
    from portal.services import retention as service

    with _transaction() as session:
        for name, count in service.plan(session).items():
            click.echo(f"{count:>8}  {name}")


@retention.command("report")
@click.option("--most", default=10, show_default=True, type=click.IntRange(min=1), help="How many runs to show.")
def report_retention(most: int) -> None:
    """Show what the last runs forgot: numbers only."""
    from portal.services import retention as service

    with _transaction() as session:
        for report in service.reports(session, most):
            numbers = ", ".join(f"{name} {count}" for name, count in report.counts.items() if count)
            click.echo(f"{report.at:%Y-%m-%d %H:%M} UTC  {numbers or 'nothing was due'}")


@main.group()
def keys() -> None:
    """Draw, count, rotate and verify the keys of personal data."""


@keys.command()
@click.option("--kind", type=click.Choice(["master", "index"]), default="master", show_default=True)
@click.option("--kms", metavar="KEY", help="Let AWS KMS wrap it by its key of this id or alias.")
def draw(kind: str, kms: str | None) -> None:
    """Draw a new key and print it as the settings take it. Nothing else is changed."""
    import base64
    import os

    from portal.adapters import key_service

    if kms is None:
        click.echo(base64.b64encode(os.urandom(32)).decode())
        return
    try:
        click.echo(key_service.KeyService(os.environ.get("PASSAGE_KMS_ENDPOINT")).draw(kms, kind))
    except key_service.Refused as error:
        _refuse(str(error))


@keys.command()
def status() -> None:
    """Say which keys are here, which are needed, and how much rests under each."""
    from portal.jobs import keys as work
    from portal.start import connect, missing_keys

    with closing(connect(_settings())) as database:
        lines, lacking = list(work.status(database)), missing_keys(database)
    for line in lines:
        click.echo(line)
    if lacking:
        _fail(*(f"Missing: {key}" for key in lacking))


@keys.command()
@click.option("--index", is_flag=True, help="Make the blind indexes anew, instead of wrapping owners’ keys anew.")
@click.option("--here", is_flag=True, help="Do it in this process; else the workers do it and this one watches.")
def rotate(index: bool, here: bool) -> None:
    """Bring everything under the current key. Can be stopped, killed and begun again at any time."""
    from portal.jobs import keys as work

    rotate, kind = work.rotate_and_tell if here else work.watch, "index" if index else "master"
    with closing(_database()) as database:
        outcome = rotate(database, kind, click.echo)
    if outcome.troubles:
        _fail(*(f"Passed over: {trouble}" for trouble in sorted(outcome.troubles)))


@keys.command()
@click.option("--sample", type=click.IntRange(min=1), help="Try so many rows of each table only.")
def verify(sample: int | None) -> None:
    """Open everything, and name what does not open."""
    from portal.jobs import keys as work
    from portal.start import connect, missing_keys

    with closing(connect(_settings())) as database:
        troubles = [f"Missing: {key}" for key in missing_keys(database)]
        troubles += work.verify(database, sample, click.echo)
    if troubles:
        _fail(*troubles)
    click.echo("Everything that was tried opens.")


@main.group("audit")
def audit_trail() -> None:
    """Verify and seal the audit trail (docs/audit.md)."""


@audit_trail.command("verify")
@click.option(
    "--anchor",
    "anchors",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A head that was kept outside; several may be named.",
)
@click.option("--public-key", "keys", multiple=True, help="A further public key to believe, in base64.")
def verify_trail(anchors: tuple[Path, ...], keys: tuple[str, ...]) -> None:
    """Compare the whole trail with its seals and anchors. Names the first bad row and ends with 1."""
    from portal.adapters import sealing
    from portal.services import audit_checks

    try:
        with _transaction() as session:
            for key in keys:
                sealing.believe(key)
            if not sealing.can_verify():
                _refuse("PASSAGE_AUDIT_PUBLIC_KEYS is missing, and there is no --public-key")
            kept = [audit_checks.read_anchor(path.name, path.read_text()) for path in anchors]
            sound = audit_checks.verify(session, kept)
    except ValueError:
        _refuse("A public key must be 32 bytes in base64")
    except audit_checks.Broken as broken:
        click.echo(f"NOT SOUND: {broken}")
        sys.exit(1)
    click.echo(f"Sound: {sound.rows} rows under {sound.seals} seals, {sound.waiting} rows wait for a seal.")
    click.echo(f"Head: {sound.head.hex()}")
    if not kept:
        click.echo("Without --anchor a tail that was cut together with its seals cannot show.")


@audit_trail.command("head")
def newest_head() -> None:
    """Print the newest seal, as an anchor to keep elsewhere."""
    from portal.services import audit_anchors, audit_seals

    with _transaction() as session:
        newest = audit_seals.newest(session)
    if newest is None:
        _refuse("There is no seal yet")
    click.echo(audit_anchors.text_of(newest), nl=False)


@audit_trail.command("seal")
def seal_trail() -> None:
    """Seal what is final, once. For a machine that seals without a worker. Needs SEALER_DATABASE_URL."""
    from portal.jobs.audit import seal_all

    settings = _settings()
    if settings.sealer_database_url is None:
        _refuse("SEALER_DATABASE_URL is missing")
    with _transaction():
        pass  # the database is the right one, and the adapters are configured
    click.echo(f"{seal_all(settings.sealer_database_url.get_secret_value())} rows are sealed.")


@audit_trail.command("public-key")
def public_key() -> None:
    """Print the public half of PASSAGE_AUDIT_SIGNING_KEY."""
    from portal.adapters import sealing

    sealing.configure(_settings())
    try:
        click.echo(sealing.public_key())
    except sealing.NoSigningKey:
        _refuse("PASSAGE_AUDIT_SIGNING_KEY is missing")


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


def _settings() -> Settings:
    """The settings, or one line for each that is missing or unfit, and the end."""
    try:
        return Settings()  # type: ignore[call-arg]
    except ValidationError as error:
        _refuse(*(line for problem in error.errors() for line in _said(problem)))


def _said(problem: Any) -> list[str]:
    name = _name_of(str(problem["loc"][0])) if problem["loc"] else ""
    if problem["type"] == "missing":
        return [f"{name} is missing"]
    if problem["type"] == "default_factory_not_called":  # it waits for the others
        return []
    reasons = problem["msg"].removeprefix("Value error, ").split("; ")
    return [f"{name} {reason}" if name else _with_names(reason) for reason in reasons]


def _name_of(field: str) -> str:
    return field if field.isupper() else f"PASSAGE_{field.upper()}"


def _with_names(reason: str) -> str:
    """A reason about several settings begins with the field's name: say the variable's."""
    first, _, rest = reason.partition(" ")
    return f"{_name_of(first)} {rest}" if first in Settings.model_fields else reason


def _refuse(*lines: str) -> NoReturn:
    for line in lines:
        click.echo(line, err=True)
    sys.exit(2)


def _fail(*lines: str) -> NoReturn:
    for line in lines:
        click.echo(line, err=True)
    sys.exit(1)


def _database() -> Database:
    from portal.start import prepare

    return prepare(_settings())


@contextmanager
def _transaction() -> Iterator[Session]:
    """A transaction of the process's role; the connections are closed at the end."""
    database = _database()
    try:
        with database.transaction() as session:
            yield session
    finally:
        database.engine.dispose()
