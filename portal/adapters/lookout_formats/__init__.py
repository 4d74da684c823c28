"""Reading look-out lists in the formats in which they are published, strictly and whole; what is unfit is named."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from portal.adapters.lookout_formats import ofac_csv, ofac_xml, own_csv, sema_xml, un_xml
from portal.adapters.lookout_formats.rows import Reading, Row, RowError, Unreadable

Reader = Callable[[Sequence[bytes]], Reading]

FORMATS: dict[str, Reader] = {
    "own-csv": own_csv.read,
    "ofac-csv": ofac_csv.read,
    "ofac-xml": ofac_xml.read,
    "un-xml": un_xml.read,
    "sema-xml": sema_xml.read,
}
"""Each reader takes the bytes of the files that make one version: one file, or for ofac-csv SDN, then ALT and ADD."""

__all__ = ["FORMATS", "Reading", "Row", "RowError", "Unreadable"]
