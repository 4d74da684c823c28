"""`portal audit`: verify and seal the audit trail."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from portal.commands import refuse, settings, transaction


@click.group("audit")
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
        with transaction() as session:
            for key in keys:
                sealing.believe(key)
            if not sealing.can_verify():
                refuse("PASSAGE_AUDIT_PUBLIC_KEYS is missing, and there is no --public-key")
            kept = [audit_checks.read_anchor(path.name, path.read_text()) for path in anchors]
            sound = audit_checks.verify(session, kept)
    except ValueError:
        refuse("A public key must be 32 bytes in base64")
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

    with transaction() as session:
        newest = audit_seals.newest(session)
    if newest is None:
        refuse("There is no seal yet")
    click.echo(audit_anchors.text_of(newest), nl=False)


@audit_trail.command("seal")
def seal_trail() -> None:
    """Seal what is final, once. For a machine that seals without a worker. Needs SEALER_DATABASE_URL."""
    from portal.jobs.audit import seal_all

    given = settings()
    if given.sealer_database_url is None:
        refuse("SEALER_DATABASE_URL is missing")
    with transaction():
        pass  # the database is the right one, and the adapters are configured
    click.echo(f"{seal_all(given.sealer_database_url.get_secret_value())} rows are sealed.")


@audit_trail.command("public-key")
def public_key() -> None:
    """Print the public half of PASSAGE_AUDIT_SIGNING_KEY."""
    from portal.adapters import sealing

    sealing.configure(settings())
    try:
        click.echo(sealing.public_key())
    except sealing.NoSigningKey:
        refuse("PASSAGE_AUDIT_SIGNING_KEY is missing")
