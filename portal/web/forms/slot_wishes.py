"""What somebody may wish of a time: the words for weekdays, parts of the day and ways to travel."""

from __future__ import annotations

from datetime import time
from typing import Any

from portal.i18n import lazy_gettext as _l

WEEKDAYS = (
    _l("Monday"), _l("Tuesday"), _l("Wednesday"), _l("Thursday"), _l("Friday"), _l("Saturday"), _l("Sunday"),
)  # fmt: skip
PARTS_OF_DAY: dict[str, tuple[Any, time | None, time | None]] = {
    "morning": (_l("Before noon"), None, time(12)),
    "afternoon": (_l("From noon to 5 pm"), time(12), time(17)),
    "evening": (_l("From 5 pm on"), time(17), None),
}
MODES = {"land": _l("By land"), "air": _l("By air"), "ferry": _l("By ferry")}
