"""`portal lookouts`: bring look-out lists, and see that nobody is behind."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from portal.adapters.lookout_formats import FORMATS, Reading
from portal.commands import fail, refuse, transaction
from portal.domain.errors import RuleViolation
from portal.models.viewers import view_as

PATH = click.Path(exists=True, dir_okay=False, path_type=Path)
AGENCY = click.Choice(["CA", "US"])
KINDS = click.Choice(list(FORMATS))


@click.group()
def lookouts() -> None:
    """Bring the look-out lists of the agencies."""


@lookouts.command("check")
@click.argument("name")
@click.argument("agency", type=AGENCY)
@click.argument("files", nargs=-1, required=True, type=PATH)
@click.option("--format", "kind", type=KINDS, default="own-csv", show_default=True, help="Format of the files.")
@click.option("--errors", type=click.Path(dir_okay=False, path_type=Path), help="Write the unfit entries here, as CSV.")
def check_list(name: str, agency: str, files: tuple[Path, ...], kind: str, errors: Path | None) -> None:
    """Read a list and say what it would change, without changing anything. For ofac-csv: SDN, then ALT and ADD."""
    from portal.services import lookout_lists as service

    reading = _read(files, kind, errors)
    with transaction() as session:
        view_as(session, agency)
        found = service.difference(session, agency, name, reading.rows)
    click.echo(f"People: {len(reading.rows)}; bodies, ships and aircraft left out: {reading.not_people}")
    click.echo(f"Added: {len(found.added)}; changed: {len(found.changed)}; removed: {len(found.removed)}")
    if found.shrinks_much:
        click.echo("More than one in ten entries would be gone: whoever publishes it must say why.")


@lookouts.command("import")
@click.argument("name")
@click.argument("agency", type=AGENCY)
@click.argument("files", nargs=-1, required=True, type=PATH)
@click.option("--format", "kind", type=KINDS, default="own-csv", show_default=True, help="Format of the files.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Date of the list, where the file does not say it.")
@click.option("--shared", is_flag=True, help="The other agency may screen against it too.")
@click.option("--errors", type=click.Path(dir_okay=False, path_type=Path), help="Write the unfit entries here, as CSV.")
def import_list(
    name: str,
    agency: str,
    files: tuple[Path, ...],
    kind: str,
    as_of: datetime | None,
    shared: bool,
    errors: Path | None,
) -> None:
    """Bring the next version of a list, for a supervisor to publish. For ofac-csv: the SDN file, then ALT and ADD."""
    from portal.services import list_publishing as service

    reading = _read(files, kind, errors)
    source_on = as_of.date() if as_of else reading.source_on
    if source_on is None:
        refuse("The list was not imported: the file does not say its date; give it with --as-of")
    with transaction() as session:
        view_as(session, agency)
        contents = [file.read_bytes() for file in files]
        service.bring(session, name, agency, kind, contents, is_shared=shared, source_on=source_on, by=None)
    click.echo(f"“{name}”: entries on the way to a draft: {len(reading.rows)}. A supervisor publishes it.")


@lookouts.command("behind")
def count_behind() -> None:
    """Count open applications and members whom a current version was not searched for; ends with 1 for any."""
    from portal.domain import AGENCIES
    from portal.services import member_screening, screening

    with transaction() as session:
        view_as(session, "joint")
        applications = screening.count_behind(session)
        members = {agency: member_screening.standing(session, agency).behind for agency in AGENCIES}
    lines = [f"Open applications that are behind: {applications}"] if applications else []
    lines += [f"Members that are behind for {agency}: {count}" for agency, count in members.items() if count]
    if lines:
        fail(*lines)
    click.echo("Nobody is behind.")


def _read(files: tuple[Path, ...], kind: str, errors: Path | None) -> Reading:
    """The files as read; one that cannot be read, or has an unfit entry, is the end."""
    from portal.services import lookout_lists as service

    try:
        reading = service.read_files(kind, [file.read_bytes() for file in files])
    except RuleViolation as error:
        refuse(f"The list was not imported: {error}")
    if reading.errors:
        if errors:
            rows = [(error.line, error.entry_key, str(error.problem)) for error in reading.errors]
            errors.write_text(service.errors_as_csv(rows), encoding="utf-8-sig")
        first = reading.errors[0]
        refuse(
            f"The list was not imported: {len(reading.errors)} unfit entries. "
            f"Line {first.line}, entry {first.entry_key or '?'}: {first.problem}"
        )
    return reading
