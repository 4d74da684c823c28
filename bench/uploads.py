"""How much memory the web process takes for uploads: `python -m bench.uploads`.

Starts the portal as it really runs, sends files of 15 MB over the wire, one after another and several at once, and
reads from /proc how high the web process's memory went above where it stood after its first pages.
"""

from __future__ import annotations

import hashlib
import io
import secrets
import tempfile
import threading
from pathlib import Path

from flask import Flask
from flask.sessions import SecureCookieSessionInterface

from portal.db import Database
from portal.services import applications, sign_ins
from portal.start import prepare
from tests import servers, uploads
from tests.browsing import Browser
from tests.interviewing import account
from tests.live import LiveClient
from tests.running import RunningPortal, running_portal

SIZE = 15_000_000  # bytes, as many as the programme allows
ROUNDS = 3
AT_ONCE = 4


def main() -> None:
    """Print a line for each measurement."""
    server = servers.start_server()
    template = servers.migrated_template(server)
    with tempfile.TemporaryDirectory() as folder, running_portal(Path(folder), server, template) as portal:
        portal.start("mail", "web")
        database = prepare(portal.settings())
        browsers = [_browser(portal, database, number) for number in range(AT_ONCE)]
        process = portal.children["web"].process
        assert process is not None
        for browser, reference in browsers:  # what every page needs is loaded now
            _send(browser, reference, uploads.jpeg())
        for count in (1, AT_ONCE):
            for _ in range(ROUNDS):
                before = _memory(process.pid, "VmRSS")
                Path(f"/proc/{process.pid}/clear_refs").write_text("5")
                _send_at_once(browsers[:count])
                peak = _memory(process.pid, "VmHWM")
                print(f"{count} at once: {peak - before:5.1f} MB above {before:.0f} MB")
        database.engine.dispose()


def _browser(portal: RunningPortal, database: Database, number: int) -> tuple[Browser, str]:
    """A browser in which a traveller with a draft is signed in."""
    token = secrets.token_urlsafe(32)
    with database.transaction() as session:
        holder = account(session, f"traveller{number}@example.org")
        reference = applications.start(session, holder, by=holder).reference
        sign_ins.begin(session, holder, token_hash=hashlib.sha256(token.encode()).digest(), device="")
    signer = Flask("bench")
    signer.secret_key = portal.settings().secret_key.get_secret_value()
    serializer = SecureCookieSessionInterface().get_signing_serializer(signer)
    assert serializer is not None
    client = LiveClient(portal.address)
    cookie = serializer.dumps({"_user_id": token, "_fresh": True})
    client.session.cookies.set("passage", cookie, domain="localhost.local")
    return Browser(client=client, origin=portal.address), reference


def _send_at_once(browsers: list[tuple[Browser, str]]) -> None:
    content = uploads.jpeg()
    content += bytes(SIZE - len(content))
    threads = [threading.Thread(target=_send, args=(*one, content)) for one in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _send(browser: Browser, reference: str, content: bytes) -> None:
    page = browser.fill(
        f"/en/applications/{reference}/documents/passport_page", upload=(io.BytesIO(content), "page.jpg")
    )
    assert "Being checked" in page.text, page.text[:500]


def _memory(pid: int, name: str) -> float:
    """Megabytes by one line of the kernel's account of a process."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) / 1000


if __name__ == "__main__":
    main()
