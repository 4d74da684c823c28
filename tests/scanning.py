"""A real ClamAV daemon that knows three signatures of the tests' own, started in a folder and stopped again."""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-" + b"FILE!$H+H*"
"""In two pieces, so that no scanner takes this file for what it speaks of."""
WHOLE = b"%PDF-1.4 a file that is known by its checksum"
LARGEST = 2_000_000  # bytes that the daemon takes
CLAMD = shutil.which("clamd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")

SETTINGS = """
Foreground yes
LocalSocket {folder}/socket
DatabaseDirectory {folder}
TemporaryDirectory {folder}
StreamMaxLength {largest}
MaxThreads 2
SelfCheck 0
"""


@dataclass
class Scanner:
    """One daemon. `address` stays the same when it is stopped and started again."""

    folder: Path
    process: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def address(self) -> str:
        return str(self.folder / "socket")

    def start(self) -> None:
        """Start the daemon and wait until it answers."""
        if CLAMD is None:
            pytest.skip("there is no clamd here (bin/setup --test installs it)")
        _write_signatures(self.folder)
        settings = self.folder / "clamd.conf"
        settings.write_text(SETTINGS.format(folder=self.folder, largest=LARGEST))
        with (self.folder / "log").open("wb") as log:
            self.process = subprocess.Popen([CLAMD, "--config-file", str(settings)], stdout=log, stderr=log)
        until = time.monotonic() + 30
        while not self._answers():
            assert self.process.poll() is None and time.monotonic() < until, (self.folder / "log").read_text()
            time.sleep(0.05)

    def stop(self) -> None:
        """End the daemon: nobody answers any more."""
        if self.process:
            self.process.kill()
            self.process.wait()
            Path(self.address).unlink(missing_ok=True)

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as conversation:
            try:
                conversation.connect(self.address)
                conversation.sendall(b"zPING\0")
                return conversation.recv(16) == b"PONG\0"
            except OSError:
                return False


def _write_signatures(folder: Path) -> None:
    (folder / "tests.ndb").write_text(f"Test.Eicar:0:*:{EICAR.hex()}\n")
    checksum = hashlib.md5(WHOLE, usedforsecurity=False).hexdigest()
    (folder / "tests.hdb").write_text(f"{checksum}:{len(WHOLE)}:Test.Whole\n")
