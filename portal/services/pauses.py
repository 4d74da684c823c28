"""How long to wait before something that failed is tried again: a minute, two, four … an hour, never all at once."""

from __future__ import annotations

import random

FIRST = 60  # seconds
LONGEST = 3600  # seconds


def before_try(attempts: int, *, at_least: float = 0, longest: int = LONGEST) -> int:
    """Seconds to wait after so many attempts, spread by a fifth."""
    pause = min(FIRST * 2 ** min(attempts, 10), longest)
    return int(max(pause, at_least) * random.uniform(1, 1.2))  # noqa: S311 # nosec
