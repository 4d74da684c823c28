"""`python -m bench.mrz`: how much of synthesised photos the reader of machine-readable zones reads. Prints JSON lines.

Half of the pictures are printed in OCR-B, half in fonts that look like it, by default in those that no training saw.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from bench.mrz.cases import Case, cases
from portal.adapters import mrz_reader
from portal.adapters.imaging import LONGEST_EDGE
from portal.domain import mrz

OCR_B = Path("/usr/share/fonts/opentype/ocr-b")
ALIKE = Path("/usr/share/fonts/truetype/dejavu")


def main() -> None:
    """Read the pictures with the seeds that were asked for."""
    options = _options()
    main_fonts, alike = [options.ocr_b / "OCRB.otf"], sorted(options.alike.glob("*Mono*.ttf"))
    counts: Counter[tuple[str, str]] = Counter()
    seconds = []
    for case in cases(range(*options.seeds), main_fonts, alike, largest=options.largest):
        picture = case.paint(alike).picture
        began = time.process_time()
        picture.thumbnail((LONGEST_EDGE, LONGEST_EDGE), reducing_gap=3)
        read = mrz_reader.read(picture)
        seconds.append(time.process_time() - began)
        found = mrz.read(read.lines, read.doubtful) if read else None
        wrong = list(_wrongly_verified(case, found))
        is_exact = found is not None and found.lines == case.lines
        for group in _groups(case):
            counts[group, "pictures"] += 1
            counts[group, "exact"] += is_exact
            counts[group, "verified"] += found is not None and found.is_verified
            counts[group, "wrongly_verified"] += bool(wrong)
        if not is_exact or wrong:
            print(json.dumps({"seed": case.seed, "is": case.lines, "read": found and found.lines, "wrong": wrong}))
    for group in sorted({group for group, _ in counts}):
        names = ("pictures", "exact", "verified", "wrongly_verified")
        print(json.dumps({"group": group, **{name: counts[group, name] for name in names}}))
    print(json.dumps({"cpu_seconds_median": round(statistics.median(seconds), 2), "most": round(max(seconds), 2)}))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs=2, default=(0, 500), metavar=("FIRST", "END"))
    parser.add_argument("--largest", type=float, default=12, help="Megapixels of the largest pictures.")
    parser.add_argument("--ocr-b", type=Path, default=OCR_B, help="Folder with OCRB.otf.")
    parser.add_argument("--alike", type=Path, default=ALIKE, help="Folder with look-alikes, *Mono*.ttf.")
    return parser.parse_args()


def _groups(case: Case) -> tuple[str, ...]:
    sizes = {"turn": abs(case.damage.turn), "tilt": case.damage.tilt, "blur": case.damage.blur}
    sizes |= {"noise": case.damage.noise, "glare": case.damage.glare, "jpeg": -case.damage.quality}
    halves = {"turn": 7.5, "tilt": 12, "blur": 1.2, "noise": 16, "glare": 0.1, "jpeg": -45}
    of_size = (
        [f"{case.name}, {'more' if sizes[case.name] > halves[case.name] else 'less'}"] if case.name in sizes else []
    )
    font = "OCR-B" if "OCR" in case.font.name.upper() else "look-alike"
    return ("all", case.name, *of_size, case.kind, font, f"{case.damage.megapixels:.0f} megapixels")


def _wrongly_verified(case: Case, found: mrz.MRZ | None) -> Iterator[str]:
    """The fields that passed for verified and are wrong."""
    if found is None:
        return
    truth = mrz.read(case.lines)
    assert truth is not None
    if found.is_verified and _guarded(found) != _guarded(truth):
        yield "composite"
    for name in mrz.CHECKED:
        if found.fields[name].is_verified and found[name] != truth[name]:
            yield name


def _guarded(zone: mrz.MRZ) -> str:
    layout = mrz.BY_KIND[zone.kind]
    return "".join(mrz.text_at(zone.lines, place) for place in layout.composite)


if __name__ == "__main__":
    main()
