"""The lines of a passport, read from pictures that are drawn here from seeds and damaged as photos are."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from bench.mrz import __main__ as bench
from bench.mrz.cases import Case, cases
from portal.adapters import imaging, mrz_reader
from portal.cli import main
from portal.domain import documents as rules
from portal.domain import mrz
from tests import uploads

FEW, MANY, UNHARMED = range(900, 908), range(500), range(920, 1000, 10)


def _cases(seeds: range, largest: float) -> Iterator[Case]:
    return cases(seeds, [bench.OCR_B / "OCRB.otf"], ALIKE, largest=largest)


ALIKE = sorted(bench.ALIKE.glob("DejaVuSansMono*.ttf"))


def _read(case: Case) -> mrz.MRZ | None:
    picture = case.paint(ALIKE).picture
    picture.thumbnail((imaging.LONGEST_EDGE, imaging.LONGEST_EDGE))
    read = mrz_reader.read(picture)
    return mrz.read(read.lines, read.doubtful) if read else None


def _share_read(seeds: range, largest: float) -> float:
    exact = 0
    for case in _cases(seeds, largest):
        found = _read(case)
        exact += found is not None and found.lines == case.lines
        assert list(bench._wrongly_verified(case, found)) == [], case
    return exact / len(seeds)


def test_damaged_photos_are_read_and_nothing_wrong_is_called_verified() -> None:
    assert _share_read(FEW, 1) >= 0.8


@pytest.mark.slow
def test_of_five_hundred_damaged_photos_nearly_all_are_read() -> None:
    assert _share_read(MANY, 12) >= 0.9


def test_the_command_says_what_stands_in_the_zone(tmp_path: Path) -> None:
    case = next(case for case in _cases(UNHARMED, 2) if case.font.name == "OCRB.otf")
    case.paint(ALIKE).picture.save(tmp_path / "passport.jpg", quality=90)
    (tmp_path / "other.jpg").write_bytes(uploads.jpeg())
    done = CliRunner().invoke(
        main, ["documents", "inspect", str(tmp_path / "passport.jpg"), str(tmp_path / "other.jpg")]
    )
    passport, other = (json.loads(line) for line in done.stdout.splitlines())
    assert other["mrz"] is None
    assert passport["mrz"]["lines"] == list(case.lines)
    assert passport["mrz"]["format"] == case.kind
    assert passport["mrz"]["verified"] == dict.fromkeys(
        ("number", "birth_date", "expiry_date", "optional", "composite"), True
    )


def test_a_page_is_drawn_though_nothing_on_it_can_be_read() -> None:
    noise = Image.effect_noise((1800, 1400), 90).convert("RGB")
    out = io.BytesIO()
    noise.save(out, "JPEG", quality=95)
    drawing = imaging.draw(out.getvalue(), rules.USUAL_LIMITS, is_read=True)
    assert drawing.refusal is None
    assert drawing.zone is None
    assert len(drawing.pages) == 1
