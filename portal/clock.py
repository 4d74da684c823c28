"""The one source of now. Inside the portal every moment is aware and in UTC."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime

_told: ContextVar[datetime | None] = ContextVar("told", default=None)


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return _told.get() or datetime.now(UTC)


def today() -> date:
    """Today's date in UTC."""
    return now().date()


@contextmanager
def telling(moment: datetime) -> Iterator[None]:
    """Inside the block it is `moment`: for stories of the past (the demonstration's seed) and for tests."""
    token = _told.set(moment)
    try:
        yield
    finally:
        _told.reset(token)
