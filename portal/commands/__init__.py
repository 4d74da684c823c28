"""What an operator types, by topic; what the commands have in common."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import click
from pydantic import ValidationError
from sqlalchemy.orm import Session

from portal.config import Settings
from portal.db import Database


def settings() -> Settings:
    """The settings, or one line for each that is missing or unfit, and the end."""
    try:
        return Settings()  # type: ignore[call-arg]
    except ValidationError as error:
        refuse(*(line for problem in error.errors() for line in _said(problem)))


def _said(problem: Any) -> list[str]:
    name = _name_of(str(problem["loc"][0])) if problem["loc"] else ""
    if problem["type"] == "missing":
        return [f"{name} is missing"]
    if problem["type"] == "default_factory_not_called":  # it waits for the others
        return []
    reasons = problem["msg"].removeprefix("Value error, ").split("; ")
    return [f"{name} {reason}" if name else _with_names(reason) for reason in reasons]


def _name_of(field: str) -> str:
    return field if field.isupper() else f"PASSAGE_{field.upper()}"


def _with_names(reason: str) -> str:
    """A reason about several settings begins with the field's name: say the variable's."""
    first, _, rest = reason.partition(" ")
    return f"{_name_of(first)} {rest}" if first in Settings.model_fields else reason


def refuse(*lines: str) -> NoReturn:
    for line in lines:
        click.echo(line, err=True)
    sys.exit(2)


def fail(*lines: str) -> NoReturn:
    for line in lines:
        click.echo(line, err=True)
    sys.exit(1)


def database() -> Database:
    from portal.models.viewers import JOINT
    from portal.start import prepare

    return prepare(settings(), JOINT)


@contextmanager
def transaction() -> Iterator[Session]:
    """A transaction of the process's role; the connections are closed at the end."""
    opened = database()
    try:
        with opened.transaction() as session:
            yield session
    finally:
        opened.engine.dispose()
