"""What becomes of a file that somebody sent: one way for the portal and for an operator's look at files."""

from __future__ import annotations

from portal.adapters import antivirus, imaging
from portal.adapters.imaging import Drawing
from portal.domain import documents as rules
from portal.domain.documents import Limits


def refusal_at_once(head: bytes, size: int, limits: Limits) -> str | None:
    """The code of the reason to refuse a file of this size that begins so, before anything opens it; or None."""
    if not size:
        return "empty"
    if size > limits.bytes:
        return "too_large"
    return None if imaging.media_type_of(head) in rules.FORMATS else "wrong_format"


def examine(content: bytes, limits: Limits, *, is_read: bool = False) -> Drawing:
    """Scan `content`, then draw its pages anew, or say why not. Takes at most `imaging.PATIENCE` and the scan.

    With `is_read`, the machine-readable zone of a passport or card is looked for too.
    Raises antivirus.ScannerAway where the scanner gives no verdict, and imaging.ImagingFailed where the fault is ours.
    """
    if antivirus.finds(content):
        return Drawing(refusal="virus")
    return imaging.draw(content, limits, is_read=is_read)
