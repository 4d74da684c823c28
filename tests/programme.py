"""The programme that journeys take place in: centres with slots, officers, and a small invented look-out list."""

from __future__ import annotations

from pydantic import SecretStr

from demo import lists
from demo.cast import PASSWORD
from demo.seed import hire
from portal.adapters import passwords
from portal.config import Settings
from portal.services import centres, slots
from portal.start import prepare

DAYS = 20
ENTRIES = "entry_key,names,birth_dates\nX-1,Quillon Vasterholm|Q. Vasterholm,1961-02-03\n"


def load(settings: Settings, owner_url: str) -> None:
    """Load the programme as the tables' owner."""
    database = prepare(settings.model_copy(update={"database_url": SecretStr(owner_url)}))
    with database.transaction() as session:
        slots.generate(session, centres.load(session), days=DAYS)
        hire(session, passwords.hash(PASSWORD))
        for agency in ("CA", "US"):
            lists.publish(session, f"Invented list {agency}", agency, ENTRIES.encode())
    database.engine.dispose()
