"""Trains the matcher's weights: writes weights.json and common.csv, and prints what they reach.

    python -m bench.screening.train FOLDER POPULATION.csv TRUTH.csv [--out FOLDER]

FOLDER holds dev_pairs.csv and lookout_list.csv. The population is made by gen_population.py of the same folder. It
gives the hard negatives: those whom the matcher's own search for candidates lets through. A third of the listed persons
is kept out of the fit. Better evidence never adds less: the signs are bounds of the fit.
"""

from __future__ import annotations

import argparse
import collections
import csv
import itertools
import json
import math
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize

from portal.commands import screening as files
from portal.screening import Index, evidence, normalise
from portal.screening.people import Entry, Profile

DATA = Path(normalise.__file__).parent / "data"
CUTS = {
    "matched": (0.5, 0.8, 1.1, 1.4, 1.8, 2.3, 3),
    "conflict": (0.05, 0.15, 0.3, 0.5, 0.7, 0.9, 1.3),
    "extra": (0.05, 0.3, 0.6, 1, 1.5, 2.2),
    "loss": (0.02, 0.06, 0.12, 0.2, 0.3, 0.5),
    "whole": (0.4, 0.5, 0.6, 0.7, 0.8, 0.88, 0.95),
}
HELPS = {"matched", "whole"}
STEPS = [(measure, group, cut) for measure in CUTS for group in ("dated", "undated") for cut in CUTS[measure]]
OTHERS = {  # how much each may add
    "document_same": (0, 8),
    "document_near": (0, 4),
    "place_same": (0, 3),
    "place_other": (-2, 0),
    "citizenship_same": (0, 2),
    "citizenship_other": (-2, 0),
}
BIRTHS = len(evidence.BIRTHS)
MINED = 7000  # people of the population
PAIR_WEIGHT, RIDGE, ROUNDS, RARE = 3.0, 0.3, 2, 15


@dataclass
class Case:
    """A person beside an entry: one row of evidence for each name against each name, and whether they are the same."""

    rows: np.ndarray
    is_same: bool
    is_held: bool = False
    kind: str = "mined"


def main() -> None:
    """Read, train, report, write."""
    given = _arguments()
    entries = {row["entry_id"]: row for row in files.rows_of(given.folder / "lookout_list.csv")}
    _write_common(given.out, entries.values())
    cases = [*_pairs(given.folder, entries), *_mined(given.population, given.truth, entries.values())]
    weights = _trained(cases)
    print(json.dumps(_report(cases, weights)))
    _write(given.out, weights)


def _arguments() -> Any:
    parser = argparse.ArgumentParser(description="Train the matcher's weights.")
    for name in ("folder", "population", "truth"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--out", type=Path, default=DATA)
    return parser.parse_args()


def _write_common(out: Path, entries: Any) -> None:
    """How little a name tells that many entries bear: by sound, from so many entries on."""
    heard = (normalise.heard(token) for row in entries for token in normalise.tokens(row["primary_name"]))
    counted = sorted(collections.Counter(heard).items())
    with (out / "common.csv").open("w") as file:
        file.write("sound,weight\n")
        for sound, number in counted:
            if number >= RARE and len(sound) > 1:
                file.write(f"{sound},{max(0.4, 1 - 0.13 * math.log2(number / 8)):.2f}\n")
    normalise._levels.cache_clear()
    normalise.weight.cache_clear()


def _pairs(folder: Path, entries: dict[str, dict[str, str]]) -> Iterator[Case]:
    for row in files.rows_of(folder / "dev_pairs.csv"):
        listed = entries.get(row["l_entry_id"], {}).get("person_key", row["l_entry_id"])
        yield Case(
            _evidence(files.profile_of(row, "q_"), files.paired_entry_of(row)),
            row["label"] == "1",
            zlib.crc32(listed.encode()) % 3 == 0,
            row["kind"],
        )


def _mined(population: Path, truth: Path, entries: Any) -> Iterator[Case]:
    """Whoever the search for candidates lets through: planted people are the same, everybody else is not."""
    index = Index([files.entry_of(row) for row in entries])
    planted = {row["applicant_id"]: row["person_key"] for row in csv.DictReader(truth.open())}
    for row in itertools.islice(files.rows_of(population), MINED):
        profile, key = files.profile_of(row, ""), planted.get(row["applicant_id"])
        for entry in index.candidates(profile):
            is_same = key is not None and entry.person == key
            is_stranger = key is None and evidence.best_birth(profile, entry)[0] != "birth_far"
            if is_same or is_stranger:
                yield Case(_evidence(profile, entry), is_same)


def _evidence(profile: Profile, entry: Entry) -> np.ndarray:
    birth, _date = evidence.best_birth(profile, entry)
    group = "undated" if birth == "birth_unknown" else "dated"
    found = {
        evidence.document_code(profile, entry),
        evidence.place_code(profile, entry),
        evidence.citizenship_code(profile, entry),
    }
    rank = evidence.BIRTHS.index(birth)
    rest = [float(rank <= at) for at in range(BIRTHS)] + [float(code in found) for code in OTHERS]
    return np.array([
        [float(of == group and getattr(measured, measure) >= cut) for measure, of, cut in STEPS] + rest
        for measured in (
            evidence.name_evidence(normalise.tokens(ours), normalise.tokens(theirs), theirs)
            for ours in profile.names
            for theirs in entry.names
        )
    ])  # fmt: skip


def _trained(cases: list[Case]) -> np.ndarray:
    """Weights of the steps, of births from the worst to the best, of the other evidence, and the base."""
    bounds = [(0, None) if measure in HELPS else (None, 0) for measure, _group, _cut in STEPS]
    bounds += [(0, 6)] * (BIRTHS - 1) + [(-12, 0), *OTHERS.values(), (None, None)]
    weights = np.zeros(len(bounds))
    weights[: len(STEPS)] = [0.3 if measure in HELPS else -0.3 for measure, _group, _cut in STEPS]
    fitted = [case for case in cases if not case.is_held]
    signs = np.array([1.0 if case.is_same else -1.0 for case in fitted])
    importance = np.array([1.0 if case.kind == "mined" else PAIR_WEIGHT for case in fitted])
    for _round in range(ROUNDS):
        best = np.hstack([_best(fitted, weights), np.ones((len(fitted), 1))])
        weights = minimize(_loss, weights, (best, signs, importance), jac=True, bounds=bounds, method="L-BFGS-B").x
    return weights


def _best(cases: list[Case], weights: np.ndarray) -> np.ndarray:
    return np.array([case.rows[np.argmax(case.rows @ weights[:-1])] for case in cases])


def _loss(weights: np.ndarray, rows: np.ndarray, signs: np.ndarray, importance: np.ndarray) -> tuple[float, np.ndarray]:
    """Logistic loss with a ridge on everything but the base, and its slope."""
    wrong = -signs * (rows @ weights)
    ridge = np.append(weights[:-1], 0)
    loss = (importance * np.logaddexp(0, wrong)).sum() + RIDGE * (ridge**2).sum()
    slope = -(rows.T @ (importance * signs / (1 + np.exp(-wrong)))) + 2 * RIDGE * ridge
    return float(loss), slope


def _report(cases: list[Case], weights: np.ndarray) -> dict[str, Any]:
    held = [case for case in cases if case.is_held]
    scores = _best(held, weights) @ weights[:-1] + weights[-1]
    same, flagged = np.array([case.is_same for case in held]), scores >= 0
    real = np.array([case.is_same and case.kind.startswith(("real_", "nodob_real")) for case in held])
    strangers = np.sort(scores[~same])[::-1]
    precision, recall = (same & flagged).sum() / flagged.sum(), (same & flagged).sum() / same.sum()
    return {
        "pairs_held": len(held),
        "precision": round(float(precision), 4),
        "recall": round(float(recall), 4),
        "f1": round(float(2 * precision * recall / (precision + recall)), 4),
        "real_variations_at_2_percent": round(float((scores[real] > strangers[len(strangers) // 50]).mean()), 4),
    }


def _write(out: Path, weights: np.ndarray) -> None:
    births = np.cumsum(weights[len(STEPS) : len(STEPS) + BIRTHS][::-1])[::-1]
    codes = dict(zip((*evidence.BIRTHS, *OTHERS), (*births, *weights[len(STEPS) + BIRTHS : -1]), strict=True))
    table = {
        "version": "1",
        "cuts": [[*step, round(float(weight), 3)] for step, weight in zip(STEPS, weights, strict=False)],
        "codes": {code: round(float(weight), 3) for code, weight in codes.items()},
        "base": round(float(weights[-1]), 3),
    }
    (out / "weights.json").write_text(json.dumps(table, indent=0) + "\n")


if __name__ == "__main__":
    main()
