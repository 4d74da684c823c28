"""What the demonstration's processes are told: addresses, ports and secrets, drawn once and kept in its folder."""

import base64
import json
import os
import secrets
import socket
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

FIRST_EPHEMERAL_PORT = 32768  # from here on the kernel gives ports to outgoing connections
FALLBACK_PORT = 20000
SIGNING_KEY, SEALER = "PASSAGE_AUDIT_SIGNING_KEY", "SEALER_DATABASE_URL"


class NoFreePort(RuntimeError):
    """No port was free for a stand-in."""


def is_free(port: int) -> bool:
    """Whether nobody on this machine listens on the port."""
    with socket.socket() as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@dataclass(frozen=True)
class Demonstration:
    """One demonstration: its port and folder, the ports of its stand-ins, and its secrets by name of the setting."""

    port: int
    state: Path
    mail_port: int
    payments_port: int
    secrets: dict[str, str]

    @property
    def address(self) -> str:
        """Where a browser finds it."""
        return f"http://localhost:{self.port}"

    def variables(self, **database_urls: str) -> dict[str, str]:
        """The environment of a process: the caller's own, without another Passage's settings, and ours."""
        payments = f"http://localhost:{self.payments_port}"
        inherited = {name: value for name, value in os.environ.items() if not _is_setting(name)}
        # Whoever can sign seals could rewrite the trail: the key is the sealing process's alone.
        secret = {name: value for name, value in self.secrets.items() if name != SIGNING_KEY or SEALER in database_urls}
        return {
            **inherited,
            **secret,
            **database_urls,
            "PYTHONUNBUFFERED": "1",
            "PYTHONUTF8": "1",
            "PASSAGE_DEMONSTRATION": "1",
            "PASSAGE_EXTERNAL_URL": self.address,
            "PASSAGE_PORT": str(self.port),
            "PASSAGE_SMTP_URL": f"smtp://127.0.0.1:{self.mail_port}",
            "PASSAGE_MAIL_FOLDER": str(self.state / "mail"),
            "PASSAGE_FILES": str(self.state / "files"),
            "PASSAGE_AUDIT_ANCHOR": str(self.state / "anchors"),
            "PASSAGE_AUDIT_ANCHOR_EMAIL": "auditors@example.org",
            "PASSAGE_STRIPE_API_BASE": payments,
            "PASSAGE_STRIPE_CHECKOUT_ORIGIN": payments,
        }


def remembered(port: int, state: Path) -> Demonstration:
    """The demonstration of this folder, on `port`; what it lacks is drawn or found and written down."""
    path = state / "demonstration.json"
    known = json.loads(path.read_text()) if path.exists() else {}
    known["secrets"] = {**_new_secrets(), **known.get("secrets", {})}
    taken = {port}
    for name in ("mail_port", "payments_port"):
        known[name] = port_near(port, known.get(name), taken)
        taken.add(known[name])
    _write_closed(path, json.dumps(known, indent=2))
    return Demonstration(port, state, known["mail_port"], known["payments_port"], known["secrets"])


def _is_setting(name: str) -> bool:
    return name.startswith("PASSAGE_") or name.endswith("DATABASE_URL")


def _new_secrets() -> dict[str, str]:
    return {
        "PASSAGE_SECRET_KEY": secrets.token_urlsafe(48),
        "PASSAGE_MASTER_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
        "PASSAGE_INDEX_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
        SIGNING_KEY: base64.b64encode(secrets.token_bytes(32)).decode(),
        "PASSAGE_STRIPE_KEY": f"sk_test_{secrets.token_hex(16)}",
        "PASSAGE_STRIPE_WEBHOOK_SECRET": f"whsec_{secrets.token_hex(24)}",
    }


def port_near(port: int, last: int | None, taken: set[int]) -> int:
    """The port of last time if it is free, else the next free one after the portal's own."""
    near = range(port + 1, min(port + 100, FIRST_EPHEMERAL_PORT))
    for candidate in chain([last] if last else [], near, range(FALLBACK_PORT, FALLBACK_PORT + 100)):
        if candidate not in taken and is_free(candidate):
            return candidate
    raise NoFreePort


def _write_closed(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    unfinished = path.with_suffix(".unfinished")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(path)
