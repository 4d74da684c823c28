"""The waiting list as the traveller has it: joined with what would do, changed, left; an offer taken or declined."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.clock import now
from portal.domain.errors import NotFound, RuleViolation
from portal.domain.parties import MOST_PEOPLE
from portal.i18n import Lazy as _l
from portal.models import Account, Application, Interview, Offer, WaitingEntry
from portal.services import audit, booking, offers
from portal.services.actors import Actor

NOT_A_FAMILY = _l("Choose two to six people who wait together.")
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
    entry.approved_at, entry.party_id = application.conditionally_approved_at or now(), None
    if entry.stopped_at is not None:
        entry.stopped_at, entry.created_at = None, now()
    for name, value in wishes.items():
        setattr(entry, name, value)
    session.add(entry)
    session.flush()
    audit.record(session, "waiting_entry:join", entry, application_id=application.id, by=by)
    return entry


def join_together(session: Session, family: Sequence[Interview], wishes: dict[str, Any], *, by: Actor) -> None:
    """Put a family on the list together: it is offered places for everybody, side by side or one after another.

    It waits since the last of them was approved. Raises RuleViolation where one of them cannot be booked, or for fewer
    than two people or more than six.
    """
    if not 2 <= len(family) <= MOST_PEOPLE:
        raise RuleViolation(NOT_A_FAMILY)
    entries = [join(session, interview, wishes, by=by) for interview in family]
    since = max(entry.approved_at for entry in entries)
    for entry in entries:
        entry.party_id, entry.approved_at = family[0].id, since
    session.flush()


def together(session: Session, entry: WaitingEntry) -> list[WaitingEntry]:
    """Everybody who waits together with an entry, that one included."""
    if entry.party_id is None:
        return [entry]
    query = select(WaitingEntry).where(WaitingEntry.party_id == entry.party_id, WaitingEntry.stopped_at.is_(None))
    return list(session.scalars(query.order_by(WaitingEntry.id)))


def stop(session: Session, interview: Interview, *, by: Actor) -> None:
    """Leave the list, with everybody who waits together. An offer that is open goes on to the next."""
    entry = entry_of(session, interview)
    if entry is None:
        return
    leaving = together(session, entry)
    for one in leaving:
        one.stopped_at = now()
        audit.record(session, "waiting_entry:stop", one, application_id=one.interview.application_id, by=by)
    session.flush()
    offers.withdraw(session, [one.interview_id for one in leaving], by=by)


def take(session: Session, offer: Offer, *, by: Actor) -> str:
    """Take an offered place; until then the old one stays. Returns the application's reference. Taken twice, once.

    What is offered to a family is taken for everybody, or for nobody.

    Raises RuleViolation when the offer is over.
    """
    reference: str = offer.interview.application.reference
    offered = sorted(offers.together(session, offer), key=lambda one: one.interview_id)  # one order for all locks
    looked = [(one, _look(session, one)) for one in offered]
    for one, _standing in looked:
        session.refresh(one, ["state", "until"], with_for_update=True)
    if all(one.state == "accepted" for one in offered):
        return reference
    for one, standing in looked:
        if one.state != "open" or one.until <= now() or standing.held_place_id != one.place_id:
            raise RuleViolation(OVER)
    for one, standing in looked:
        booking.confirm(session, standing, by=by)
        one.state, one.settled_at = "accepted", now()
        audit.record(session, "offer:accepted", one, application_id=standing.application_id, by=by)
    return reference


def _look(session: Session, offer: Offer) -> booking.Standing:
    application = offer.interview.application
    return booking.look(session, application.account_id, application.reference, offered=True)


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
