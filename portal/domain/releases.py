"""When a centre releases its times: every day, once a week or once a month, at an hour of its own clock.

The default (rulings, section 3) is the first Monday of the month at 9:00, for 180 days. What was released stays so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from portal.domain.interviews import moments_of
from portal.i18n import Lazy as _l
from portal.i18n import format_clock, weekday_name

ROLLING, WEEKLY, MONTHLY = "rolling", "weekly", "monthly"
KINDS = (ROLLING, WEEKLY, MONTHLY)
ORDINALS = {1: _l("first"), 2: _l("second"), 3: _l("third"), 4: _l("fourth")}
SHORTEST, LONGEST = 7, 365
_SOUGHT = 80
"""Days back within which there was a release, also where one monthly rule has just followed another."""


@dataclass(frozen=True)
class Release:
    """On which days (`weekday` from Monday = 0, `week` of the month from 1), at what local time, how far ahead."""

    kind: str
    at: time
    days_ahead: int
    weekday: int | None = None
    week: int | None = None
    valid_from: date = date.min

    def is_on(self, day: date) -> bool:
        """Whether times are released on this day of the centre's calendar."""
        in_week = self.kind == ROLLING or day.weekday() == self.weekday
        return in_week and (self.kind != MONTHLY or (day.day - 1) // 7 + 1 == self.week)


def of_setting(value: dict[str, Any]) -> Release:
    """The release that the setting "slots" describes."""
    told = value["release"]
    return Release(MONTHLY, time(told["hour"]), value["days_ahead"], told["weekday"], told["week"])


def moment_on(day: date, at: time, zone: str) -> datetime:
    """The moment in UTC at which a release is due on a day: never left out by a clock that jumps, never made twice.

    Where the clock jumps over `at`, it comes as much later; where it shows `at` twice, the first counts.
    """
    found = moments_of(day, at, zone)
    return found[0] if found else datetime.combine(day, at, ZoneInfo(zone)).astimezone(UTC)


def holding(rules: Sequence[Release], day: date) -> Release:
    """The rule that holds on a day, of those of a centre in the order in which they take effect."""
    return next(rule for rule in reversed(rules) if rule.valid_from <= day)


def latest(rules: Sequence[Release], moment: datetime, zone: str) -> tuple[Release, date] | None:
    """The last release up to `moment`, its rule and its local day; None where there was none in the last months."""
    today = moment.astimezone(ZoneInfo(zone)).date()
    for day in (today - timedelta(days=back) for back in range(_SOUGHT)):
        rule = holding(rules, day)
        if rule.is_on(day) and moment_on(day, rule.at, zone) <= moment:
            return rule, day
    return None


def following(rules: Sequence[Release], moment: datetime, zone: str) -> tuple[Release, date]:
    """The first release after `moment`, its rule and its local day."""
    today = moment.astimezone(ZoneInfo(zone)).date()
    for day in (today + timedelta(days=ahead) for ahead in count()):
        rule = holding(rules, day)
        if rule.is_on(day) and moment_on(day, rule.at, zone) > moment:
            return rule, day
    raise AssertionError  # every rule releases at least once a month


def reaches_to(rule: Release, released_on: date) -> date:
    """The last day whose times a release on this day gives."""
    return released_on + timedelta(days=rule.days_ahead)


def in_words(rule: Release) -> str:
    """When times are released, as a part of a sentence in the language being spoken."""
    told = {"time": format_clock(rule.at)}
    if rule.kind == ROLLING:
        return str(_l("every day at %(time)s", **told))
    told["weekday"] = weekday_name(rule.weekday or 0)
    if rule.kind == WEEKLY:
        return str(_l("every %(weekday)s at %(time)s", **told))
    which = ORDINALS[rule.week or 1]
    return str(_l("on the %(which)s %(weekday)s of each month at %(time)s", which=which, **told))
