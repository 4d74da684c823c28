"""The public interface of free times, in the shape that travellers' tools read already; described by openapi.json.

Read-only, kept by caches for some seconds, and limited by where a request comes from. Asking more often gains nothing:
what is freed or released goes to the waiting list first.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from flask import jsonify, make_response, request
from werkzeug.wrappers import Response

from portal.clock import now
from portal.db import current_session
from portal.domain.permissions import Permission
from portal.models import EnrolmentCentre
from portal.services import capacity, centres, public_slots, releases
from portal.services.releases import Announced
from portal.web.access import requires
from portal.web.api import api
from portal.web.guessing import must_wait

KEPT_FOR = 15  # seconds
MOST, MOST_SEATS = 500, 6
TYPES = {"air": "AIR", "land": "LND", "ferry": "SEA"}
SERVICE = {"id": 2, "name": "NEXUS"}
OPENAPI = Path(__file__).with_name("openapi.json")


class Wrong(Exception):
    """A parameter that cannot be read."""


@api.get("/schedulerapi/locations", strict_slashes=False)
@requires(Permission.PUBLIC)
def slot_locations() -> Response:
    """Every centre."""
    return _answer(lambda: _locations(centres.all_centres(current_session())))


@api.get("/schedulerapi/slots")
@requires(Permission.PUBLIC)
def soonest_slots() -> Response:
    """The soonest free times of one centre, or of all of them."""
    return _answer(_soonest)


@api.get("/schedulerapi/slots/asLocations")
@requires(Permission.PUBLIC)
def locations_with_slots() -> Response:
    """The centres that have a free time at all."""
    return _answer(_with_slots)


@api.get("/schedulerapi/slot-availability")
@requires(Permission.PUBLIC)
def slot_availability() -> Response:
    """The soonest free times of one centre, and up to when it has published."""
    return _answer(_availability)


@api.get("/schedulerapi/locations/<int:number>/slots")
@requires(Permission.PUBLIC)
def slots_of_location(number: int) -> Response:
    """Every slot of a centre between two local times, free or not."""
    return _answer(lambda: _slots_of(_centre(number)))


@api.get("/schedulerapi/openapi.json")
@requires(Permission.PUBLIC)
def slot_interface() -> Response:
    """This interface, described for machines (OpenAPI 3.1)."""
    return _kept(jsonify(json.loads(OPENAPI.read_text())))


def _answer(found: Any) -> Response:
    wait = must_wait("slots_source")
    if wait:
        response = make_response(jsonify({"error": "too many requests", "retryAfter": wait}), 429)
        response.headers["Retry-After"] = str(wait)
        return response
    try:
        return _kept(jsonify(found()))
    except Wrong as error:
        return make_response(jsonify({"error": str(error)}), 400)


def _kept(response: Response) -> Response:
    response.headers["Cache-Control"] = f"public, max-age={KEPT_FOR}"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.add_etag()
    return response.make_conditional(request)


def _soonest() -> list[dict[str, Any]]:
    known = {one.id: one for one in _asked_centres() if centres.can_be_booked(one)}
    limit, minimum = _number("limit", 50, MOST), _number("minimum", 1, MOST_SEATS)
    found = public_slots.soonest(current_session(), list(known.values()), each=limit, minimum=minimum)
    in_order = sorted(found, key=lambda one: (one.starts_at, known[one.centre_id].number))[:limit]
    return [_slot(known[one.centre_id], one.starts_at, one.minutes) for one in in_order]


def _with_slots() -> list[dict[str, Any]]:
    known = [one for one in _asked_centres() if centres.can_be_booked(one)]
    minimum = _number("minimum", 1, MOST_SEATS)
    have = {one.centre_id for one in public_slots.soonest(current_session(), known, each=1, minimum=minimum)}
    return _locations([one for one in known if one.id in have])


def _availability() -> dict[str, Any]:
    if "locationId" not in request.args:
        raise Wrong("locationId is missing")
    (centre,) = _asked_centres()
    last = public_slots.last_published(current_session(), centre)
    zone = ZoneInfo(centre.zone)
    return {
        "availableSlots": _soonest(),
        "lastPublishedDate": last.astimezone(zone).strftime("%Y-%m-%dT%H:%M") if last else None,
        "nextRelease": _release(centre, releases.announced(current_session(), [centre])[centre.id]),
    }


def _slots_of(centre: EnrolmentCentre) -> list[dict[str, Any]]:
    starts = _moment("startTimestamp", centre) or now()
    ends = _moment("endTimestamp", centre) or starts + timedelta(days=7)
    found = public_slots.of_centre(current_session(), centre, starts, ends, limit=MOST)
    return [
        {
            "active": one.active,
            "total": one.total,
            "pending": one.pending,
            "conflicts": 0,
            "duration": one.minutes,
            "timestamp": _local(centre, one.starts_at),
            "offset": _offset(centre, one.starts_at),
            "remote": False,
        }
        for one in found
    ]


def _slot(centre: EnrolmentCentre, starts_at: datetime, minutes: int) -> dict[str, Any]:
    return {
        "locationId": centre.number,
        "startTimestamp": _local(centre, starts_at),
        "endTimestamp": _local(centre, starts_at + timedelta(minutes=minutes)),
        "active": True,
        "duration": minutes,
        "remoteInd": False,
        "offset": _offset(centre, starts_at),
    }


def _locations(found: Sequence[EnrolmentCentre]) -> list[dict[str, Any]]:
    coming = releases.announced(current_session(), found)
    return [_location(one) | {"nextRelease": _release(one, coming[one.id])} for one in found]


def _release(centre: EnrolmentCentre, coming: Announced) -> dict[str, str]:
    """When times are released next, by the centre's clock, and up to which day."""
    return {
        "timestamp": _local(centre, coming.next_at),
        "offset": _offset(centre, coming.next_at),
        "upTo": coming.next_until.isoformat(),
    }


def _location(centre: EnrolmentCentre) -> dict[str, Any]:
    first = centre.modes[0] if centre.modes else "land"
    return {
        "id": centre.number,
        "name": centre.name_en,
        "nameFr": centre.name_fr,
        "shortName": centre.city,
        "locationType": TYPES.get(first, "LND"),
        "address": centre.address,
        "city": centre.city,
        "state": centre.region,
        "postalCode": centre.postal_code,
        "countryCode": centre.country,
        "tzData": centre.zone,
        "temporary": False,
        "inviteOnly": False,
        "operational": centres.can_be_booked(centre),
        "interviewModel": centre.interview_model,
        "holidays": [one.day.isoformat() for one in capacity.holidays(centre)],
        "remoteInd": False,
        "services": [SERVICE],
    }


def _asked_centres() -> list[EnrolmentCentre]:
    typed = request.args.get("locationId", "")
    return [_centre(_number("locationId", 0, 10**9))] if typed else centres.all_centres(current_session())


def _centre(number: int) -> EnrolmentCentre:
    found = centres.by_number(current_session(), number)
    if found is None:
        raise Wrong("there is no such location")
    return found


def _number(name: str, usual: int, most: int) -> int:
    typed = request.args.get(name, str(usual))
    if not (typed.isascii() and typed.isdigit() and len(typed) < 10):
        raise Wrong(f"{name} is not a whole number")
    return min(max(int(typed), 1), most)


def _moment(name: str, centre: EnrolmentCentre) -> datetime | None:
    """A local time of the centre, or one with its own offset."""
    typed = request.args.get(name)
    if not typed:
        return None
    try:
        told = datetime.fromisoformat(typed.replace(" ", "+"))
        return (told if told.tzinfo else told.replace(tzinfo=ZoneInfo(centre.zone))).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Wrong(f"{name} is not a time such as 2027-03-02T10:45") from None


def _local(centre: EnrolmentCentre, moment: datetime) -> str:
    return moment.astimezone(ZoneInfo(centre.zone)).strftime("%Y-%m-%dT%H:%M")


def _offset(centre: EnrolmentCentre, moment: datetime) -> str:
    """The distance from UTC: when a clock is set back, the same local time comes twice."""
    return moment.astimezone(ZoneInfo(centre.zone)).isoformat()[-6:]
