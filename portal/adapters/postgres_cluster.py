"""The making of a PostgreSQL cluster: its roles, its passwords, its one database.

All of it happens in a temporary folder that gets its name at the end, so that a kill in between leaves nothing
half made. The superuser speaks to the server's own single-user mode and never through a socket.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from portal.adapters.child_processes import as_user
from portal.adapters.postgres_programs import is_root, program_folder, server_user, user_of_initdb


class EmbeddedPostgresError(RuntimeError):
    """The server could not be made or started; the text says why."""


Role = Literal["superuser", "owner", "web", "worker", "sealer"]
LOGINS: dict[Role, str] = {
    "superuser": "postgres",
    "owner": "passage_owner",
    "web": "passage_web",
    "worker": "passage_worker",
    "sealer": "passage_sealer",
}
DATABASE = "passage"

_OPTIONS = (
    "--username=postgres",
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
)


def make_cluster(home: Path, passwords: dict[Role, str], *, durable: bool) -> None:
    """Make `home/cluster`, owned by the user who is to run it. Raises EmbeddedPostgresError with initdb's words."""
    for abandoned in home.glob("initialising-*"):
        shutil.rmtree(abandoned)
    unfinished = Path(tempfile.mkdtemp(prefix="initialising-", dir=home))
    _fill(unfinished, program_folder(home), passwords, durable=durable)
    cluster = unfinished / "cluster"
    if is_root():
        _give(cluster, server_user(home))
    cluster.rename(home / "cluster")
    shutil.rmtree(unfinished)
    _settle(home)


def opening_of(database: str) -> tuple[str, str]:
    """The SQL that opens a database to our roles and closes it to everybody else."""
    roles = ", ".join(login for role, login in LOGINS.items() if role not in ("superuser", "owner"))
    return (
        f"revoke all on database {database} from public",
        f"grant connect on database {database} to {roles}",
    )


def _fill(folder: Path, programs: Path, passwords: dict[Role, str], *, durable: bool) -> None:
    cluster, password = folder / "cluster", folder / "password"
    password.write_text(passwords["superuser"])
    user = user_of_initdb() if is_root() else None
    if user is not None:
        _give(folder, user)
    how = [f"--pwfile={password}"] if durable else [f"--pwfile={password}", "--no-sync"]
    _run([programs / "initdb", "-D", cluster, *_OPTIONS, *how], user)
    (cluster / "pg_hba.conf").write_text("local all all scram-sha-256\n")
    _run(
        [programs / "postgres", "--single", "-j", "-D", cluster, "postgres"],
        user,
        _roles_and_database(passwords),
    )


def _roles_and_database(passwords: dict[Role, str]) -> str:
    """SQL for the single-user mode, where an empty line ends a statement. The passwords need no quoting."""
    statements = [
        f"create role {login} login password '{passwords[role]}'"
        for role, login in LOGINS.items()
        if role != "superuser"
    ]
    statements += [f"create database {DATABASE} owner {LOGINS['owner']}", *opening_of(DATABASE)]
    return "".join(f"{statement};\n\n" for statement in statements)


def _run(arguments: Sequence[str | Path], user: int | None, words: str = "") -> None:
    done = subprocess.run(  # noqa: S603 (our own programs, no shell)
        arguments,
        input=words,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
        cwd="/",
        check=False,
        **as_user(user),
    )
    if done.returncode:
        raise EmbeddedPostgresError(f"{Path(arguments[0]).name} failed: {done.stdout.strip()}")


def _give(folder: Path, user: int) -> None:
    """Hand a folder that we have made, and all in it, to a user."""
    for path in (folder, *folder.rglob("*")):
        os.chown(path, user, user, follow_symlinks=False)


def _settle(folder: Path) -> None:
    """Wait until the folder's own entries are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)
