"""The demonstration's processes: each with its log, started again when it ends, later each time."""

import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from portal.adapters import child_processes

LONGEST_PAUSE = 30.0  # seconds before another start
STEADY_AFTER = 30.0  # seconds of life after which an end counts as the first again


@dataclass
class Child:
    """One process: how it is started, how it is asked to stop, and whether it lives."""

    name: str
    command: list[str | Path]
    environment: dict[str, str]
    log_path: Path
    folder: Path
    stop_signal: signal.Signals = signal.SIGTERM
    patience: float = 10.0
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    started_at: float = field(default=0.0, init=False)
    ends: int = field(default=0, init=False)

    def start(self) -> None:
        """Start it; its words are added to its log."""
        with self.log_path.open("ab") as log:
            self.process = child_processes.start(
                self.command,
                log=log,
                environment=self.environment,
                when_parent_dies=signal.SIGKILL,
                folder=self.folder,
            )
        self.started_at = time.monotonic()

    def exit_code(self) -> int | None:
        """The exit code, None while it lives."""
        return None if self.process is None else self.process.poll()

    def pause(self) -> float:
        """Note one more end, and how many seconds to wait before the next start."""
        lived = time.monotonic() - self.started_at
        self.ends = 1 if lived > STEADY_AFTER else self.ends + 1
        return min(0.25 * 2.0**self.ends, LONGEST_PAUSE)

    def stop(self) -> None:
        """Ask it to stop, wait for its end, and kill it where it does not come."""
        if self.process is not None:
            child_processes.stop(self.process, (self.stop_signal, self.patience))
            self.process = None
