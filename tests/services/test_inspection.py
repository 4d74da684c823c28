"""`portal documents inspect`, and the virus scanner asked over its own protocol."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pikepdf
import pytest
from click.testing import CliRunner
from PIL import Image, ImageCms
from procrastinate.jobs import Job

from portal.adapters import antivirus
from portal.cli import main
from portal.domain import documents as rules
from portal.jobs.app import Backoff
from portal.services import inspection
from tests import uploads
from tests.scanning import EICAR, LARGEST, WHOLE, Scanner


@pytest.fixture
def scanner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scanner]:
    """A real ClamAV daemon that is asked about every file."""
    daemon = Scanner(tmp_path_factory.mktemp("clamd"))
    daemon.start()
    antivirus.use(daemon.address)
    yield daemon
    antivirus.use(None)
    daemon.stop()


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
        phone=uploads.heic("linear_light"),
    )
    shown = []
    for line in lines:
        with Image.open(str(line["stored"])) as picture:
            assert "icc_profile" not in picture.info
            shown.append(picture.convert("RGB").getpixel((20, 20)))
    for red, green, blue in shown[:3]:
        assert red > 200 > 60 > max(green, blue)
    for light in shown[3:5]:
        assert light[0] > 160, "a middle grey of linear light is a light grey of ours"


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


def test_a_find_is_refused_wherever_it_hides(scanner: Scanner, tmp_path: Path) -> None:
    hidden = {
        "whole": WHOLE,
        "packed_in_a_pdf": _pdf_that_packs(EICAR),
        "renamed_picture.png": uploads.png() + EICAR,
        "picture": uploads.jpeg()[:2] + b"\xff\xfe" + (len(EICAR) + 2).to_bytes(2, "big") + EICAR + uploads.jpeg()[2:],
    }
    assert EICAR not in hidden["packed_in_a_pdf"]
    lines = _inspected(tmp_path, "--clamd", scanner.address, good=uploads.jpeg(), **hidden)
    assert [line["reason"] for line in lines] == [None, *["virus"] * len(hidden)]
    assert _reasons(tmp_path, EICAR) == ["wrong_format"], "as it is, it is no document at all"


def _reasons(folder: Path, content: bytes) -> list[object]:
    return [line["reason"] for line in _inspected(folder, alone=content)]


def _pdf_that_packs(content: bytes) -> bytes:
    document = pikepdf.Pdf.new()
    document.add_blank_page(page_size=(420, 300))
    document.pages[0].Contents = document.make_stream(b"BT (" + content + b") Tj ET " * 20)
    out = io.BytesIO()
    document.save(out, compress_streams=True, recompress_flate=True)
    return out.getvalue()


def test_a_scanner_that_is_away_lets_nothing_pass(scanner: Scanner, tmp_path: Path) -> None:
    [away] = _inspected(tmp_path, "--clamd", f"{scanner.address}-that-is-not-there", good=uploads.jpeg())
    assert (away["verdict"], away["reason"]) == ("reject", "not_checked")


def test_no_verdict_is_never_taken_for_clean(scanner: Scanner) -> None:
    with pytest.raises(antivirus.ScannerAway, match="size limit"):
        inspection.examine(uploads.jpeg() + bytes(LARGEST), rules.USUAL_LIMITS)
    scanner.stop()
    with pytest.raises(antivirus.ScannerAway):
        inspection.examine(uploads.jpeg(), rules.USUAL_LIMITS)
    scanner.start()
    assert inspection.examine(uploads.jpeg(), rules.USUAL_LIMITS).refusal is None


@pytest.mark.parametrize(
    ("attempts", "error", "least", "most"),
    [
        (0, antivirus.ScannerAway(), 60, 72),
        (9, antivirus.ScannerAway(), 120, 144),
        (9, OSError(), 3600, 4320),
    ],
)
def test_who_waits_for_the_scanner_waits_minutes_and_not_an_hour(
    attempts: int, error: Exception, least: int, most: int
) -> None:
    queued = Job(id=1, queue="default", lock=None, queueing_lock=None, task_name="check_document", attempts=attempts)
    decision = Backoff().get_retry_decision(exception=error, job=queued)
    assert decision is not None and decision.retry_at is not None
    pause = (decision.retry_at - datetime.now(UTC)).total_seconds()
    assert least - 2 < pause <= most
