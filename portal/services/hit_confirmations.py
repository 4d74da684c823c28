"""That somebody is the person on a list takes two officers: what one found, another confirms or sends back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from portal.clock import now
from portal.domain.errors import NotFound, NotOpenToThis, RuleViolation
from portal.domain.lifecycle import Status
from portal.i18n import Lazy as _l
from portal.models import Application, LookoutHit, Officer, Review, ScreeningRun
from portal.services import adjudication, audit, reviews
from portal.services.screening import PROPOSED as PROPOSED

ANOTHER_OFFICER = _l("You found that it is the same person. Another officer of your agency must confirm it.")
NOT_WAITING = _l("This hit does not wait for a second officer any more.")
SAY_WHY = _l("Write why you send it back")


def waiting(session: Session, by: Officer) -> Sequence[LookoutHit]:
    """What colleagues of the agency found to be the same person and this officer can settle, the oldest first.

    On applications under review, and of members, whose hits come after the review.
    """
    query = _waiting(by).join(
        Review, (Review.application_id == LookoutHit.application_id) & (Review.agency == LookoutHit.agency)
    )
    query = query.join(LookoutHit.application).where(
        or_(Review.state.in_(adjudication.OPEN_REVIEW_STATES), Application.status == Status.APPROVED)
    )
    return session.scalars(query.order_by(LookoutHit.assessed_at, LookoutHit.id)).all()


def waits_on(session: Session, review: Review, by: Officer) -> bool:
    """Whether a hit on this application waits for this officer: a reason to look at it."""
    query = _waiting(by).where(LookoutHit.application_id == review.application_id)
    is_open = review.state in adjudication.OPEN_REVIEW_STATES or review.application.status == Status.APPROVED
    return is_open and session.scalars(query.limit(1)).first() is not None


def _waiting(by: Officer) -> Select[Any]:
    return (
        select(LookoutHit)
        .join(LookoutHit.run)
        .where(
            LookoutHit.agency == by.agency,
            LookoutHit.state == PROPOSED,
            LookoutHit.assessed_by != by.id,
            ScreeningRun.is_newest,
        )
    )


def confirm(session: Session, review: Review, hit: LookoutHit, by: Officer) -> None:
    """Confirm that it is the same person.

    Raises NotFound outside one's agency, RuleViolation for one's own finding, NotOpenToThis where it waits no more.
    """
    _take(session, review, hit, by)
    hit.state, hit.confirmed_by, hit.confirmed_at = "same", by.id, now()
    audit.record(session, "hit:confirm", hit, by=by)
    session.flush()


def send_back(session: Session, review: Review, hit: LookoutHit, why: str, by: Officer) -> None:
    """Send it back: the hit is open again, and what both wrote stays as a note. Raises as `confirm` does."""
    _take(session, review, hit, by)
    if not why:
        raise RuleViolation(SAY_WHY)
    found = hit.assessment or ""
    reviews.add_note(session, review, f"{found}\n\n→ {why}", by)
    hit.assessment = None
    hit.state, hit.evidence, hit.assessed_by, hit.assessed_at = "open", [], None, None
    audit.record(session, "hit:send_back", hit, by=by)
    session.flush()


def _take(session: Session, review: Review, hit: LookoutHit, by: Officer) -> None:
    if hit.agency != by.agency:
        raise NotFound(hit.id)
    reviews.lock(session, review, by)
    session.refresh(hit, with_for_update={"of": LookoutHit})
    if hit.state != PROPOSED or not hit.run.is_newest:
        raise NotOpenToThis(NOT_WAITING)
    if hit.assessed_by == by.id:
        raise RuleViolation(ANOTHER_OFFICER)
