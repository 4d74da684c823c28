"""Rotating keys in the background: batch by batch, for a while at a time, until nothing is left."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from portal.adapters import queue
from portal.db import Database
from portal.jobs.app import job
from portal.models.encryption import keyring
from portal.services import key_rotation, keys

log = logging.getLogger(__name__)

A_WHILE = 20.0  # seconds, after which other jobs have their turn, and a worker that is told to stop can

STANDSTILL = 60.0  # seconds without progress, after which watching ends

Tell = Callable[[str, int], None]
Say = Callable[[str], object]


@dataclass
class Outcome:
    """What came of a run: rows changed and passed over, keys that nothing needs any more, whether all is done."""

    changed: int = 0
    troubles: set[str] = field(default_factory=set)
    retired: list[str] = field(default_factory=list)
    is_finished: bool = False


@job("rotate_master_keys")
def rotate_master_keys(database: Database) -> None:
    """Wrap every owner's key anew under the current master key."""
    if not _finished(database, "master"):
        with database.transaction() as session:
            queue.enqueue(session, "rotate_master_keys", once="rotate_master_keys")


@job("rotate_index_keys")
def rotate_index_keys(database: Database) -> None:
    """Make every blind index anew under the current index key."""
    if not _finished(database, "index"):
        with database.transaction() as session:
            queue.enqueue(session, "rotate_index_keys", once="rotate_index_keys")


def _finished(database: Database, kind: str) -> bool:
    outcome = rotate(database, kind, seconds=A_WHILE)
    for trouble in sorted(outcome.troubles):
        log.error("the rotation of %s keys passed over %s", kind, trouble)
    return outcome.is_finished


def rotate(database: Database, kind: str, *, seconds: float | None = None, tell: Tell | None = None) -> Outcome:
    """Bring all that rests under an earlier key of `kind` under the current one, or as much as `seconds` allow.

    Passes over each table until one pass changes nothing. `tell` hears after each batch which table it was and how many
    rows it changed.
    """
    outcome, until = Outcome(), time.monotonic() + seconds if seconds else None
    for table, batch in key_rotation.BATCHES[kind].items():
        while _pass_over(database, table, batch, until, tell, outcome):
            pass
        if _is_over(until):
            return outcome
    with database.transaction() as session:
        outcome.retired = keys.retire(session, kind)
    outcome.is_finished = True
    return outcome


def _pass_over(
    database: Database,
    table: str,
    batch: key_rotation.Batch,
    until: float | None,
    tell: Tell | None,
    outcome: Outcome,
) -> int:
    changed, after = 0, key_rotation.FIRST
    while not _is_over(until):
        with database.transaction() as session:
            step = batch(session, after)
        outcome.troubles.update(step.troubles)
        changed += step.changed
        if step.last is None:
            break
        after = step.last
        if tell:
            tell(table, step.changed)
    outcome.changed += changed
    return changed


def _is_over(until: float | None) -> bool:
    return until is not None and time.monotonic() >= until


# What the command shows


def status(database: Database) -> Iterator[str]:
    """Each key that is here or needed, in lines."""
    with database.transaction() as session:
        held = keys.holdings(session)
    here = {kind: [key_id.hex() for key_id in ids] for kind, ids in keyring().key_ids.items()}
    for kind, ids in here.items():
        others = sorted({holding.key_id for holding in held if holding.kind == kind} - set(ids))
        for key_id in [*ids, *others]:
            yield f"{kind} key {key_id or '(no id)'}: {_standing(key_id, ids)}, {_in_words(held, kind, key_id)}"


def _standing(key_id: str, here: list[str]) -> str:
    if key_id not in here:
        return "not here" if key_id else "from before keys had ids"
    return "current" if key_id == here[0] else "still opens"


def _in_words(held: list[keys.Holding], kind: str, key_id: str) -> str:
    counts = {one.table: one.count for one in held if (one.kind, one.key_id) == (kind, key_id)}
    return ", ".join(f"{table} {count}" for table, count in counts.items()) or "nothing rests under it"


def rotate_and_tell(database: Database, kind: str, say: Say) -> Outcome:
    """Rotate in this process until nothing is left, saying how far it is."""
    begun, changed = time.monotonic(), 0

    def tell(table: str, count: int) -> None:
        nonlocal changed
        changed += count
        say(f"{table}: {changed} in {time.monotonic() - begun:.0f} s")

    outcome = rotate(database, kind, tell=tell)
    say(f"{outcome.changed} rows are under the current {kind} key, in {time.monotonic() - begun:.1f} s.")
    for key_id in outcome.retired:
        say(f"Nothing needs the {kind} key {key_id} any more. It can leave the settings.")
    return outcome


def watch(database: Database, kind: str, say: Say) -> Outcome:
    """Let the workers rotate, and say how much is left until nothing is, or until nothing moves."""
    with database.transaction() as session:
        if kind == "master":
            queue.enqueue(session, "rotate_master_keys", once="rotate_master_keys")
        else:
            queue.enqueue(session, "rotate_index_keys", once="rotate_index_keys")
    left, moved = -1, time.monotonic()
    while left:
        begun = time.monotonic()
        with database.transaction() as session:
            now_left = keys.left(session, kind)
        if now_left != left:
            left, moved = now_left, time.monotonic()
            say(f"{left} rows are left under other {kind} keys.")
        if time.monotonic() - moved > STANDSTILL:
            say("Nothing moves. Is a worker running? Its log names what does not open.")
            return Outcome(troubles={f"{left} rows"})
        time.sleep(max(1.0, 10 * (time.monotonic() - begun)) if left else 0)
    return Outcome(is_finished=True)


def verify(database: Database, sample: int | None, say: Say) -> list[str]:
    """Try to open everything, saying how many rows of which table were tried; gives what does not open."""
    tried: Counter[str] = Counter()
    troubles: list[str] = []
    with database.transaction() as session:
        for checked in keys.verify(session, sample=sample):
            tried[checked.table] += checked.count
            troubles += checked.troubles
    for table, count in tried.items():
        say(f"{table}: {count} tried")
    return troubles
