"""Keys: old ones open, new ones wrap; rotation moves everything and loses nothing; a missing key is named."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from cryptography.exceptions import InvalidTag
from pydantic import SecretStr, ValidationError
from sqlalchemy import func, select, text

from portal.adapters import key_source
from portal.adapters.keys import KeyMissing, Keyring
from portal.cli import main
from portal.config import Settings
from portal.db import Database
from portal.jobs import keys as work
from portal.models import Account, KeyUse, Person, PersonIndex, ScreeningProfile, encryption
from portal.models.accounts import email_index
from portal.services import accounts, keys, screening
from portal.start import prepare
from tests.services.test_outbox_kill import environment_of

PORTAL = Path(sys.executable).with_name("portal")
PEOPLE = 6000
ANSWERS = {"identity": {"given_names": "Élise", "family_name": "Roy", "birth_on": "1986-03-27"}}


def drawn(name: str) -> SecretStr:
    """A key, the same each time for the same name."""
    return SecretStr(base64.b64encode(hashlib.sha256(name.encode()).digest()).decode())


def later(settings: Settings, kind: str = "master") -> Settings:
    """The settings with a new key of a kind, and the one so far among the old."""
    so_far = getattr(settings, f"{kind}_key")
    return settings.model_copy(update={f"{kind}_key": drawn(f"new {kind}"), f"old_{kind}_keys": so_far})


def without_old(settings: Settings, kind: str = "master") -> Settings:
    """The settings as they are when the old key was thrown away."""
    return later(settings, kind).model_copy(update={f"old_{kind}_keys": None})


@pytest.fixture
def people(database: Database, using: Callable[[Settings], None]) -> list[Any]:
    """Some people, one of them erased, and an account for each."""
    with database.transaction() as session:
        found = [Person(given_names=f"Person {n}", birth_on=date(1990, 1, 1)) for n in range(12)]
        session.add_all(found)
        session.flush()
        for n, person in enumerate(found):
            screening.update_profile(session, person, ANSWERS)
            session.add(Account(email=f"{n}@example.org", email_index=email_index(f"{n}@example.org"), language="en"))
        found[0].wrapped_key = None
    return [person.id for person in found]


# The ring


def test_an_old_master_key_opens_and_the_new_one_wraps() -> None:
    old, new = os.urandom(32), os.urandom(32)
    index = os.urandom(32)
    before, both, after = Keyring([old], [index]), Keyring([new, old], [index]), Keyring([new], [index])
    wrapped = before.new_wrapped_key("somebody")
    sealed = before.seal(wrapped, "somebody", "person.name", b"words")
    assert both.open(wrapped, "somebody", "person.name", sealed) == b"words"
    again = both.rewrapped(wrapped, "somebody")
    assert after.open(again, "somebody", "person.name", sealed) == b"words"
    with pytest.raises(KeyMissing, match=before.key_ids["master"][0].hex()):
        after.open(wrapped, "somebody", "person.name", sealed)


def test_what_was_sealed_for_one_opens_for_nobody_else() -> None:
    ring = Keyring([os.urandom(32)], [os.urandom(32)])
    one, other = ring.new_wrapped_key("one"), ring.new_wrapped_key("other")
    sealed = ring.seal(one, "one", "person.name", b"words")
    profile = ring.seal_for("screening", "one", b"block")
    for attempt in (
        lambda: ring.open(one, "one", "person.birth_on", sealed),
        lambda: ring.open(other, "other", "person.name", sealed),
        lambda: ring.open(one, "other", "person.name", sealed),
        lambda: ring.rewrapped(one, "other"),
        lambda: ring.open_for("screening", "other", profile),
        lambda: ring.open_for("letters", "one", profile),
        lambda: ring.open(one, "one", "person.name", sealed[:-1] + bytes([sealed[-1] ^ 1])),
    ):
        with pytest.raises(InvalidTag):
            attempt()


def test_a_profile_from_before_keys_had_ids_still_opens() -> None:
    old, new, index = os.urandom(32), os.urandom(32), os.urandom(32)
    named = Keyring([old], [index]).seal_for("screening", "one", b"block")
    unnamed = b"\x01" + named[5:]
    assert Keyring([new, old], [index]).open_for("screening", "one", unnamed) == b"block"
    with pytest.raises(InvalidTag):
        Keyring([new], [index]).open_for("screening", "one", unnamed)


def test_keys_come_from_a_file_and_from_one_source_only(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text(f"{drawn('first').get_secret_value()}\n{drawn('second').get_secret_value()}\n")
    from_file = settings.model_copy(update={"master_key": None, "master_key_file": file})
    assert len(key_source.keyring(from_file).key_ids["master"]) == 2
    file.write_text("not a key")
    with pytest.raises(key_source.NoKeys, match="MASTER_KEY_FILE"):
        key_source.keyring(from_file)
    file.unlink()
    with pytest.raises(key_source.NoKeys, match="cannot be read"):
        key_source.keyring(from_file)
    known = {**dict(settings), "record_interviews_early": True}
    with pytest.raises(ValidationError, match="choose one"):
        Settings(**{**known, "master_key_file": file})
    with pytest.raises(ValidationError, match="index_key is missing"):
        Settings(**{**known, "index_key": None})
    with pytest.raises(ValidationError, match="32 random bytes"):
        Settings(**{**known, "old_master_keys": SecretStr("QUJD")})


# Rotation


def test_rotation_moves_everything_and_lets_the_old_key_go(
    database: Database, people: list[Any], settings: Settings, using: Callable[[Settings], None]
) -> None:
    using(later(settings))
    outcome = work.rotate(database, "master")
    assert (outcome.changed, outcome.troubles) == (11 + 12 + 11, set())
    old_id = key_source.keyring(settings).key_ids["master"][0].hex()
    assert outcome.retired == [old_id]
    using(without_old(settings))
    with database.transaction() as session:
        assert session.get_one(Person, people[5]).given_names == "Person 5"
        assert session.get_one(Person, people[0]).wrapped_key is None
        assert session.scalars(select(Account)).first().email.endswith("@example.org")  # type: ignore[union-attr]
        assert {one.key_id for one in keys.holdings(session) if one.kind == "master"} != {old_id}
        assert keys.left(session, "master") == 0
    assert work.verify(database, None, lambda line: None) == []
    assert work.rotate(database, "master").changed == 0


def test_many_workers_share_the_work(
    database: Database, settings: Settings, using: Callable[[Settings], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.services.key_rotation.BATCH", 25)
    with database.transaction() as session:
        session.add_all(Person(given_names="Somebody") for _ in range(300))
    using(later(settings))
    outcomes: list[work.Outcome] = []
    threads = [threading.Thread(target=lambda: outcomes.append(work.rotate(database, "master"))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sum(outcome.changed for outcome in outcomes) == 300
    assert len([one for outcome in outcomes for one in outcome.retired]) == 1


def test_the_job_works_for_a_while_and_comes_again(
    worker_database: Database,
    database: Database,
    settings: Settings,
    using: Callable[[Settings], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("portal.services.key_rotation.BATCH", 10)
    with database.transaction() as session:
        session.add_all(Person(given_names="Somebody") for _ in range(40))
    using(later(settings))
    monkeypatch.setattr(work, "A_WHILE", 0.000001)
    work.rotate_master_keys(worker_database)
    queued = text("select count(*) from procrastinate_jobs where task_name = 'rotate_master_keys'")
    with database.transaction() as session:
        assert session.scalar(queued) == 1
        assert keys.left(session, "master") > 0
    monkeypatch.setattr(work, "A_WHILE", 60.0)
    work.rotate_master_keys(worker_database)
    with database.transaction() as session:
        assert keys.left(session, "master") == 0


def test_addresses_are_found_before_during_and_after_a_rotation_of_the_index_key(
    database: Database, people: list[Any], settings: Settings, using: Callable[[Settings], None]
) -> None:
    def is_found(number: int) -> bool:
        with database.transaction() as session:
            indexes = encryption.keyring().blind_indexes("email", f"{number}@example.org")
            return accounts.find(session, *indexes) is not None

    using(later(settings, "index"))
    assert is_found(3)
    with database.transaction() as session:
        accounts.sign_up(session, "3@example.org", language="en", nonce="nonce")
        assert session.scalar(select(func.count()).select_from(Account)) == 12
    outcome = work.rotate(database, "index")
    assert (outcome.changed, outcome.troubles) == (12, set())
    assert is_found(3)
    using(without_old(settings, "index"))
    assert is_found(3) and is_found(11)
    assert work.rotate(database, "index").changed == 0


def test_two_accounts_of_one_address_are_named_and_left(
    database: Database, settings: Settings, using: Callable[[Settings], None]
) -> None:
    with database.transaction() as session:
        session.add(Account(email="twin@example.org", email_index=email_index("twin@example.org"), language="en"))
    using(later(settings, "index"))
    with database.transaction() as session:
        session.add(Account(email="twin@example.org", email_index=email_index("twin@example.org"), language="en"))
    outcome = work.rotate(database, "index")
    assert [trouble.partition(": ")[2] for trouble in outcome.troubles] == ["another one has the same address"]
    assert outcome.retired == []


def test_the_command_watches_what_the_workers_do(
    worker_database: Database,
    database: Database,
    settings: Settings,
    using: Callable[[Settings], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with database.transaction() as session:
        session.add_all(Person(given_names="Somebody") for _ in range(3))
    using(later(settings))
    said: list[str] = []
    monkeypatch.setattr(work, "STANDSTILL", 0.0)
    assert work.watch(database, "master", said.append).troubles == {"3 rows"}
    assert said[-1].startswith("Nothing moves.")
    monkeypatch.setattr(work, "STANDSTILL", 60.0)
    worker = threading.Timer(0.2, work.rotate_master_keys, [worker_database])
    worker.start()
    assert work.watch(database, "master", said.append).is_finished
    worker.join()
    assert said[-1] == "0 rows are left under other master keys."


def test_a_rotation_killed_in_the_middle_is_taken_up_again(
    database: Database, settings: Settings, using: Callable[[Settings], None]
) -> None:
    with database.transaction() as session:
        session.add_all(Person(given_names="Somebody") for _ in range(PEOPLE))
    environment = environment_of(later(settings), settings.smtp_url) | {"PYTHONUNBUFFERED": "1"}
    command = [PORTAL, "keys", "rotate", "--here"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=30)
    assert re.match(r"person: \d+ in", line), line
    using(later(settings))
    with database.transaction() as session:
        half = keys.left(session, "master")
    assert 0 < half < PEOPLE
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=120)
    assert f"{half} rows are under the current master key" in done.stdout
    assert "Nothing needs the master key" in done.stdout
    using(without_old(settings))
    lines: list[str] = []
    assert work.verify(database, None, lines.append) == []
    assert f"person: {PEOPLE} tried" in lines


# What is missing, what is damaged


def test_a_start_without_a_needed_key_is_refused_in_one_line(people: list[Any], settings: Settings) -> None:
    old_id = key_source.keyring(settings).key_ids["master"][0].hex()
    try:
        with pytest.raises(SystemExit, match=rf"^The database needs the master key {old_id}, not among"):
            prepare(without_old(settings))
        with pytest.raises(SystemExit, match="index key"):
            prepare(without_old(settings, "index"))
    finally:
        prepare(settings).engine.dispose()


def test_web_and_worker_refuse_to_start_without_it(people: list[Any], settings: Settings) -> None:
    environment = environment_of(without_old(settings), settings.smtp_url)
    for command in (["serve", "--port", "1"], ["work", "--until-idle"]):
        ended = subprocess.run([PORTAL, *command], env=environment, capture_output=True, text=True, timeout=60)
        assert ended.returncode != 0
        assert re.search(r"^The database needs the master key [0-9a-f]{8}, ", ended.stderr, re.MULTILINE)
        assert "Traceback" not in ended.stderr


def test_readiness_says_when_a_key_is_missing(
    database: Database, people: list[Any], settings: Settings, using: Callable[[Settings], None]
) -> None:
    assert "keys" not in database.troubles()
    using(without_old(settings))
    assert "keys" in database.troubles()


def test_verify_names_what_does_not_open(
    database: Database, people: list[Any], settings: Settings, using: Callable[[Settings], None]
) -> None:
    with database.transaction() as session:
        one, other = session.get_one(Person, people[1]), session.get_one(Person, people[2])
        one.wrapped_key = other.wrapped_key
        session.get_one(Person, people[3])._given_names = other._given_names
        profile = session.get_one(ScreeningProfile, people[4])
        profile.block = session.get_one(ScreeningProfile, people[5]).block
    found = work.verify(database, None, lambda line: None)
    assert {line.split(":")[0] for line in found} == {
        f"person {people[1]}", f"person {people[3]}", f"screening_profile {people[4]}",
    }  # fmt: skip
    result = CliRunner().invoke(main, ["keys", "verify"], env=environment_of(settings, settings.smtp_url))
    assert result.exit_code == 1 and str(people[1]) in result.stderr
    sampled: list[str] = []
    work.verify(database, 3, sampled.append)
    assert "account: 3 tried" in sampled and "person: 3 tried" in sampled
    more: list[str] = []
    work.verify(database, 1000, more.append)
    assert "account: 12 tried" in more and "person: 11 tried" in more
    using(later(settings))
    outcome = work.rotate(database, "master")
    assert {trouble.split(":")[0] for trouble in outcome.troubles} == {
        f"person {people[1]}",
        f"screening_profile {people[4]}",
    }
    assert outcome.retired == []


def test_status_says_what_rests_where(people: list[Any], settings: Settings) -> None:
    try:
        result = CliRunner().invoke(main, ["keys", "status"], env=environment_of(later(settings), settings.smtp_url))
    finally:
        prepare(settings).engine.dispose()
    lines = result.stdout.splitlines()
    assert lines[0].endswith("current, nothing rests under it")
    assert re.search(r"still opens, account 12, person 11, screening_profile 11$", lines[1])


def test_erasing_a_persons_key_erases_what_was_derived(database: Database, people: list[Any]) -> None:
    with database.transaction() as session:
        assert session.get(ScreeningProfile, people[0]) is None
        assert (
            session.scalar(select(func.count()).select_from(PersonIndex).where(PersonIndex.person_id == people[0])) == 0
        )
        assert session.scalar(select(func.count()).select_from(KeyUse)) == 2
