"""The sealed trail under attack: whatever somebody with all power over the database does to it is named."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from portal.adapters import sealing
from portal.adapters.sealing import NoSigningKey
from portal.config import Settings
from portal.db import Database
from portal.models import AuditEntry, AuditSeal
from portal.services import audit, audit_anchors, audit_checks, audit_seals
from portal.services.actors import SYSTEM
from tests import sealing as story
from tests import servers


@pytest.fixture
def sealer(settings: Settings, database: Database, urls: servers.Urls) -> Iterator[Database]:
    """The sealer's database, and a signing key."""
    story.sign_with(settings)
    own = Database(urls["sealer"])
    yield own
    own.engine.dispose()
    sealing.configure(settings)


@pytest.fixture
def power(server: Any, urls: servers.Urls) -> str:
    return str(server.url("superuser", servers.database_name(urls)))


@pytest.fixture
def ids(database: Database, sealer: Database) -> list[int]:
    """Nine rows under three seals, and a tenth that waits."""
    for _ in range(3):
        story.write(database, 3)
        assert story.seal(sealer) == 3
    story.write(database)
    with database.transaction() as session:
        return list(session.scalars(select(AuditEntry.id).order_by(AuditEntry.id)))


def _anchor(database: Database) -> audit_checks.Anchor:
    with database.transaction() as session:
        seal = audit_seals.newest(session)
        assert seal is not None
        return audit_checks.read_anchor("today.json", audit_anchors.text_of(seal))


def test_a_sound_trail_is_sound(database: Database, ids: list[int]) -> None:
    with database.transaction() as session:
        sound = audit_checks.verify(session)
    assert (sound.seals, sound.rows, sound.waiting) == (3, 9, 1)
    assert story.found(database, _anchor(database)) == ""


@pytest.mark.parametrize(
    ("column", "value"),
    (
        ("reason", "'other'"),
        ("facts", "'{}'"),
        ("at", "at + interval '1 microsecond'"),
        ("actor_id", "gen_random_uuid()"),
        ("agency", "'CA'"),
        ("request_id", "'x'"),
    ),
)
def test_an_edited_row_is_named(database: Database, ids: list[int], power: str, column: str, value: str) -> None:
    with story.almighty(power) as connection:
        connection.execute(text(f"update audit_entry set {column} = {value} where id = :id"), {"id": ids[4]})
    assert story.found(database) == f"row {ids[4]} was edited"


def test_the_first_bad_row_is_named(database: Database, ids: list[int], power: str) -> None:
    with story.almighty(power) as connection:
        connection.execute(text("update audit_entry set reason = 'x' where id in (:a, :b)"), {"a": ids[7], "b": ids[2]})
        connection.execute(text("delete from audit_entry where id = :id"), {"id": ids[5]})
    assert story.found(database) == f"row {ids[2]} was edited"


def test_a_deleted_row_is_named(database: Database, ids: list[int], power: str) -> None:
    with story.almighty(power) as connection:
        connection.execute(text("delete from audit_entry where id = :id"), {"id": ids[5]})
    assert story.found(database) == f"row {ids[5]} was deleted"


def test_an_inserted_row_is_named(database: Database, ids: list[int], power: str) -> None:
    for number in (ids[0] - 100, 0):
        with story.almighty(power) as connection:
            story.insert(connection, number, like=ids[0])
        assert story.found(database) == f"row {number} was inserted after the sealing"
        with story.almighty(power) as connection:
            connection.execute(text("delete from audit_entry where id = :id"), {"id": number})


def test_a_row_in_a_gap_is_named(database: Database, sealer: Database, power: str) -> None:
    story.write(database)
    with database.new_session() as session:  # a transaction that is undone leaves a gap
        audit.record(session, "test:write", "test", by=SYSTEM)
        session.flush()
        session.rollback()
    story.write(database)
    story.seal(sealer)
    with database.transaction() as session:
        first, last = session.scalars(select(AuditEntry.id).order_by(AuditEntry.id)).all()
    assert last == first + 2
    with story.almighty(power) as connection:
        story.insert(connection, first + 1, like=first)
    assert story.found(database) == f"row {first + 1} was inserted after the sealing"


@pytest.mark.parametrize("other", (4, 8))
def test_two_rows_that_changed_places_are_named(database: Database, ids: list[int], power: str, other: int) -> None:
    with story.almighty(power) as connection:
        story.swap(connection, ids[3], ids[other])
    assert story.found(database) == f"row {ids[3]} was reordered: it says what row {ids[other]} said"


def test_a_cut_tail_is_named(database: Database, ids: list[int], power: str) -> None:
    kept = _anchor(database)
    with story.almighty(power) as connection:
        connection.execute(text("delete from audit_entry where id > :id"), {"id": ids[5]})
    assert story.found(database) == f"row {ids[6]} was deleted"
    with story.almighty(power) as connection:
        connection.execute(text("delete from audit_seal where number > 2"))
    assert story.found(database) == ""  # the chain alone cannot tell
    assert story.found(database, kept).startswith("the tail is cut: the anchor today.json knows seal 3")


def test_a_trail_sealed_anew_with_the_stolen_key_is_named(
    database: Database, sealer: Database, ids: list[int], power: str
) -> None:
    kept = _anchor(database)
    with story.almighty(power) as connection:
        connection.execute(text("delete from audit_seal"))
        connection.execute(text("update audit_entry set reason = 'x' where id = :id"), {"id": ids[0]})
    for _ in range(3):
        story.seal(sealer, size=3)
    assert story.found(database) == ""
    assert "was rewritten" in story.found(database, kept)


@pytest.mark.parametrize(
    ("change", "said"),
    (
        ("signature = sha256(signature) || sha256(signature)", "is not signed by a sealing key"),
        ("head = sha256(head)", "is not signed by a sealing key"),
        ("leaves = set_byte(leaves, 20, 1 + get_byte(leaves, 20) % 200)", "was changed"),
        ("key_id = 'ffffffffffffffff'", "is not signed by a sealing key"),
        ("at = at + interval '1 second'", "is not signed by a sealing key"),
        ("previous = sha256(previous)", "is not signed by a sealing key"),
    ),
)
def test_a_forged_seal_is_named(database: Database, ids: list[int], power: str, change: str, said: str) -> None:
    with story.almighty(power) as connection:
        connection.execute(text(f"update audit_seal set {change} where number = 2"))
    assert story.found(database).startswith("seal 2 ") and said in story.found(database)


def test_a_seal_under_another_key_is_named(
    database: Database, sealer: Database, ids: list[int], settings: Settings
) -> None:
    story.sign_with(settings, PASSAGE_AUDIT_SIGNING_KEY=story.key("another"))
    story.seal(sealer)
    story.sign_with(settings)
    assert story.found(database).startswith("seal 4 ")
    sealing.believe(_public_key_of(settings, "another"))
    assert story.found(database) == ""


def _public_key_of(settings: Settings, name: str) -> str:
    story.sign_with(settings, PASSAGE_AUDIT_SIGNING_KEY=story.key(name))
    public = sealing.public_key()
    story.sign_with(settings)
    return public


def test_a_missing_seal_is_named(database: Database, ids: list[int], power: str) -> None:
    with story.almighty(power) as connection:
        connection.execute(text("delete from audit_seal where number = 2"))
    assert story.found(database).startswith("seal 2 is missing")


def test_rows_that_wait_for_too_long_are_named(database: Database, ids: list[int], power: str) -> None:
    with story.almighty(power) as connection:
        connection.execute(text("update audit_entry set at = at - interval '2 hours' where id = :id"), {"id": ids[9]})
    assert "the sealing has stopped" in story.found(database)


def test_a_row_that_commits_late_is_waited_for(database: Database, sealer: Database) -> None:
    with database.new_session() as late:
        audit.record(late, "test:late", "test", by=SYSTEM)
        late.flush()  # it has its number
        story.write(database, 2)
        assert story.seal(sealer) == 0
        late.commit()
    assert story.seal(sealer) == 3
    assert story.found(database) == ""


def test_new_writers_hold_nothing_up(database: Database, sealer: Database) -> None:
    story.write(database, 2)
    with database.new_session() as reading, database.new_session() as other:
        reading.execute(text("select count(*) from audit_entry"))
        other.execute(text("insert into attempt (action, key, at) values ('x', 'x', now())"))
        assert story.seal(sealer) == 2
        other.rollback()


def test_sealers_and_writers_at_once_make_one_chain(database: Database, sealer: Database) -> None:
    def writing() -> None:
        for _ in range(25):
            story.write(database)

    def sealing_() -> None:
        for _ in range(15):
            story.seal(sealer, size=7, patience=1.0)

    threads = [threading.Thread(target=work) for work in (writing, writing, writing, sealing_, sealing_)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while story.seal(sealer):
        pass
    assert story.found(database) == ""
    with database.transaction() as session:
        assert audit_checks.verify(session).rows == 75


def test_without_a_key_nothing_is_sealed(database: Database, sealer: Database, settings: Settings) -> None:
    story.write(database)
    sealing.configure(settings)
    with pytest.raises(NoSigningKey):
        story.seal(sealer)


@pytest.mark.parametrize(
    "statement",
    (
        "insert into audit_entry (at, actor_kind, action, subject_kind, facts) values (now(), 'x', 'x', 'x', '{}')",
        "update audit_seal set head = head",
        "delete from audit_seal",
        "select * from account",
        "select * from event",
    ),
)
def test_the_sealer_may_do_nothing_else(sealer: Database, statement: str) -> None:
    with sealer.engine.connect() as connection, pytest.raises(DBAPIError, match="permission denied"):
        connection.execute(text(statement))


def test_nobody_else_adds_a_seal(database: Database, ids: list[int]) -> None:
    with pytest.raises(DBAPIError, match="permission denied"), database.transaction() as session:
        session.add(AuditSeal(number=9, at=session.scalars(select(AuditEntry.at)).first(), first_id=1, last_id=1,
                              leaves=b"", previous=b"x", head=b"x", key_id="x", signature=b"x"))  # fmt: skip
