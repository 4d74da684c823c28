"""The sections of a draft: kept as typed, fit or not; what is complete, what is open, what cannot start yet."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, cast

from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from portal.clock import now, today
from portal.domain import answers as words
from portal.domain import checklist
from portal.domain.consent import ASSENT_AGE, SIGNING_AGE, is_signature_of
from portal.domain.errors import ChangedMeanwhile, NotOpenToThis
from portal.domain.guardians import needs_persons_word
from portal.domain.histories import HISTORIES, history_of
from portal.domain.lifecycle import Status
from portal.domain.sections import PARENT, SELF, Section, age_on, sections_for
from portal.i18n import Lazy as _l
from portal.models import Account, Application, Person, SectionDraft
from portal.models.statements import Row, Statement, Whole, parts
from portal.services import helped

SENT = _l("You have sent this application. You can no longer change it here.")
CHANGED = _l("You changed these answers in another window. Choose which ones to keep.")

TOO_YOUNG = _l(
    "A person under %(age)s cannot sign. A parent, a guardian or a legal representative applies instead.",
    age=SIGNING_AGE,
)
TOO_OLD = _l(
    "This person is %(age)s or older and signs for themselves. Move the application to an account of their own.",
    age=SIGNING_AGE,
)
A_CHILD = _l(
    "This person is under %(age)s. A parent or a guardian applies, not a legal representative.", age=SIGNING_AGE
)

Answers = Mapping[str, Any]


class Drafts(dict[str, SectionDraft]):
    """The sections that were begun, by key, and as what the account acts in their application."""

    role: str = SELF

    def __init__(self) -> None:
        self._opened: dict[str, tuple[bytes | None, Answers | None]] = {}

    def answers_of(self, section: str) -> Answers | None:
        """What a section says, opened once while it says the same: a page asks for the date of birth many times."""
        draft = self.get(section)
        if draft is None:
            return None
        sealed, opened = self._opened.get(section, (b"", None))
        if sealed is not draft._answers:
            opened = draft.answers
            self._opened[section] = draft._answers, opened
        return opened


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


_DRAFT, _APPLICATION, _PERSON = Whole(SectionDraft), Whole(Application), Whole(Person)
COLUMNS = _DRAFT.sql
_APPLICATION_AT = _DRAFT.names.index("application_id")
_TOUCH = Statement(
    f"""
    with application as (
        update application set changed_at = :now
        where id = :application and (account_id = :account or is_helped(person_id, account_id))
          and status = '{Status.DRAFT}' returning *
    )
    select {_APPLICATION.sql}, {_PERSON.sql} from application join person on person.id = application.person_id
    """  # noqa: S608  # no part of it comes from outside
)
_KEEP = Statement(
    f"""
    with touched as (
        update application set changed_at = :now
        where id = :application and account_id = :account and status = '{Status.DRAFT}' returning id
    )
    insert into section_draft as draft (id, application_id, section, seq, raw, answers, is_complete, saved_at)
    select cast(:id as uuid), id, cast(:section as text), 1, cast(:raw as bytea), cast(:answers as bytea),
           cast(:is_complete as boolean), cast(:now as timestamptz)
    from touched
    on conflict (application_id, section) do update
        set seq = draft.seq + 1, raw = excluded.raw, answers = excluded.answers, is_complete = excluded.is_complete,
            saved_at = excluded.saved_at
        where draft.seq = :seq
    returning seq
    """  # noqa: S608
)
_DRAFTS = Statement(
    f"select {_DRAFT.sql} from section_draft where application_id = any(cast(:applications as uuid[]))"  # noqa: S608
)


def drafts_of(session: Session, application: Application) -> Drafts:
    """The sections that were begun, by key, as the database has them now."""
    return drafts_of_all(session, [application])[application.id]


def drafts_of_all(session: Session, found: Sequence[Application]) -> dict[uuid.UUID, Drafts]:
    """The begun sections of several applications, by application, in one query."""
    rows: dict[uuid.UUID, list[Row]] = {application.id: [] for application in found}
    for row in _DRAFTS.rows(session, {"applications": list(rows)}):
        rows[row[_APPLICATION_AT]].append(row)
    return {application.id: of_rows(session, application, rows[application.id]) for application in found}


def of_rows(session: Session, application: Application, rows: Iterable[Row]) -> Drafts:
    """The begun sections of an application from rows of `COLUMNS`; of one that joins none there may be an empty row."""
    drafts = Drafts()
    drafts.role = application.role
    for row in rows:
        if draft := _DRAFT.made(session, row, anew=True, application=application):
            drafts[draft.section] = draft
    return drafts


def role_of(drafts: Mapping[str, SectionDraft]) -> str:
    """As what the account acts in the application of these drafts."""
    return drafts.role if isinstance(drafts, Drafts) else SELF


def answers_of(drafts: Mapping[str, SectionDraft], section: str) -> Answers | None:
    """What a section says where all of it was fit."""
    if isinstance(drafts, Drafts):
        return drafts.answers_of(section)
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


def save_opened(
    session: Session,
    drafts: Drafts,
    application: Application,
    section: str,
    *,
    raw: dict[str, Any],
    answers: dict[str, Any] | None,
    seq: int | None,
    by: Account,
) -> SectionDraft:
    """The same for an application that was opened with its `drafts`, which then say what was kept: one statement.

    It writes where the section is still as it was opened. Where it is not, or the application was sent, `save` judges.
    """
    known = drafts.get(section)
    draft = SectionDraft(application_id=application.id, section=section, is_complete=answers is not None)
    set_committed_value(draft, "application", application)
    draft.raw, draft.answers, draft.saved_at = raw, answers, now()
    values = {
        "id": draft.id, "application": application.id, "account": by.id, "section": section,
        "seq": known.seq if known else 0, "raw": draft._raw, "answers": draft._answers,
        "is_complete": draft.is_complete, "now": draft.saved_at,
    }  # fmt: skip
    kept: int | None = _KEEP.value(session, values) if seq == values["seq"] else None
    if kept is None:
        draft = save(session, application.id, section, raw=raw, answers=answers, seq=seq, by=by)
    else:
        draft.seq = kept
    drafts[section] = draft
    return draft


def locked_draft(session: Session, application_id: uuid.UUID, section: str, *, by: Account) -> SectionDraft:
    """A section's draft, or a new one, while no other save of the same application can happen."""
    session.flush()
    row = _TOUCH.first(session, {"application": application_id, "account": by.id, "now": now()})
    if row is None:
        raise NotOpenToThis(SENT)
    touched, person = parts(row, _APPLICATION, _PERSON)
    whose = _PERSON.made(session, person)
    application = cast(Application, _APPLICATION.made(session, touched, anew=True, person=whose))
    helper_id = helped.filling(session, application, section, by=by)
    draft = drafts_of(session, application).get(section) or SectionDraft(application=application, section=section)
    draft.filled_by_id = helper_id or draft.filled_by_id
    return draft


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


def why_not_to_sign(drafts: Mapping[str, SectionDraft]) -> _l | None:
    """Why whoever holds the account cannot sign for this person, in words; None where they can or age is unknown."""
    age, role = age_of(drafts), role_of(drafts)
    if age is None:
        return None
    if age < SIGNING_AGE:
        return None if role == PARENT else TOO_YOUNG if role == SELF else A_CHILD
    return TOO_OLD if role == PARENT else None


def signer_of(drafts: Mapping[str, SectionDraft]) -> str:
    """The full name of whoever signs: the person's own, or that of the parent or the representative."""
    return words.full_name(answers_of(drafts, "identity" if role_of(drafts) == SELF else "guardian"))


def needs_assent(drafts: Mapping[str, SectionDraft]) -> bool:
    """Whether the person says too that the application may be made: a child of 14 or more, an adult who is asked."""
    age, role = age_of(drafts), role_of(drafts)
    if role == PARENT:
        return age is not None and age >= ASSENT_AGE
    return role != SELF and needs_persons_word(answers_of(drafts, "guardian"))


def tasks(drafts: Mapping[str, SectionDraft]) -> list[Task]:
    """Every section asked of this applicant and where it stands today."""
    asked = sections_for(age_of(drafts), role_of(drafts))
    listed = [_task(section, drafts) for section in asked if section.key != "consent"]
    consent = next(section for section in sections_for(None) if section.key == "consent")
    is_ready = all(task.is_completed for task in listed) and not why_not_to_sign(drafts)
    return [*listed, _task(consent, drafts) if is_ready else Task(consent, TaskState.BLOCKED)]


def missing_documents(drafts: Mapping[str, SectionDraft]) -> set[str]:
    """The kinds of documents that these answers need and that nobody has sent in a readable file."""
    answers = {name: answers_of(drafts, name) for name in drafts}
    return checklist.needed(answers, age_of(drafts)) - set((answers_of(drafts, "uploads") or {}).get("ready", ()))


def next_open(listed: Sequence[Task], after: str | None = None) -> Task | None:
    """The next task with something to do: after the section `after` if there is one, else from the beginning."""
    keys = [task.section.key for task in listed]
    start = keys.index(after) + 1 if after in keys else 0
    return next((task for task in [*listed[start:], *listed[:start]] if task.is_open), None)


def _task(section: Section, drafts: Mapping[str, SectionDraft]) -> Task:
    draft = drafts.get(section.key)
    if section.key == "uploads":
        missing = len(missing_documents(drafts))
        return Task(section, TaskState.FILES, missing) if missing else Task(section, TaskState.COMPLETED)
    if draft is None:
        return Task(section, TaskState.NOT_STARTED)
    if section.key in HISTORIES:
        return _history_task(section, draft, birth_of(drafts))
    is_completed = answers_of(drafts, section.key) is not None and (section.key != "consent" or _is_signed(drafts))
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
    if not is_signature_of(signed, signer_of(drafts)):
        return False
    assented = (answers_of(drafts, "consent") or {}).get("assented_name") or ""
    return not needs_assent(drafts) or is_signature_of(assented, words.full_name(answers_of(drafts, "identity")))
