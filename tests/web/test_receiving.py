"""A body as it comes in over the wire: whole, half, without end, or to a disk that has no room for it."""

from __future__ import annotations

import contextlib
import io
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from waitress import wasyncore
from waitress.server import create_server

from portal.adapters import files as store
from portal.db import Database
from portal.services import applications, documents
from portal.web.receiving import Conversation
from tests import uploads
from tests.browsing import ORIGIN, Browser, Page
from tests.full_disks import no_file_larger_than
from tests.interviewing import PASSWORD, account
from tests.signing_in import sign_in

EMAIL = "elise@example.org"
MOST = 8_000_000  # bytes of a body here


def _count(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    start("200 OK", [("Content-Type", "text/plain")])
    return [str(len(environ["wsgi.input"].read())).encode()]


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """The embedded server as `portal serve` builds it, with an application that counts what it receives."""
    server = create_server(_count, host="127.0.0.1", port=0, threads=2, max_request_body_size=MOST, ident=None)
    server.channel_class = Conversation
    loop = threading.Thread(target=server.run, daemon=True)
    loop.start()
    yield server.effective_port
    server.trigger.pull_trigger(server.close)  # from within its own loop, which would else wait on a closed socket
    loop.join(20)
    server.task_dispatcher.shutdown()
    wasyncore.close_all(server._map)
    assert not loop.is_alive()


def _sent(port: int, head: str, body: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as conversation:
        conversation.sendall(f"POST /fr/x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{head}\r\n\r\n".encode())
        with contextlib.suppress(OSError):  # the answer came before the end
            conversation.sendall(body)
        answer = b""
        with contextlib.suppress(ConnectionResetError):  # the server ends without reading what nobody wants any more
            while part := conversation.recv(65536):
                answer += part
    return answer


def _in_chunks(size: int) -> bytes:
    return b"%x\r\n%b\r\n0\r\n\r\n" % (size, bytes(size))


def test_a_full_disk_is_answered_by_a_page_of_our_own_in_both_languages(port: int) -> None:
    with no_file_larger_than(1_000_000):
        for head, body in (
            ("Content-Length: 3000000", bytes(3_000_000)),
            ("Transfer-Encoding: chunked", _in_chunks(3_000_000)),
        ):
            answer = _sent(port, head, body).decode()
            assert answer.startswith("HTTP/1.1 507 ")
            assert "There is no room" in answer and 'lang="fr"' in answer and "Content-Security-Policy" in answer
    assert _sent(port, "Content-Length: 3000000", bytes(3_000_000)).endswith(b"3000000")


def test_no_body_is_cut_silently(port: int) -> None:
    assert _sent(port, "Transfer-Encoding: chunked", _in_chunks(MOST - 1000)).endswith(str(MOST - 1000).encode())
    for head, body in (
        (f"Content-Length: {MOST}", bytes(MOST)),
        ("Transfer-Encoding: chunked", _in_chunks(MOST)),
    ):
        assert _sent(port, head, body).startswith(b"HTTP/1.1 413 ")


def test_half_a_body_leaves_nothing(port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for share in (0.1, 0.5, 0.99):
        with socket.create_connection(("127.0.0.1", port)) as conversation:
            conversation.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3000000\r\n\r\n")
            conversation.sendall(bytes(int(3_000_000 * share)))
            time.sleep(0.1)
            assert list(tmp_path.iterdir()) == [], "what is being received has no name"
    assert _sent(port, "Content-Length: 2000000", bytes(2_000_000)).endswith(b"2000000")


def test_the_page_for_a_full_disk_keeps_the_draft(browser: Browser, database: Database) -> None:
    with database.transaction() as session:
        holder = account(session, EMAIL)
        reference = applications.start(session, holder, by=holder).reference
    sign_in(browser, EMAIL, PASSWORD)
    browser.fill(
        f"/en/applications/{reference}/documents/passport_page", upload=(io.BytesIO(uploads.jpeg()), "first.jpg")
    )
    before = {key for key, _ in store.all_keys()}
    large = uploads.jpeg() + bytes(2_000_000)
    for language, address, words in (
        ("en", f"/en/applications/{reference}/documents/passport_page", "There is no room"),
        ("fr", f"/fr/demandes/{reference}/documents/passport_page", "pas de place"),
    ):
        form = browser.open(address)  # the limit is for the sending alone
        with no_file_larger_than(600_000):
            page = _posted(browser, form, large)
        assert (page.status, page.language) == (507, language)
        assert words in page.text
    assert {key for key, _ in store.all_keys()} == before
    with database.transaction() as session:
        application = applications.own(session, session.merge(holder), reference)
        current = documents.current(session, application, "passport_page")
        assert current is not None and current.name == "first.jpg"


def _posted(browser: Browser, form: Page, content: bytes) -> Page:
    """Send the form with a file, as bytes that are ready: the test's own client needs no temporary file for them."""
    fields = {str(one["name"]): str(one["value"]) for one in form.form().find_all("input", type="hidden")}
    parts = [f'--edge\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{fields[name]}\r\n' for name in fields]
    parts.append('--edge\r\nContent-Disposition: form-data; name="upload"; filename="second.jpg"\r\n\r\n')
    body = "".join(parts).encode() + content + b"\r\n--edge--\r\n"
    kind = "multipart/form-data; boundary=edge"
    return Page(browser.client.post(form.url, data=body, content_type=kind, base_url=ORIGIN), form.url)
