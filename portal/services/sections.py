"""The sections of a draft: kept as typed, fit or not; what is complete, what is open, what cannot start yet."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.clock import now, today
from portal.domain import answers as words
from portal.domain.consent import SIGNING_AGE, is_signature_of
from portal.domain.errors import ChangedMeanwhile, NotOpenToThis
from portal.domain.histories import HISTORIES, history_of
from portal.domain.lifecycle import Status
from portal.domain.sections import Section, age_on, sections_for
from portal.i18n import Lazy as _l
from portal.models import Account, Application, SectionDraft

SENT = _l("You have sent this application. You can no longer change it here.")
CHANGED = _l("You changed these answers in another window. Choose which ones to keep.")

Answers = Mapping[str, Any]


class TaskState(StrEnum):
    """Where a section stands."""

    NOT_STARTED = "not_started"
    IN_PROGRESS = "in_progress"
    GAPS = "gaps"
    FILES = "files"
    COMPLETED = "completed"
    BLOCKED = "blocked"


@dataclass(frozen=True)
class Task:
    """One section of one application. `count` is the number of gaps to explain or of files needed."""

    section: Section
    state: TaskState
    count: int = 0

    @property
    def is_completed(self) -> bool:
        return self.state == TaskState.COMPLETED

    @property
    def is_open(self) -> bool:
        """Whether there is something to do that can be done now."""
        return self.state not in (TaskState.COMPLETED, TaskState.BLOCKED)


def drafts_of(session: Session, application: Application) -> dict[str, SectionDraft]:
    """The sections that were begun, by key, as the database has them now."""
    query = select(SectionDraft).where(SectionDraft.application_id == application.id)
    found = session.scalars(query, execution_options={"populate_existing": True})
    return {draft.section: draft for draft in found}


def answers_of(drafts: Mapping[str, SectionDraft], section: str) -> Answers | None:
    """What a section says where all of it was fit."""
    draft = drafts.get(section)
    return draft.answers if draft else None


def save(
    session: Session,
    application_id: uuid.UUID,
    section: str,
    *,
    raw: dict[str, Any],
    answers: dict[str, Any] | None,
    seq: int | None = None,
    by: Account,
) -> SectionDraft:
    """Keep what was typed into a section; `answers` where all of it was fit, else None.

    `seq` is the version that the page was opened with; None overwrites. Raises ChangedMeanwhile with both versions when
    it was saved in between, and NotOpenToThis once the application was sent.
    """
    draft = locked_draft(session, application_id, section, by=by)
    if seq is not None and (draft.seq or 0) != seq and draft.raw != raw:
        raise ChangedMeanwhile(CHANGED, theirs=draft.raw, yours=raw)
    return write(session, draft, raw=raw, answers=answers, is_complete=answers is not None)


def locked_draft(session: Session, application_id: uuid.UUID, section: str, *, by: Account) -> SectionDraft:
    """A section's draft, or a new one, while no other save of the same application can happen."""
    own_draft = (Application.id == application_id, Application.account_id == by.id, Application.status == Status.DRAFT)
    touched = session.execute(update(Application).where(*own_draft).values(changed_at=now()).returning(Application.id))
    if touched.first() is None:
        raise NotOpenToThis(SENT)
    application = session.get_one(Application, application_id)
    return drafts_of(session, application).get(section) or SectionDraft(application=application, section=section)


def write(
    session: Session, draft: SectionDraft, *, raw: dict[str, Any], answers: dict[str, Any] | None, is_complete: bool
) -> SectionDraft:
    """Store a draft that `locked_draft` gave."""
    draft.raw, draft.answers, draft.is_complete, draft.saved_at = raw, answers, is_complete, now()
    session.add(draft)
    session.flush()
    return draft


def birth_of(drafts: Mapping[str, SectionDraft]) -> date | None:
    """The date of birth that the application gives so far."""
    return words.birth_of(answers_of(drafts, "identity"))


def age_of(drafts: Mapping[str, SectionDraft]) -> int | None:
    """The applicant's age in years today, as far as it is known."""
    born = birth_of(drafts)
    return age_on(born, today()) if born else None


def is_too_young_to_sign(drafts: Mapping[str, SectionDraft]) -> bool:
    """Whether a parent or a legal representative has to apply instead."""
    age = age_of(drafts)
    return age is not None and age < SIGNING_AGE


def tasks(drafts: Mapping[str, SectionDraft]) -> list[Task]:
    """Every section asked of this applicant and where it stands today."""
    listed = [_task(section, drafts) for section in sections_for(age_of(drafts)) if section.key != "consent"]
    consent = next(section for section in sections_for(None) if section.key == "consent")
    is_ready = all(task.is_completed for task in listed) and not is_too_young_to_sign(drafts)
    return [*listed, _task(consent, drafts) if is_ready else Task(consent, TaskState.BLOCKED)]


def next_open(listed: Sequence[Task], after: str | None = None) -> Task | None:
    """The next task with something to do: after the section `after` if there is one, else from the beginning."""
    keys = [task.section.key for task in listed]
    start = keys.index(after) + 1 if after in keys else 0
    return next((task for task in [*listed[start:], *listed[:start]] if task.is_open), None)


def _task(section: Section, drafts: Mapping[str, SectionDraft]) -> Task:
    draft = drafts.get(section.key)
    if section.key == "uploads":
        is_there = bool(draft and draft.is_complete)
        return Task(section, TaskState.COMPLETED) if is_there else Task(section, TaskState.FILES, 1)
    if draft is None:
        return Task(section, TaskState.NOT_STARTED)
    if section.key in HISTORIES:
        return _history_task(section, draft, birth_of(drafts))
    is_completed = draft.answers is not None and (section.key != "consent" or _is_signed(drafts))
    return Task(section, TaskState.COMPLETED if is_completed else TaskState.IN_PROGRESS)


def _history_task(section: Section, draft: SectionDraft, born: date | None) -> Task:
    answers = draft.answers or {}
    if not answers.get("entries") and not answers.get("explanations"):
        return Task(section, TaskState.IN_PROGRESS)
    gaps = history_of(answers, today(), born).gaps()
    if gaps:
        return Task(section, TaskState.GAPS, len(gaps))
    is_fit = all(entry["answers"] for entry in (draft.raw or {}).get("entries", ()))
    return Task(section, TaskState.COMPLETED if is_fit else TaskState.IN_PROGRESS)


def _is_signed(drafts: Mapping[str, SectionDraft]) -> bool:
    signed = (answers_of(drafts, "consent") or {}).get("signed_name") or ""
    return is_signature_of(signed, words.full_name(answers_of(drafts, "identity")))
