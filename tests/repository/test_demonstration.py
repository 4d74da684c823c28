"""`make run` as a stranger runs it: ready with sign-ins, quick the second time, nothing lost, nothing left behind."""

import http.client
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from demo.environment import port_near
from demo.supervisor import PORTAL
from tests.servers import open_folder

pytestmark = pytest.mark.slow


@contextmanager
def demonstration(state: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    """A running demonstration; it is told to stop at the end where it still runs."""
    command = [str(PORTAL), "demo", "--port", str(port), "--state", str(state)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        try:
            yield running
        finally:
            running.terminate()
            running.communicate()


def introduction(running: subprocess.Popen[str]) -> str:
    """What it says until it asks for nothing but Ctrl-C."""
    assert running.stdout is not None
    words = ""
    for line in running.stdout:
        words += line
        if "Ctrl-C" in line:
            return words
    raise AssertionError(f"it never became ready:\n{words}")


def status(port: int, path: str) -> int:
    with closing(http.client.HTTPConnection("localhost", port, timeout=10)) as connection:
        connection.request("GET", path)
        with connection.getresponse() as answer:
            return answer.status


def left_behind(state: Path) -> list[str]:
    """The processes that still work for this demonstration."""
    texts = [of_process(path) for name in ("environ", "cmdline") for path in Path("/proc").glob(f"[0-9]*/{name}")]
    return [text.decode(errors="replace") for text in texts if str(state).encode() in text]


def of_process(path: Path) -> bytes:
    """What a process says of itself; nothing where it has ended meanwhile or is another's."""
    try:
        return path.read_bytes()
    except OSError:
        return b""


def test_it_starts_keeps_everything_and_leaves_nothing_behind() -> None:
    port = port_near(21000, None, set())
    with open_folder() as folder:
        start_kill_and_start_again(folder / "var", port)


def start_kill_and_start_again(state: Path, port: int) -> None:
    with demonstration(state, port) as running:
        words = introduction(running)
        assert f"http://localhost:{port}" in words and "@example.org" in words
        assert [status(port, path) for path in ("/health/ready", "/en/", "/fr/")] == [200, 200, 200]
        running.kill()
        running.wait()
        wait_until_gone(state)
    with demonstration(state, port) as running:
        assert introduction(running).partition("Passage is ready")[2] == words.partition("Passage is ready")[2]
        running.send_signal(signal.SIGINT)
        assert running.wait(30) == 0
        assert left_behind(state) == []


def wait_until_gone(state: Path) -> None:
    deadline = time.monotonic() + 10
    while left := left_behind(state):
        assert time.monotonic() < deadline, left
        time.sleep(0.05)
