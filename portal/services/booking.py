"""Holding and booking as the traveller does it: one look with the interview locked, then one statement that acts.

Many come at once when places are released. So nothing is loaded that is not needed, and what follows from a booking
(status, history, trail, message) is written by the statement that takes the place: all of it or nothing.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from portal.clock import now, today
from portal.domain import interview_models
from portal.domain.errors import NotFound, NotOpenToThis, RuleViolation
from portal.domain.interview_models import BOTH
from portal.domain.interviews import is_past
from portal.domain.lifecycle import Status, transition
from portal.i18n import Lazy as _l
from portal.models import InterviewPart, Place, Slot
from portal.models.statements import Statement
from portal.services import audit, interview_parts, offers, places, programme, transitions
from portal.services.actors import Actor
from portal.services.transitions import Changed

NOT_OPEN = _l("You cannot book an interview for this application now.")
PAST_DEADLINE = _l("The last day for your interview was %(day)s. You cannot book any more.")
BEYOND_DEADLINE = _l("Your interview must take place by the last day that we gave you. Choose an earlier time.")
NOT_THERE = _l("The part of the interview that you still need is not held there. Choose another centre.")
TAKEN = _l("Somebody has just taken this time. Choose another one.")
YOURS_ALREADY = _l("This is the time that you have already.")
NOTHING_HELD = _l("Your time is no longer held. Choose a time again.")
HAS_BEGUN = _l("Your interview has begun. It can no longer be moved or cancelled.")

_LOOK = f"""
    select interview.id, interview.state, application.id, application.account_id, application.status,
           application.interview_deadline_on, part.id, part.calendar_sequence, part.state, part.agency,
           part.is_followed, booked.slot_id, booked.starts_at,
           hold.id, hold.until, held.id, held.slot_id, coalesce(held_at.interview_model <> 'joint', false),
           slot.id, slot.centre_id, slot.starts_at, slot.local_on, centre.interview_model,
           centre.second_of_id is not null, {programme.in_sql("hold")}
    from application
    join interview on interview.application_id = application.id
    join lateral (
        select id, calendar_sequence, state, agency,
               exists (select from interview_part after where after.follows_id = interview_part.id) as is_followed
        from interview_part
        where interview_id = interview.id and follows_id is null order by position desc limit 1
    ) part on true
    left join place booked on booked.interview_part_id = part.id
    left join hold on hold.interview_id = interview.id and hold.purpose {{purpose}}
    left join place held on held.hold_id = hold.id and held.starts_at > :now
    left join enrolment_centre held_at on held_at.id = held.centre_id
    left join slot on slot.id = :slot
    left join enrolment_centre centre on centre.id = slot.centre_id
    where application.reference = :reference and application.account_id = :account
    for update of interview
"""  # noqa: S608  # no part of it comes from outside
# Two statements, for there are two indexes of holds: of the offered, and of the chosen.
LOOK = {True: Statement(_LOOK.format(purpose="= 'offer'")), False: Statement(_LOOK.format(purpose="<> 'offer'"))}


class SlotTaken(RuleViolation):
    """No place is left in the slot. The page offers those nearest to it."""

    def __init__(self, slot: Slot) -> None:
        super().__init__(TAKEN)
        self.slot = slot


class HoldLost(RuleViolation):
    """The place is no longer held: somebody else has it, or its time has come."""

    def __init__(self) -> None:
        super().__init__(NOTHING_HELD)


@dataclass(frozen=True)
class Standing:
    """Where a traveller stands: the interview, what is booked, what is held, and the slot that is wanted."""

    id: uuid.UUID
    state: str
    application_id: uuid.UUID
    account_id: uuid.UUID
    status: str
    last_day: date | None
    part_id: uuid.UUID
    sequence: int
    part_state: str
    agency: str
    is_followed: bool
    """Whether the appointment has a second part, booked or not."""
    booked_slot_id: uuid.UUID | None
    booked_at: datetime | None
    hold_id: uuid.UUID | None
    held_until: datetime | None
    held_place_id: uuid.UUID | None
    held_slot_id: uuid.UUID | None
    is_held_apart: bool
    """Whether what is held is where the two agencies do not sit at one desk."""
    slot_id: uuid.UUID | None
    centre_id: uuid.UUID
    starts_at: datetime
    local_on: date
    model: str
    is_second: bool
    hold_rule: dict[str, int]

    @property
    def needed(self) -> str:
        """Which agencies the interview is with: both, or the one that is left."""
        return BOTH if self.is_followed else self.agency

    @property
    def thing(self) -> Changed:
        """The interview as trail and history name it."""
        return Changed("interview", self.id, self.application_id, self.account_id)


@dataclass(frozen=True)
class Held:
    """A place that is held now."""

    id: uuid.UUID
    slot_id: uuid.UUID
    until: datetime


def look(
    session: Session,
    account_id: uuid.UUID,
    reference: str,
    slot_id: uuid.UUID | None = None,
    *,
    offered: bool = False,
) -> Standing:
    """Lock the interview of the account's application and see where it stands. Raises NotFound, also for the slot.

    What is held is what was offered, where `offered`, else what was chosen.
    One traveller's clicks in two windows wait here for each other; nobody else ever waits for this row.
    """
    values = {"account": account_id, "reference": reference, "slot": slot_id, "now": now(), "today": today()}
    row = LOOK[offered].first(session, values)
    found = Standing(*row) if row else None
    if found is None or found.slot_id != slot_id:
        raise NotFound(reference)
    return found


def hold(session: Session, standing: Standing, *, or_near: bool = False, by: Actor) -> Held:
    """Hold a place of the wanted slot for some minutes, beside the booked one if there is one; an earlier hold goes.

    With `or_near`, when none is left, one of the times nearest to it at the same centre on the same day.
    Raises SlotTaken when no place is left (the earlier hold stays), RuleViolation when the time may not be booked.
    """
    _check_slot(session, standing)
    has_it = standing.held_slot_id == standing.slot_id
    if has_it and standing.hold_id and standing.held_until and standing.held_until > now():
        return Held(standing.hold_id, standing.slot_id, standing.held_until)  # type: ignore[arg-type]
    values = {
        "slot": standing.slot_id,
        "interview": standing.id,
        "hold": uuid.uuid4(),
        "purpose": "swap" if standing.state == "booked" else "book",
        "until": hold_end(standing),
        "now": now(),
        **audit.values("interview:hold", standing.thing, slot_id=str(standing.slot_id), by=by),
    }
    made = places.claim(session, values)
    if made is None and or_near:
        made = places.claim_near(session, values, centre_id=standing.centre_id, starts_at=standing.starts_at,
                                 local_on=standing.local_on, not_slot=standing.booked_slot_id)  # fmt: skip
    if made is None:
        raise SlotTaken(session.get_one(Slot, standing.slot_id))
    return Held(*made)


def confirm(session: Session, standing: Standing, *, by: Actor) -> None:
    """Book what is held, or move the booked interview there: the new place is ours before the old one is let go.

    Raises HoldLost when somebody else has it, RuleViolation when the interview has begun, NotOpenToThis.
    """
    action = "move" if standing.state == "booked" else "book"
    check_open(standing.status, standing.state, standing.last_day)
    line = transition("interview", action)
    if standing.state not in line.sources:
        raise NotOpenToThis(transitions.TOO_LATE)
    if standing.part_state == "done" or (standing.booked_at and standing.booked_at <= now()):
        raise RuleViolation(HAS_BEGUN)
    if standing.hold_id is None or standing.held_place_id is None:
        raise HoldLost
    freed = None
    if action == "move":
        freed = places.swap_out(session, standing.part_id, standing.hold_id, now=now())
        if freed is None:
            raise HoldLost
        if standing.is_followed:
            interview_parts.let_go_of_second(session, standing.part_id)
    facts = {"part_id": str(standing.part_id), "place_id": str(standing.held_place_id)}
    if freed is not None:
        facts["left_place_id"] = str(freed)
    values = {
        "place": standing.held_place_id,
        "hold": standing.hold_id,
        "part": standing.part_id,
        "interview": standing.id,
        "now": now(),
        **transitions.values(line, standing.thing, by=by, facts={**facts, "sequence": standing.sequence + 1}),
    }
    if not places.take(session, values):
        raise HoldLost
    if standing.is_followed or standing.is_held_apart:
        _arrange(session, standing)
    if freed is not None:
        offers.offer_place(session, freed)


def _arrange(session: Session, standing: Standing) -> None:
    """The parts as the centre interviews, where that is not at one desk, or was not until now."""
    lead = session.get_one(InterviewPart, standing.part_id, populate_existing=True)
    interview_parts.arrange(session, lead, session.get_one(Place, standing.held_place_id, populate_existing=True))


def check_open(status: str, state: str, last_day: date | None) -> None:
    """Raise RuleViolation unless a time can be booked or moved: conditionally approved, and before the deadline."""
    if status != Status.CONDITIONALLY_APPROVED or state not in ("to_book", "booked"):
        raise RuleViolation(NOT_OPEN)
    if is_past(last_day, today()):
        raise RuleViolation(_l(PAST_DEADLINE.message, day=last_day))


def hold_end(standing: Standing) -> datetime:
    """Until when a hold that begins now lasts."""
    return now() + timedelta(minutes=standing.hold_rule["minutes"])


def _check_slot(session: Session, standing: Standing) -> None:
    check_open(standing.status, standing.state, standing.last_day)
    if standing.is_second or not interview_models.fits(standing.model, standing.needed):
        raise RuleViolation(NOT_THERE)
    if standing.starts_at <= now():
        raise SlotTaken(session.get_one(Slot, standing.slot_id))
    if is_past(standing.last_day, standing.local_on):
        raise RuleViolation(BEYOND_DEADLINE)
    if standing.state == "booked" and standing.booked_slot_id == standing.slot_id:
        raise RuleViolation(YOURS_ALREADY)
