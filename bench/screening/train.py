"""Trains the matcher's weights: writes weights.json and common.csv, and prints what they reach.

    python -m bench.screening.train FOLDER [POPULATION.csv TRUTH.csv]... [--out FOLDER] [--all]

FOLDER holds dev_pairs.csv and lookout_list.csv. The populations are made by gen_population.py of the same folder. They
give the hard negatives: those whom the matcher's own search for candidates lets through. A fifth of the listed persons
is kept out of the fit. Better evidence never adds less: the signs are bounds of the fit.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize

from bench.screening.common import fold_of
from portal.commands import screening as files
from portal.screening import Index, evidence, normalise, weights
from portal.screening.people import Entry, Profile

DATA = Path(normalise.__file__).parent / "data"
CUTS: dict[str, tuple[float, ...]] = {
    "matched": (0.3, 0.5, 0.7, 0.85, 1, 1.15, 1.3, 1.45, 1.6, 1.8, 2, 2.3, 2.7, 3.2),
    "sure": (0.3, 0.5, 0.7, 0.85, 1, 1.15, 1.3, 1.5, 1.8, 2.2),
    "share": (0.3, 0.4, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.99),
    "conflict": (0.05, 0.12, 0.2, 0.3, 0.4, 0.5, 0.6, 0.75, 0.9, 1.1, 1.5),
    "extra": (0.05, 0.15, 0.3, 0.5, 0.7, 0.9, 1.2, 1.6, 2.2),
    "loss": (0.02, 0.04, 0.06, 0.09, 0.12, 0.16, 0.2, 0.25, 0.3, 0.4, 0.5),
    "whole": (0.4, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.99),
    "letters": (0.4, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.99),
    "first": (0.2, 0.35, 0.5, 0.65, 0.8, 0.95),
    "names": (2, 3, 4, 6, 9, 14, 22),
}
MEASURES = [*evidence.NameEvidence._fields, "names"]
GROUPS = ("sure", "year", "off", "undated")
OTHERS = {  # how much each may add
    "document_near": (0, 4),
    "place_same": (0, 3),
    "place_other": (-2, 0),
    "citizenship_same": (0, 2),
    "citizenship_other": (-2, 0),
}
BIRTHS = len(evidence.BIRTHS)
COLUMNS = [(m, g, cut) for m in CUTS for g in GROUPS for cut in CUTS[m]]
OTHER_COLUMNS = [(code, group) for code in OTHERS for group in GROUPS]
LEAST = 0.42  # an entry is a hard negative when its score might come so far
PAIR_WEIGHT, RIDGE, ROUNDS, STEPS, TOP = 2.0, 0.5, 2, 250, 4
SAME_DOCUMENT = 12.0
SHIFT = 0.55
"""So much log-odds is taken off, because innocent people are far more than the fit has seen."""


@dataclass
class Case:
    """A person beside an entry: one row of evidence for each name against each name, and whether they are the same."""

    rows: np.ndarray
    is_same: bool
    fold: int
    kind: str
    has_document: bool
    person: str = ""


def main() -> None:
    """Read, train, report, write."""
    given = _arguments()
    entries = {row["entry_id"]: row for row in files.rows_of(given.folder / "lookout_list.csv")}
    cases = list(_pairs(given.folder, entries))
    for people, truth in zip(given.populations[::2], given.populations[1::2], strict=True):
        cases += _mined(people, truth, entries.values())
    print(len(cases), "cases", flush=True)
    table = _columns(cases)
    kept = [] if given.all else [0]
    found = _trained(cases, table, kept)
    for fold in (0, None):
        print(json.dumps(_report(cases, table, found, fold)), flush=True)
    _write(given.out, found)


def _arguments() -> Any:
    parser = argparse.ArgumentParser(description="Train the matcher's weights.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("populations", type=Path, nargs="*")
    parser.add_argument("--out", type=Path, default=DATA)
    parser.add_argument("--all", action="store_true", help="Fit on the part that is otherwise kept out, too.")
    return parser.parse_args()


def _pairs(folder: Path, entries: dict[str, dict[str, str]]) -> Iterator[Case]:
    for row in files.rows_of(folder / "dev_pairs.csv"):
        person = entries.get(row["l_entry_id"], {}).get("person_key", row["l_entry_id"])
        profile, entry = files.profile_of(row, "q_"), files.paired_entry_of(row)
        yield _case(profile, entry, row["label"] == "1", person, row["kind"])


def _mined(population: Path, truth: Path, entries: Iterable[dict[str, str]]) -> Iterator[Case]:
    """Whoever the search for candidates lets through: planted people are the same, everybody else is not."""
    index = Index([files.entry_of(row) for row in entries])
    planted = {row["applicant_id"]: row["person_key"] for row in csv.DictReader(truth.open())}
    for row in files.rows_of(population):
        profile, key = files.profile_of(row, ""), planted.get(row["applicant_id"])
        for entry in index.candidates(profile, LEAST):
            if key is None or entry.person == key:
                yield _case(profile, entry, key is not None, entry.person, "mined", row["applicant_id"])


def _case(profile: Profile, entry: Entry, is_same: bool, person: str, kind: str, whose: str = "") -> Case:
    birth, _ = evidence.best_birth(profile.birth_on, entry.birth_dates)
    document = evidence.document_code(profile, entry)
    codes = {document, evidence.place_code(profile, entry), evidence.citizenship_code(profile, entry)}
    first = evidence.first_of(profile.given_names)
    rest = [len(entry.names), evidence.BIRTHS.index(birth), *(float(code in codes) for code in OTHERS)]
    rows = np.array([
        [*evidence.name_evidence(evidence.name(ours), evidence.name(theirs), first), *rest]
        for ours in profile.names
        for theirs in entry.names
    ])  # fmt: skip
    rough = rows[:, 0] + rows[:, 2] + rows[:, 6] + rows[:, 7] - rows[:, 3] - 0.3 * rows[:, 4] - 0.3 * rows[:, 8]
    return Case(
        rows[np.argsort(-rough)[:TOP]], is_same, fold_of(person), kind, document == "document_same", f"{kind}{whose}"
    )


@dataclass
class Table:
    """The cases' rows as columns of ones and noughts, and where each case begins."""

    columns: np.ndarray
    starts: np.ndarray

    def best(self, found: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The best row of each case, and its points."""
        points = self.columns @ found[:-1].astype(np.float32) + found[-1]
        ends = np.append(self.starts[1:], len(points))
        rows = np.array([b + int(np.argmax(points[b:e])) for b, e in zip(self.starts, ends, strict=True)])
        return rows, points[rows]


def _columns(cases: list[Case]) -> Table:
    rows = np.vstack([case.rows for case in cases])
    births = rows[:, len(MEASURES)].astype(int)
    groups = {g: np.isin(births, [i for i, b in enumerate(evidence.BIRTHS) if evidence.GROUPS[b] == g]) for g in GROUPS}
    columns = [(rows[:, MEASURES.index(m)] >= cut) & groups[g] for m, g, cut in COLUMNS]
    columns += [births <= at for at in range(BIRTHS)]
    at = len(MEASURES) + 1
    columns += [(rows[:, at + list(OTHERS).index(code)] > 0) & groups[g] for code, g in OTHER_COLUMNS]
    starts = np.cumsum([0, *(len(case.rows) for case in cases)])[:-1]
    return Table(np.array(columns, np.float32).T.copy(), starts)


def _trained(cases: list[Case], table: Table, kept: list[int]) -> np.ndarray:
    """Weights of the steps, of births from the worst to the best, of the other evidence, and the base."""
    bounds: list[tuple[float | None, float | None]]
    bounds = [(0, None) if measure in weights.HELPS else (None, 0) for measure, _group, _cut in COLUMNS]
    bounds += [(0, 6)] * (BIRTHS - 1) + [(-12, 0), *(OTHERS[code] for code, _group in OTHER_COLUMNS), (None, None)]
    found = np.array([0.1 if low == 0 else -0.1 if high == 0 else 0.0 for low, high in bounds])
    fitted = np.array([i for i, case in enumerate(cases) if case.fold not in kept and not case.has_document])
    signs = np.array([1.0 if cases[i].is_same else -1.0 for i in fitted], np.float32)
    importance = np.array([1.0 if cases[i].kind == "mined" else PAIR_WEIGHT for i in fitted], np.float32)
    for _round in range(ROUNDS):
        rows = table.columns[table.best(found)[0][fitted]]
        rows = np.hstack([rows, np.ones((len(rows), 1), np.float32)])
        arguments = (rows, signs, importance)
        options = {"maxiter": STEPS}
        found = minimize(_loss, found, arguments, jac=True, bounds=bounds, method="L-BFGS-B", options=options).x
    return found


def _loss(found: np.ndarray, rows: np.ndarray, signs: np.ndarray, importance: np.ndarray) -> tuple[float, np.ndarray]:
    """Logistic loss with a ridge on everything but the base, and its slope."""
    wrong = -signs * (rows @ found.astype(np.float32))
    ridge = np.append(found[:-1], 0)
    loss = float((importance * np.logaddexp(0, wrong)).sum() + RIDGE * (ridge**2).sum())
    slope = -(rows.T @ (importance * signs / (1 + np.exp(-wrong)))) + 2 * RIDGE * ridge
    return loss, slope.astype(float)


def _report(cases: list[Case], table: Table, found: np.ndarray, fold: int | None) -> dict[str, Any]:
    """What the weights reach on the part kept out, or on the rest."""
    chosen = np.array([case.fold == 0 if fold == 0 else case.fold != 0 for case in cases])
    points = table.best(found)[1] - SHIFT
    points[[case.has_document for case in cases]] = SAME_DOCUMENT
    same = np.array([case.is_same for case in cases])
    mined = np.array([case.kind == "mined" for case in cases])
    told: dict[str, Any] = {"part": "kept out" if fold == 0 else "fitted"}
    pairs = chosen & ~mined
    told |= _f1("", points[pairs], same[pairs])
    undated = pairs & np.array(["nodob" in case.kind for case in cases])
    told |= _f1("undated_", points[undated], same[undated])
    real = pairs & same & np.array([case.kind.startswith(("real_", "nodob_real")) for case in cases])
    strangers = np.sort(points[pairs & ~same])[::-1]
    told["real_at_2_percent"] = round(float((points[real] > strangers[len(strangers) // 50]).mean()), 4)
    innocent, planted = mined & chosen & ~same, mined & chosen & same
    told["innocents"] = len({cases[i].person for i in np.flatnonzero(innocent & (points >= 0))})
    seen = {cases[i].person for i in np.flatnonzero(planted)}
    missed = seen - {cases[i].person for i in np.flatnonzero(planted & (points >= 0))}
    return told | {"planted": len(seen), "missed": len(missed)}


def _f1(name: str, points: np.ndarray, same: np.ndarray) -> dict[str, float]:
    flagged = points >= 0
    right = (same & flagged).sum()
    precision, recall = right / max(flagged.sum(), 1), right / max(same.sum(), 1)
    f1 = 2 * precision * recall / max(precision + recall, 1e-9)
    figures = {"precision": precision, "recall": recall, "f1": f1}
    return {name + key: round(float(value), 4) for key, value in figures.items()}


def _write(out: Path, found: np.ndarray) -> None:
    values = iter(found.tolist())
    steps: dict[str, dict[str, list[list[float]]]] = {group: {measure: [] for measure in CUTS} for group in GROUPS}
    for measure, group, cut in COLUMNS:
        if abs(points := round(next(values), 3)) >= 0.001:
            steps[group][measure].append([cut, points])
    births = np.cumsum([next(values) for _ in range(BIRTHS)][::-1])[::-1]
    codes = dict(zip(evidence.BIRTHS, (round(float(points), 3) for points in births), strict=True))
    codes |= {f"{code} {group}": round(next(values), 3) for code, group in OTHER_COLUMNS}
    codes["document_same"] = SAME_DOCUMENT
    table = {"version": "2", "base": round(next(values) - SHIFT, 3), "codes": codes, "steps": steps}
    (out / "weights.json").write_text(_compact(json.dumps(table, indent=1)) + "\n")


def _compact(text: str) -> str:
    """Each step on a line of its own."""
    return text.replace("[\n     ", "[").replace(",\n     ", ", ").replace("\n    ]", "]")


if __name__ == "__main__":
    main()
