"""`portal audit` as an operator types it, the daily anchor, and the nightly verification."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select, text

from portal.adapters import mailer, sealing
from portal.cli import main
from portal.config import Settings
from portal.db import Database
from portal.jobs import audit as jobs
from portal.models import AuditEntry
from portal.services import audit_seals
from tests import sealing as story
from tests import servers
from tests.mailbox import Mailbox
from tests.services.test_outbox_kill import environment_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "anchors"


@pytest.fixture
def told(
    settings: Settings, worker_database: Database, urls: servers.Urls, mailbox: Mailbox, folder: Path
) -> Iterator[dict[str, str]]:
    """The environment of a worker that seals and anchors."""
    url, address = urls["sealer"], "auditors@example.org"
    story.sign_with(settings, SEALER_DATABASE_URL=url, audit_anchor=folder, audit_anchor_email=address)
    mailer.configure(settings)
    yield {
        **environment_of(settings, mailbox.url),
        "DATABASE_URL": urls["worker"],
        "SEALER_DATABASE_URL": url,
        "PASSAGE_AUDIT_SIGNING_KEY": story.key(),
        "PASSAGE_AUDIT_ANCHOR": str(folder),
        "PASSAGE_AUDIT_ANCHOR_EMAIL": address,
    }
    sealing.configure(settings)


def _run(told: dict[str, str], *arguments: str) -> Result:
    return CliRunner().invoke(main, ["audit", *arguments], env=told)


def test_the_trail_is_sealed_anchored_and_verified(
    told: dict[str, str], worker_database: Database, mailbox: Mailbox, folder: Path, server: Any, urls: servers.Urls
) -> None:
    story.write(worker_database, 3)
    jobs.seal_audit_trail(worker_database)
    for _ in range(2):
        jobs.anchor_audit_trail(worker_database)  # once a day, however often
    (file,) = folder.iterdir()
    (email,) = mailbox.messages
    assert "auditors@example.org" in str(email["To"]) and email.get_content_type() == "multipart/mixed"
    (attached,) = email.iter_attachments()
    assert json.loads(attached.get_content()) == json.loads(file.read_text())

    good = _run(told, "verify", "--anchor", str(file))
    assert good.exit_code == 0 and good.output.startswith("Sound: 3 rows under 1 seals, 1 rows wait")

    with story.almighty(server.url("superuser", servers.database_name(urls))) as connection:
        first = connection.execute(text("select min(id) from audit_entry")).scalar_one()
        connection.execute(text("update audit_entry set reason = 'x' where id = :id"), {"id": first})
    bad = _run(told, "verify")
    assert bad.exit_code == 1 and f"NOT SOUND: row {first} was edited" in bad.output

    jobs.verify_audit_trail(worker_database)
    with worker_database.transaction() as session:
        verified = audit_seals.last_verification(session)
        assert verified is not None and verified.facts == {"sound": False, "found": f"row {first} was edited"}


def test_the_head_is_an_anchor_and_a_foreign_one_is_refused(
    told: dict[str, str], worker_database: Database, tmp_path: Path
) -> None:
    assert _run(told, "head").exit_code == 2
    story.write(worker_database)
    assert _run(told, "seal").output == "1 rows are sealed.\n"
    anchor = tmp_path / "head.json"
    anchor.write_text(_run(told, "head").output)
    assert _run(told, "verify", "--anchor", str(anchor)).exit_code == 0
    forged = json.loads(anchor.read_text()) | {"number": 7}
    anchor.write_text(json.dumps(forged))
    assert "is not signed" in _run(told, "verify", "--anchor", str(anchor)).output
    anchor.write_text("{}")
    assert "is not an anchor" in _run(told, "verify", "--anchor", str(anchor)).output


def test_an_auditor_verifies_with_the_public_key_alone(told: dict[str, str], worker_database: Database) -> None:
    story.write(worker_database)
    _run(told, "seal")
    public = _run(told, "public-key").output.strip()
    without = {name: value for name, value in told.items() if not name.startswith(("PASSAGE_AUDIT", "SEALER"))}
    assert _run(without, "verify").exit_code == 2
    assert _run(without, "verify", "--public-key", public).exit_code == 0
    assert _run(without, "verify", "--public-key", "nonsense").exit_code == 2
    assert _run(without, "seal").exit_code == 2
    assert _run(without, "public-key").exit_code == 2


def test_who_seals_must_sign(told: dict[str, str]) -> None:
    without = {name: value for name, value in told.items() if name != "PASSAGE_AUDIT_SIGNING_KEY"}
    result = _run(without, "verify")
    assert result.exit_code == 2 and "PASSAGE_AUDIT_SIGNING_KEY is missing" in result.output


def test_a_worker_that_is_not_told_to_seal_does_not(settings: Settings, worker_database: Database) -> None:
    story.write(worker_database)
    jobs.seal_audit_trail(worker_database)
    jobs.anchor_audit_trail(worker_database)
    jobs.verify_audit_trail(worker_database)
    with worker_database.transaction() as session:
        assert audit_seals.newest(session) is None
        assert len(session.scalars(select(AuditEntry)).all()) == 1
