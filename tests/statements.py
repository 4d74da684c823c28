"""What is asked of the database, noted where the driver is given it, whichever way it came there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest


@contextmanager
def executed() -> Iterator[list[str]]:
    """The statements that are executed meanwhile, each with its parameters."""
    seen: list[str] = []
    execute = psycopg.Cursor.execute

    def noted(cursor: Any, statement: Any, parameters: Any = None, **more: Any) -> Any:
        seen.append(f"{statement} {parameters}")
        return execute(cursor, statement, parameters, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(psycopg.Cursor, "execute", noted)
        yield seen
