"""`python -m bench.strangers`: whether the time of an answer tells a stranger whose address the portal knows.

A server as shipped, asked one thing at a time and in turn about known, unknown, disabled and unconfirmed addresses at
three doors. Prints a JSON line for each door: the median milliseconds for each kind, and how often an answer about the
kind took longer than one about an unknown address (one half says nothing; 0 or 1 would say all).
"""

from __future__ import annotations

import http.client
import itertools
import json
import os
import re
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

from sqlalchemy.orm import Session

from bench.__main__ import serving
from demo.environment import port_near, remembered
from portal.adapters import passwords
from portal.adapters.embedded_postgres import EmbeddedPostgres
from portal.clock import now
from portal.config import Settings
from portal.db import Database
from portal.migrate import upgrade
from portal.models import Account
from portal.models.accounts import email_index
from portal.start import prepare

EACH, WARM = 60, 5
KINDS = ("known", "unknown", "disabled", "unconfirmed")
DOORS = {
    "sign-in": ("/en/sign-in", {"password": "five wrong words in a row"}),
    "sign-up": ("/en/account/create", {"message_language": "en"}),
    "forgotten password": ("/en/account/forgot-password", {}),
}
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


def _people(session: Session) -> None:
    password = passwords.hash("quatre moineaux lisent")
    for kind, number in itertools.product(("known", "disabled", "unconfirmed"), range(len(DOORS) * (EACH + WARM))):
        email = f"{kind}{number}@example.org"
        made = Account(email_index=email_index(email), language="en")
        made.email = email
        if kind != "unconfirmed":
            made.password_hash, made.enrolled_at = password, now()
        made.disabled_at = now() if kind == "disabled" else None
        session.add(made)


def _ask(browser: http.client.HTTPConnection, door: str, email: str, source: str) -> float:
    """Seconds until the answer of a stranger's try, from a browser and an address never seen before."""
    path, fields = DOORS[door]
    browser.request("GET", path)
    page = browser.getresponse()
    token, cookie = TOKEN.search(page.read().decode()), page.headers["Set-Cookie"].split(";")[0]
    assert token is not None
    body = urlencode({"csrf_token": token[1], "form_key": secrets.token_urlsafe(16), "email": email, **fields})
    headers = {
        "Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie, "X-Forwarded-For": source,
        "Sec-Fetch-Site": "same-origin",
    }  # fmt: skip
    began = time.perf_counter()
    browser.request("POST", path, body, headers)
    answer = browser.getresponse()
    answer.read()
    took = time.perf_counter() - began
    if answer.status not in (303, 422):
        raise SystemExit(f"{door}: {answer.status}")
    return took


def _measured(port: int) -> Iterator[dict[str, object]]:
    browser = http.client.HTTPConnection("localhost", port)
    sources = (f"198.{18 + number // 65536}.{number // 256 % 256}.{number % 256}" for number in itertools.count())
    for place, door in enumerate(DOORS):
        took: dict[str, list[float]] = {kind: [] for kind in KINDS}
        for number in range(EACH + WARM):
            for kind in KINDS:
                email = f"{kind}{place * (EACH + WARM) + number}@example.org"
                seconds = _ask(browser, door, email, next(sources))
                if number >= WARM:
                    took[kind].append(seconds)
        yield {
            "door": door,
            "median_ms": {kind: round(statistics.median(took[kind]) * 1000, 1) for kind in KINDS},
            "slower_than_unknown": {
                kind: round(_share_above(took[kind], took["unknown"]), 2) for kind in KINDS if kind != "unknown"
            },
        }


def _share_above(ones: list[float], others: list[float]) -> float:
    return sum(one > other for one, other in itertools.product(ones, others)) / (len(ones) * len(others))


def main() -> None:
    """Prepare, measure, print."""
    with tempfile.TemporaryDirectory(prefix="passage-bench-") as folder:
        state = Path(folder)
        with EmbeddedPostgres(state / "postgresql") as postgres:
            told = remembered(port_near(23000, None, set()), state)
            addresses = {"DATABASE_URL": postgres.url("web"), "OWNER_DATABASE_URL": postgres.url("owner")}
            environment = told.variables(**addresses) | {"PASSAGE_TRUSTED_PROXIES": "1"}
            os.environ.update(environment)
            upgrade(postgres.url("owner"))
            prepare(Settings())  # type: ignore[call-arg]  # from the environment
            owner = Database(postgres.url("owner"))
            with owner.transaction() as session:
                _people(session)
            owner.close()
            command = [str(Path(sys.executable).with_name("portal")), "serve", "--port", str(told.port)]
            with serving(command, told.port, environment, state / "web.log"):
                for line in _measured(told.port):
                    print(json.dumps(line))


if __name__ == "__main__":
    main()
