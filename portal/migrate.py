"""Bringing a database to the schema of this version, and telling whether it is there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text

MIGRATIONS = Path(__file__).parent.parent / "migrations"
LOCK_TIMEOUT = "10s"


def configuration(connection: Connection | None = None) -> Config:
    """Alembic's configuration, bound to `connection` where there is one."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def upgrade(owner_url: str, revision: str = "head") -> None:
    """Migrate up to `revision` as the role that owns the tables."""
    _run(owner_url, command.upgrade, revision)


def downgrade(owner_url: str, revision: str) -> None:
    """Migrate down to `revision`."""
    _run(owner_url, command.downgrade, revision)


def _run(owner_url: str, step: Callable[[Config, str], None], revision: str) -> None:
    engine = create_engine(owner_url)
    try:
        with engine.begin() as connection:
            connection.execute(text(f"set local lock_timeout = '{LOCK_TIMEOUT}'"))
            step(configuration(connection), revision)
    finally:
        engine.dispose()


def head() -> str | None:
    """The newest revision that this version brings."""
    return ScriptDirectory.from_config(configuration()).get_current_head()


def is_current(connection: Connection) -> bool:
    """Whether the database stands at this version's schema."""
    return MigrationContext.configure(connection).get_current_revision() == head()
