"""Offers of earlier places: to the first on the waiting list whom a place fits, and on to the next.

A place that is freed or released is offered in the transaction that frees it, so nobody sees it in between. The place
is locked first, then the entry: two workers never offer one place to two people, nor two places to one.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.clock import now, today
from portal.domain.interviews import offer_until
from portal.domain.parties import FreePlace
from portal.models import Application, EnrolmentCentre, Hold, Interview, Offer, Place
from portal.models.viewers import JOINT, viewing_as
from portal.services import audit, family_offers, notifications, places, programme
from portal.services.actors import SYSTEM, Actor

GRACE = timedelta(minutes=2)
"""The place is held so much longer than the offer lasts: the next on the list is asked before anybody else sees it."""

FITS = """
    from waiting_entry entry
    join interview on interview.id = entry.interview_id and interview.state in ('to_book', 'booked')
    join application on application.id = interview.application_id and application.status = 'conditionally_approved'
    left join lateral (
        select place.starts_at from interview_part part join place on place.interview_part_id = part.id
        where part.interview_id = interview.id and part.state = 'booked' and part.follows_id is null
    ) booked on true
    join place on place.starts_at >= :now + make_interval(hours => entry.notice_hours)
              and (booked.starts_at is null or place.starts_at < booked.starts_at)
    join slot on slot.id = place.slot_id
    join enrolment_centre centre on centre.id = place.centre_id
    where entry.stopped_at is null and (entry.party_id is null or entry.party_id = entry.interview_id)
      and (centre.interview_model = 'joint' or not exists (
          select from interview_part part where part.interview_id = interview.id and part.state = 'done'
      ))
      and place.interview_part_id is null and (place.held_until is null or place.held_until <= :now)
      and (application.interview_deadline_on is null or slot.local_on <= application.interview_deadline_on)
      and (cardinality(entry.centre_ids) = 0 or place.centre_id = any(entry.centre_ids))
      and (entry.from_on is null or entry.from_on <= slot.local_on)
      and (entry.until_on is null or slot.local_on <= entry.until_on)
      and (cardinality(entry.weekdays) = 0 or extract(isodow from slot.local_on) - 1 = any(entry.weekdays))
      and (entry.from_time is null or (place.starts_at at time zone centre.zone)::time >= entry.from_time)
      and (entry.until_time is null or (place.starts_at at time zone centre.zone)::time < entry.until_time)
      and (cardinality(entry.modes) = 0 or entry.modes && centre.modes)
      and (entry.language is null or (
          select count(distinct officer.agency) from officer
          where officer.centre_id = centre.id and officer.disabled_at is null
            and entry.language = any(officer.languages)
      ) = cardinality(centre.agencies))
      and not exists (
          select from offer where offer.interview_id = entry.interview_id
             and (offer.slot_id = place.slot_id or offer.state = 'open')
      )
"""
FIRST_FOR = text(
    f"""
    select entry.interview_id, application.id, entry.party_id {FITS} and place.id = :place
       and not entry.interview_id = any(cast(:passed as uuid[]))
    order by entry.approved_at, entry.created_at, entry.id limit 1
    for update of entry skip locked
    """  # here and below: no part of a statement comes from outside
)
WANTED = text(
    f"""
    select distinct on (entry.approved_at, entry.created_at, entry.id) place.id {FITS}
       and place.centre_id = :centre and slot.local_on >= :first_on
    order by entry.approved_at, entry.created_at, entry.id, place.starts_at, place.desk
    """
)
FAMILIES = text(
    f"""
    select entry.party_id {FITS} and entry.party_id is not null and place.centre_id = :centre
       and slot.local_on >= :first_on
    group by entry.party_id, entry.approved_at, entry.created_at, entry.id
    order by entry.approved_at, entry.created_at, entry.id
    """
)
FIT_FOR_FAMILY = text(
    f"""
    select place.id, place.slot_id, place.centre_id, place.starts_at, slot.minutes, slot.local_on {FITS}
       and entry.party_id = :party and place.centre_id = :centre and slot.local_on >= :first_on
       and (cast(:last_on as date) is null or slot.local_on <= :last_on)
    order by place.starts_at, place.slot_id, place.desk limit 1500
    """
)
FREE = text(f"select place.id from place where id = :place and {places.FREE} for update")  # noqa: S608
EXPIRED = text(
    """
    select offer.id from offer
    left join lateral (
        select booked.starts_at from interview_part part join place booked on booked.interview_part_id = part.id
        where part.interview_id = offer.interview_id and part.state = 'booked' and part.follows_id is null
    ) booked on true
    join place on place.id = offer.place_id
    where offer.state = 'open' and (offer.party_id is null or offer.party_id = offer.id)
      and (offer.until <= :now or booked.starts_at <= place.starts_at)
    order by offer.until limit 500
    for update of offer skip locked
    """
)


def offer_place(session: Session, place_id: uuid.UUID) -> Offer | None:
    """Offer a free place to the first on the list whom it fits. None, and it stays free for all, where it fits nobody.

    Order: the conditional approval, then joining the list (rulings, section 3).
    """
    with viewing_as(session, JOINT):  # whoever frees a place, it is somebody else's turn
        return _offer_place(session, place_id)


def _offer_place(session: Session, place_id: uuid.UUID) -> Offer | None:
    if session.execute(FREE, {"place": place_id, "now": now()}).first() is None:
        return None
    place = session.get_one(Place, place_id, populate_existing=True)
    until = offer_until(now(), place.starts_at, place.centre.zone, programme.setting(session, "offer", today()))
    if until is None:
        return None
    passed: list[uuid.UUID] = []
    while first := session.execute(FIRST_FOR, {"place": place_id, "now": now(), "passed": passed}).first():
        interview_id, application_id, party_id = first
        if family_offers.is_asked(session, [interview_id]):
            passed.append(interview_id)
            continue
        if party_id is None:
            made = _make(session, place, interview_id, until)
            _tell(session, made, application_id)
            return made
        if made_for_all := _offer_family(session, party_id, place.centre, place.slot.local_on, around=place):
            return made_for_all
        passed.append(interview_id)
    return None


def _offer_family(
    session: Session, party_id: uuid.UUID, centre: EnrolmentCentre, first_on: date, *, around: Place | None = None
) -> Offer | None:
    """Offer a family consecutive places at a centre, all or none: those around a freed place, or the soonest."""
    values = {"party": party_id, "centre": centre.id, "now": now(), "first_on": first_on,
              "last_on": around.slot.local_on if around else None}  # fmt: skip
    free = [FreePlace(*row) for row in session.execute(FIT_FOR_FAMILY, values)]
    party = family_offers.members(session, party_id)
    sitting = family_offers.sitting_for(session, party, free, around=around.id if around else None)
    rule = programme.setting(session, "offer", today())
    until = offer_until(now(), sitting[0].starts_at, centre.zone, rule) if sitting else None
    if sitting is None or until is None:
        return None
    taken = [session.get_one(Place, one.id, populate_existing=True) for one in sitting]
    made = [_make(session, place, one.interview_id, until) for place, one in zip(taken, party, strict=True)]
    for offer in made:
        offer.party_id = made[0].id
    session.flush()
    _tell(session, made[0], party[0].application_id)
    return made[0]


def _make(session: Session, place: Place, interview_id: uuid.UUID, until: datetime) -> Offer:
    hold = Hold(interview_id=interview_id, purpose="offer", until=until + GRACE)
    session.add(hold)
    session.flush()
    place.hold_id, place.held_until = hold.id, hold.until
    offer = Offer(interview_id=interview_id, slot_id=place.slot_id, place_id=place.id, until=until)
    session.add(offer)
    session.flush()
    audit.record(session, "offer:make", offer, application_id=offer.interview.application_id, by=SYSTEM)
    return offer


def _tell(session: Session, offer: Offer, application_id: uuid.UUID) -> None:
    facts = {
        "place_id": str(offer.place_id),
        "until_at": offer.until.isoformat(),
        "people": len(together(session, offer)),
    }
    notifications.send(session, "place_offered", session.get_one(Application, application_id), facts=facts)


def together(session: Session, offer: Offer) -> list[Offer]:
    """An offer and those that were made to the rest of the family with it, the first interview first."""
    if offer.party_id is None:
        return [offer]
    query = select(Offer).join(Offer.place).where(Offer.party_id == offer.party_id)
    return list(session.scalars(query.order_by(Place.starts_at, Place.desk)))


def offer_released(session: Session, centre: EnrolmentCentre, first_on: date) -> int:
    """Offer what was released at a centre from a local day on, to each on the list in turn. Returns how many offers."""
    wanted = session.scalars(WANTED, {"centre": centre.id, "first_on": first_on, "now": now()}).all()
    made = 0
    while wanted:
        offers = [offer_place(session, place_id) for place_id in dict.fromkeys(wanted)]
        if not any(offers):
            break
        made += sum(offer is not None for offer in offers)
        wanted = session.scalars(WANTED, {"centre": centre.id, "first_on": first_on, "now": now()}).all()
    return made + _offer_families(session, centre, first_on)


def _offer_families(session: Session, centre: EnrolmentCentre, first_on: date) -> int:
    """Offer what is left to the families that were not served where they were looked for first."""
    with viewing_as(session, JOINT):
        found = session.scalars(FAMILIES, {"centre": centre.id, "first_on": first_on, "now": now()}).all()
        return sum(_offer_family(session, party_id, centre, first_on) is not None for party_id in found)


def open_of(session: Session, account_id: uuid.UUID) -> list[Offer]:
    """The offers that the account can take now, the soonest interview first."""
    query = (
        select(Offer)
        .join(Interview, Interview.id == Offer.interview_id)
        .join(Application, Application.id == Interview.application_id)
        .join(Place, Place.id == Offer.place_id)
        .where(Application.account_id == account_id, Offer.state == "open", Offer.until > now())
        .order_by(Place.starts_at)
    )
    return list(session.scalars(query))


def settle(session: Session, offer: Offer, state: str, *, by: Actor) -> None:
    """End an offer otherwise than by taking it: the place goes to the next whom it fits, or is free for all.

    What was offered to a family ends for everybody.
    """
    with viewing_as(session, JOINT):
        ended = [one for one in together(session, offer) if one.state == "open"]
        for one in ended:
            _end(session, one, state, by)
        for one in ended:
            offer_place(session, one.place_id)


def _end(session: Session, offer: Offer, state: str, by: Actor) -> None:
    offer.state, offer.settled_at = state, now()
    hold = session.scalars(
        select(Hold).where(Hold.interview_id == offer.interview_id, Hold.purpose == "offer")
    ).one_or_none()
    if hold is not None:
        places.let_go_of_held(session, hold.id)
        session.delete(hold)
    session.flush()
    audit.record(session, f"offer:{state}", offer, application_id=offer.interview.application_id, by=by)


def settle_expired(session: Session) -> int:
    """End what was not taken in time, or is no longer earlier than what its person has. Returns how many."""
    found = session.scalars(EXPIRED, {"now": now()}).all()
    for offer_id in found:
        settle(session, session.get_one(Offer, offer_id), "lapsed", by=SYSTEM)
    return len(found)


def withdraw(session: Session, interview_ids: Iterable[uuid.UUID], *, by: Actor) -> None:
    """End the open offers of interviews that need none any more."""
    query = select(Offer).where(Offer.interview_id.in_(list(interview_ids)), Offer.state == "open").with_for_update()
    for offer in session.scalars(query).all():
        settle(session, offer, "withdrawn", by=by)
