"""`portal demo`: starts everything that the demonstration needs, watches over it, and stops it in order.

Database, then mail server and payment stand-in, then migrations and the demonstration programme, then worker and
web. Nothing outlives this process, however it ends; all that is to be kept lies in one folder.
"""

import fcntl
import hashlib
import http.client
import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from demo.children import Child
from demo.environment import Demonstration, NoFreePort, is_free, port_near, remembered
from portal.adapters.embedded_postgres import EmbeddedPostgres
from portal.adapters.postgres_cluster import EmbeddedPostgresError, Role
from portal.clock import now
from portal.i18n import LANGUAGES, Lazy, speaking
from portal.i18n import lazy_gettext as _l

CLONE = Path(__file__).resolve().parent.parent
PORTAL = Path(sys.executable).with_name("portal")
READY_WITHIN = 90.0  # seconds
ENDS_BEFORE_READY = 3  # how often a process may end before we give up
TICK = 0.05


class Interrupted(Exception):
    """Somebody has asked us to stop before all was started."""


class Failed(Exception):
    """The demonstration cannot go on; carries the words to say."""

    def __init__(self, words: Lazy) -> None:
        super().__init__(words)
        self.words = words


def run(port: int, state: Path) -> int:
    """Run the demonstration on `port` with its data in `state` until SIGINT or SIGTERM; returns the exit code."""
    state = state.absolute()
    for name in ("log", "files", "mail"):
        (state / name).mkdir(parents=True, exist_ok=True)
        (state / name).chmod(0o700)
    try:
        with _only_one(state):
            _await_port(port)
            Supervisor(remembered(port, state)).run()
    except Interrupted:
        return 0
    except Failed as failure:
        say(failure.words)
        return 1
    except (EmbeddedPostgresError, NoFreePort) as error:
        say(_l("The demonstration could not start: %(reason)s", reason=str(error)))
        return 1
    return 0


def say(words: Lazy) -> None:
    """Print a text in both languages."""
    for language in LANGUAGES:
        with speaking(language):
            print(words, flush=True)


@contextmanager
def _only_one(state: Path) -> Iterator[None]:
    """Hold the folder's lock: it is free again when this process ends, however it ends."""
    lock = os.open(state / "supervisor.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise Failed(_l("The demonstration is already running in %(folder)s.", folder=str(state))) from None
    finally:
        os.close(lock)


def _await_port(port: int) -> None:
    """Give a demonstration that was killed just now the time to go."""
    deadline = time.monotonic() + 2
    while not is_free(port):
        if time.monotonic() > deadline:
            other = port_near(port, None, {port})
            raise Failed(_l("Port %(port)s is in use. Choose another: make run PORT=%(other)s", port=port, other=other))
        time.sleep(TICK)


class Supervisor:
    """One run of the demonstration."""

    def __init__(self, demonstration: Demonstration) -> None:
        self.demonstration = demonstration
        self.state = demonstration.state
        self.log = self.state / "log"
        self.database = EmbeddedPostgres(self.state / "postgres")
        self.database.log_path = self.log / "database.log"
        self.children: list[Child] = []  # in the order in which they are stopped
        self.due: dict[str, float] = {}  # when a child that has ended is started again
        self.stopping = False

    def run(self) -> None:
        """Start everything, say where it is, watch over it, and stop it."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop_soon)
        try:
            self._start()
            self._introduce()
            self._watch()
        finally:
            self._stop()

    def _stop_soon(self, _number: int, _frame: object) -> None:
        self.stopping = True

    def _wait(self, seconds: float = TICK) -> None:
        time.sleep(seconds)
        if self.stopping:
            raise Interrupted

    # Starting

    def _start(self) -> None:
        say(_l("Passage is starting."))
        self.database.start()
        self.children = self._make_children()
        web, _worker, mail, payments = self.children
        is_first_start = not self._sign_ins_path.exists()
        if is_first_start:
            say(_l("The first start loads the demonstration programme. It takes a little while."))
        first = (mail, payments) if is_first_start else (web, mail, payments)
        for child in self.children if self._is_prepared() else first:
            child.start()
        self._prepare()
        for child in self.children:
            if child.process is None:
                child.start()
        self._await_readiness()

    def _make_children(self) -> list[Child]:
        web = self._child("web", PORTAL, "serve", "--port", str(self.demonstration.port), role="web")
        web.stop_signal = signal.SIGINT  # on which it finishes what it has begun
        worker = self._child("worker", PORTAL, "work", role="worker")
        mail = self._child("mail", sys.executable, "-m", "demo.mail_server")
        payments = self._child("payments", sys.executable, "-m", "demo.payments")
        return [web, worker, mail, payments]

    def _child(self, name: str, *command: str | Path, role: Role | None = None) -> Child:
        addresses = {"DATABASE_URL": self.database.url(role)} if role else {}
        if role == "worker":
            addresses["SEALER_DATABASE_URL"] = self.database.url("sealer")
        return Child(name, list(command), self.demonstration.variables(**addresses), self.log / f"{name}.log", CLONE)

    def _prepare(self) -> None:
        """Migrate, and load the programme where there is none; nothing where that was done today with this code."""
        if self._is_prepared():
            return
        state = self._state_of_today()
        preparing = self._child("prepare", sys.executable, "-m", "demo.prepare", self._sign_ins_path, role="web")
        preparing.environment["OWNER_DATABASE_URL"] = self.database.url("owner")
        preparing.start()
        try:
            while (code := preparing.exit_code()) is None:
                self._wait()
        finally:
            preparing.stop()
        if code:
            raise Failed(_l("The database could not be prepared. See %(log)s.", log=str(preparing.log_path)))
        self._prepared_path.write_text(state)

    def _is_prepared(self) -> bool:
        is_known = self._sign_ins_path.exists() and self._prepared_path.exists()
        return is_known and self._prepared_path.read_text() == self._state_of_today()

    def _state_of_today(self) -> str:
        """The day, the database, and what makes it what it is: the migrations and the demonstration's own code."""
        sources = (path for folder in ("migrations", "demo") for path in sorted((CLONE / folder).rglob("*.py")))
        seen = hashlib.sha256(b"".join(path.read_bytes() for path in sources))
        return f"{now():%Y-%m-%d} {self.database.made_at} {seen.hexdigest()}"

    @property
    def _prepared_path(self) -> Path:
        return self.state / "prepared.txt"

    def _await_readiness(self) -> None:
        deadline = time.monotonic() + READY_WITHIN
        while not answers_ready(self.demonstration.port):
            self._wait()
            self._revive()
            if time.monotonic() > deadline or any(child.ends > ENDS_BEFORE_READY for child in self.children):
                raise Failed(_l("The portal did not become ready. See %(folder)s.", folder=str(self.log)))

    @property
    def _sign_ins_path(self) -> Path:
        return self.state / "sign-ins.json"

    def _introduce(self) -> None:
        """Say where it is, and who can sign in."""
        say(_l("Passage is ready: %(address)s", address=self.demonstration.address))
        say(_l("What to try, and where to sign in: %(address)s", address=f"{self.demonstration.address}/demo"))
        say(_l("Every email that is sent: %(address)s", address=f"{self.demonstration.address}/demo/mail"))
        say(_l("To sign in (travellers also enter a code, which that first page shows):"))
        sign_ins: list[list[str]] = json.loads(self._sign_ins_path.read_text())
        widths = [max(map(len, column)) for column in zip(*sign_ins, strict=True)]
        for sign_in in sign_ins:
            print(
                "   ",
                "   ".join(text.ljust(width) for text, width in zip(sign_in, widths, strict=True)).rstrip(),
            )
        say(_l("Press Ctrl-C to stop. What you have done is kept."))

    # Watching

    def _watch(self) -> None:
        while True:
            self._wait(0.2)
            self._revive()

    def _revive(self) -> None:
        """Start again what has ended: the database at once, the others after a pause that grows."""
        if not self.database.is_running:
            say(_l("The database has ended and is started again."))
            self.database.stop()
            self.database.start()
        for child in self.children:
            if child.exit_code() is not None:
                self._revive_when_due(child)

    def _revive_when_due(self, child: Child) -> None:
        if child.name not in self.due:
            self.due[child.name] = time.monotonic() + child.pause()
        elif time.monotonic() >= self.due[child.name]:
            del self.due[child.name]
            say(
                _l(
                    "%(name)s had ended and is started again. See %(log)s.",
                    name=child.name,
                    log=str(child.log_path),
                )
            )
            child.start()

    # Stopping

    def _stop(self) -> None:
        if self.children:
            say(_l("Passage is stopping."))
        for child in self.children:
            child.stop()
        self.database.stop()


def answers_ready(port: int) -> bool:
    """Whether the portal says that it is ready."""
    connection = http.client.HTTPConnection("localhost", port, timeout=5)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
