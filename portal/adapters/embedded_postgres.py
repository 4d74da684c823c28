"""A PostgreSQL server of our own from the binaries of a wheel: the default database of laptop and tests.

It listens on a Unix socket in a closed folder, never on a port. Every login has a password; the superuser's is
used by nobody but the making of databases. It runs as an unprivileged user in a session of its own, stops when
its starter dies, and takes up its data again after a `kill -9`. Why not the wheel's own starter:
docs/decisions/embedded-postgresql.md.
"""

import fcntl
import json
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from portal.adapters import child_processes
from portal.adapters.postgres_cluster import DATABASE, LOGINS, EmbeddedPostgresError, Role, make_cluster
from portal.adapters.postgres_programs import MAJOR_VERSION, is_open_to_others, is_root, program_folder

STATE_OF_ROOT = Path("/var/lib/passage")  # where root's servers keep data that may not lie beside the clone

_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}
_LONGEST_SOCKET_FOLDER = 90  # bytes; the kernel allows 107 with the name of the socket
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",
    "shared_buffers": "64MB",
    "max_connections": "100",
    "log_checkpoints": "off",
}
_FAST = {"fsync": "off", "full_page_writes": "off"}


class EmbeddedPostgres:
    """One server and its data folder. `fast`, for tests only, does not outlive a crash of the machine."""

    def __init__(self, data_dir: Path, *, fast: bool = False, patience: float = 30.0) -> None:
        self.data_dir = data_dir.absolute()
        self.log_path = self.data_dir / "server.log"
        self.process: subprocess.Popen[bytes] | None = None
        self._fast = fast
        self._patience = patience
        self._lock: int | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Make the data folder where there is none, start the server and wait until it takes connections.

        Raises EmbeddedPostgresError when another process uses the folder, or the server does not come up.
        """
        self.data_dir.mkdir(parents=True, exist_ok=True)
        if self.data_dir.stat().st_uid != os.geteuid():
            raise EmbeddedPostgresError(f"{self.data_dir} belongs to another user")
        self.data_dir.chmod(0o711 if is_root() else 0o700)
        self._take_lock()
        try:
            home = self._home() or self._choose_home()
            if not (home / "cluster").exists():
                make_cluster(home, self._passwords(), durable=not self._fast)
            self._launch(home)
            self._wait_until_ready(home)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server in order (connections are cut, nothing committed is lost) and wait for its end."""
        if self.process is not None:
            child_processes.stop(self.process, (signal.SIGINT, 20.0), (signal.SIGQUIT, 10.0))
            self.process = None
            _remove_socket_folder(self._socket_folder())
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    @property
    def is_running(self) -> bool:
        """Whether the server that this object has started lives."""
        return self.process is not None and self.process.poll() is None

    @property
    def made_at(self) -> int:
        """When the cluster of this started server was made, in nanoseconds: another one has another moment."""
        home = self._home()
        assert home is not None
        return (home / "cluster" / "PG_VERSION").stat().st_mtime_ns

    def url(self, role: Role, database: str = DATABASE) -> str:
        """The address for SQLAlchemy of one database, signed in as one role."""
        password = json.loads(self._passwords_path.read_text())[role]
        folder = quote(str(self._socket_folder().resolve()), safe="/")
        return f"postgresql+psycopg://{LOGINS[role]}:{password}@/{database}?host={folder}"

    # Where things lie

    @property
    def _passwords_path(self) -> Path:
        return self.data_dir / "passwords.json"

    def _home(self) -> Path | None:
        """The folder that holds cluster and socket, once it is known."""
        elsewhere = self.data_dir / "elsewhere"
        if elsewhere.is_symlink():
            return elsewhere.readlink()
        return self.data_dir if (self.data_dir / "cluster").exists() else None

    def _choose_home(self) -> Path:
        """The data folder itself; for root, elsewhere when it lies below a folder that is closed to others."""
        if not is_root() or is_open_to_others(self.data_dir):
            return self.data_dir
        STATE_OF_ROOT.mkdir(mode=0o711, parents=True, exist_ok=True)
        elsewhere = Path(tempfile.mkdtemp(prefix="postgresql-", dir=STATE_OF_ROOT))
        elsewhere.chmod(0o711)
        (self.data_dir / "elsewhere").symlink_to(elsewhere)
        return elsewhere

    def _socket_folder(self) -> Path:
        return (self._home() or self.data_dir) / "socket"

    def _take_lock(self) -> None:
        """Hold the lock that the server inherits, so that it is free only when the last process of it is gone."""
        path = self.data_dir / "server.lock"
        self._lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        deadline = time.monotonic() + self._patience
        while True:
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                if time.monotonic() > deadline:
                    self.stop()
                    raise EmbeddedPostgresError(f"another process is using {self.data_dir}") from None
                time.sleep(0.05)

    def _passwords(self) -> dict[Role, str]:
        """The password of each role: drawn once, readable by the starter only."""
        if not self._passwords_path.exists():
            drawn = {role: secrets.token_urlsafe(24) for role in LOGINS}
            unfinished = self._passwords_path.with_suffix(".unfinished")
            unfinished.touch(mode=0o600)
            unfinished.write_text(json.dumps(drawn))
            unfinished.rename(self._passwords_path)
        passwords: dict[Role, str] = json.loads(self._passwords_path.read_text())
        return passwords

    # Running

    def _launch(self, home: Path) -> None:
        cluster = home / "cluster"
        if (found := (cluster / "PG_VERSION").read_text().strip()) != MAJOR_VERSION:
            raise EmbeddedPostgresError(f"{cluster} is of PostgreSQL {found}; this is {MAJOR_VERSION}")
        if is_root() and not is_open_to_others(home):
            raise EmbeddedPostgresError(f"{home} has moved below a folder that is closed to other users")
        (cluster / "postmaster.pid").unlink(missing_ok=True)  # we hold the lock: whoever wrote it is gone
        user = cluster.stat().st_uid if is_root() else None
        settings = _SETTINGS | (_FAST if self._fast else {})
        settings["unix_socket_directories"] = str(_make_socket_folder(home, user))
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        assert self._lock is not None
        with self.log_path.open("ab") as log:
            self.process = child_processes.start(
                [program_folder(home) / "postgres", "-D", cluster, *options],
                log=log,
                environment=_ENVIRONMENT,
                when_parent_dies=signal.SIGINT,
                folder=Path("/"),
                keep_open=[self._lock],
                user=user,
            )

    def _wait_until_ready(self, home: Path) -> None:
        deadline = time.monotonic() + self._patience
        assert self.process is not None
        while not _is_ready(home / "cluster" / "postmaster.pid", self.process.pid):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise EmbeddedPostgresError(f"PostgreSQL did not start; see {self.log_path}")
            time.sleep(0.01)


def _is_ready(pid_file: Path, pid: int) -> bool:
    """Whether the server with this process number has written that it takes connections."""
    lines = pid_file.read_text().split("\n") if pid_file.exists() else []
    return len(lines) > 7 and lines[0] == str(pid) and lines[7].strip() == "ready"


def _make_socket_folder(home: Path, user: int | None) -> Path:
    """A new closed folder for the socket, owned by the server's user; a short one where the path is too long."""
    folder = home / "socket"
    _remove_socket_folder(folder)
    if len(os.fsencode(folder)) > _LONGEST_SOCKET_FOLDER:
        folder.symlink_to(tempfile.mkdtemp(prefix="passage-", dir="/tmp"))
    else:
        folder.mkdir(mode=0o700)
    if user is not None:
        os.chown(folder, user, user)
    return folder.resolve()


def _remove_socket_folder(folder: Path) -> None:
    target = folder.resolve()
    if target.exists():
        shutil.rmtree(target)
    if folder.is_symlink():
        folder.unlink()
