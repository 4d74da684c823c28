"""`portal officers`: the first officers of the agencies, and an administrator whom no colleague can help."""

from __future__ import annotations

from email.utils import parseaddr

import click

from portal.commands import refuse, transaction
from portal.domain.errors import RuleViolation


@click.group()
def officers() -> None:
    """Invite the first administrators, or rescue one."""


@officers.command()
@click.argument("agency", type=click.Choice(["CA", "US"]))
@click.argument("people", nargs=-1, required=True, metavar='"NAME <EMAIL>" "NAME <EMAIL>"...')
def bootstrap(agency: str, people: tuple[str, ...]) -> None:
    """Invite the first administrators of an agency, two at least. Each receives a link by email."""
    from portal.services import officers as service

    try:
        with transaction() as session:
            invited = service.bootstrap(session, agency, [parseaddr(person) for person in people])
    except RuleViolation as error:
        refuse(str(error))
    click.echo(f"{len(invited)} invitations are on their way.")


@officers.command()
@click.argument("email")
def rescue(email: str) -> None:
    """Mail an administrator a new sign-in link; earlier passkeys end.

    Their sessions end too, and the link goes to the work address only. For when every administrator of an agency lost
    their passkeys, or officers' pages moved to another host.
    """
    from portal.services import officers as service

    try:
        with transaction() as session:
            service.rescue_administrator(session, email)
    except RuleViolation as error:
        refuse(str(error))
    click.echo("The link is on its way to the work address. It works once, for 72 hours.")
