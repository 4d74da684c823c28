"""Which consents of other parents and guardians an application has, and whether one is missing."""

from __future__ import annotations

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.errors import NotFound
from portal.models import Application, GuardianConsent


def of_application(session: Session, application: Application) -> list[GuardianConsent]:
    """What is asked of the others now, in the order in which they were asked."""
    query = select(GuardianConsent).where(
        GuardianConsent.application_id == application.id, GuardianConsent.ended_at.is_(None)
    )
    return list(session.scalars(query.order_by(GuardianConsent.created_at, GuardianConsent.id)))


def find(session: Session, application: Application, consent_id: uuid.UUID) -> GuardianConsent:
    """One of them. Raises NotFound."""
    found = next((one for one in of_application(session, application) if one.id == consent_id), None)
    if found is None:
        raise NotFound(consent_id)
    return found


def is_missing(session: Session, application: Application) -> bool:
    """Whether somebody's consent is needed and is not there."""
    return any(one.state != "given" for one in of_application(session, application))
