"""`python -m bench.audit`: sealing and verifying a million rows of the audit trail, timed, in a throwaway database."""

from __future__ import annotations

import base64
import json
import resource
import secrets
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psycopg

from demo.environment import remembered
from portal.adapters import sealing
from portal.adapters.embedded_postgres import EmbeddedPostgres
from portal.config import Settings
from portal.db import Database
from portal.jobs.audit import seal_all
from portal.migrate import upgrade
from portal.services import audit_checks

ROWS = 1_000_000
FILL = """
    insert into audit_entry
        (at, actor_kind, actor_id, agency, action, subject_kind, subject_id, application_id, reason, facts, request_id)
    select now() - (%(rows)s - n) * interval '1 second', 'officer', gen_random_uuid(), 'CA', 'application:view',
           'application', gen_random_uuid(), gen_random_uuid(), 'assigned', '{"kind": "assigned", "page": 1}', 'abcdef'
      from generate_series(1, %(rows)s) n
"""


def main(rows: int) -> None:
    """Fill, seal, verify; print a JSON line for each."""
    with tempfile.TemporaryDirectory(prefix="passage-bench-") as folder:
        Path(folder).chmod(0o711)
        with EmbeddedPostgres(Path(folder) / "postgres") as server:
            upgrade(server.url("owner"))
            _configure(Path(folder), server)
            _timed("write", rows, lambda: _fill(server, rows))
            _timed("seal", rows, lambda: seal_all(server.url("sealer")))
            database = Database(server.url("worker"))
            with database.transaction() as session:
                _timed("verify", rows, lambda: audit_checks.verify(session))
            database.engine.dispose()


def _configure(folder: Path, server: EmbeddedPostgres) -> None:
    variables = remembered(8000, folder).variables(DATABASE_URL=server.url("worker"))
    key = base64.b64encode(secrets.token_bytes(32)).decode()
    told = {name.removeprefix("PASSAGE_").lower(): value for name, value in variables.items() if "PASSAGE_" in name}
    told |= {"DATABASE_URL": server.url("worker"), "PASSAGE_AUDIT_SIGNING_KEY": key}
    sealing.configure(Settings.model_validate(told))


def _fill(server: EmbeddedPostgres, rows: int) -> None:
    url = server.url("owner").replace("postgresql+psycopg://", "postgresql://", 1)
    with psycopg.connect(url) as connection:
        connection.execute(FILL, {"rows": rows})


def _timed(name: str, rows: int, work: Callable[[], object]) -> None:
    start = time.monotonic()
    work()
    seconds = time.monotonic() - start
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"step": name, "rows": rows, "seconds": round(seconds, 2), "megabytes": megabytes}), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)
