"""The passport of an invented traveller, and a photo of it."""

from __future__ import annotations

import io
from collections.abc import Sequence

from bench.mrz import __main__ as bench
from bench.mrz.pictures import Damage, paint

PRINTED = {
    "document": "P", "issuing_state": "CAN", "family_name": "Tremblay", "given_names": "Marie-Ève",
    "number": "AB1234567", "nationality": "CAN", "birth": "860327", "sex": "F", "expiry": "320501",
}  # fmt: skip
NAMES = ("Tremblay", "Marie Eve")
"""As the lines know them: without accents and hyphens."""


def photo(lines: Sequence[str]) -> bytes:
    """A photo of a page with these lines, as a JPEG."""
    others = sorted(bench.ALIKE.glob("DejaVuSansMono*.ttf"))
    picture = paint(list(lines), bench.OCR_B / "OCRB.otf", Damage(turn=2, megapixels=2), 7, others).picture
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=85)
    return out.getvalue()
