"""`portal lookouts`: publish the look-out lists."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from portal.commands import refuse, transaction
from portal.domain.errors import RuleViolation


@click.group()
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
        with transaction() as session:
            version = service.import_list(session, name, agency, shared, rows, as_of.date())
            click.echo(f"“{name}”, version {version.number}: entries published: {version.entry_count}")
    except (RuleViolation, UnicodeDecodeError, KeyError) as error:
        refuse(f"The list was not published: {error}")
