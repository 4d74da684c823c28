"""`portal lookouts`: publish the look-out lists."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from portal.adapters.lookout_formats import FORMATS, Reading
from portal.commands import fail, refuse, transaction
from portal.domain.errors import RuleViolation

PATH = click.Path(exists=True, dir_okay=False, path_type=Path)
KINDS = click.Choice(list(FORMATS))


@click.group()
def lookouts() -> None:
    """Publish the look-out lists of the agencies."""


@lookouts.command("check")
@click.argument("name")
@click.argument("files", nargs=-1, required=True, type=PATH)
@click.option("--format", "kind", type=KINDS, default="own-csv", show_default=True, help="Format of the files.")
@click.option("--errors", type=click.Path(dir_okay=False, path_type=Path), help="Write the unfit entries here, as CSV.")
def check_list(name: str, files: tuple[Path, ...], kind: str, errors: Path | None) -> None:
    """Read a list and say what it would change, without changing anything. For ofac-csv: SDN, then ALT and ADD."""
    from portal.services import lookout_lists as service

    reading = _read(files, kind, errors)
    with transaction() as session:
        found = service.difference(session, name, reading.rows)
    click.echo(f"People: {len(reading.rows)}; bodies, ships and aircraft left out: {reading.not_people}")
    click.echo(f"Added: {len(found.added)}; changed: {len(found.changed)}; removed: {len(found.removed)}")
    if found.shrinks_much:
        click.echo("More than one in ten entries would be gone: publishing needs --may-shrink.")


@lookouts.command("publish")
@click.argument("name")
@click.argument("agency", type=click.Choice(["CA", "US"]))
@click.argument("files", nargs=-1, required=True, type=PATH)
@click.option("--format", "kind", type=KINDS, default="own-csv", show_default=True, help="Format of the files.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Date of the list, where the file does not say it.")
@click.option("--shared", is_flag=True, help="The other agency may screen against it too.")
@click.option("--may-shrink", is_flag=True, help="A supervisor has released that more than one in ten entries go.")
@click.option("--errors", type=click.Path(dir_okay=False, path_type=Path), help="Write the unfit entries here, as CSV.")
def publish_list(
    name: str,
    agency: str,
    files: tuple[Path, ...],
    kind: str,
    as_of: datetime | None,
    shared: bool,
    may_shrink: bool,
    errors: Path | None,
) -> None:
    """Publish the next version of a list, whole or not at all. For ofac-csv: the SDN file, then ALT and ADD."""
    from portal.services import lookout_lists as service

    reading = _read(files, kind, errors)
    source_on = as_of.date() if as_of else reading.source_on
    if source_on is None:
        refuse("The list was not published: the file does not say its date; give it with --as-of")
    try:
        with transaction() as session:
            version = service.import_list(session, name, agency, shared, reading.rows, source_on, may_shrink=may_shrink)
            click.echo(f"“{name}”, version {version.number}: entries published: {version.entry_count}")
    except RuleViolation as error:
        refuse(f"The list was not published: {error}")


@lookouts.command("behind")
def count_behind() -> None:
    """Count the open applications that a current version of a list was not searched for; ends with 1 for any."""
    from portal.services import screening

    with transaction() as session:
        count = screening.count_behind(session)
    if count:
        fail(f"Open applications that are behind: {count}")
    click.echo("Nobody is behind.")


def _read(files: tuple[Path, ...], kind: str, errors: Path | None) -> Reading:
    """The files as read; one that cannot be read, or has an unfit entry, is the end."""
    from portal.services import lookout_lists as service

    try:
        reading = service.read_files(kind, [file.read_bytes() for file in files])
    except RuleViolation as error:
        refuse(f"The list was not published: {error}")
    if reading.errors:
        if errors:
            errors.write_text(service.errors_as_csv(reading), encoding="utf-8-sig")
        first = reading.errors[0]
        refuse(
            f"The list was not published: {len(reading.errors)} unfit entries. "
            f"Line {first.line}, entry {first.entry_key or '?'}: {first.problem}"
        )
    return reading
