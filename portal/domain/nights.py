"""The hours of the night: nothing that somebody must answer ends then (rulings, section 3: between 22:00 and 8:00)."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo


def out_of_night(end: datetime, zone: str, *, quiet_from: int, quiet_until: int, earlier: bool) -> datetime:
    """`end`, in UTC; where a clock in `zone` shows an hour of the night, the evening before it or the morning after."""
    local = end.astimezone(ZoneInfo(zone))
    if quiet_until <= local.hour < quiet_from:
        return end.astimezone(UTC)
    evening = local.date() - timedelta(days=local.hour < quiet_until)
    day, hour = (evening, quiet_from) if earlier else (evening + timedelta(days=1), quiet_until)
    return datetime.combine(day, time(hour), local.tzinfo).astimezone(UTC)
