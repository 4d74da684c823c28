"""The two histories of a draft, entry by entry: added, corrected, removed; gaps explained. Wrong ones are kept too."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from portal.clock import today
from portal.domain.errors import ChangedMeanwhile, RuleViolation
from portal.domain.histories import history_of, span_of
from portal.domain.history_gaps import Span
from portal.i18n import Lazy as _l
from portal.models import Account, SectionDraft
from portal.services import sections

MOST_ENTRIES = 60
"""One for each month of the window."""

TOO_MANY = _l("This list holds at most %(most)s entries. Remove one first.", most=MOST_ENTRIES)

Entry = dict[str, Any]
"""{id, seq, typed, answers}: what was typed, and what it says where all of it was fit (else None)."""


def entries_of(draft: SectionDraft | None) -> list[Entry]:
    """The entries, the newest period first, those still to correct before all others."""
    return sorted(_entries(draft), key=_newest_first)


def entry_of(draft: SectionDraft | None, entry_id: str) -> Entry | None:
    """One entry; None where there is none of this name."""
    return next((entry for entry in _entries(draft) if entry["id"] == entry_id), None)


def explanations_of(draft: SectionDraft | None) -> list[dict[str, Any]]:
    """The explained gaps, in order."""
    explanations = ((draft and draft.answers) or {}).get("explanations", ())
    return sorted(explanations, key=lambda explanation: str(explanation["from"]))


def typed_explanation(draft: SectionDraft | None, gap: Span) -> dict[str, Any]:
    """What was typed about a gap and was not yet fit."""
    typed: dict[str, Any] = ((draft and draft.raw) or {}).get("typed_gaps", {}).get(str(gap.first), {})
    return typed


def put_entry(
    session: Session,
    application_id: uuid.UUID,
    section: str,
    entry_id: str,
    *,
    typed: dict[str, Any],
    answers: dict[str, Any] | None,
    seq: int | None = None,
    by: Account,
) -> Entry:
    """Add or correct one entry, fit or not. `seq` is its version when its page was opened; None overwrites.

    Raises ChangedMeanwhile with both versions, and RuleViolation for more entries than a list can hold.
    """
    draft = sections.locked_draft(session, application_id, section, by=by)
    before = entry_of(draft, entry_id)
    if before and seq is not None and before["seq"] != seq and before["typed"] != typed:
        raise ChangedMeanwhile(sections.CHANGED, theirs=before["typed"], yours=typed)
    others = [entry for entry in _entries(draft) if entry["id"] != entry_id]
    if len(others) >= MOST_ENTRIES:
        raise RuleViolation(TOO_MANY)
    version = before["seq"] + 1 if before else 1
    entry = {"id": entry_id, "seq": version, "typed": typed, "answers": answers and {"id": entry_id, **answers}}
    _write(session, draft, entries=[*others, entry])
    return entry


def remove_entry(session: Session, application_id: uuid.UUID, section: str, entry_id: str, *, by: Account) -> None:
    """Take an entry off the list. Nothing happens when it is gone already."""
    draft = sections.locked_draft(session, application_id, section, by=by)
    _write(session, draft, entries=[entry for entry in _entries(draft) if entry["id"] != entry_id])


def explain(
    session: Session,
    application_id: uuid.UUID,
    section: str,
    gap: Span,
    *,
    typed: dict[str, Any],
    answers: dict[str, Any] | None,
    by: Account,
) -> None:
    """Say why nothing covers a gap; what is not fit yet is kept as it was typed."""
    draft = sections.locked_draft(session, application_id, section, by=by)
    others = [known for known in explanations_of(draft) if not span_of(known).within(gap)]
    typed_gaps = {**(draft.raw or {}).get("typed_gaps", {})}
    typed_gaps.pop(str(gap.first), None)
    if answers is None:
        _write(session, draft, typed_gaps={**typed_gaps, str(gap.first): typed})
    else:
        told = {"from": str(gap.first), "to": str(gap.last), **answers}
        _write(session, draft, explanations=[*others, told], typed_gaps=typed_gaps)


def _write(session: Session, draft: SectionDraft, **changes: Any) -> None:
    known = {
        "entries": _entries(draft),
        "explanations": explanations_of(draft),
        "typed_gaps": (draft.raw or {}).get("typed_gaps", {}),
    }
    raw = {**known, **changes}
    fit = [entry["answers"] for entry in raw["entries"] if entry["answers"]]
    answers = {"entries": fit, "explanations": raw["explanations"]}
    with session.no_autoflush:  # a new draft is not in the session yet
        born = sections.birth_of(sections.drafts_of(session, draft.application))
    history = history_of(answers, today(), born)
    answers["explanations"] = [known for known in raw["explanations"] if history.is_useful(span_of(known))]
    is_complete = len(fit) == len(raw["entries"]) and history.is_complete()
    sections.write(session, draft, raw=raw, answers=answers, is_complete=is_complete)


def _entries(draft: SectionDraft | None) -> list[Entry]:
    if draft is None:
        return []
    if "entries" in (draft.raw or {}):
        return list((draft.raw or {})["entries"])
    fit = (draft.answers or {}).get("entries", ())
    return [{"id": entry["id"], "seq": 1, "typed": {}, "answers": entry} for entry in fit]


def _newest_first(entry: Mapping[str, Any]) -> tuple[bool, int]:
    answers = entry["answers"]
    year_month = int(answers["from"].replace("-", "")) if answers else 0
    return bool(answers), -year_month
