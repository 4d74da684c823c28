"""Canada's consolidated autonomous sanctions list: data-set with one record for each person, body or ship.

A record has no number of its own; country, schedule and item together name it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from lxml import etree

from portal.adapters.lookout_formats.rows import Reading
from portal.adapters.lookout_formats.safe_xml import elements, line, text

BETWEEN_NAMES = re.compile(r"\s*(?:;|,(?=\s))\s*")
BODIES = ("Entity", "EntityOrShip", "ShipIMONumber")
BIRTH = ("DateOfBirth", "DateOfBirthOrShipBuildDate")


def read(files: Sequence[bytes]) -> Reading:
    """The people of the list. Raises Unreadable for broken XML or XML of another kind."""
    reading = Reading()
    for record in elements(files[0], "data-set", "record"):
        if any(text(record, body) for body in BODIES):
            reading.not_people += 1
        else:
            _add(reading, record)
    return reading


def _add(reading: Reading, record: etree._Element) -> None:
    country, schedule, item = (text(record, part) for part in ("Country", "Schedule", "Item"))
    parts = (text(record, "LastName"), text(record, "GivenName"))
    main = ", ".join(part for part in parts if part)
    details: dict[str, Any] = {
        "programs": country,
        "schedule": schedule,
        "item": item,
        "title": text(record, "Title") or text(record, "TitleOrShip"),
        "listed_on": text(record, "DateOfListing"),
    }
    key = " / ".join((country, schedule, item)) if item else ""
    births = [told for part in BIRTH if (told := text(record, part))]
    others = BETWEEN_NAMES.split(text(record, "Aliases"))
    reading.add(line(record), key, [main, *others] if main else [], births, details)
