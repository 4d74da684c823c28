"""`portal country-lists`: bring what a country asks of each nationality at entry, and see what holds."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from portal.adapters import country_list_csv
from portal.adapters.lookout_formats.rows import Unreadable
from portal.commands import refuse, transaction
from portal.domain.entry_rules import Rule, compared
from portal.domain.errors import RuleViolation
from portal.models.viewers import view_as

PATH = click.Path(exists=True, dir_okay=False, path_type=Path)
AGENCY = click.Choice(["CA", "US"])
DAY = click.DateTime(["%Y-%m-%d"])


@click.group("country-lists")
def country_lists() -> None:
    """Bring the countries' lists of entry requirements."""


@country_lists.command("check")
@click.argument("country", type=AGENCY)
@click.argument("file", type=PATH)
@click.option("--from", "first_day", type=DAY, help="Day from which it would hold; today without it.")
@click.option("--errors", type=click.Path(dir_okay=False, path_type=Path), help="Write the unfit lines here, as CSV.")
def check(country: str, file: Path, first_day: datetime | None, errors: Path | None) -> None:
    """Read a list and say what it would change, without changing anything."""
    from portal.clock import today
    from portal.services import country_lists as service

    rules = _read(country, file, errors)
    with transaction() as session:
        view_as(session, country)
        base = service.holding(session, country, first_day.date() if first_day else today())
        found = service.difference(service.rules_of(base) if base else {}, rules)
    click.echo(f"Nationalities: {len(rules)}")
    for kind in ("added", "changed", "removed"):
        codes = [one.nationality for one in found if one.kind == kind]
        click.echo(f"{kind.capitalize()}: {len(codes)}" + (f" ({', '.join(codes)})" if codes else ""))


@country_lists.command("import")
@click.argument("country", type=AGENCY)
@click.argument("file", type=PATH)
@click.option("--from", "first_day", type=DAY, required=True, help="Day from which it holds: today or later.")
@click.option("--remark-en", default="", help="Shown to everybody wherever the list is, in English.")
@click.option("--remark-fr", default="", help="The same in French; both or neither.")
@click.option("--errors", type=click.Path(dir_okay=False, path_type=Path), help="Write the unfit lines here, as CSV.")
def import_list(
    country: str, file: Path, first_day: datetime, remark_en: str, remark_fr: str, errors: Path | None
) -> None:
    """Bring the next version of a country's list, for a supervisor of its agency to publish."""
    from portal.services import country_lists as service

    _read(country, file, errors)
    with_it = service.Brought(first_day.date(), remark_en, remark_fr)
    try:
        with transaction() as session:
            view_as(session, country)
            version = service.bring(session, country, file.read_bytes(), with_it, by=None)
            if version.problem:
                raise RuleViolation(version.problem["en"])
            count = len(version.rules or {})
    except RuleViolation as error:
        refuse(f"The list was not imported: {error}")
    click.echo(f"A draft with {count} nationalities waits. A supervisor publishes it.")


@country_lists.command("versions")
@click.argument("country", type=AGENCY)
def list_versions(country: str) -> None:
    """Say which versions of a country's list there are, drafts first, and which one holds today."""
    from portal.clock import today
    from portal.services import country_lists as service

    with transaction() as session:
        view_as(session, country)
        holds = service.holding(session, country, today())
        for one in service.versions(session, agency=country):
            if one.agency == country:
                mark = "  holds today" if holds and one.id == holds.id else ""
                click.echo(
                    f"{one.number or '-':>4}  {one.state:<10} from {one.valid_from}  {len(one.rules or {})}{mark}"
                )


@country_lists.command("compare")
@click.option("--on", type=DAY, help="Day whose lists are compared; today without it.")
def compare(on: datetime | None) -> None:
    """Say for which nationalities the two countries ask for different things."""
    from portal.clock import today
    from portal.services import country_lists as service

    with transaction() as session:
        rows = compared(service.tables(session, on.date() if on else today()))
    differing = [row for row in rows if row.differs]
    for row in differing:
        asked = [rule.requirement.value if rule else "-" for rule in (row.ca, row.us)]
        click.echo(f"{row.nationality} {row.name}: CA {asked[0]}, US {asked[1]}")
    click.echo(f"The two countries differ for {len(differing)} of {len(rows)} nationalities.")


def _read(country: str, file: Path, errors: Path | None) -> dict[str, Rule]:
    """The list as read; one that cannot be read, or has an unfit line, is the end."""
    from portal.services import lookout_lists

    try:
        reading = country_list_csv.read(file.read_bytes(), country)
    except Unreadable as error:
        refuse(f"The list was not imported: {error}")
    if reading.errors:
        if errors:
            rows = [(error.line, error.entry_key, str(error.problem)) for error in reading.errors]
            errors.write_text(lookout_lists.errors_as_csv(rows), encoding="utf-8-sig")
        first = reading.errors[0]
        refuse(
            f"The list was not imported: {len(reading.errors)} unfit lines. "
            f"Line {first.line}, {first.entry_key or '?'}: {first.problem}"
        )
    return reading.rules
