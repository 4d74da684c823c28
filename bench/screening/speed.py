"""How fast the matcher is, in processor time, and what it takes of memory: each measured in a process of its own."""

from __future__ import annotations

import itertools
import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from bench.screening import invent
from portal.commands import screening as files
from portal.screening import Entry, Index, MemberIndex, Profile, compare, screen, screen_all

ENTRIES, CHANGED, APPLICANTS, ALONE = 50_000, 1_000, 20_000, 2_000


def alone(what: str, *numbers: int) -> dict[str, Any]:
    """One of the measurements below, in a process of its own."""
    asked = [sys.executable, "-m", "bench.screening.speed", what, *map(str, numbers)]
    told: dict[str, Any] = json.loads(subprocess.run(asked, check=True, capture_output=True, text=True).stdout)
    return told


def full() -> dict[str, Any]:
    """Applicants against 50,000 entries, together and one by one, reasons included."""
    entries = list(map(files.entry_of, invent.rows(ENTRIES, 7)))
    before = _resident()
    begun = time.process_time()
    index = Index(entries)
    built = time.process_time() - begun
    held = _resident() - before
    people = [profile for _origin, profile in itertools.islice(invent.travellers(APPLICANTS, 99), APPLICANTS)]
    begun = time.process_time()
    hits = sum(map(len, screen_all(people, index)))
    seconds = time.process_time() - begun
    each = []
    for person in people[:ALONE]:
        begun = time.process_time()
        screen(person, index)
        each.append(1000 * (time.process_time() - begun))
    each.sort()
    return {
        "entries": len(index),
        "applicants_per_cpu_second": round(len(people) / seconds),
        "hits": hits,
        "alone_p50_ms": round(each[len(each) // 2], 2),
        "alone_p99_ms": round(each[len(each) * 99 // 100], 2),
        "index_cpu_seconds": round(built, 1),
        "index_resident_mb": round(held),
    }


def delta(members: int) -> dict[str, Any]:
    """A thousand new entries against members; building the index of members apart."""
    begun = time.process_time()
    index = MemberIndex(profile for _origin, profile in itertools.islice(invent.travellers(members, 5), members))
    built = time.process_time() - begun
    entries: list[Entry] = list(map(files.entry_of, invent.rows(CHANGED, 991)))
    begun = time.process_time()
    pairs = index.pairs(entries)
    searched = time.process_time() - begun
    wanted = {member for _entry, member in pairs}
    people: dict[int, Profile] = {
        number: profile
        for number, (_origin, profile) in enumerate(itertools.islice(invent.travellers(members, 5), members))
        if number in wanted
    }
    begun = time.process_time()
    hits = sum(compare(people[member], entries[entry]).score >= 0.5 for entry, member in pairs)
    return {
        "members": len(index),
        "entries": CHANGED,
        "pairs": len(pairs),
        "hits": hits,
        "search_cpu_seconds": round(searched, 2),
        "compare_cpu_seconds": round(time.process_time() - begun, 2),
        "build_cpu_seconds_with_inventing": round(built, 1),
        "index_mb": round(index.bytes / 1e6),
        "peak_mb": round(_megabytes()),
    }


def _resident() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    print(json.dumps(full() if sys.argv[1] == "full" else delta(int(sys.argv[2]))))
