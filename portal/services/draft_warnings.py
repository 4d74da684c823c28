"""Who left an application unfinished is told how long it is kept, 30 and 7 days before it is deleted (message N4)."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import ColumnElement, Interval, case, exists, literal, select
from sqlalchemy.orm import Session

from portal.clock import now, today
from portal.domain.lifecycle import Status
from portal.models import Application, OutgoingMessage
from portal.services import notifications, programme, sections

EVENT = "draft_kept"
DAYS_BEFORE = (30, 7)
FAIR_WARNING = timedelta(days=6)
"""Nothing is deleted sooner after a warning, even where the worker was away on the day of the last one."""
MOST = 500


def send_due(session: Session) -> int:
    """Send what is due today, each warning once for each time that the draft was left alone. Gives their number."""
    kept = timedelta(days=programme.setting(session, "drafts", today())["days"])
    query = select(Application).where(
        Application.status == Status.DRAFT,
        Application.changed_at < now() - kept + timedelta(days=max(DAYS_BEFORE)),
        ~_warned(_due_since(kept)),
    )
    found = session.scalars(query.order_by(Application.changed_at).limit(MOST)).all()
    for application in found:
        _warn(session, application, max(today() + FAIR_WARNING, (application.changed_at + kept).date()))
    return len(found)


def was_warned() -> ColumnElement[bool]:
    """Whether a draft's holder was warned since the last change, and long enough ago."""
    return _warned(Application.changed_at) & ~_warned(now() - FAIR_WARNING)


def _due_since(kept: timedelta) -> ColumnElement[object]:
    """When the latest warning that is due by now became due: whoever was warned since then is not warned again."""
    last, first = (kept - timedelta(days=days) for days in (min(DAYS_BEFORE), max(DAYS_BEFORE)))
    is_last = Application.changed_at < now() - last
    return case(
        (is_last, Application.changed_at + literal(last, Interval())),
        else_=Application.changed_at + literal(first, Interval()),
    )


def _warned(since: object) -> ColumnElement[bool]:
    return exists().where(
        OutgoingMessage.application_id == Application.id,
        OutgoingMessage.event == EVENT,
        OutgoingMessage.created_at >= since,
    )


def _warn(session: Session, application: Application, until: date) -> None:
    tasks = sections.tasks(sections.drafts_of(session, application))
    done = sum(task.is_completed for task in tasks)
    facts = {"until_on": until.isoformat(), "done": done, "count": len(tasks)}
    notifications.send(session, EVENT, application, facts=facts)
