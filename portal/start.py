"""What web, worker and commands have in common when they start: adapters, keys, database."""

from __future__ import annotations

from portal import adapters
from portal.adapters.keys import Keyring
from portal.config import Settings
from portal.db import Database
from portal.models import encryption


def prepare(settings: Settings) -> Database:
    """Configure the adapters, give the models their keys, and return the database.

    Ends the process where the database is the demonstration's and the settings are not.
    """
    adapters.configure(settings)
    encryption.use(Keyring.from_settings(settings))
    database = Database(settings.database_url.get_secret_value())
    if not settings.demonstration and database.is_demonstration():
        database.engine.dispose()
        raise SystemExit("The database holds the demonstration, whose sign-ins everybody knows. Use another one.")
    return database
