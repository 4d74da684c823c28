"""Closures of a centre: why, and until when the new time of somebody whose interview it called off is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from portal.domain.nights import out_of_night
from portal.i18n import Lazy as _l

REASONS = {
    "weather": _l("because of the weather"),
    "power": _l("because of a power failure"),
    "systems": _l("because our systems do not work there"),
    "staff": _l("because officers are missing"),
    "holiday": _l("because of a holiday"),
    "building": _l("because of works on the building"),
    "safety": _l("for reasons of safety"),
}
"""Each ends the sentence: the centre is closed …"""

NEVER_FREE = datetime.fromisoformat("9999-01-01T00:00:00+00:00")
"""Until when the places of a closed centre are held: no traveller lives to see it, and no query has to know more."""


@dataclass(frozen=True)
class Keeping:
    """How long a new time is kept: `days`, ending `hours_before` it, never between these hours of the night."""

    days: int
    hours_before: int
    quiet_from: int
    quiet_until: int


def kept_until(moment: datetime, starts_at: datetime, zone: str, keeping: Keeping) -> datetime:
    """Until when the new time at `starts_at` is kept; an end in the night is moved to the evening before it."""
    latest = starts_at - timedelta(hours=keeping.hours_before)
    end = min(moment + timedelta(days=keeping.days), latest)
    by_day = out_of_night(end, zone, quiet_from=keeping.quiet_from, quiet_until=keeping.quiet_until, earlier=True)
    return by_day if by_day == end else max(by_day, moment)


def days_closed(starts_at: datetime, ends_at: datetime, zone_name: str) -> int:
    """How many days of the centre's own calendar a closure touches."""
    zone = ZoneInfo(zone_name)
    last_moment = ends_at - timedelta(microseconds=1)
    return (last_moment.astimezone(zone).date() - starts_at.astimezone(zone).date()).days + 1
