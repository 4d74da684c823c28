"""What documents say by themselves: their machine-readable zone, kept sealed, and compared for the officer."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from portal.clock import today
from portal.domain import mrz, read_answers
from portal.domain.answers import Answers
from portal.domain.mrz import MRZ
from portal.domain.passport_comparison import Compared, compared
from portal.models import Account, Application, Document
from portal.services import audit


def is_wanted(document: Document) -> bool:
    """Whether a document of this kind has a zone to look for."""
    return any(document.shows(kind) for kind in read_answers.KINDS)


def keep(document: Document, zone: MRZ | None) -> None:
    """Keep what was read with the document, as personal data; None says that nothing could be read."""
    document.reading = {"lines": zone.lines if zone else [], "doubtful": sorted(zone.doubtful) if zone else []}


def forget(document: Document) -> None:
    """Forget what was read."""
    document.reading = None


def zone_of(document: Document) -> MRZ | None:
    """What was read; None where nothing could be."""
    kept = document.reading or {"lines": [], "doubtful": []}
    return mrz.read(kept["lines"], frozenset((row, column) for row, column in kept["doubtful"]))


def comparison(document: Document, answers: Mapping[str, Answers]) -> list[Compared]:
    """The fields of the passport beside the answers of the application; empty where nobody looked for any.

    Another passport or a card says other things than the answers about the passport: officers read those themselves.
    """
    if document.reading is None or not document.shows(read_answers.PASSPORT):
        return []
    return compared(zone_of(document), answers.get("identity", {}), answers.get("citizenship", {}), today())


def was_taken_over(
    session: Session, application: Application, kind: str, keys: list[str], *, is_typed: bool, by: Account
) -> None:
    """Write down that a traveller confirmed answers of a zone, read from a file or typed; not what they say."""
    answers = " ".join(keys)
    audit.record(session, "application:take_over", application, by=by, kind=kind, answers=answers, typed=is_typed)
