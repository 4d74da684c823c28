"""A small world of real things for tests of whole pages: travellers at several stages, officers with their reviews."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from flask import Flask
from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.orm import Session

from demo import country_lists, lists, mail_server, seed
from demo.cast import PASSWORD, TRAVELLERS, CastTraveller
from demo.stories import Stage, tell
from portal import create_app
from portal.adapters import passwords
from portal.clock import now, telling, today
from portal.config import Settings
from portal.db import Database
from portal.domain.histories import history_of
from portal.domain.months import Month
from portal.models import (
    Account,
    Application,
    CorrectionRequest,
    CountryListVersion,
    DataExport,
    Document,
    EmergencyAccess,
    Enquiry,
    InformationRequest,
    Letter,
    LookoutHit,
    LookoutListVersion,
    Officer,
    OutgoingMessage,
    Passkey,
    Payment,
    Place,
)
from portal.models.accounts import email_index
from portal.services import (
    applications,
    audit_exports,
    break_glass,
    centres,
    closures,
    corrections,
    exports,
    interviews,
    letters,
    offers,
    officers,
    reviews,
    role_grants,
    sections,
    sheets,
    slots,
    waiting_list,
)
from portal.services.audit_search import Criteria
from tests import families, servers
from tests.answers import HOME
from tests.browsing import Browser
from tests.signing_in import sign_in

CENTRE = 16511
ENTRY = "a" * 16
WORK = {"kind": "employed", "occupation": "Nurse", "employer": "Example Hospital", "city": "Windsor", "country": "CA"}
CITY = ("Windsor", "ON", "N9A 1A1", "CA")
STAGES = ("begun", "sent", "asked", "refusal_proposed", "conditionally_approved", "booked", "approved")

CAST = {traveller.stage: traveller for traveller in TRAVELLERS if traveller.stage in STAGES} | {
    # Somebody whose name and date of birth stand on the look-out list of Canada.
    "paid": CastTraveller("Bettina", "Drummel", date(1988, 11, 26), "paid", *CITY, days_ago=5),
    # A parent: one child whose other parent has not consented yet, and one who came of age.
    "family": CastTraveller("Rosa", "Kinsman", date(1984, 2, 9), "begun", *CITY, days_ago=3),
    "stranger": CastTraveller("Nadia", "Elsewhere", date(1990, 1, 1), "begun", *CITY, days_ago=3),
}
"""By stage; "stranger" is a traveller with whom the others have nothing to do."""


@dataclass(frozen=True)
class World:
    """What there is: the parts of addresses, by the stage of the traveller they belong to; "" has what is nobody's."""

    app: Flask
    values: dict[str, dict[str, str]]

    def traveller(self, stage: str) -> Browser:
        """A browser in which the traveller at this stage is signed in."""
        return self._signed_in(CAST[stage].email, "/en/sign-in")

    def officer(self, name: str) -> Browser:
        """A browser in which an officer is signed in, named as "officer1.ca"."""
        return self._signed_in(f"{name}@example.org", "/en/officers/sign-in")

    def _signed_in(self, email: str, door: str) -> Browser:
        browser = Browser(self.app)
        page = sign_in(browser, email, PASSWORD, door)
        assert page.status == 200 and door not in page.url, page.text
        return browser


@contextmanager
def world(settings: Settings, urls: servers.Urls, folder: Path) -> Iterator[World]:
    """The world in an empty database, and the application on it; what it writes to disk goes into `folder`."""
    told = settings.model_copy(
        update={"database_url": SecretStr(urls["web"]), "files": folder / "files", "mail_folder": folder / "mail"}
    )
    told.files.mkdir()
    (folder / "mail").mkdir()
    app, owner = create_app(told), Database(urls["owner"])
    with owner.transaction() as session:
        values = _tell_all(session)
    values[""]["name"] = mail_server.keep(folder / "mail", _mail()).stem
    yield World(app, values)
    owner.engine.dispose()
    app.extensions["database"].engine.dispose()


def _tell_all(session: Session) -> dict[str, dict[str, str]]:
    _prepare(session)
    hashed = passwords.hash(PASSWORD)
    stage = Stage(session, seed.hire(session, hashed))
    lists.publish_all(session)
    country_lists.publish_all(session)
    country_lists.go_on(session)
    told = {}
    for name, traveller in CAST.items():
        account = seed.sign_up(session, traveller, hashed)
        tell(stage, account, traveller)
        told[name] = applications.of_account(session, account)[0]
    reviews.take(session, reviews.of_agency(session, told["paid"].reference, "CA"), stage.officers["CA"][0])
    _hold(session, told["conditionally_approved"])
    _an_emergency(session, told["refusal_proposed"], stage.officers["CA"][1])
    waits = Enquiry(application_id=told["paid"].id, agency="CA", asked_at=now())
    session.add(waits)
    session.flush()
    told_wrong = {"section": "work", "wrong": "The city", "right": "Another city"}
    corrections.ask(session, told["paid"], **told_wrong, by=told["paid"].account)
    exports.make(session, exports.ask(session, told["approved"].account).id)
    values = {name: _values(session, application) for name, application in told.items()}
    letters.make(session, uuid.UUID(values["approved"]["letter_id"]))
    values["conditionally_approved"]["offer_id"] = _offer(session, told["conditionally_approved"])
    values["begun"] |= _histories(session, told["begun"]) | {"factor_id": _passkey(session, told["begun"].account)}
    values["begun"]["waiting_id"] = str(sheets.request(session, told["begun"].account, delivery="centre").id)
    values["begun"]["payment_id"] = _not_due(session, told["begun"])
    values["begun"]["source"] = values["begun"]["reference"]
    values["family"] = families.world_values(session, told["family"].account)
    values[""] = _of_nobody(session, stage.officers["CA"][0]) | _closure(session, stage.officers["CA"][0])
    values[""]["export_id"] = _audit_export(session)
    values["paid"]["enquiry_id"] = str(waits.id)
    return values


def _prepare(session: Session) -> None:
    where = [centre for centre in centres.load(session) if centre.number == CENTRE]
    with telling(now() - seed.EARLIEST_STORY):
        slots.generate(session, where, days=seed.EARLIEST_STORY.days)
    slots.generate(session, where)


def _closure(session: Session, by: Officer) -> dict[str, str]:
    """A closure that is planned, of a day on which nobody has anything to do there."""
    centre = centres.by_number(session, CENTRE)
    assert centre is not None
    last_days = now() + timedelta(days=170), now() + timedelta(days=171)
    planned = closures.plan(session, centre, *last_days, reason="building", by=by)
    return {"centre_number": str(CENTRE), "closure_id": str(planned.id)}


def _passkey(session: Session, account: Account) -> str:
    """A passkey of the account beside the app."""
    passkey = Passkey(
        account=account, credential_id=account.id.bytes, public_key=b"", sign_count=0, transports=[], name="My phone"
    )
    session.add(passkey)
    session.flush()
    return str(passkey.id)


def _hold(session: Session, application: Application) -> None:
    interview = interviews.open_for(session, application)
    centre = centres.by_number(session, CENTRE)
    assert centre is not None
    soonest = slots.free(session, centre=centre, limit=1)[0]
    interviews.hold(session, interview, centre, soonest.starts_at, by=application.account)


def _offer(session: Session, application: Application) -> str:
    """A place that is offered to an applicant who waits for an earlier one."""
    interview = interviews.open_for(session, application)
    waiting_list.join(session, interview, {"notice_hours": 24}, by=application.account)
    later = slots.free(session, limit=300)[-1]
    place_id = session.scalar(select(Place.id).where(Place.slot_id == later.id))
    offer = offers.offer_place(session, place_id) if place_id else None
    assert offer is not None
    return str(offer.id)


def _an_emergency(session: Session, application: Application, by: Officer) -> None:
    """An emergency access that has ended and waits to be judged."""
    review = reviews.of_agency(session, application.reference, by.agency)
    with telling(now() - timedelta(hours=1)):
        break_glass.take_over(session, review, "The traveller stands at the border.", by=by)
    break_glass.end(session, review, by=by)


def _not_due(session: Session, application: Application) -> str:
    """A payment that is to go back."""
    told: dict[str, Any] = {"amount_cents": 12000, "received_cents": 12000, "currency": "USD", "paid_at": now()}
    payment = Payment(application=application, state="to_refund", **told)
    session.add(payment)
    session.flush()
    return str(payment.id)


def _values(session: Session, application: Application) -> dict[str, str]:
    """The reference, and the first of each kind of thing that belongs to the application."""
    values = {"reference": application.reference, "number": "1", "kind": "passport_page"}
    kinds: dict[str, Any] = {
        "document_id": Document,
        "request_id": InformationRequest,
        "letter_id": Letter,
        "hit_id": LookoutHit,
        "correction_id": CorrectionRequest,
        "access_id": EmergencyAccess,
    }
    export = session.scalars(select(DataExport).where(DataExport.account_id == application.account_id)).first()
    if export is not None:
        values["export_id"] = str(export.id)
    for name, kind in kinds.items():
        found = session.scalars(select(kind).where(kind.application_id == application.id)).first()
        if found is not None:
            values[name] = str(found.id)
    return values


def _histories(session: Session, application: Application) -> dict[str, str]:
    """Both histories of a draft, each with one entry, and a gap before it."""
    since = str(Month.of(today()).plus(-36))
    for section, entry in (("addresses", HOME), ("work", WORK)):
        answers = {"entries": [{"id": ENTRY, "from": since, "to": None, **entry}], "explanations": []}
        raw = {"entries": [{"id": ENTRY, "seq": 1, "typed": {}, "answers": answers["entries"][0]}]}
        sections.save(session, application.id, section, raw=raw, answers=answers, by=application.account)
    return {"entry_id": ENTRY, "first": str(history_of(answers, today(), None).gaps()[0].first)}


def _of_nobody(session: Session, officer: Officer) -> dict[str, str]:
    index = email_index("admin1.ca@example.org")
    administrator = session.scalars(select(Officer).where(Officer.email_index == index)).one()
    invited = officers.invite(
        session,
        name="New Colleague",
        email="new@example.org",
        roles=["officer"],
        language="en",
        staff_number="N-1",
        by=administrator,
    )
    index = email_index("admin2.ca@example.org")
    second = session.scalars(select(Officer).where(Officer.email_index == index)).one()
    waiting = role_grants.open_for(session, invited)
    assert waiting is not None
    role_grants.grant(session, waiting, by=second)
    proposed = role_grants.propose(session, officer, ["supervisor"], by=administrator)
    message = session.scalars(select(OutgoingMessage).where(OutgoingMessage.officer_id == invited.id)).one()
    assert message.secrets is not None
    version = session.scalars(select(LookoutListVersion).where(LookoutListVersion.agency == "CA")).first()
    assert version is not None
    canadas = session.scalars(select(CountryListVersion).where(CountryListVersion.state == "ready")).one()
    return {
        "country_list_id": str(canadas.id),
        "list_id": str(version.list_id),
        "version_id": str(version.id),
        "officer_id": str(officer.id),
        "grant_id": str(proposed.id),
        "token": message.secrets["token"],
        "link": "no-such-link",
        "tie_id": str(uuid.UUID(int=0)),
        "helper_id": str(uuid.UUID(int=0)),
        "number": "0",
    }


def _audit_export(session: Session) -> str:
    """An export of the audit trail that the auditor of Canada can fetch."""
    auditor = session.scalars(select(Officer).where(Officer.email_index == email_index("auditor.ca@example.org"))).one()
    export = audit_exports.ask(session, Criteria(action="hit"), auditor)
    audit_exports.make_part(session, export.id)
    return str(export.id)


def _mail() -> bytes:
    email = EmailMessage()
    email["Subject"], email["From"], email["To"] = "Subject", "passage@example.org", "maya@example.org"
    email.set_content("Words.\n")
    email.add_attachment("BEGIN:VCALENDAR", subtype="calendar", filename="interview.ics")
    return bytes(email)
