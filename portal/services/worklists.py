"""What an officer finds to do: the agency's queue in pages, and how much of each kind there is."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Boolean, ScalarSelect, exists, func, select, tuple_
from sqlalchemy.orm import Session

from portal.clock import now
from portal.domain.adjudication import Stage
from portal.domain.working_days import working_days
from portal.models import LookoutHit, Officer, RefusalProposal, Review, ScreeningRun
from portal.services import audit
from portal.services.adjudication import OPEN_REVIEW_STATES, other_agency

PAGE = 50

Cursor = tuple[datetime, uuid.UUID]


@dataclass(frozen=True)
class Line:
    """One review in a list, with whether the other agency is finished."""

    review: Review
    is_other_finished: bool
    holder: str


@dataclass(frozen=True)
class Page:
    """One page of a list: its lines, how many there are in all, and where the neighbours begin."""

    lines: Sequence[Line]
    total: int
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Counts:
    """How much there is to do for one officer."""

    waiting: int
    mine: int
    with_applicant: int
    to_confirm: int
    open_hits: int


VIEWS = ("waiting", "mine", "with_applicant", "to_confirm", "open")


def _condition(view: str, by: Officer) -> list[Any]:
    own = Review.agency == by.agency
    return {
        "waiting": [own, Review.state == "waiting"],
        "mine": [own, Review.officer_id == by.id, Review.state.in_(OPEN_REVIEW_STATES)],
        "with_applicant": [own, Review.state == "awaiting_applicant"],
        "to_confirm": [own, Review.state == "refusal_proposed", _is_for_second_officer(by)],
        "open": [own, Review.state.in_(OPEN_REVIEW_STATES)],
    }[view]


def _is_for_second_officer(by: Officer) -> Any:
    return exists().where(
        RefusalProposal.application_id == Review.application_id,
        RefusalProposal.agency == by.agency,
        RefusalProposal.stage == str(Stage.REVIEW),
        RefusalProposal.settled_at.is_(None),
        RefusalProposal.proposed_by != by.id,
    )


def counts(session: Session, by: Officer) -> Counts:
    """How much there is to do, by one question to the database."""
    waiting, mine, with_applicant, to_confirm = (_count(view, by) for view in VIEWS[:4])
    row = session.execute(select(waiting, mine, with_applicant, to_confirm, _open_hits(by))).one()
    return Counts(*row)


def _count(view: str, by: Officer) -> ScalarSelect[int]:
    return select(func.count()).select_from(Review).where(*_condition(view, by)).scalar_subquery()


def _open_hits(by: Officer) -> ScalarSelect[int]:
    return (
        select(func.count())
        .select_from(LookoutHit)
        .join(LookoutHit.run)
        .join(Review, Review.application_id == LookoutHit.application_id)
        .where(
            LookoutHit.agency == by.agency,
            LookoutHit.state == "open",
            ScreeningRun.is_newest,
            Review.agency == by.agency,
            Review.state.in_(OPEN_REVIEW_STATES),
        )
        .scalar_subquery()
    )


def page(session: Session, view: str, by: Officer, *, before: str | None = None, after: str | None = None) -> Page:
    """A page of `view`, the oldest first, beginning `after` or ending `before` a place that another page named.

    The names that it shows are personal data: the look at them is recorded.
    """
    conditions = _condition(view, by)
    total = session.scalar(select(func.count()).select_from(Review).where(*conditions)) or 0
    lines, more = _lines(session, conditions, by, before=_cursor(before), after=_cursor(after))
    _record(session, view, lines, by)
    first, last = (lines[0].review, lines[-1].review) if lines else (None, None)
    return Page(
        lines,
        total,
        before=_written(first) if first and (more if before else after) else None,
        after=_written(last) if last and (before or more) else None,
    )


def _lines(
    session: Session, conditions: list[Any], by: Officer, *, before: Cursor | None, after: Cursor | None
) -> tuple[list[Line], bool]:
    is_over = func.is_review_over(Review.application_id, other_agency(by.agency), type_=Boolean)
    place = tuple_(Review.opened_at, Review.id)
    query = (
        select(Review, is_over, Officer)
        .outerjoin(Officer, Officer.id == Review.officer_id)
        .where(*conditions)
        .limit(PAGE + 1)
    )
    if before:
        query = query.where(place < tuple_(*before)).order_by(Review.opened_at.desc(), Review.id.desc())
    else:
        query = query.where(place > tuple_(*after)) if after else query
        query = query.order_by(Review.opened_at, Review.id)
    rows = session.execute(query).all()
    lines = [Line(review, bool(is_over), (holder and holder.name) or "") for review, is_over, holder in rows]
    shown = lines[:PAGE]
    return (shown[::-1] if before else shown), len(lines) > PAGE


def _record(session: Session, view: str, lines: Sequence[Line], by: Officer) -> None:
    if lines:
        references = " ".join(line.review.application.reference for line in lines)
        audit.record(session, "queue:view", "review", by=by, view=view, references=references)


def _written(review: Review) -> str:
    return f"{review.opened_at.isoformat()}~{review.id}"


def _cursor(written: str | None) -> Cursor | None:
    if not written:
        return None
    moment, _, identifier = written.partition("~")
    try:
        at = datetime.fromisoformat(moment)
        return (at, uuid.UUID(identifier)) if at.tzinfo else None
    except ValueError:
        return None


def days_old(review: Review) -> int:
    """How old a review is in working days; its clock stands while the applicant has a question to answer."""
    end = review.paused_at or review.finished_at or now()
    return working_days(review.opened_at.date(), (end - timedelta(seconds=review.paused_seconds)).date())
