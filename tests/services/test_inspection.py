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
from PIL import Image, ImageCms

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


def test_colours_are_read_by_the_profile_that_came_with_them(tmp_path: Path) -> None:
    crossed = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    plain, broken, other = io.BytesIO(), io.BytesIO(), io.BytesIO()
    Image.new("CMYK", (40, 40), (0, 255, 255, 0)).save(plain, "JPEG")
    Image.new("RGB", (40, 40), "red").save(broken, "JPEG", icc_profile=b"no profile at all")
    Image.new("RGB", (40, 40), "red").save(other, "JPEG", icc_profile=crossed)
    lines = _inspected(
        tmp_path,
        "--out",
        str(tmp_path / "out"),
        plain=plain.getvalue(),
        broken=broken.getvalue(),
        other=other.getvalue(),
        linear=_linear_grey(),
    )
    shown = []
    for line in lines:
        with Image.open(str(line["stored"])) as picture:
            assert "icc_profile" not in picture.info
            shown.append(picture.convert("RGB").getpixel((20, 20)))
    for red, green, blue in shown[:3]:
        assert red > 200 > 60 > max(green, blue)
    assert shown[3][0] > 160, "a middle grey of linear light is a light grey of ours"


def _linear_grey() -> bytes:
    """A grey of 128 under sRGB's profile whose curves were made straight."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = int.from_bytes(profile[128:132], "big")
    for entry in range(132, 132 + 12 * count, 12):
        if profile[entry : entry + 4] in (b"rTRC", b"gTRC", b"bTRC"):
            start = int.from_bytes(profile[entry + 4 : entry + 8], "big")
            profile[start : start + 12] = b"curv" + bytes(8)  # no points: the identity
            profile[entry + 8 : entry + 12] = (12).to_bytes(4, "big")
    out = io.BytesIO()
    Image.new("RGB", (40, 40), (128, 128, 128)).save(out, "JPEG", icc_profile=bytes(profile))
    return out.getvalue()


def test_a_find_is_refused(scanner: str, tmp_path: Path) -> None:
    [good, bad] = _inspected(tmp_path, "--clamd", scanner, good=uploads.jpeg(), bad=uploads.jpeg() + BAD)
    assert (good["reason"], bad["reason"]) == (None, "virus")
    [away] = _inspected(tmp_path, "--clamd", f"{scanner}-that-is-not-there", good=uploads.jpeg())
    assert (away["verdict"], away["reason"]) == ("reject", "not_checked")


def test_no_verdict_is_never_taken_for_clean(scanner: str) -> None:
    with pytest.raises(antivirus.ScannerAway, match="size limit"):
        inspection.examine(uploads.jpeg() + bytes(200_000), rules.USUAL_LIMITS)
    antivirus.use(f"{scanner}-that-is-not-there")
    with pytest.raises(antivirus.ScannerAway):
        inspection.examine(uploads.jpeg(), rules.USUAL_LIMITS)
