"""Releases: which rule of a centre holds, up to which day its times are out, when the next come, and a new rule."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.clock import now, today
from portal.domain import releases as domain
from portal.domain.errors import RuleViolation
from portal.domain.releases import Release
from portal.i18n import Lazy as _l
from portal.models import EnrolmentCentre, Officer, ReleaseRule
from portal.services import audit, programme
from portal.services.centres import can_be_booked

NOT_PAST = _l("A rule holds from tomorrow on at the earliest")


@dataclass(frozen=True)
class Announced:
    """What everybody may know of a centre's releases."""

    rule: str
    """In words, as a part of a sentence."""
    next_on: date
    next_at: datetime
    next_until: date
    """The last day whose times come then."""
    until: date | None
    """The last day whose times are out already."""


def rules(session: Session, centres: Iterable[EnrolmentCentre]) -> dict[uuid.UUID, list[Release]]:
    """The rules of each centre in the order in which they take effect; the programme's own is the first."""
    known = list(centres)
    default = domain.of_setting(programme.setting(session, "slots", today()))
    found = {centre.id: [default] for centre in known}
    own = select(ReleaseRule).where(ReleaseRule.centre_id.in_(found)).order_by(ReleaseRule.valid_from)
    for row in session.scalars(own):
        found[row.centre_id].append(_read(row))
    return found


def due(session: Session, centres: Iterable[EnrolmentCentre]) -> dict[uuid.UUID, date]:
    """The last local day whose times ought to be out by now, for each centre that has not released them all."""
    known = [centre for centre in centres if can_be_booked(centre)]
    of = rules(session, known)
    found = {centre.id: due_until(of[centre.id], centre) for centre in known}
    out = {centre.id: centre.released_until for centre in known}
    return {key: until for key, until in found.items() if (done := out[key]) is None or done < until}


def due_until(rules_of: Sequence[Release], centre: EnrolmentCentre) -> date:
    """The last local day whose times ought to be out by now, whether they are or not."""
    last = domain.latest(rules_of, now(), centre.zone)
    return domain.reaches_to(*last) if last else now().astimezone(ZoneInfo(centre.zone)).date()


def announced(session: Session, centres: Iterable[EnrolmentCentre]) -> dict[uuid.UUID, Announced]:
    """When each of these centres releases times next, and which, by the centre's identifier."""
    known = list(centres)
    of = rules(session, known)
    return {centre.id: _announce(of[centre.id], centre) for centre in known}


def next_one(session: Session, centres: Iterable[EnrolmentCentre]) -> tuple[EnrolmentCentre, Announced] | None:
    """The release that comes first at any of these centres; None where none of them is booked."""
    known = {centre.id: centre for centre in centres if can_be_booked(centre)}
    found = announced(session, known.values())
    first = min(found, key=lambda one: found[one].next_at, default=None)
    return (known[first], found[first]) if first else None


def change(session: Session, centre: EnrolmentCentre, rule: Release, *, by: Officer) -> None:
    """Release by this rule from its day on. A rule for the same day is replaced; what is out stays out.

    Raises RuleViolation for a day that has come.
    """
    if rule.valid_from <= _today(centre):
        raise RuleViolation(NOT_PAST)
    same_day = (ReleaseRule.centre_id == centre.id, ReleaseRule.valid_from == rule.valid_from)
    row = session.scalars(select(ReleaseRule).where(*same_day)).one_or_none()
    row = row or ReleaseRule(centre_id=centre.id, valid_from=rule.valid_from)
    for name in ("kind", "at", "weekday", "week", "days_ahead"):
        setattr(row, name, getattr(rule, name))
    session.add(row)
    session.flush()
    audit.record(session, "capacity:release_rule", row, kind=rule.kind, valid_from=rule.valid_from.isoformat(), by=by)


def _announce(rules_of: Sequence[Release], centre: EnrolmentCentre) -> Announced:
    rule, day = domain.following(rules_of, now(), centre.zone)
    due_at = domain.moment_on(day, rule.at, centre.zone)
    return Announced(domain.in_words(rule), day, due_at, domain.reaches_to(rule, day), centre.released_until)


def _today(centre: EnrolmentCentre) -> date:
    return now().astimezone(ZoneInfo(centre.zone)).date()


def _read(row: ReleaseRule) -> Release:
    return Release(row.kind, row.at, row.days_ahead, row.weekday, row.week, row.valid_from)
