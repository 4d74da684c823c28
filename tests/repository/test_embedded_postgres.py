"""The embedded PostgreSQL: it asks for passwords, gives nobody too much, and takes up its data after any kill."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from portal.adapters.embedded_postgres import EmbeddedPostgres
from portal.adapters.postgres_cluster import LOGINS, EmbeddedPostgresError, Role
from tests.servers import database_name, drop_database, new_database, open_folder, plain, throwaway_postgres

STARTER = """
import sys, time
from pathlib import Path
from portal.adapters.embedded_postgres import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]), fast=True)
server.start()
print(server.process.pid, flush=True)
time.sleep(600)
"""


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedPostgres]:
    with throwaway_postgres() as server:
        yield server


def answer(server: EmbeddedPostgres, question: str, role: Role = "web") -> object:
    with psycopg.connect(plain(server.url(role))) as connection:
        row = connection.execute(question).fetchone()
        return row and row[0]


def test_nobody_enters_without_the_password(server: EmbeddedPostgres) -> None:
    address, _, rest = plain(server.url("superuser")).removeprefix("postgresql://").partition("@")
    login, _, password = address.partition(":")
    for wrong in ("", "postgres", password[:-1]):
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(f"postgresql://{login}:{wrong}@{rest}")


@pytest.mark.parametrize("role", [role for role in LOGINS if role != "superuser"])
def test_no_role_of_ours_is_more_than_it_should_be(server: EmbeddedPostgres, role: Role) -> None:
    powers = "rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls"
    assert answer(server, f"select {powers} from pg_roles where rolname = current_user", role) is False


def test_only_the_owner_may_make_tables(server: EmbeddedPostgres) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        answer(server, "create table theirs (id int)", "web")


def test_socket_passwords_and_data_are_closed_to_others(server: EmbeddedPostgres) -> None:
    assert (server.data_dir / "passwords.json").stat().st_mode & 0o777 == 0o600
    for folder in ("socket", "cluster"):
        assert (server.data_dir / folder).stat().st_mode & 0o777 == 0o700
    assert answer(server, "show listen_addresses") == ""


def test_it_keeps_time_and_letters_in_one_way(server: EmbeddedPostgres) -> None:
    assert answer(server, "show timezone") == "UTC"
    assert answer(server, "select datlocale from pg_database where datname = 'passage'") == "C.UTF-8"
    assert answer(server, "select upper('é') = 'É'") is True


def test_the_server_is_not_run_by_root(server: EmbeddedPostgres) -> None:
    assert server.process is not None
    assert Path(f"/proc/{server.process.pid}").stat().st_uid != 0


def test_a_database_is_copied_from_a_template_and_dropped(server: EmbeddedPostgres) -> None:
    first = new_database(server)
    with psycopg.connect(plain(first["owner"])) as connection:
        connection.execute("create table kept as select 7 as number")
    second = new_database(server, template=database_name(first))
    with psycopg.connect(plain(second["owner"])) as connection:
        assert connection.execute("select number from kept").fetchone() == (7,)
    drop_database(server, first)
    drop_database(server, second)


def test_a_second_starter_is_refused(server: EmbeddedPostgres) -> None:
    with pytest.raises(EmbeddedPostgresError, match="another process"):
        EmbeddedPostgres(server.data_dir, fast=True, patience=0.2).start()


def test_what_was_committed_survives_a_killed_server() -> None:
    with throwaway_postgres() as server:
        with psycopg.connect(plain(server.url("owner"))) as connection:
            connection.execute("create table kept as select 7 as number")
        assert server.process is not None
        os.killpg(server.process.pid, signal.SIGKILL)
        server.stop()
        server.start()
        assert answer(server, "select number from kept", "owner") == 7


def test_a_killed_starter_leaves_no_server_behind() -> None:
    with open_folder() as folder:
        command = [sys.executable, "-c", STARTER, str(folder / "state")]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as starter:
            assert starter.stdout is not None
            server_number = int(starter.stdout.readline())
            starter.kill()
        wait_for_end(server_number)


def test_a_closed_folder_stays_closed(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    with EmbeddedPostgres(tmp_path / "state", fast=True) as server:
        assert answer(server, "select 1") == 1
    assert tmp_path.stat().st_mode & 0o777 == 0o700
    elsewhere = tmp_path / "state" / "elsewhere"
    assert elsewhere.is_symlink() is (os.geteuid() == 0)
    if elsewhere.is_symlink():
        shutil.rmtree(elsewhere.readlink())


def test_a_cluster_half_made_is_made_again() -> None:
    with throwaway_postgres() as server:
        server.stop()
        (server.data_dir / "cluster").rename(server.data_dir / "initialising-killed")
        server.start()
        assert answer(server, "select 1") == 1
        assert not list(server.data_dir.glob("initialising-*"))


def test_a_long_path_has_its_socket_in_a_short_one() -> None:
    with throwaway_postgres() as server:
        server.stop()
        deep = EmbeddedPostgres(server.data_dir / ("long" * 30), fast=True)
        with deep:
            assert answer(deep, "select 1") == 1


def wait_for_end(number: int) -> None:
    deadline = time.monotonic() + 10
    while Path(f"/proc/{number}").exists():
        assert time.monotonic() < deadline, "the server is still there"
        time.sleep(0.05)
