"""`portal keys`: the keys of personal data."""

from __future__ import annotations

from contextlib import closing

import click

from portal.commands import database as open_database
from portal.commands import fail, refuse, settings


@click.group()
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
        refuse(str(error))


@keys.command()
def status() -> None:
    """Say which keys are here, which are needed, and how much rests under each."""
    from portal.jobs import keys as work
    from portal.models.viewers import JOINT
    from portal.start import connect, missing_keys

    with closing(connect(settings(), JOINT)) as database:
        lines, lacking = list(work.status(database)), missing_keys(database)
    for line in lines:
        click.echo(line)
    if lacking:
        fail(*(f"Missing: {key}" for key in lacking))


@keys.command()
@click.option("--index", is_flag=True, help="Make the blind indexes anew, instead of wrapping owners’ keys anew.")
@click.option("--here", is_flag=True, help="Do it in this process; else the workers do it and this one watches.")
def rotate(index: bool, here: bool) -> None:
    """Bring everything under the current key. Can be stopped, killed and begun again at any time."""
    from portal.jobs import keys as work

    rotate, kind = work.rotate_and_tell if here else work.watch, "index" if index else "master"
    with closing(open_database()) as database:
        outcome = rotate(database, kind, click.echo)
    if outcome.troubles:
        fail(*(f"Passed over: {trouble}" for trouble in sorted(outcome.troubles)))


@keys.command()
@click.option("--sample", type=click.IntRange(min=1), help="Try so many rows of each table only.")
def verify(sample: int | None) -> None:
    """Open everything, and name what does not open."""
    from portal.jobs import keys as work
    from portal.models.viewers import JOINT
    from portal.start import connect, missing_keys

    with closing(connect(settings(), JOINT)) as database:
        troubles = [f"Missing: {key}" for key in missing_keys(database)]
        troubles += work.verify(database, sample, click.echo)
    if troubles:
        fail(*troubles)
    click.echo("Everything that was tried opens.")
