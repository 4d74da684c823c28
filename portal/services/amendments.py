"""Changes that an applicant makes alone after sending: a new version, seen by both agencies beside the old one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.clock import now
from portal.domain import answers as words
from portal.domain.adjudication import Stage
from portal.domain.amendments import AMENDABLE, Amendable, amended
from portal.domain.errors import NotOpenToThis
from portal.domain.lifecycle import Status
from portal.domain.sections import SECTIONS
from portal.i18n import Lazy as _l
from portal.models import Account, AgencyDecision, Application, ApplicationVersion, Review
from portal.services import adjudication, audit, notifications, person_indexes, reviews, screening, transitions
from portal.services.actors import SYSTEM

OPEN_TO_CHANGES = (Status.UNDER_REVIEW, Status.CONDITIONALLY_APPROVED)
TOO_LATE = _l("This application can no longer be changed here.")


@dataclass(frozen=True)
class Difference:
    """One line of the answers that a change touched: what it said, and what it says."""

    section: str
    label: str
    before: str
    after: str
    changed_on: date


def can_amend(application: Application) -> bool:
    """Whether its owner may change something alone: from the payment to the decision."""
    return application.status in OPEN_TO_CHANGES


def parts(session: Session, application: Application) -> list[Amendable]:
    """What may be changed alone in this application: the parts that were asked of this person."""
    answers = reviews.answers_of(session, application)
    return [part for part in AMENDABLE.values() if part.section in answers] if can_amend(application) else []


def amend(
    session: Session, application: Application, part: Amendable, change: Mapping[str, Any], *, by: Account
) -> bool:
    """Put `change` in the place of what was sent; False where it says the same. The new answers are screened anew, and
    a check that was finished and rests on them is opened again. Raises NotOpenToThis after the decision."""
    adjudication.lock(session, application)
    if not can_amend(application):
        raise NotOpenToThis(TOO_LATE)
    before = reviews.answers_of(session, application)
    after = amended(before, part, change)
    if after == before:
        return False
    number = adjudication.latest_version(session, application) + 1
    session.add(ApplicationVersion(application=application, number=number, answers=after, made_at=now()))
    session.flush()
    person_indexes.write(session, application.person, after)
    screening.update_profile(session, application.person, after)
    transitions.note(session, application, "details_changed", by=by)
    audit.record(session, "application:amend", application, by=by, part=part.key, version=number)
    screening.request(session, application, by=SYSTEM)
    if part.opens_checks:
        _open_again(session, application)
    notifications.send(session, "details_changed", application)
    return True


def differences(session: Session, application: Application) -> list[Difference]:
    """Everything that changed since the answers were sent first, the newest change first."""
    query = select(ApplicationVersion).where(ApplicationVersion.application_id == application.id)
    versions = list(session.scalars(query.order_by(ApplicationVersion.number)))
    pairs = list(pairwise(versions))
    return [line for old, new in reversed(pairs) for line in _between(old, new)]


def _between(old: ApplicationVersion, new: ApplicationVersion) -> list[Difference]:
    found = []
    for section in SECTIONS:
        before, after = (_rows(section.key, version.answers or {}) for version in (old, new))
        for label in dict.fromkeys([*before, *after]):
            if before.get(label, "") != after.get(label, ""):
                change = (before.get(label, ""), after.get(label, ""))
                found.append(Difference(str(section.title), label, *change, new.made_at.date()))
    return found


def _rows(section: str, answers: Mapping[str, Any]) -> dict[str, str]:
    shown = words.with_masked_numbers(answers)
    return {row.label: row.text for row in words.in_words(section, shown.get(section))}


def _open_again(session: Session, application: Application) -> None:
    """A review that was finished goes back to the queue, and what it decided no longer counts. After the conditional
    approval the new screening takes its place: nobody is approved before it is finished (interview_outcomes)."""
    if application.status != Status.UNDER_REVIEW:
        return
    query = select(Review).where(Review.application_id == application.id, Review.state == "finished")
    for review in session.scalars(query).all():
        with adjudication.both_agencies(session):
            session.execute(
                update(AgencyDecision)
                .where(
                    AgencyDecision.application_id == application.id,
                    AgencyDecision.agency == review.agency,
                    AgencyDecision.stage == str(Stage.REVIEW),
                    AgencyDecision.superseded_at.is_(None),
                )
                .values(superseded_at=now())
            )
        review.finished_at = review.officer_id = review.taken_at = None
        transitions.perform(session, review, "open_again", by=SYSTEM)
