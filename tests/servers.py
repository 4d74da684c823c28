"""Throwaway PostgreSQL servers for the tests, and new databases in them: empty, or copied from a migrated one."""

import atexit
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.adapters.embedded_postgres import EmbeddedPostgres
from portal.adapters.postgres_cluster import LOGINS, Role, opening_of

Urls = dict[Role, str]


def start_server() -> EmbeddedPostgres:
    """A server in a temporary folder, without durability; it stops, and the folder goes, when this process ends.

    One for each pytest process: half a second each, side by side, and no process waits for another.
    """
    folder = Path(tempfile.mkdtemp(prefix="passage-test-"))
    server = EmbeddedPostgres(folder, fast=True)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(server.stop)
    server.start()
    return server


@contextmanager
def throwaway_postgres() -> Iterator[EmbeddedPostgres]:
    """A server for one test alone, that the test may stop, start and kill."""
    with tempfile.TemporaryDirectory(prefix="passage-test-") as folder:
        server = EmbeddedPostgres(Path(folder), fast=True)
        try:
            server.start()
            yield server
        finally:
            server.stop()


@contextmanager
def open_folder() -> Iterator[Path]:
    """A temporary folder through which a server that is not ours may pass, so that all of it stays inside."""
    with tempfile.TemporaryDirectory(prefix="passage-test-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


def new_database(server: EmbeddedPostgres, template: str | None = None) -> Urls:
    """Create a database (a copy of `template`, which nobody may be using meanwhile) and return each role's address."""
    name = f"test_{secrets.token_hex(6)}"
    copied = f" template {template}" if template else ""
    _as_superuser(server, f"create database {name} owner {LOGINS['owner']}{copied}", *opening_of(name))
    return {role: server.url(role, name) for role in LOGINS}


def drop_database(server: EmbeddedPostgres, urls: Urls) -> None:
    """Remove a database, and cut off whoever is still in it."""
    _as_superuser(server, f"drop database if exists {database_name(urls)} with (force)")


def migrated_template(server: EmbeddedPostgres) -> str:
    """Migrate a new database from nothing to the newest revision; returns its name, for `new_database`."""
    from portal.migrate import upgrade

    urls = new_database(server)
    upgrade(urls["owner"])
    return database_name(urls)


def database_name(urls: Urls) -> str:
    """The name of the database that these addresses lead to."""
    return urls["owner"].partition("?")[0].rpartition("/")[2]


def plain(url: str) -> str:
    """A SQLAlchemy address as psycopg itself reads it."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


def _as_superuser(server: EmbeddedPostgres, *statements: str) -> None:
    with psycopg.connect(plain(server.url("superuser", "postgres")), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


@contextmanager
def as_owner(session: Session) -> Iterator[None]:
    """Inside the block the tests' session may do what no page can: hire somebody with roles, change a setting."""
    session.flush()
    role = session.scalar(text("select current_user"))
    session.execute(text("reset role"))
    yield
    session.flush()
    session.execute(text(f"set role {role}"))
