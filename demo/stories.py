"""How far each traveller of the demonstration has come, told through the services that real people go through."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import requests
from sqlalchemy import select
from sqlalchemy.orm import Session

from demo.cast import TRAVELLERS, CastTraveller
from demo.families import add_children
from demo.passport import number_of, page_of
from demo.payments import PAYS
from demo.statements import statement_of
from portal.adapters import payments as company
from portal.adapters import templates
from portal.clock import now, telling, today
from portal.domain import AGENCIES
from portal.domain.consent import TEXT_VERSION
from portal.domain.months import Month
from portal.models import Account, Application, Interview, Officer, Payment, Place, Review
from portal.services import (
    applications,
    break_glass,
    centres,
    corrections,
    documents,
    information_requests,
    interview_outcomes,
    interview_records,
    interviews,
    offers,
    payments,
    reviews,
    screening,
    sections,
    slots,
    viewings,
    waiting_list,
)
from portal.services.actors import SYSTEM

DETROIT, FORT_ERIE, OTTAWA_AIRPORT = 16511, 5022, 5025
"""The numbers of the centres at which they are interviewed: at one desk, on two sides of a bridge, in two steps."""
FEE_CENTS = 12000
READ = 8
"""So many travellers’ passports are read by the program: all of them would make the first start wait."""
NEEDED = ("fingerprints", "face")


@dataclass(frozen=True)
class Stage:
    """Where the stories are told: the session and the officers by agency."""

    session: Session
    officers: dict[str, list[Officer]]


def tell(stage: Stage, account: Account, traveller: CastTraveller) -> None:
    """Take the traveller's application to the stage that the cast names; each step two days after the last."""
    teller = _Teller(stage, account, traveller)
    teller.run()


class _Teller:
    def __init__(self, stage: Stage, account: Account, traveller: CastTraveller) -> None:
        self.session = stage.session
        self.officers = stage.officers
        self.account = account
        self.traveller = traveller
        self.moment = now() - timedelta(days=traveller.days_ago)

    def run(self) -> None:
        self.application = self._do(self.begin)
        for step in STEPS[self.traveller.stage]:
            self._do(getattr(self, step))

    def _do(self, step: Any) -> Any:
        with telling(self.moment):
            result = step()
        self.moment = min(self.moment + timedelta(days=2, minutes=37), now())
        return result

    # The traveller

    def begin(self) -> Application:
        application = applications.start(self.session, self.account, by=self.account)
        self._save(application, "identity", _identity(self.traveller))
        self._save(application, "citizenship", _citizenship(self.traveller))
        return application

    def send(self) -> None:
        for section, answers in _rest(self.traveller).items():
            self._save(self.application, section, answers)
        is_read = self.traveller in TRAVELLERS[:READ]
        self._hand_in("passport_page", "passport.jpg", page_of(self.traveller), is_read=is_read)
        self._hand_in("residence_proof", "statement.jpg", statement_of(self.traveller))
        self._save(self.application, "consent", self._consent())
        applications.submit(self.session, self.application, by=self.account)

    def _hand_in(self, kind: str, name: str, content: bytes, *, is_read: bool = False) -> None:
        upload = documents.Upload(name, io.BytesIO(content))
        document = documents.receive(self.session, self.application, kind, upload, by=self.account)
        documents.check(self.session, document, is_read=is_read)

    def add_children(self) -> None:
        told = {"identity": _identity(self.traveller), "citizenship": _citizenship(self.traveller)}
        add_children(self.session, self.account, self.traveller, told)

    def correct(self) -> None:
        french = self.account.language == "fr"
        wrong, right = ("La ville de mon emploi", "Gatineau") if french else ("The city where I work", "Gatineau")
        corrections.ask(self.session, self.application, section="work", wrong=wrong, right=right, by=self.account)

    def _save(self, application: Application, section: str, answers: dict[str, Any]) -> None:
        raw = _raw(section, answers)
        sections.save(self.session, application.id, section, raw=raw, answers=answers, by=self.account)

    def _consent(self) -> dict[str, Any]:
        name = f"{self.traveller.given_names} {self.traveller.family_name}"
        return {"signed_name": name, "text_version": TEXT_VERSION, "language": self.traveller.language}

    def pay(self) -> None:
        self.session.add(
            Payment(application=self.application, amount_cents=FEE_CENTS, currency="USD", state="paid", paid_at=now())
        )
        reviews.open_reviews(self.session, self.application, amount_cents=FEE_CENTS, paid_on=today(), by=SYSTEM)
        for agency in AGENCIES:
            screening.run(self.session, self.application, agency)

    def pay_too_late(self) -> None:
        """A second page of the payment company was open, and is paid although the application was withdrawn."""
        application = self.application
        checkout = company.create_checkout(
            key=str(application.id),
            lines=[company.Line(application.reference, FEE_CENTS)],
            currency="USD",
            language=application.language,
            return_url=templates.address("/"),
            cancel_url=templates.address("/"),
        )
        payment = Payment(
            application=application,
            amount_cents=FEE_CENTS,
            currency="USD",
            state="started",
            checkout_id=checkout.id,
        )
        self.session.add(payment)
        self.session.flush()
        requests.post(str(checkout.url), data={"number": PAYS}, allow_redirects=False, timeout=10).raise_for_status()
        payments.reconcile(self.session, payment)

    def withdraw(self) -> None:
        applications.withdraw(self.session, self.application, reason="later", by=self.account)

    def book(self) -> None:
        self._book_at(datetime.now(UTC) + timedelta(days=2))  # truly to come, whatever the story's own moment

    def book_in_the_past(self) -> None:
        self._book_at(self.moment)

    def book_at_both_sides(self) -> None:
        self._book_at(datetime.now(UTC) + timedelta(days=5), FORT_ERIE)

    def book_at_airport_in_the_past(self) -> None:
        self._book_at(self.moment, OTTAWA_AIRPORT)

    def record_first_part(self) -> None:
        interview = self._interview()
        part = interviews.current_part(interview)
        interview_records.record(
            self.session, part, came=True, documents_seen=["passport"], early=True, by=self.officers["CA"][0]
        )

    def be_offered_an_earlier_time(self) -> None:
        with telling(datetime.now(UTC)):  # an offer that is open when the demonstration begins
            waiting_list.join(self.session, self._interview(), {"notice_hours": 24}, by=self.account)
            soon = (now() + timedelta(days=4)).date()
            earlier = slots.free(self.session, centre=centres.by_number(self.session, DETROIT), from_on=soon, limit=1)
            place = select(Place.id).where(Place.slot_id == earlier[0].id, Place.interview_part_id.is_(None))
            offers.offer_place(self.session, self.session.scalars(place.order_by(Place.desk).limit(1)).one())

    def book_far_away(self) -> None:
        self._book_at(datetime.now(UTC) + timedelta(days=60))

    def _interview(self) -> Interview:
        interview = interviews.of(self.session, self.application)
        assert interview is not None
        return interview

    def _book_at(self, earliest: datetime, number: int = DETROIT) -> None:
        interview, centre = self._interview(), centres.by_number(self.session, number)
        assert centre is not None
        chosen = slots.free(self.session, centre=centre, from_on=earliest.date(), limit=9)[-1]
        interviews.hold(self.session, interview, centre, chosen.starts_at, by=self.account)
        interviews.confirm(self.session, interview, by=self.account)

    # The agencies

    def _review(self, agency: str) -> Review:
        return reviews.of_agency(self.session, self.application.reference, agency)

    def _take(self, agency: str) -> tuple[Review, Officer]:
        review, officer = self._review(agency), self.officers[agency][0]
        reviews.take(self.session, review, officer)
        viewings.record(self.session, review, "application", officer)
        return review, officer

    def _clear(self, agency: str) -> None:
        review, officer = self._take(agency)
        for hit in screening.hits_of(self.session, screening.run_of(self.session, self.application, agency)):
            why = "Another birth date and another face."
            screening.assess_hit(self.session, hit, "not_same", why, officer, evidence=["birth", "face"])
        reviews.clear(self.session, review, officer)

    def clear_by_canada(self) -> None:
        self._clear("CA")

    def clear_by_united_states(self) -> None:
        self._clear("US")

    def ask(self) -> None:
        review, officer = self._take("US")
        question = "The photo of your passport page is blurred, and we cannot read the number. Send a clear photo."
        information_requests.ask(self.session, review, question=question, wants_document=True, by=officer)

    def take_over_in_an_emergency(self) -> None:
        review, officer = self._review("US"), self.officers["US"][1]
        reason = "The traveller is at the bridge with a patient, and the officer who holds the file cannot be reached."
        break_glass.take_over(self.session, review, reason, by=officer)
        viewings.record(self.session, review, "application", officer)
        with telling(self.moment + timedelta(minutes=50)):
            break_glass.end(self.session, review, by=officer)

    def propose_refusal(self) -> None:
        review, officer = self._take("CA")
        note = "The applicant did not declare a seizure of goods in 2021 that our records show."
        reviews.propose_refusal(self.session, review, reason="untrue_information", note=note, by=officer)

    def confirm_refusal(self) -> None:
        reviews.confirm_refusal(self.session, self._review("CA"), self.officers["CA"][1])

    def record(self) -> None:
        interview = interviews.of(self.session, self.application)
        assert interview is not None
        part = interviews.current_part(interview)
        for agency in AGENCIES:
            captured = [interview_records.Biometric(kind, f"{agency}-{kind}-0001", 92, "Desk 1") for kind in NEEDED]
            interview_records.record(
                self.session, part, came=True, documents_seen=["passport", "proof_of_address"],
                biometrics=captured, early=True, by=self.officers[agency][0],
            )  # fmt: skip
        self.part = part

    def approve(self) -> None:
        for agency in AGENCIES:
            interview_outcomes.approve(self.session, self.part, by=self.officers[agency][0])


_SENT = ("send",)
_PAID = (*_SENT, "pay")
_CLEARED = (*_PAID, "clear_by_canada", "clear_by_united_states")
_ATTENDED = (*_CLEARED, "book_in_the_past", "record")

STEPS: dict[str, tuple[str, ...]] = {
    "begun": (),
    "family": (*_SENT, "add_children"),
    "sent": _SENT,
    "paid": _PAID,
    "cleared_by_canada": (*_PAID, "clear_by_canada", "correct"),
    "asked": (*_PAID, "ask", "take_over_in_an_emergency"),
    "refusal_proposed": (*_PAID, "propose_refusal"),
    "conditionally_approved": _CLEARED,
    "booked": (*_CLEARED, "book"),
    "booked_split": (*_CLEARED, "book_at_both_sides"),
    "first_part_done": (*_CLEARED, "book_at_airport_in_the_past", "record_first_part"),
    "offered": (*_CLEARED, "book_far_away", "be_offered_an_earlier_time"),
    "attended": _ATTENDED,
    "approved": (*_ATTENDED, "approve"),
    "denied": (*_PAID, "propose_refusal", "confirm_refusal"),
    "withdrawn": (*_PAID, "withdraw"),
    "paid_too_late": (*_SENT, "withdraw", "pay_too_late"),
}


def _identity(traveller: CastTraveller) -> dict[str, Any]:
    return {
        "given_names": traveller.given_names,
        "family_name": traveller.family_name,
        "birth_on": traveller.born.isoformat(),
        "birth_city": traveller.city,
        "birth_country": traveller.country,
        "sex": traveller.sex,
        "phone": "+16135550142" if traveller.country == "CA" else "+17165550142",
        "street": "88 rue de la Commune" if traveller.language == "fr" else "88 Example Street",
        "unit": "1204",
        **_place(traveller),
    }


def _place(traveller: CastTraveller) -> dict[str, str]:
    return {
        "city": traveller.city,
        "region": traveller.region,
        "postal_code": traveller.postal_code,
        "country": traveller.country,
    }


def _citizenship(traveller: CastTraveller) -> dict[str, Any]:
    return {
        "status": traveller.status,
        "citizenships": [traveller.country],
        "passport_number": number_of(traveller),
        "passport_country": traveller.country,
        "passport_issued_on": date(2021, 6, 30).isoformat(),
        "passport_expires_on": date(2031, 6, 30).isoformat(),
        "passport_given_names": traveller.given_names,
        "passport_family_name": traveller.family_name,
    }


def _rest(traveller: CastTraveller) -> dict[str, dict[str, Any]]:
    long_ago = str(Month.of(today()).plus(-80))
    home = {"id": "home", "from": long_ago, "to": None, "street": "88 Example Street", "unit": "1204"} | _place(
        traveller
    )
    job = {"id": "job", "from": long_ago, "to": None, "kind": "employed", "occupation": "Translator",
           "employer": "Example Words", "city": traveller.city, "country": traveller.country}  # fmt: skip
    return {
        "addresses": {"entries": [home], "explanations": []},
        "work": {"entries": [job], "explanations": []},
        "names": {"names": []},
        "licence": {"has": False},
        "vehicles": {"vehicles": []},
        "travel": {"countries": ["FR", "JP"], "none": False},
        "background": {
            question: {"answer": False, "details": ""}
            for question in ("convicted", "waiver", "rehabilitation", "violation")
        },
    }


def _raw(section: str, answers: dict[str, Any]) -> dict[str, Any]:
    """What would have been typed to give these answers."""
    if section in ("addresses", "work"):
        entries = answers["entries"]
        return {"entries": [{"id": entry["id"], "seq": 1, "typed": {}, "answers": entry} for entry in entries]}
    return {}
