"""What web, worker and commands have in common when they start: adapters, keys, database."""

from __future__ import annotations

from sqlalchemy.exc import SQLAlchemyError

from portal import adapters
from portal.adapters import key_source
from portal.config import Settings
from portal.db import Database
from portal.models import encryption
from portal.models.viewers import NOBODY
from portal.services import keys


def prepare(settings: Settings, viewer: str = NOBODY) -> Database:
    """Configure the adapters, give the models their keys, and return the database.

    Its sessions read as `viewer`: nobody, until a page knows who is signed in.
    Ends the process where the database needs a key that is not here, or is the demonstration's and the settings are
    not.
    """
    database = connect(settings, viewer)
    if lacking := missing_keys(database):
        database.engine.dispose()
        raise SystemExit(f"The database needs the {', the '.join(lacking)}, not among the settings. See docs/keys.md.")
    if not settings.demonstration and database.is_demonstration():
        database.engine.dispose()
        raise SystemExit("The database holds the demonstration, whose sign-ins everybody knows. Use another one.")
    return database


def connect(settings: Settings, viewer: str = NOBODY) -> Database:
    """The same without a look at what the database holds: for those who ask which key is missing."""
    adapters.configure(settings)
    try:
        encryption.use(key_source.keyring(settings))
    except key_source.NoKeys as error:
        raise SystemExit(str(error)) from None
    return Database(settings.database_url.get_secret_value(), viewer)


def missing_keys(database: Database) -> list[str]:
    """What the database needs and is not here, in words. Nothing where it does not answer: readiness says so later."""
    try:
        with database.engine.connect() as connection:
            return [f"{kind} key {key_id}" for kind, key_id in keys.missing(connection)]
    except SQLAlchemyError:
        return []
