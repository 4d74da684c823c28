"""Bad uploads of every family that the field knows: refused with words, or drawn anew without what they carried."""

from __future__ import annotations

import io
import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import pikepdf
import pytest
from click.testing import CliRunner
from PIL import Image

from portal.adapters import imaging
from portal.adapters.imaging import Drawing
from portal.cli import main
from portal.domain import documents as rules
from portal.services import inspection
from tests import upload_relatives as relatives
from tests import uploads
from tests.upload_relatives import EITHER, HEAVY, LIGHT, MARK, REFUSED, TAKEN

LIMITS = rules.USUAL_LIMITS
MOST_MEMORY = 600_000  # kB
MOST_SECONDS = 60


def _examined(content: bytes) -> Drawing:
    refusal = inspection.refusal_at_once(content[: imaging.HEAD], len(content), LIMITS)
    return Drawing(refusal=refusal) if refusal else imaging.draw(content, LIMITS)


def _check(content: bytes, wanted: str) -> None:
    began = time.monotonic()
    drawing = _examined(content)
    assert time.monotonic() - began < MOST_SECONDS
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < MOST_MEMORY
    assert (wanted == REFUSED) <= bool(drawing.refusal)
    assert (wanted == TAKEN) <= bool(drawing.pages)
    if drawing.refusal:
        assert str(rules.refusal_text(drawing.refusal, LIMITS)) and not drawing.pages
        return
    for page in drawing.pages:
        assert MARK not in page.jpeg
        shown = Image.open(io.BytesIO(page.jpeg))
        shown.load()
        assert shown.mode == "RGB" and not shown.getexif() and getattr(shown, "n_frames", 1) == 1
        assert not {"comment", "xmp", "photoshop", "exif", "icc_profile"} & set(shown.info)


def _is_slow(name: str) -> bool:
    # Whatever a PDF does, its pages are drawn: one or two of these tell what all of them tell.
    return name.startswith("pdf ") and LIGHT[name][1] == EITHER


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow) if _is_slow(name) else name for name in LIGHT]
)
def test_a_relative_is_refused_or_drawn_anew(name: str) -> None:
    make, wanted = LIGHT[name]
    _check(make(), wanted)


@pytest.mark.slow
@pytest.mark.parametrize("name", HEAVY)
def test_a_bomb_is_stopped_by_the_limits(name: str) -> None:
    make, wanted = HEAVY[name]
    _check(make(), wanted)


@pytest.mark.slow
def test_a_hundred_fuzzed_files_never_break_the_child() -> None:
    for name, content in relatives.fuzzed(100):
        drawing = _examined(content)  # raises where the child falls in a way that it should not
        assert drawing.refusal or drawing.pages, name


@pytest.mark.parametrize(
    "name", ["pdf with a form of scripts", "pdf with a program inside", "pdf with layers", "pdf and archive"]
)
def test_what_is_kept_of_a_pdf_holds_drawn_pages_and_nothing_else(name: str) -> None:
    make, _ = LIGHT[name]
    kept = imaging.bound(_examined(make()).pages)
    assert kept.startswith(b"%PDF") and MARK not in kept
    with pikepdf.open(io.BytesIO(kept)) as document:
        assert not document.check_pdf_syntax()
        assert {"/Type", "/Pages"} >= set(document.Root.keys())
        assert not document.is_encrypted and not document.attachments
        for page in document.pages:
            assert set(page.obj.keys()) <= {"/Type", "/Parent", "/MediaBox", "/Contents", "/Resources"}


def test_names_are_shown_and_lead_nowhere(tmp_path: Path) -> None:
    file, out = tmp_path / "x.jpg", tmp_path / "out"
    for number, name in enumerate(["..%2f..%2fx.jpg", "CON.jpg", "a\u202egpj.exe", "-rf.jpg", "'; drop table.jpg"]):
        file = tmp_path / name
        file.write_bytes(uploads.jpeg(100 + number, 80))
        done = CliRunner().invoke(main, ["documents", "inspect", "--out", str(out), "--", str(file)])
        said = json.loads(done.stdout)
        assert said["verdict"] == "accept" and Path(said["stored"]).parent == out
        assert "\u202e" not in Path(said["stored"]).name
    for name in ["../../etc/passwd.jpg", "..\\..\\x.jpg", "a\0b.jpg", "x\r\ny.jpg", "/tmp/x.jpg"]:
        shown = rules.shown_name(name)
        assert not set(shown) & set("/\\\0\r\n") and not shown.startswith("..")


def test_a_scan_in_black_and_white_is_made_smaller_smoothly() -> None:
    lines = Image.new("1", (6000, 400), 1)
    for x in range(0, 6000, 2):
        lines.paste(0, (x, 0, x + 1, 400))
    out = io.BytesIO()
    lines.save(out, "PNG")
    page = Image.open(io.BytesIO(_examined(out.getvalue()).pages[0].jpeg)).convert("L")
    low, high = page.crop((100, 50, 2900, 150)).getextrema()
    assert low > 60 and high < 200, "grey, not the lines that happened to be hit"


def test_a_large_see_through_picture_fits_into_the_childs_memory() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (8000, 7000), (10, 20, 30, 128)).save(out, "PNG", compress_level=1)
    assert _examined(out.getvalue()).refusal is None


PROBE = """
import importlib.util, json, socket, sys
spec = importlib.util.spec_from_file_location("child", sys.argv[1])
child = importlib.util.module_from_spec(spec)
spec.loader.exec_module(child)
child._limit_ourselves(json.loads(sys.argv[2]))
tried = {}
for name, act in {
    "internet": lambda: socket.create_connection(("127.0.0.1", int(sys.argv[3])), 1),
    "datagram": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("192.0.2.1", 53)),
    "program": lambda: __import__("os").execv("/bin/true", ["true"]),
    "fork": lambda: __import__("os").fork(),
    "write": lambda: open(sys.argv[4], "wb").write(bytes(90_000_000)),
    "memory": lambda: bytearray(700_000_000),
}.items():
    try:
        act()
        tried[name] = "done"
    except BaseException as error:
        tried[name] = type(error).__name__
print(json.dumps(tried))
"""


def test_the_child_reaches_no_network_and_starts_nothing(tmp_path: Path) -> None:
    """A server listens beside it, and whoever may open a socket to it is told so: the child is not."""
    import signal
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        socket.create_connection(("127.0.0.1", port), 1).close()
        options = json.dumps(imaging._options(uploads.jpeg(), LIMITS, False))
        done = subprocess.run(
            [sys.executable, "-I", "-c", PROBE, str(imaging.CHILD), options, str(port), str(tmp_path / "large")],
            capture_output=True, text=True, check=False, env=imaging.ENVIRONMENT,
            preexec_fn=lambda: signal.signal(signal.SIGXFSZ, signal.SIG_IGN),
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    tried = json.loads(done.stdout)
    assert "done" not in tried.values(), tried
    assert tried["memory"] == "MemoryError"
