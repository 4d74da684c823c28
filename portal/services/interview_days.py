"""The interviews of one day, as the officers of one agency see them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload

from portal.domain.adjudication import Stage
from portal.domain.errors import NotFound
from portal.domain.interview_models import BOTH
from portal.domain.lifecycle import Status
from portal.models import (
    AgencyDecision,
    Application,
    EnrolmentCentre,
    Interview,
    InterviewPart,
    InterviewRecord,
    Officer,
    Place,
    RefusalProposal,
    Slot,
)
from portal.services import audit

MOST_SHOWN = 200


@dataclass(frozen=True)
class Appointment:
    """One booked place, and how far the officer's own agency has got with it."""

    place: Place
    part: InterviewPart
    application: Application
    stage: str
    """closed, decided, proposed, came, missed or open."""


def on(session: Session, day: date, centres: Sequence[EnrolmentCentre], *, by: Officer) -> list[Appointment]:
    """What is booked with the officer's agency at these centres on their local `day`, in order of time.

    Each is audited as seen.
    """
    query = (
        select(Place, InterviewPart)
        .join(InterviewPart, InterviewPart.id == Place.interview_part_id)
        .join(Slot, Slot.id == Place.slot_id)
        .where(Slot.centre_id.in_([centre.id for centre in centres]), Slot.local_on == day)
        .where(InterviewPart.agency.in_((BOTH, by.agency)))
        .options(joinedload(Place.centre), joinedload(InterviewPart.interview).joinedload(Interview.application))
        .order_by(Place.starts_at, Place.centre_id, Place.desk)
        .limit(MOST_SHOWN)
    )
    rows = session.execute(query).all()
    stages = _Stages(session, [part for _place, part in rows], by)
    for _place, part in rows:
        audit.record(session, "interview:list", part, application_id=part.interview.application_id, by=by)
    return [Appointment(place, part, part.interview.application, stages.of(part)) for place, part in rows]


def walk_ups(session: Session, centres: Sequence[EnrolmentCentre], *, by: Officer) -> list[InterviewPart]:
    """Whose part with the officer's agency has no appointment, and can be held now that the one before it is done.

    The centre is that of the part before: people may walk up elsewhere, and are found there by their reference. Each is
    audited as seen.
    """
    before = aliased(InterviewPart)
    query = (
        select(InterviewPart)
        .join(before, before.id == InterviewPart.follows_id)
        .join(InterviewPart.interview)
        .join(Interview.application)
        .where(InterviewPart.attendance == "walk_up", InterviewPart.state == "open", before.state == "done")
        .where(InterviewPart.agency == by.agency, InterviewPart.centre_id.in_([centre.id for centre in centres]))
        .where(Application.status == Status.CONDITIONALLY_APPROVED)
        .options(joinedload(InterviewPart.centre), contains_eager(InterviewPart.interview, Interview.application))
        .order_by(InterviewPart.id)
        .limit(MOST_SHOWN)
    )
    found = list(session.scalars(query))
    for part in found:
        audit.record(session, "interview:list", part, application_id=part.interview.application_id, by=by)
    return found


def of_reference(session: Session, reference: str) -> Interview:
    """The interview of the application with this reference. Raises NotFound."""
    query = select(Interview).join(Application, Application.id == Interview.application_id)
    found = session.scalars(query.where(Application.reference == reference)).one_or_none()
    if found is None:
        raise NotFound(reference)
    return found


class _Stages:
    """How far one agency has got with each of many parts: three queries for the whole list."""

    def __init__(self, session: Session, parts: Sequence[InterviewPart], by: Officer) -> None:
        applications = [part.interview.application_id for part in parts]
        came = select(InterviewRecord.part_id, InterviewRecord.came).where(
            InterviewRecord.part_id.in_([part.id for part in parts]), InterviewRecord.agency == by.agency
        )
        self.came: dict[uuid.UUID, bool] = dict(session.execute(came).all())
        self.decided = _applications(session, AgencyDecision, applications, by)
        self.proposed = _applications(session, RefusalProposal, applications, by, RefusalProposal.settled_at.is_(None))

    def of(self, part: InterviewPart) -> str:
        application = part.interview.application
        if application.id in self.decided:
            return "decided"
        if application.status != Status.CONDITIONALLY_APPROVED:
            return "closed"
        if application.id in self.proposed:
            return "proposed"
        return {None: "open", True: "came", False: "missed"}[self.came.get(part.id)]


def _applications(
    session: Session, model: Any, applications: Sequence[uuid.UUID], by: Officer, *conditions: Any
) -> set[uuid.UUID]:
    query = select(model.application_id).where(
        model.application_id.in_(applications), model.agency == by.agency, model.stage == str(Stage.FINAL), *conditions
    )
    return set(session.scalars(query))
