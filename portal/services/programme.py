"""The programme's settings: one table, effective-dated, and its one reader."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models import ProgrammeSetting


def in_sql(name: str) -> str:
    """The value that holds on the day :today, as a part of another statement."""
    holds = f"name = '{name}' and valid_from <= :today"
    return f"(select value from programme_setting where {holds} order by valid_from desc limit 1)"  # noqa: S608


def setting(session: Session, name: str, on: date) -> Any:
    """The value of `name` that holds on the day `on`. Raises LookupError where none does.

    Names, units and sources stand in the table itself; its first rows came with migration 0011.
    """
    query = (
        select(ProgrammeSetting.value)
        .where(ProgrammeSetting.name == name, ProgrammeSetting.valid_from <= on)
        .order_by(ProgrammeSetting.valid_from.desc())
        .limit(1)
    )
    found = session.execute(query).first()
    if found is None:
        raise LookupError(f"no value of the setting {name!r} holds on {on}")
    return found[0]
