"""The waiting list as the traveller has it: joined with what would do, changed, left; an offer taken or declined."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.clock import now
from portal.domain.errors import NotFound, RuleViolation
from portal.i18n import Lazy as _l
from portal.models import Account, Application, Interview, Offer, WaitingEntry
from portal.services import audit, booking, offers
from portal.services.actors import Actor

OVER = _l("This offer is over. The time that you had is still yours.")


def entry_of(session: Session, interview: Interview) -> WaitingEntry | None:
    """The interview's entry on the list, where there is one that was not stopped."""
    found = _any_entry(session, interview)
    return found if found and found.stopped_at is None else None


def join(session: Session, interview: Interview, wishes: dict[str, Any], *, by: Actor) -> WaitingEntry:
    """Put an interview on the list, or change what would do. `wishes` are columns of the entry.

    A change keeps the place in line; whoever stopped and comes back waits from now on. Raises RuleViolation when no
    interview can be booked.
    """
    application = interview.application
    booking.check_open(application.status, interview.state, application.interview_deadline_on)
    entry = _any_entry(session, interview) or WaitingEntry(interview_id=interview.id)
    entry.approved_at = application.conditionally_approved_at or now()
    if entry.stopped_at is not None:
        entry.stopped_at, entry.created_at = None, now()
    for name, value in wishes.items():
        setattr(entry, name, value)
    session.add(entry)
    session.flush()
    audit.record(session, "waiting_entry:join", entry, application_id=application.id, by=by)
    return entry


def stop(session: Session, interview: Interview, *, by: Actor) -> None:
    """Leave the list. An offer that is open goes on to the next."""
    entry = entry_of(session, interview)
    if entry is None:
        return
    entry.stopped_at = now()
    session.flush()
    offers.withdraw(session, [interview.id], by=by)
    audit.record(session, "waiting_entry:stop", entry, application_id=interview.application_id, by=by)


def take(session: Session, offer: Offer, *, by: Actor) -> str:
    """Take an offered place; until then the old one stays. Returns the application's reference. Taken twice, once.

    Raises RuleViolation when the offer is over.
    """
    application = offer.interview.application
    reference = application.reference
    standing = booking.look(session, application.account_id, reference, offered=True)
    session.refresh(offer, ["state", "until"], with_for_update=True)
    if offer.state == "accepted":
        return reference
    if offer.state != "open" or offer.until <= now() or standing.held_place_id != offer.place_id:
        raise RuleViolation(OVER)
    booking.confirm(session, standing, by=by)
    offer.state, offer.settled_at = "accepted", now()
    audit.record(session, "offer:accepted", offer, application_id=standing.application_id, by=by)
    return reference


def decline(session: Session, offer: Offer, *, by: Actor) -> None:
    """Keep the old time. The place goes to the next on the list. Nothing happens when the offer is over."""
    session.refresh(offer, ["state"], with_for_update=True)
    if offer.state == "open":
        offers.settle(session, offer, "declined", by=by)


def own_offer(session: Session, account: Account, offer_id: uuid.UUID) -> Offer:
    """The offer to one of the account's own. Raises NotFound, also for somebody else's."""
    query = (
        select(Offer)
        .join(Interview, Interview.id == Offer.interview_id)
        .join(Application, Application.id == Interview.application_id)
        .where(Offer.id == offer_id, Application.account_id == account.id)
    )
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFound(offer_id)
    return found


def _any_entry(session: Session, interview: Interview) -> WaitingEntry | None:
    query = select(WaitingEntry).where(WaitingEntry.interview_id == interview.id).with_for_update()
    return session.scalars(query).one_or_none()
