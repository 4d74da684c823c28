"""How well the matcher tells people apart, beside public ones, on pairs and people that it was not fitted on."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from bench.screening.common import fold_of
from bench.screening.invent import travellers
from bench.screening.peers import scorers
from portal.commands import screening as files
from portal.screening import THRESHOLD, Index, screen_all

SEED, PEOPLE, PLANTED = 20261124, 20_000, 1_020


class Scored(NamedTuple):
    """A pair: whether it is one person, its kind, its score."""

    is_same: bool
    kind: str
    score: float


def of_pairs(folder: Path) -> Iterable[dict[str, Any]]:
    """The figures of each matcher on the pairs of listed persons whom the fit of the weights left out."""
    persons = {row["entry_id"]: row["person_key"] for row in files.rows_of(folder / "lookout_list.csv")}
    rows = list(files.rows_of(folder / "dev_pairs.csv"))
    folds = [fold_of(persons.get(row["l_entry_id"], row["l_entry_id"])) for row in rows]
    for name, score in scorers():
        every = [(fold, row["label"] == "1", row["kind"], score(row)) for fold, row in zip(folds, rows, strict=True)]
        fitted = [Scored(*rest) for fold, *rest in every if fold]
        unseen = [Scored(*rest) for fold, *rest in every if not fold]
        at = THRESHOLD if name == "ours" else best_threshold(fitted)
        yield {"matcher": name, "unseen_pairs": len(unseen), "threshold": round(at, 3)} | figures(unseen, at)


def best_threshold(pairs: Sequence[Scored]) -> float:
    """Where a matcher's F1 is best on pairs that are not measured with."""
    steps = sorted({round(pair.score, 3) for pair in pairs})
    return max(steps[:: max(1, len(steps) // 200)], key=lambda at: _of(pairs, at)["f1"])


def figures(pairs: Sequence[Scored], at: float) -> dict[str, float]:
    """Precision, recall and F1 at a threshold, without dates of birth too; real variations found at 2 % false hits."""
    undated = [pair for pair in pairs if "nodob" in pair.kind]
    strangers = sorted((pair.score for pair in pairs if not pair.is_same), reverse=True)
    least = strangers[len(strangers) // 50]
    real = [pair for pair in pairs if pair.is_same and pair.kind.startswith(("real_", "nodob_real"))]
    found = sum(pair.score > least for pair in real) / max(len(real), 1)
    return _of(pairs, at) | {"f1_undated": _of(undated, at)["f1"], "real_at_2_percent": round(found, 4)}


def _of(pairs: Sequence[Scored], at: float) -> dict[str, float]:
    flagged = [pair for pair in pairs if pair.score >= at]
    right, wanted = sum(pair.is_same for pair in flagged), sum(pair.is_same for pair in pairs)
    precision, recall = right / max(len(flagged), 1), right / max(wanted, 1)
    f1 = 2 * precision * recall / max(precision + recall, 1e-9)
    return {"precision": round(precision, 4), "recall": round(recall, 4), "f1": round(f1, 4)}


def of_population(folder: Path, work: Path) -> dict[str, Any]:
    """How many planted people are found, the worst kind, and innocents flagged; a population of its own seed."""
    people, truth = work / "people.csv", work / "truth.csv"
    made = [sys.executable, folder / "gen_population.py", "--n", str(PEOPLE), "--plant", str(PLANTED)]
    made += ["--list", folder / "lookout_list.csv", "--seed", str(SEED), "--out", people, "--truth", truth]
    subprocess.run([str(each) for each in made], check=True)
    index = Index(map(files.entry_of, files.rows_of(folder / "lookout_list.csv")))
    persons = {row["entry_id"]: row["person_key"] for row in files.rows_of(folder / "lookout_list.csv")}
    with truth.open(encoding="utf-8", newline="") as file:
        planted = {row["applicant_id"]: row for row in csv.DictReader(file)}
    rows = list(files.rows_of(people))
    kinds: dict[str, list[bool]] = defaultdict(list)
    flagged = 0
    for row, found in zip(rows, screen_all((files.profile_of(row, "") for row in rows), index), strict=True):
        if (known := planted.get(row["applicant_id"])) is None:
            flagged += bool(found)
        else:
            kinds[known["kind"]].append(known["person_key"] in {persons[match.entry.key] for match in found})
    of_kinds = {kind: sum(found) / len(found) for kind, found in kinds.items()}
    worst = min(of_kinds, key=lambda kind: of_kinds[kind])
    return {
        "people": len(rows),
        "recall": round(sum(map(sum, kinds.values())) / len(planted), 4),
        "innocents_per_1000": round(1000 * flagged / (len(rows) - len(planted)), 3),
        "worst_kind": worst,
        "worst_kind_recall": round(of_kinds[worst], 3),
    }


def of_origins(folder: Path, each: int) -> dict[str, Any]:
    """How many innocents of each origin of names are flagged, beside the mean; few hits make this a rough figure."""
    index = Index(map(files.entry_of, files.rows_of(folder / "lookout_list.csv")))
    hits = Counter[str]()
    people = list(travellers(each, SEED, alike=True))
    profiles = (profile for _origin, profile in people)
    for (origin, _profile), found in zip(people, screen_all(profiles, index), strict=True):
        hits[origin] += bool(found)
    totals = Counter(origin for origin, _profile in people)
    mean = sum(hits.values()) / len(people)
    return {
        "people": len(people),
        "flagged": sum(hits.values()),
        "mean_per_1000": round(1000 * mean, 3),
        "per_1000": {origin: round(1000 * hits[origin] / totals[origin], 3) for origin in sorted(totals)},
    }
