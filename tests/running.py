"""The portal as it really runs: web, worker, payment stand-in and mail server as processes that a test may kill."""

from __future__ import annotations

import os
import signal
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from demo.children import Child
from demo.environment import Demonstration, port_near, remembered
from portal.config import Settings
from tests import servers

ROOT = Path(__file__).parent.parent
FIRST_PORT = 21000 + os.getpid() % 100 * 100
"""Another one for each process, so that tests that run side by side do not take a port that was just given up."""


class RunningPortal:
    """Web, worker, payments and mail, each a `Child` under its name, on one database."""

    def __init__(self, state: Path, urls: servers.Urls) -> None:
        self.demonstration = self._remember(state)
        self.urls = urls
        (state / "files").mkdir(exist_ok=True)
        (state / "mail").mkdir(exist_ok=True)
        python, portal = sys.executable, str(Path(sys.executable).with_name("portal"))
        told = self.demonstration
        self.children = {
            "mail": self._child("mail", [python, "-m", "demo.mail_server"], "web"),
            "payments": self._child("payments", [python, "-m", "demo.payments"], "web"),
            "web": self._child("web", [portal, "serve", "--port", str(told.port)], "web"),
            "worker": self._child("worker", [portal, "work"], "worker"),
        }

    @staticmethod
    def _remember(state: Path) -> Demonstration:
        return remembered(port_near(FIRST_PORT, None, set()), state)

    def _child(self, name: str, command: list[str], role: servers.Role) -> Child:
        state = self.demonstration.state
        environment = self.demonstration.variables(DATABASE_URL=self.urls[role], OWNER_DATABASE_URL=self.urls["owner"])
        environment["PASSAGE_STATE"] = str(state)
        stop = signal.SIGINT if name == "web" else signal.SIGTERM
        return Child(name, list(command), environment, state / f"{name}.log", ROOT, stop)

    @property
    def address(self) -> str:
        """Where the portal listens."""
        return self.demonstration.address

    def settings(self, role: servers.Role = "web") -> Settings:
        """The settings that the processes have, for looking at the same database from a test."""
        environment = self.demonstration.variables(DATABASE_URL=self.urls[role])
        names = {name.removeprefix("PASSAGE_").lower(): value for name, value in environment.items()
                 if name.startswith("PASSAGE_")}  # fmt: skip
        known = {name: value for name, value in names.items() if name in Settings.model_fields}
        return Settings(**known, database_url=self.urls[role])  # type: ignore[arg-type]

    def start(self, *names: str) -> None:
        """Start the named processes, or all, and wait until the web process is ready."""
        for name in names or self.children:
            self.children[name].start()
        if not names or "web" in names:
            self.wait_until_ready()

    def wait_until_ready(self, patience: float = 40.0) -> None:
        """Wait for `/health/ready`."""
        until = time.monotonic() + patience
        while time.monotonic() < until:
            try:
                with urllib.request.urlopen(f"{self.address}/health/ready", timeout=2) as answer:
                    if answer.status == 200:
                        return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        raise AssertionError((self.demonstration.state / "web.log").read_text()[-3000:])

    def kill(self, name: str) -> None:
        """kill -9, at once."""
        process = self.children[name].process
        assert process is not None
        process.kill()
        process.wait()

    def stop(self) -> None:
        """Stop all of them."""
        for child in reversed(self.children.values()):
            child.stop()


@contextmanager
def running_portal(state: Path, server: object, template: str) -> Iterator[RunningPortal]:
    """All of it on a new database; stopped and dropped at the end."""
    urls = servers.new_database(server, template)  # type: ignore[arg-type]
    portal = RunningPortal(state, urls)
    try:
        yield portal
    finally:
        portal.stop()
        servers.drop_database(server, urls)  # type: ignore[arg-type]
