"""Migrates the demonstration's database, loads its programme where there is none, and writes down the sign-ins.

A process of its own, so that the address of the tables' owner is in no other's environment.
"""

import json
import sys
from pathlib import Path

from demo import seed
from portal.config import Settings
from portal.migrate import upgrade


def main(sign_ins: Path) -> None:
    """Bring the database of OWNER_DATABASE_URL to this version's schema and content; write the sign-ins as JSON."""
    settings = Settings()  # type: ignore[call-arg]  # from the environment
    if settings.owner_database_url is None:
        raise SystemExit("OWNER_DATABASE_URL is not set")
    upgrade(settings.owner_database_url.get_secret_value())
    seed.load(settings)
    sign_ins.touch(mode=0o600)
    sign_ins.write_text(json.dumps([list(sign_in) for sign_in in seed.sign_ins()]))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
