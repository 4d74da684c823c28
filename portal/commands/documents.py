"""`portal documents`: look at files as the portal would take them."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import click

from portal import clock
from portal.domain import documents as rules
from portal.i18n import speaking


@click.group()
def documents() -> None:
    """Look at files the way the portal does (docs/documents.md)."""


@documents.command()
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the cleaned files: a JPEG for a picture, a PDF of drawn pages for a PDF.",
)
@click.option(
    "--clamd", envvar="PASSAGE_CLAMD", metavar="SOCKET", help="Ask this virus scanner too: a Unix socket or host:port."
)
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def inspect(out: Path | None, clamd: str | None, files: tuple[Path, ...]) -> None:
    """Take files as if a traveller had sent them. Prints a line of JSON for each; needs no database."""
    from portal.adapters import antivirus

    antivirus.use(clamd or None)
    if out:
        out.mkdir(parents=True, exist_ok=True)
    for number, path in enumerate(files, start=1):
        click.echo(json.dumps(_inspected(path, out, number), ensure_ascii=False))


def _inspected(path: Path, out: Path | None, number: int) -> dict[str, Any]:
    from portal.adapters import antivirus, imaging
    from portal.services import inspection

    began, limits = time.monotonic(), rules.USUAL_LIMITS
    with path.open("rb") as file:
        content = file.read(limits.bytes + 1)
    media_type = imaging.media_type_of(content)
    refusal = inspection.refusal_at_once(content, len(content), limits)
    try:
        drawing = imaging.Drawing(refusal=refusal) if refusal else inspection.examine(content, limits, is_read=True)
    except (antivirus.ScannerAway, imaging.ImagingFailed) as error:  # the portal's job would try again later
        click.echo(f"{path}: {error}", err=True)
        drawing = imaging.Drawing(refusal="not_checked")
    stored = _stored(drawing, media_type, out / f"{number:04d}") if out and not drawing.refusal else None
    return {
        "file": str(path),
        "verdict": "reject" if drawing.refusal else "accept",
        "reason": drawing.refusal,
        "message_en": _said(drawing.refusal, "en"),
        "message_fr": _said(drawing.refusal, "fr"),
        "media_type": media_type,
        "pages": len(drawing.pages),
        "stored": str(stored) if stored else None,
        "mrz": drawing.zone.as_data(clock.today()) if drawing.zone else None,
        "seconds": round(time.monotonic() - began, 3),
    }


def _said(refusal: str | None, language: str) -> str | None:
    with speaking(language):
        return str(rules.refusal_text(refusal, rules.USUAL_LIMITS)) if refusal else None


def _stored(drawing: Any, media_type: str | None, name: Path) -> Path:
    from portal.adapters import imaging

    is_pdf = media_type == "application/pdf"
    path = name.with_suffix(".pdf" if is_pdf else ".jpg")
    unfinished = path.with_suffix(".unfinished")
    unfinished.write_bytes(imaging.bound(drawing.pages) if is_pdf else drawing.pages[0].jpeg)
    unfinished.replace(path)
    return path
