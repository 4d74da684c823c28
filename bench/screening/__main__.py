"""Everything about the matcher in one go: quality on what it was not fitted on, beside public matchers; speed; memory.

    python -m bench.screening [--shared FOLDER] [--members 2000000] [--origins 4000] [--only PART]

Prints JSON lines. Without the shared folder of labelled pairs the quality is named and left out. Times are processor
time; on a busy machine they are up to twice what they are on a quiet one.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from pathlib import Path

from bench.screening import quality, speed

SHARED = Path(__file__).parents[3] / "shared/data/screening"
PARTS = ("pairs", "population", "origins", "speed", "delta")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure the matcher.")
    parser.add_argument("--shared", type=Path, default=SHARED)
    parser.add_argument("--members", type=int, default=2_000_000)
    parser.add_argument("--origins", type=int, default=4_000)
    parser.add_argument("--only", choices=PARTS, action="append")
    given = parser.parse_args()
    parts = given.only or PARTS
    _told({"load": round(os.getloadavg()[0], 1), "cpus": os.cpu_count()})
    if not (given.shared / "dev_pairs.csv").exists():
        _told({"left_out": f"quality: the labelled pairs are not in {given.shared}"})
        parts = [part for part in parts if part in ("speed", "delta")]
    if "pairs" in parts:
        for told in quality.of_pairs(given.shared):
            _told({"what": "pairs"} | told)
    if "population" in parts:
        with tempfile.TemporaryDirectory() as work:
            _told({"what": "population"} | quality.of_population(given.shared, Path(work)))
    if "origins" in parts:
        _told({"what": "origins"} | quality.of_origins(given.shared, given.origins))
    if "speed" in parts:
        _told({"what": "speed"} | speed.alone("full"))
    if "delta" in parts:
        _told({"what": "delta"} | speed.alone("delta", given.members))


def _told(figures: dict[str, object]) -> None:
    print(json.dumps(figures), flush=True)


if __name__ == "__main__":
    main()
