"""How long the stages of an application usually take, from our own history: median and nine-in-ten, in whole days."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from portal.clock import now
from portal.domain import AGENCIES
from portal.i18n import gettext as _
from portal.models import Application, Review
from portal.models.viewers import JOINT, viewing_as

ENOUGH = 100
"""Below so many finished applications no usual time is told."""
RECENT = timedelta(days=365)


@dataclass(frozen=True)
class Usual:
    """How long a stage usually takes."""

    title: str
    text: str
    agency: str | None = None


def told(session: Session) -> tuple[Usual, ...]:
    """The usual time of each stage, in the language being spoken."""
    with viewing_as(session, JOINT):  # of everybody's, and told of nobody
        return _told(session)


def _told(session: Session) -> tuple[Usual, ...]:
    return (
        *(Usual(_("Checks"), _in_words(_time_of_checks(session, agency)), agency) for agency in AGENCIES),
        Usual(_("From both checks to the decision"), _in_words(_time_to_decision(session))),
    )


Times = tuple[int, int] | None


def most(session: Session, agency: str) -> int | None:
    """In how many days nine in ten of the agency's checks were finished; None while that is not known."""
    with viewing_as(session, JOINT):  # of everybody's, and told of nobody
        times = _time_of_checks(session, agency)
    return max(times[1], 1) if times else None


def _time_of_checks(session: Session, agency: str) -> Times:
    spent = Review.finished_at - Review.opened_at
    conditions = (Review.agency == agency, Review.state == "finished", Review.finished_at > now() - RECENT)
    return _times(session, spent, *conditions)


def _time_to_decision(session: Session) -> Times:
    spent = Application.decided_at - Application.conditionally_approved_at
    return _times(session, spent, Application.decided_at > now() - RECENT, spent.is_not(None))


def _times(session: Session, spent: ColumnElement[Any], *conditions: ColumnElement[bool]) -> Times:
    """Median and nine-in-ten in whole days, rounded up; None below a hundred."""
    days = func.extract("epoch", spent) / 86400
    query = select(
        func.count(),
        func.percentile_cont(0.5).within_group(days),
        func.percentile_cont(0.9).within_group(days),
    ).where(*conditions)
    count, median, nine_in_ten = session.execute(query).one()
    return (math.ceil(median), math.ceil(nine_in_ten)) if count >= ENOUGH else None


def _in_words(times: Times) -> str:
    if times is None:
        return _("Not known yet")
    median, nine_in_ten = (max(days, 1) for days in times)
    return _(
        "Half of people wait up to %(median)s days. Nine in ten wait up to %(most)s days.",
        median=median,
        most=nine_in_ten,
    )
