"""What becomes of a file that somebody sent: one way for the portal and for an operator's look at files."""

from __future__ import annotations

from portal.adapters import antivirus, imaging
from portal.adapters.imaging import Drawing
from portal.domain import documents as rules
from portal.domain.documents import Limits


def refusal_at_once(content: bytes, limits: Limits) -> str | None:
    """The code of the reason to refuse `content` before anything opens it; None where there is none."""
    media_type = imaging.media_type_of(content)
    if not content:
        return "empty"
    if len(content) > limits.bytes:
        return "too_large"
    return None if media_type in rules.FORMATS else "wrong_format"


def examine(content: bytes, limits: Limits) -> Drawing:
    """Scan `content`, then draw its pages anew, or say why not. Takes at most `imaging.PATIENCE` and the scan.

    Raises antivirus.ScannerAway where the scanner gives no verdict, and imaging.ImagingFailed where the fault is ours.
    """
    if antivirus.finds(content):
        return Drawing(refusal="virus")
    return imaging.draw(content, limits)
