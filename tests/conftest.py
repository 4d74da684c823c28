"""What the tests stand on: a throwaway PostgreSQL, the real application, a browser, a mail server, a worker."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator
from copy import copy
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from pydantic import SecretStr
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.orm import Session, sessionmaker

from portal import create_app
from portal.adapters import key_source
from portal.adapters.keys import Keyring
from portal.config import Settings
from portal.db import Database, engine_for
from portal.i18n import set_language
from portal.models import Base, encryption
from portal.models.viewers import JOINT
from portal.start import prepare
from tests import servers
from tests.browsing import Browser
from tests.mailbox import Mailbox

KEPT = {"programme_setting", "key_use"}


def _key(name: str) -> SecretStr:
    return SecretStr(base64.b64encode(hashlib.sha256(name.encode()).digest()).decode())


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Each test begins in English, whatever page the last one had open."""
    set_language("en")
    yield


@pytest.fixture(scope="session")
def server() -> Iterator[object]:
    """One PostgreSQL server for this process."""
    yield servers.start_server()


@pytest.fixture(scope="session")
def template(server: object) -> str:
    """The name of a migrated database, for `servers.new_database(server, template)`."""
    return servers.migrated_template(server)  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def urls(server: object, template: str) -> servers.Urls:
    """The addresses of the tests' database, by role."""
    return servers.new_database(server, template)  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def mailbox() -> Iterator[Mailbox]:
    """A real SMTP server that keeps what it receives."""
    with Mailbox() as box:
        yield box


@pytest.fixture(scope="session")
def settings(urls: servers.Urls, mailbox: Mailbox, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings as the demonstration has them, on the tests' servers."""
    folder: Path = tmp_path_factory.mktemp("passage")
    return Settings(
        demonstration=True,
        external_url="http://localhost",
        database_url=SecretStr(urls["web"]),
        owner_database_url=SecretStr(urls["owner"]),
        secret_key=SecretStr(hashlib.sha256(b"secret key of the tests").hexdigest()),
        master_key=_key("master key of the tests"),
        index_key=_key("index key of the tests"),
        smtp_url=mailbox.url,
        files=folder / "files",
        mail_folder=folder / "mail",
        stripe_key=SecretStr("sk_test_passage"),
        stripe_webhook_secret=SecretStr("whsec_passage"),
        stripe_api_base="http://localhost:9",
        stripe_checkout_origin="http://localhost:9",
    )


@pytest.fixture(scope="session")
def worker_settings(settings: Settings, urls: servers.Urls) -> Settings:
    """The worker's settings: the same, under the worker's own database role."""
    return settings.model_copy(update={"database_url": SecretStr(urls["worker"])})


@pytest.fixture(scope="session")
def app(settings: Settings) -> Iterator[Flask]:
    """The real application."""
    settings.files.mkdir(parents=True, exist_ok=True)
    app = create_app(settings)
    app.testing = False
    yield app
    app.extensions["database"].engine.dispose()


@pytest.fixture(scope="session")
def ring(settings: Settings) -> Keyring:
    """The keys of the tests' own database; a portal that another test ran beside it had other ones."""
    return key_source.keyring(settings)


def _as(role: str, server: Any, urls: servers.Urls) -> Engine:
    """A working role, as which a test can also arrange what no page can (`servers.as_owner`)."""
    engine = engine_for(server.url("superuser", servers.database_name(urls)))

    @event.listens_for(engine, "connect")
    def become(connection: Any, _record: Any) -> None:
        connection.execute(f"set role passage_{role}")
        connection.commit()

    return engine


@pytest.fixture(scope="session")
def as_web(server: object, urls: servers.Urls) -> Iterator[Engine]:
    """The web role."""
    engine = _as("web", server, urls)
    yield engine
    engine.dispose()


@pytest.fixture
def database(
    app: Flask, server: object, urls: servers.Urls, as_web: Engine, mailbox: Mailbox, ring: Keyring
) -> Iterator[Database]:
    """The web role's database, empty but for the programme's settings; emptied again afterwards.

    A test reads in it as the portal itself does; what the pages read, they read as whoever is signed in there.
    """
    encryption.use(ring)
    mailbox.clear()
    database = copy(app.extensions["database"])
    database.engine = as_web
    database.new_session = sessionmaker(as_web, expire_on_commit=False, info={"viewer": JOINT})
    yield database
    _empty(server.url("superuser", servers.database_name(urls)))  # type: ignore[attr-defined]


def _empty(url: str) -> None:
    tables = [name for name in Base.metadata.tables if name not in KEPT]
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("set session_replication_role = replica"))
        connection.execute(text(f"truncate {', '.join(tables)}, procrastinate_jobs, procrastinate_events cascade"))
    engine.dispose()


@pytest.fixture
def session(app: Flask, as_web: Engine, ring: Keyring) -> Iterator[Session]:
    """A session of the web role, reading as the portal itself, in which everything is rolled back at the end.

    The application is there for what it configures: files, mails, texts.
    """
    encryption.use(ring)
    with as_web.connect() as connection:
        outer = connection.begin()
        options = {"join_transaction_mode": "create_savepoint", "expire_on_commit": False}
        with Session(connection, **options, info={"viewer": JOINT}) as session:  # type: ignore[arg-type]
            yield session
        outer.rollback()


@pytest.fixture
def worker_database(
    worker_settings: Settings, database: Database, server: object, urls: servers.Urls
) -> Iterator[Database]:
    """The worker role's database."""
    worker = copy(prepare(worker_settings))
    worker.engine.dispose()
    worker.engine = _as("worker", server, urls)
    worker.new_session = sessionmaker(worker.engine, expire_on_commit=False)
    yield worker
    worker.engine.dispose()


@pytest.fixture
def using(settings: Settings, server: object, urls: servers.Urls) -> Iterator[Callable[[Settings], None]]:
    """Work with the keys of other settings from here on; at the end the database needs none of them."""
    yield lambda other: encryption.use(key_source.keyring(other))
    encryption.use(key_source.keyring(settings))
    engine = create_engine(server.url("superuser", servers.database_name(urls)))  # type: ignore[attr-defined]
    with engine.begin() as connection:
        connection.execute(text("truncate key_use"))
    engine.dispose()


@pytest.fixture
def browser(app: Flask, database: Database) -> Browser:
    """A browser without JavaScript."""
    return Browser(app)
