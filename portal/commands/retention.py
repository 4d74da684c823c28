"""`portal retention`: what is past its time, and what was forgotten."""

from __future__ import annotations

import click

from portal.commands import transaction


@click.group()
def retention() -> None:
    """Say what is past its time, and what was forgotten."""


@retention.command("plan")
def plan_retention() -> None:
    """Count what the next run would forget; changes nothing. Needs the worker’s DATABASE_URL, which sees all holds."""
    from portal.services import retention as service

    with transaction() as session:
        for name, count in service.plan(session).items():
            click.echo(f"{count:>8}  {name}")


@retention.command("report")
@click.option("--most", default=10, show_default=True, type=click.IntRange(min=1), help="How many runs to show.")
def report_retention(most: int) -> None:
    """Show what the last runs forgot: numbers only."""
    from portal.services import retention as service

    with transaction() as session:
        for report in service.reports(session, most):
            numbers = ", ".join(f"{name} {count}" for name, count in report.counts.items() if count)
            click.echo(f"{report.at:%Y-%m-%d %H:%M} UTC  {numbers or 'nothing was due'}")
