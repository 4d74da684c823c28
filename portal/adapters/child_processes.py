"""Child processes that never outlive their parent: each in a session of its own, stopped signal by signal."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any

_PR_SET_PDEATHSIG = 1


def start(
    arguments: Sequence[str | Path],
    *,
    log: IO[bytes],
    environment: dict[str, str],
    when_parent_dies: signal.Signals,
    folder: Path | None = None,
    keep_open: Sequence[int] = (),
    user: int | None = None,
) -> subprocess.Popen[bytes]:
    """Start a program whose output goes to `log`, as `user` (a number; only root may choose another).

    Call it from the main thread: the kernel counts the end of the starting thread as the parent's death.
    """
    return subprocess.Popen(  # noqa: S603 (our own programs, no shell)
        [str(argument) for argument in arguments],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        cwd=folder,
        env=environment,
        pass_fds=keep_open,
        start_new_session=True,
        preexec_fn=_die_with_parent(when_parent_dies),  # after the change of user, which would undo it
        **as_user(user),
    )


def as_user(user: int | None) -> dict[str, Any]:
    """The arguments that make `subprocess` change to a user number without any group of ours."""
    return {} if user is None else {"user": user, "group": user, "extra_groups": []}


def stop(process: subprocess.Popen[bytes], *steps: tuple[signal.Signals, float]) -> int:
    """Send each signal in turn and wait its seconds for the end; kill what is left. Returns the exit code."""
    for number, patience in steps:
        if process.poll() is not None:
            break
        process.send_signal(number)
        try:
            return process.wait(patience)
        except subprocess.TimeoutExpired:
            continue
    if process.poll() is None:
        process.kill()
    return process.wait()


def _die_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def ask_the_kernel() -> None:
        prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)
        if os.getppid() != parent:  # it died in between
            os.kill(os.getpid(), signal.SIGKILL)

    return ask_the_kernel
