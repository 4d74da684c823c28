"""Offers to a family: consecutive places for everybody who waits together, held at once or not at all.

The places and the entries are locked without waiting for anybody: whoever else is at work with one of them has it.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.clock import now
from portal.domain.parties import FreePlace, Sitting, sittings
from portal.services import places

MEMBERS = text(
    """
    select entry.interview_id, interview.application_id, booked.starts_at, application.interview_deadline_on
    from waiting_entry entry
    join interview on interview.id = entry.interview_id and interview.state in ('to_book', 'booked')
    join application on application.id = interview.application_id and application.status = 'conditionally_approved'
    left join lateral (
        select place.starts_at from interview_part part join place on place.interview_part_id = part.id
        where part.interview_id = interview.id and part.state = 'booked' and part.follows_id is null
    ) booked on true
    where entry.party_id = :party and entry.stopped_at is null
      and not exists (select from offer where offer.interview_id = interview.id and offer.state = 'open')
      and not exists (select from interview_part part where part.interview_id = interview.id and part.state = 'done')
    order by entry.interview_id = entry.party_id desc, entry.interview_id
    for update of entry skip locked
    """
)
WAITING = text("select count(*) from waiting_entry where party_id = :party and stopped_at is null")
ASKED = text("select count(*) from offer where interview_id = any(:interviews) and state = 'open'")
OFFERED = text(
    """
    select count(*) from unnest(cast(:interviews as uuid[]), cast(:slots as uuid[])) as wanted (interview_id, slot_id)
    join offer using (interview_id, slot_id)
    """
)
LOCK = text(
    f"select id from place where id = any(:ids) and {places.FREE} order by id for update skip locked"  # noqa: S608
)


@dataclass(frozen=True)
class Waiting:
    """One of a family that waits: what is booked now, and up to when the interview must be."""

    interview_id: uuid.UUID
    application_id: uuid.UUID
    booked_at: datetime | None
    last_on: date | None

    def is_served_by(self, place: FreePlace) -> bool:
        """Whether a place is earlier than what is booked, and not after the last day."""
        is_earlier = self.booked_at is None or place.starts_at < self.booked_at
        return is_earlier and (self.last_on is None or place.local_on <= self.last_on)


def members(session: Session, party_id: uuid.UUID) -> list[Waiting]:
    """Everybody of a family that waits, the one who was named first in front; none where not all can be served now."""
    found = [Waiting(*row) for row in session.execute(MEMBERS, {"party": party_id})]
    is_whole = len(found) == session.scalar(WAITING, {"party": party_id})
    return found if is_whole and not is_asked(session, [one.interview_id for one in found]) else []


def is_asked(session: Session, interview_ids: Sequence[uuid.UUID]) -> bool:
    """Whether one of them has an open offer, asked after locking: a search may have begun before it came."""
    return bool(session.scalar(ASKED, {"interviews": list(interview_ids)}))


def sitting_for(
    session: Session, party: Sequence[Waiting], free: Sequence[FreePlace], *, around: uuid.UUID | None = None
) -> Sitting | None:
    """The soonest places for everybody among those that fit, locked; `around`: with this one among them.

    None where there are none, or somebody has been offered such a time before.
    """
    for sitting in sittings(free, len(party)) if party else ():
        is_wanted = around is None or around in {place.id for place in sitting}
        if is_wanted and _serves(session, party, sitting) and _lock(session, sitting):
            return sitting
    return None


def _serves(session: Session, party: Sequence[Waiting], sitting: Sitting) -> bool:
    if not all(one.is_served_by(place) for one, place in zip(party, sitting, strict=True)):
        return False
    values = {"interviews": [one.interview_id for one in party], "slots": [place.slot_id for place in sitting]}
    return not session.scalar(OFFERED, values)


def _lock(session: Session, sitting: Sitting) -> bool:
    wanted = [place.id for place in sitting]
    return len(session.execute(LOCK, {"ids": wanted, "now": now()}).all()) == len(wanted)
