"""One traveller all the way, told once, for any browser and language."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Protocol

import pyotp

from demo.cast import PASSWORD, CastTraveller
from demo.passport import page_of
from portal.clock import today
from portal.domain.months import Month
from portal.i18n import gettext as _
from portal.i18n import speaking

TRAVELLER_PASSWORD = "seven quiet ferries at dawn"


class Driver(Protocol):
    """What any browser can do."""

    def go(self, path: str) -> None: ...
    def fill(self, press: str | None = None, **fields: Any) -> None: ...
    def press(self, words: str) -> None: ...
    def follow(self, words: str) -> None: ...
    def words(self) -> str: ...
    def address(self) -> str: ...
    def download(self, words: str) -> bytes: ...


@dataclass
class Journey:
    """One traveller in one language, with one officer of each agency."""

    driver: Driver
    officers: dict[str, Driver]
    address_of: Callable[..., str]
    mail_folder: Path
    traveller: CastTraveller
    reference: str = field(default="", init=False)

    def say(self, message: str, **values: object) -> str:
        """A text of ours in the traveller's language."""
        with speaking(self.traveller.language):
            return _(message, **values)

    def go(self, endpoint: str, **values: Any) -> None:
        """Open a page in the traveller's language."""
        self.driver.go(self.address_of(endpoint, language=self.traveller.language, **values))

    def see(self, *messages: str) -> None:
        """Fail unless the page that is open says each of these."""
        shown = self.driver.words()
        for message in messages:
            words = " ".join(self.say(message).split())
            assert words in shown, f"“{words}” is not on {self.driver.address()}: {shown[:900]}"

    # The mailbox

    def mails(self) -> list[EmailMessage]:
        """What the traveller received, oldest first."""
        found = []
        for path in sorted(self.mail_folder.glob("*.eml")):
            message = message_from_bytes(path.read_bytes(), policy=policy.default)
            assert isinstance(message, EmailMessage)
            if self.traveller.email in str(message["To"]):
                found.append(message)
        return found

    def await_mail(self, containing: str, patience: float = 20.0) -> str:
        """Wait until a message with these words is there, and read it."""
        until = time.monotonic() + patience
        while time.monotonic() < until:
            for message in reversed(self.mails()):
                body = message.get_body(("plain",))
                text = str(body.get_content()) if body else ""
                if containing in text or containing in str(message["Subject"]):
                    return text
            time.sleep(0.1)
        raise AssertionError(f"no mail with “{containing}”: {[str(mail['Subject']) for mail in self.mails()]}")

    # The way

    def run(self) -> str:
        """All of it. Returns the membership number."""
        self.check_eligibility()
        self.sign_up()
        self.apply()
        self.send_passport_page()
        self.sign_and_pay()
        self.be_reviewed()
        self.book()
        self.be_interviewed()
        return self.become_a_member()

    def check_eligibility(self) -> None:
        self.go("public.home")
        self.driver.follow(self.say("Check if you can apply"))
        self.driver.fill(standing=self.traveller.status, residence="not_resident", age="adult", past="none")
        self.see("You can apply")

    def sign_up(self) -> None:
        self.driver.follow(self.say("Create an account"))
        self.driver.fill(email=self.traveller.email, message_language=self.traveller.language)
        text = self.await_mail(self.say("You asked for a code to confirm this email address. Your code is:"))
        code = re.search(r"\b\d{3}[ \u00a0]?\d{3}\b", text)
        assert code, text
        self.driver.fill(code=code.group())
        self.driver.follow(self.say("Use a password and an app"))
        self.driver.fill(password=TRAVELLER_PASSWORD)
        self.see("Set up an authenticator app")
        key = re.search(r"\b(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}\b", self.driver.words())
        assert key, self.driver.words()
        self.driver.fill(code=pyotp.TOTP(key.group().replace(" ", "")).now())
        self.see("Save your recovery codes")
        self.driver.press(self.say("I have saved them"))
        self.go("applicant.dashboard")
        self.see("You have no application yet")

    def apply(self) -> None:
        self.go("applicant.start_application")
        self.driver.fill(who="self")
        found = re.search(r"P-[0-9A-Z]{4}-[0-9A-Z]{4}", self.driver.address() + self.driver.words())
        assert found
        self.reference = found.group()
        for section, fields in self.sections().items():
            self.section(section)
            self.driver.fill(**fields)
        self.history("addresses", self.an_address())
        self.history("work", self.a_job())

    def section(self, key: str, endpoint: str = "applicant.edit_section", **values: Any) -> None:
        self.go(endpoint, reference=self.reference, section=key, **values)

    def sections(self) -> dict[str, dict[str, Any]]:
        """What is typed into the sections that are one page."""
        person, born = self.traveller, self.traveller.born
        return {
            "identity": {
                "given_names": person.given_names, "family_name": person.family_name,
                "birth_on-day": born.day, "birth_on-month": born.month, "birth_on-year": born.year,
                "birth_city": person.city, "birth_country": person.country, "sex": person.sex,
                "phone": "613-555-0142", "street": "88 rue de la Commune", "unit": "1204", "city": person.city,
                "region": person.region, "postal_code": person.postal_code, "country": person.country,
            },
            "names": {"has": "no"},
            "citizenship": {
                "apply_as": person.status, "citizenship_1": person.country, "passport_number": "SP123456",
                "passport_country": person.country, "passport_issued_on-day": 30, "passport_issued_on-month": 6,
                "passport_issued_on-year": today().year - 3, "passport_expires_on-day": 30,
                "passport_expires_on-month": 6, "passport_expires_on-year": today().year + 6,
                "passport_given_names": person.given_names, "passport_family_name": person.family_name,
            },
            "travel": {"visited": ["FR", "JP"]},
            "licence": {"has": "no"},
            "vehicles": {"has": "no"},
            "background": dict.fromkeys(("convicted", "waiver", "rehabilitation", "violation"), "no"),
        }  # fmt: skip

    def _since(self, months: int) -> dict[str, Any]:
        since = Month.of(today()).plus(-months)
        return {"since-month": since.month, "since-year": since.year}

    def an_address(self) -> dict[str, Any]:
        person = self.traveller
        return {"goes_on": "y", "street": "88 rue de la Commune", "unit": "1204", "city": person.city,
                "region": person.region, "postal_code": person.postal_code, "country": person.country}  # fmt: skip

    def a_job(self) -> dict[str, Any]:
        return {"kind": "employed", "goes_on": "y", "occupation": "Pilote", "employer": "Example Ferries",
                "city": self.traveller.city, "country": self.traveller.country}  # fmt: skip

    def history(self, section: str, entry: dict[str, Any]) -> None:
        """An entry that leaves a gap, which is named and explained."""
        self.section(section, "applicant.edit_entry", entry_id="new")
        self.driver.fill(**entry, **self._since(57))
        self.section(section)
        first = str(Month.of(today()).plus(-59))
        self.section(section, "applicant.explain_gap", first=first)
        self.driver.fill(reason="travelling")

    def send_passport_page(self) -> None:
        self.go("applicant.upload_document", reference=self.reference, kind="passport_page")
        self.driver.fill(upload=("passport.jpg", page_of(self.traveller)))
        until = time.monotonic() + 30
        while time.monotonic() < until:
            self.go("applicant.show_application", reference=self.reference)
            if re.search(r"\b10\b.{1,14}\b11\b", self.driver.words()):
                return
            time.sleep(0.3)
        raise AssertionError(self.driver.words()[:900])

    def sign_and_pay(self) -> None:
        self.section("consent")
        self.driver.fill(agreed="y", signed_name=f"{self.traveller.given_names} {self.traveller.family_name}")
        self.go("applicant.check_answers", reference=self.reference)
        self.see("Check your answers")
        self.driver.press(self.say("Sign and continue to payment"))
        self.driver.press(self.say("Continue to payment"))
        self.driver.fill(press="pay", number="4242 4242 4242 4242")
        self.await_mail(self.reference[-4:])
        until = time.monotonic() + 20
        while time.monotonic() < until:
            self.go("applicant.show_application", reference=self.reference)
            if self.say("Both countries are checking your application.") in self.driver.words():
                return
            time.sleep(0.3)
        raise AssertionError(self.driver.words()[:900])

    # The officers

    def desk(self, agency: str, endpoint: str, **values: Any) -> Driver:
        officer = self.officers[agency]
        officer.go(self.address_of(endpoint, language="en", **values))
        return officer

    def be_reviewed(self) -> None:
        self.ask_and_answer("CA")
        for agency in ("CA", "US"):
            self.clear(agency)
        self.await_mail(self.say("You can now book your interview. Both countries have finished their first checks."))

    def take(self, agency: str) -> None:
        sign_in(self.officers[agency], self.address_of("officer.sign_in", language="en"), f"officer1.{agency.lower()}")
        self.desk(agency, "officer.show_review", reference=self.reference).press("Take this application")

    def ask_and_answer(self, agency: str) -> None:
        self.take(agency)
        case = self.desk(agency, "officer.ask", reference=self.reference)
        case.fill(question=QUESTION)
        self.await_mail(self.say("We need more information from you."))
        self.go("applicant.show_application", reference=self.reference)
        self.driver.follow(self.say("Read the question and answer"))
        assert QUESTION in self.driver.words()
        self.driver.fill(text="Deux fois l’an, par le traversier.")

    def clear(self, agency: str) -> None:
        if agency != "CA":
            self.take(agency)
        case = self.desk(agency, "officer.show_review", reference=self.reference)
        assert self.traveller.family_name.upper() in case.words()
        self.desk(agency, "officer.clear", reference=self.reference).fill()
        case = self.desk(agency, "officer.show_review", reference=self.reference)
        finished = {"CA": "Canada: Finished", "US": "United States: Finished"}[agency]
        assert finished in case.words(), case.words()[:600]

    def book(self) -> None:
        self.go("applicant.choose_slot", reference=self.reference)
        self.driver.fill(slot=FIRST)
        self.driver.fill()
        self.see("Your interview")
        self.await_mail(self.say("Your interview is booked."))
        assert b"BEGIN:VEVENT" in self.driver.download(self.say("Add to my calendar"))

    def be_interviewed(self) -> None:
        for agency in ("CA", "US"):
            desk = self.desk(agency, "officer.record_interview", reference=self.reference)
            desk.fill(
                came="yes", documents_seen=["passport"], outcome="approve",
                fingerprints_reference=f"{agency}-FP-0001", fingerprints_quality="91", fingerprints_device="Desk 1",
                face_reference=f"{agency}-PH-0001", face_quality="88", face_device="Desk 1",
            )  # fmt: skip

    def become_a_member(self) -> str:
        self.await_mail(self.say(DECIDED))
        self.go("applicant.show_membership", reference=self.reference)
        number = re.search(r"\b00\d[ \u00a0]?\d{3}[ \u00a0]?\d{3}\b", self.driver.words())
        assert number, self.driver.words()[:900]
        self.read_letter()
        return re.sub(r"\D", "", number.group())

    def read_letter(self) -> None:
        until = time.monotonic() + 30
        self.go("applicant.show_application", reference=self.reference)
        self.driver.follow(self.say("Your membership is approved"))
        letter = self.driver.address()
        while self.say("Download the letter (PDF)") not in self.driver.words() and time.monotonic() < until:
            time.sleep(0.3)
            self.driver.go(letter)
        pdf = self.driver.download(self.say("Download the letter (PDF)"))
        assert pdf.startswith(b"%PDF-")
        self.pdf = pdf


DECIDED = "We have made a decision about your application. The letter about it is in your account."
QUESTION = "How often do you cross the border in a year?"
FIRST = object()
"""Choose the first of the choices that the page offers."""


def sign_in(driver: Driver, address: str, at: str) -> None:
    """Sign an officer of the demonstration's cast in."""
    driver.go(address)
    driver.fill(email=f"{at}@example.org", password=PASSWORD)


def stream(content: bytes) -> io.BytesIO:
    """A file to send."""
    return io.BytesIO(content)
