"""The matcher on files, without a database or any setting: to measure it, or to show what it would have found."""

from __future__ import annotations

import csv
import itertools
import json
import resource
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import click

from portal.screening import Entry, Index, Profile, compare, in_words, screen_all

FILE = click.Path(dir_okay=False, path_type=Path)


@click.group()
def screening() -> None:
    """Try the matcher on files; nothing is stored."""


@screening.command("score-pairs")
@click.argument("pairs", type=FILE)
@click.argument("scores", type=FILE)
def score_pairs(pairs: Path, scores: Path) -> None:
    """Write the score of each pair of a person and an entry in PAIRS to SCORES."""
    with scores.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["pair_id", "score"])
        for row in rows_of(pairs):
            score = compare(profile_of(row, "q_"), paired_entry_of(row)).score
            writer.writerow([row["pair_id"], f"{score:.4f}"])


@screening.command("match")
@click.option("--list", "entries", type=FILE, required=True, help="Entries of a list.")
@click.option("--people", type=FILE, required=True, help="People to look for.")
@click.option("--out", type=FILE, required=True, help="Where to write the hits.")
def match(entries: Path, people: Path, out: Path) -> None:
    """Write every hit with its reasons; print the speed and the peak of memory as JSON."""
    index = Index(map(entry_of, rows_of(entries)))
    begun, count, hits = time.process_time(), 0, 0
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["applicant_id", "entry_id", "score", "reasons"])
        rows, others = itertools.tee(rows_of(people))
        matches = screen_all((profile_of(row, "") for row in others), index)
        for row, every in zip(rows, matches, strict=True):
            count += 1
            for found in every:
                hits += 1
                reasons = "; ".join(in_words(reason) for reason in found.reasons)
                writer.writerow([row["applicant_id"], found.entry.key, f"{found.score:.4f}", reasons])
    seconds = time.process_time() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    told = {"applicants": count, "hits": hits, "per_cpu_second": round(count / seconds), "peak_mb": round(peak)}
    click.echo(json.dumps(told))


def rows_of(path: Path) -> Iterator[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split("|") if part)


def _numbers(text: str) -> tuple[str, ...]:
    """The numbers of documents written as kind:number:country."""
    return tuple(part.split(":")[1] for part in _parts(text) if ":" in part)


def profile_of(row: dict[str, str], prefix: str) -> Profile:
    """The person of a row: of a pair with the prefix "q_", of a population without one."""
    names = (row[prefix + ("name" if prefix else "full_name")], *_parts(row[prefix + "other_names"]))
    born = row[prefix + "dob"]
    return Profile(
        names=names,
        birth_on=date.fromisoformat(born) if born else None,
        documents=_numbers(row[prefix + "documents"]),
        birth_place=row[prefix + ("pob" if prefix else "place_of_birth")],
        citizenships=_parts(row[prefix + "citizenship"]),
        given_names=row[prefix + ("given" if prefix else "given_names")],
    )


def paired_entry_of(row: dict[str, str]) -> Entry:
    """The entry of a row that pairs it with a person."""
    return entry_of({key.removeprefix("l_"): value for key, value in row.items() if key.startswith("l_")})


def entry_of(row: dict[str, str]) -> Entry:
    """The entry of a row of a list."""
    return Entry(
        key=row["entry_id"],
        names=(row.get("primary_name") or row["name"], *_parts(row["aliases"]), *_parts(row["original_script"])),
        birth_dates=_parts(row["dobs"]),
        weak_names=_parts(row["weak_aliases"]),
        documents=_numbers(row["documents"]),
        birth_places=_parts(row["pob"]),
        citizenships=_parts(row["citizenship"]),
        person_key=row.get("person_key", ""),
    )
