"""The `portal` command: explained, plain about what is missing, and ending cleanly."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import ExitStack
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from portal.cli import main
from portal.clock import today
from portal.config import Settings
from portal.db import Database
from portal.jobs.lookouts import read_lookout_list
from portal.models import LookoutListVersion
from tests.mailbox import free_port
from tests.services.test_outbox_kill import environment_of

PORTAL = Path(sys.executable).with_name("portal")


def test_every_command_is_explained_in_a_line() -> None:
    words = CliRunner().invoke(main, ["--help"]).output
    explained = dict(re.findall(r"^  ([a-z-]+)  +(\S.+)$", words, re.MULTILINE))
    assert set(explained) == set(main.commands)
    assert not [line for line in explained.values() if line.endswith("...")]


@pytest.mark.parametrize("command", ["serve", "work", "migrate"])
def test_what_is_missing_is_named_line_by_line(command: str) -> None:
    result = CliRunner().invoke(main, [command])
    assert result.exit_code == 2
    lines = result.stderr.splitlines()
    assert "DATABASE_URL is missing" in lines and "PASSAGE_SECRET_KEY is missing" in lines
    assert all(re.fullmatch(r"[A-Z_]+ is missing", line) for line in lines)


def test_what_is_unfit_for_production_is_named(settings: Settings) -> None:
    environment = {**environment_of(settings, "smtp://localhost:25"), "PASSAGE_DEMONSTRATION": "0"}
    result = CliRunner().invoke(main, ["work"], env=environment)
    assert result.exit_code == 2
    for name in ("EXTERNAL_URL", "SMTP_URL", "STRIPE_API_BASE", "MAIL_FOLDER"):
        assert re.search(rf"^PASSAGE_{name} ", result.stderr, re.MULTILINE), name


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_server_ends_cleanly_when_asked(settings: Settings, number: signal.Signals) -> None:
    port = free_port()
    command = [PORTAL, "serve", "--port", str(port)]
    with subprocess.Popen(command, env=environment_of(settings, settings.smtp_url), stderr=subprocess.PIPE) as server:
        try:
            wait_for(f"http://localhost:{port}/health/live")
            server.send_signal(number)
            assert server.wait(timeout=15) == 0
        finally:
            server.kill()


def test_a_hundred_and_fifty_who_say_nothing_more_hold_up_nobody(settings: Settings) -> None:
    port = free_port()
    command = [PORTAL, "serve", "--port", str(port)]
    begun = b"POST /en/sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nx"
    with (
        subprocess.Popen(command, env=environment_of(settings, settings.smtp_url), stderr=subprocess.PIPE) as server,
        ExitStack() as slow,
    ):
        try:
            wait_for(f"http://localhost:{port}/health/live")
            for _ in range(150):
                slow.enter_context(socket.create_connection(("localhost", port), 5)).sendall(begun)
            wait_for(f"http://localhost:{port}/health/live", patience=5)
        finally:
            server.kill()


def wait_for(url: str, patience: float = 30.0) -> None:
    end = time.monotonic() + patience
    while True:
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                assert answer.status == 200
                return
        except OSError:
            assert time.monotonic() < end, "the server does not answer"
            time.sleep(0.1)


def test_a_list_is_brought_from_a_file(
    worker_settings: Settings, worker_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment_of(worker_settings, worker_settings.smtp_url).items():
        monkeypatch.setenv(name, value)
    file = tmp_path / "list.csv"
    bring = ["lookouts", "import", "Invented list", "CA", str(file), "--as-of", "2026-11-01"]

    file.write_text("entry_key,names,birth_dates\nX-1,Quillon Vasterholm,1961\n")
    good = CliRunner().invoke(main, bring)
    assert (good.exit_code, good.output) == (
        0,
        "“Invented list”: entries on the way to a draft: 1. A supervisor publishes it.\n",
    )
    with worker_database.transaction() as session:
        version = session.scalars(select(LookoutListVersion)).one()
    read_lookout_list(worker_database, str(version.id))
    with worker_database.transaction() as session:
        version = session.scalars(select(LookoutListVersion)).one()
        assert (version.state, version.entry_count, version.imported_by) == ("ready", 1, None)
    file.write_text("entry_key,names,birth_dates\n,Nobody,1961\n")
    bad = CliRunner().invoke(main, bring)
    assert bad.exit_code == 2 and "Line 2" in bad.stderr


def test_a_list_is_checked_and_refused_with_its_errors_in_a_file(
    worker_settings: Settings, worker_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment_of(worker_settings, worker_settings.smtp_url).items():
        monkeypatch.setenv(name, value)
    samples = Path(__file__).parent.parent.parent / "demo/data/lookouts"
    given = [str(samples / "sdn.xml"), "--format", "ofac-xml"]

    good = CliRunner().invoke(main, ["lookouts", "check", "Invented list", "US", *given])
    assert "People: 2" in good.output and "Added: 2; changed: 0; removed: 0" in good.output
    assert CliRunner().invoke(main, ["lookouts", "behind"]).output == "Nobody is behind.\n"

    file, errors = tmp_path / "list.csv", tmp_path / "errors.csv"
    file.write_text("entry_key,names,birth_dates\nX-1,,1961\n")
    bad = CliRunner().invoke(main, ["lookouts", "check", "Another", "CA", str(file), "--errors", str(errors)])
    assert bad.exit_code == 2 and "1 unfit entries" in bad.stderr
    assert errors.read_text("utf-8-sig").splitlines()[1] == "2,X-1,The entry has no name."


def test_a_country_list_is_checked_and_brought_from_a_file(
    worker_settings: Settings, worker_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment_of(worker_settings, worker_settings.smtp_url).items():
        monkeypatch.setenv(name, value)

    def told(*given: str) -> Result:
        return CliRunner().invoke(main, ["country-lists", *given])

    file, errors = tmp_path / "list.csv", tmp_path / "errors.csv"
    file.write_text("nationality,requirement,if_resident,stay_days,condition_en,condition_fr,source\nMX,visa,,,,,S\n")
    assert "Added: 1 (MX)" in told("check", "CA", str(file)).output
    good = told("import", "CA", str(file), "--from", today().isoformat(), "--remark-en", "A", "--remark-fr", "B")
    assert good.output == "A draft with 1 nationalities waits. A supervisor publishes it.\n"
    assert "ready" in told("versions", "CA").output and told("versions", "US").output == ""
    assert told("import", "CA", str(file), "--from", "2001-01-01").exit_code == 2
    assert "differ for 0 of 0" in told("compare").output
    file.write_text(file.read_text() + "QQ,visa,,,,,S\n")
    bad = told("check", "CA", str(file), "--errors", str(errors))
    assert bad.exit_code == 2 and "Line 3, QQ" in bad.stderr
    assert errors.read_text("utf-8-sig").splitlines()[1].startswith("3,QQ,")
