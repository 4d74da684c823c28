"""The demonstration's curious officer, who opens at night what others hold, so that the weekly report has a case."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.clock import telling, today
from portal.models import Officer, Review
from portal.services import reviews, unusual_looking, viewings

NIGHT = time(7, 20)  # in UTC: between one and four in the morning at every centre of the East
MOST = 6


def look_around(session: Session, by: Officer) -> None:
    """Open some applications of the own agency last week without holding them."""
    night = datetime.combine(unusual_looking.last_week(today()) + timedelta(days=2), NIGHT, UTC)
    query = select(Review).where(Review.agency == by.agency).order_by(Review.opened_at).limit(3 * MOST)
    others = [review for review in session.scalars(query) if not reviews.holds(review, by)]
    for number, review in enumerate(others[:MOST]):
        with telling(night + timedelta(minutes=3 * number)):
            viewings.give_reason(session, review, "Checking an address.", by)
            viewings.record(session, review, "application", by)
