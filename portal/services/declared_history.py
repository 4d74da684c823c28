"""The declared-history rules that an application meets, for the officer who reviews it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from portal.clock import today
from portal.domain import declared_history as rules
from portal.models import LookoutHit, Review
from portal.services import programme, reviews


def of_review(session: Session, review: Review, hits: list[LookoutHit]) -> tuple[rules.Rule, ...]:
    """The rules of the review's agency that hold today and that the newest answers meet."""
    held = rules.rules_of(programme.setting(session, "declared_history", today()))
    background = reviews.answers_of(session, review.application).get("background", {})
    return rules.findings(held, review.agency, background, has_same=any(hit.state == "same" for hit in hits))
