"""`portal documents inspect`, and the virus scanner asked over its own protocol."""

from __future__ import annotations

import io
import json
import socketserver
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

import pikepdf
import pytest
from click.testing import CliRunner
from PIL import Image

from portal.adapters import antivirus
from portal.cli import main
from portal.domain import documents as rules
from portal.services import inspection
from tests import uploads

BAD = b"THE-MARK-THAT-THE-SCANNER-KNOWS"


class Scanner(socketserver.BaseRequestHandler):
    """Speaks ClamAV's INSTREAM: finds one mark, and gives no verdict over a size of its own."""

    def handle(self) -> None:
        stream = self.request.makefile("rb")
        assert stream.read(10) == b"zINSTREAM\0"
        content = b""
        while size := struct.unpack(">I", stream.read(4))[0]:
            content += stream.read(size)
        if len(content) > 200_000:
            answer = b"INSTREAM size limit exceeded. ERROR"
        else:
            answer = b"stream: Test.Mark FOUND" if BAD in content else b"stream: OK"
        self.request.sendall(answer + b"\0")


@pytest.fixture
def scanner(tmp_path: Path) -> Iterator[str]:
    address = str(tmp_path / "clamd")
    with socketserver.ThreadingUnixStreamServer(address, Scanner) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        antivirus.use(address)
        yield address
        antivirus.use(None)
        server.shutdown()


def _inspected(folder: Path, *options: str, **contents: bytes) -> list[dict[str, object]]:
    paths = []
    for name, content in contents.items():
        paths.append(folder / name)
        paths[-1].write_bytes(content)
    arguments = ["documents", "inspect", *options, *map(str, paths)]
    done = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_each_file_becomes_a_line_and_a_clean_copy(tmp_path: Path) -> None:
    photo, script, text = _inspected(
        tmp_path,
        "--out",
        str(tmp_path / "out"),
        photo=uploads.jpeg(orientation=6),
        script=uploads.pdf_with_script(),
        text=b"<html>",
    )
    assert [photo["verdict"], script["verdict"], text["verdict"]] == ["accept", "accept", "reject"]
    with Image.open(str(photo["stored"])) as picture:
        assert picture.size == (200, 320)
    kept = Path(str(script["stored"])).read_bytes()
    assert kept.startswith(b"%PDF-")
    assert b"MARK" not in kept
    with pikepdf.open(io.BytesIO(kept), attempt_recovery=False) as document:
        assert (len(document.pages), "/OpenAction" in document.Root) == (1, False)
    assert (text["reason"], text["stored"], text["pages"]) == ("wrong_format", None, 0)
    assert text["message_en"] != text["message_fr"]


def test_a_find_is_refused(scanner: str, tmp_path: Path) -> None:
    [good, bad] = _inspected(tmp_path, "--clamd", scanner, good=uploads.jpeg(), bad=uploads.jpeg() + BAD)
    assert (good["reason"], bad["reason"]) == (None, "virus")


def test_no_verdict_is_never_taken_for_clean(scanner: str) -> None:
    with pytest.raises(antivirus.ScannerAway, match="size limit"):
        inspection.examine(uploads.jpeg() + bytes(200_000), rules.USUAL_LIMITS)
    antivirus.use(f"{scanner}-that-is-not-there")
    with pytest.raises(antivirus.ScannerAway):
        inspection.examine(uploads.jpeg(), rules.USUAL_LIMITS)
