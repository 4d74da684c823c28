"""`python -m bench.effort`: the steps of a traveller on a phone, from the home page to the confirmation, counted.

One adult, then each further child of the same family, in Chromium with fingers and keys alone: every page that opens
is a screen; every touch of a link, a button, a choice or the first box of a page is a tap, and a list of choices takes
two; every letter is a keystroke, and so is the key that leads to the next box. Nothing is filled in by the browser.
Prints a JSON line for each. What is allowed: experience 8.1, `LIMITS`.
"""

from __future__ import annotations

import json
import re
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from playwright.sync_api import Browser, Frame, Locator, Page, sync_playwright

from demo.cast import CastTraveller
from demo.passport import page_of
from portal.clock import today
from portal.domain.months import Month
from portal.i18n import gettext as _
from portal.i18n import speaking
from portal.services import family
from tests import programme, servers
from tests.running import RunningPortal, running_portal

PHONE = {"width": 390, "height": 844}
FINGERPRINT = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip
"""The phone's own sensor, as DevTools plays it."""


@dataclass(frozen=True)
class Effort:
    """What a way took."""

    screens: int
    taps: int
    keystrokes: int

    def since(self, earlier: Effort) -> Effort:
        """What it took after `earlier`."""
        return Effort(self.screens - earlier.screens, self.taps - earlier.taps, self.keystrokes - earlier.keystrokes)


LIMITS = Effort(screens=32, taps=60, keystrokes=320)
MOST_SCREENS_FOR_A_CHILD = 12


MOST_KEYS_BETWEEN = 3
"""How often somebody presses the key for the next box before a finger goes there instead."""


class Phone:
    """A page of Chromium that is touched and typed into, and counts it."""

    def __init__(self, page: Page, language: str, on_arrival: Callable[[Page], None] = lambda page: None) -> None:
        self.page, self.language, self.on_arrival = page, language, on_arrival
        self.taps = self.keystrokes = 0
        self.seen: list[str] = []
        self._is_typing = False
        page.on("framenavigated", self._arrived)

    @property
    def effort(self) -> Effort:
        """What it took so far."""
        return Effort(len(self.seen), self.taps, self.keystrokes)

    def say(self, message: str, **values: object) -> str:
        """A text of ours in the traveller's language."""
        with speaking(self.language):
            return _(message, **values)

    def open(self, address: str) -> None:
        """Arrive from elsewhere: a bookmark, a message."""
        self.page.goto(address)
        self.on_arrival(self.page)

    def follow(self, message: str) -> None:
        """Touch a link or a button that leads to another page."""
        words = self.say(message)
        role = "link" if self.page.get_by_role("link", name=words).count() else "button"
        self.leave_by(self.page.get_by_role(role, name=words).first)

    def go_on(self) -> None:
        """Touch the button with which the page's form is sent."""
        self.leave_by(self.page.locator('#main-form button[type="submit"]:not([name]):not(.first-button)').first)

    def choose(self, name: str, value: str) -> None:
        """Touch one of the answers that stand on the page, or open a list and touch one in it."""
        box = self.page.locator(f'[name="{name}"]').first
        if box.evaluate("box => box.tagName") == "SELECT":
            self.taps += 2
            box.select_option(value)
        else:
            self.tick(name, value)

    def tick(self, name: str, value: str) -> None:
        """Touch the words of an answer."""
        box = self.page.locator(f'[name="{name}"][value="{value}"]')
        self._tap(self.page.locator(f'label[for="{box.get_attribute("id")}"]'))

    def type(self, **typed: object) -> None:
        """Touch the first box of a page, type, and go from box to box with the keyboard's own key."""
        for name, text in typed.items():
            box = self.page.locator(f'[name="{name.replace("__", "-")}"]')
            if self._is_typing:
                self._walk_to(box)
            else:
                self._tap(box)
                self._is_typing = True
            assert box.evaluate("box => document.activeElement === box"), name
            assert not box.input_value(), f"{name} is filled in already: {box.input_value()}"
            self.page.keyboard.type(str(text))
            self.keystrokes += len(str(text))

    def attach(self, name: str, content: bytes) -> None:
        """Take a photo: the box, and the camera's own button."""
        self.taps += 2
        self.page.locator(f'[name="{name}"]').first.set_input_files(
            {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": content}
        )

    def words(self) -> str:
        """All that the page says."""
        return " ".join(self.page.inner_text("body").split())

    def see(self, message: str, **values: object) -> None:
        """Fail unless the page says this."""
        words = " ".join(self.say(message, **values).split())
        assert words in self.words(), f"{self.page.url}: {self.words()[:900]}"

    def _walk_to(self, box: Locator) -> None:
        for presses in range(1, MOST_KEYS_BETWEEN + 1):
            self.page.keyboard.press("Tab")
            if box.evaluate("box => document.activeElement === box"):
                self.keystrokes += presses
                return
        self._tap(box)  # too far for the key: a finger goes there
        self._is_typing = True

    def _tap(self, at: Locator) -> None:
        self.taps += 1
        self._is_typing = False
        at.tap()

    def leave_by(self, at: Locator) -> None:
        """Touch what leads to another page."""
        with self.page.expect_navigation():
            self._tap(at)
        self.page.wait_for_load_state()
        self.on_arrival(self.page)

    def _arrived(self, frame: Frame) -> None:
        if frame is self.page.main_frame and frame.url != "about:blank":
            self.seen.append(frame.url)
            self._is_typing = False


class Way:
    """One traveller's way, and that of the children for whom she applies. `code_of` reads the mailbox."""

    def __init__(self, phone: Phone, traveller: CastTraveller, code_of: Callable[[str], str]) -> None:
        self.phone, self.traveller, self.code_of = phone, traveller, code_of

    def sign_up(self) -> None:
        """From the home page to an account with a passkey."""
        phone = self.phone
        phone.follow("Check if you can apply")
        phone.tick("standing", self.traveller.status)
        phone.tick("age", "adult")
        phone.tick("past", "none")
        phone.go_on()
        phone.follow("Create an account")
        phone.type(email=self.traveller.email)
        phone.go_on()
        phone.type(code=self.code_of(self.traveller.email))
        phone.go_on()
        phone.follow("Set up a passkey")
        phone.taps += 1  # the finger on the sensor
        phone.follow("I have saved them")

    def fill_in(self) -> None:
        """Every task of an adult's application, each answer typed."""
        phone, who, born = self.phone, self.traveller, self.traveller.born
        phone.type(given_names=who.given_names, family_name=who.family_name)
        phone.type(birth_on__day=born.day, birth_on__month=born.month, birth_on__year=born.year, birth_city=who.city)
        phone.choose("birth_country", who.country)
        phone.tick("sex", who.sex)
        phone.type(phone="6135550142")
        phone.type(street="88 Ferry Street", city=who.city, region=who.region, postal_code=who.postal_code)
        phone.go_on()
        phone.tick("has", "no")
        phone.go_on()
        self.citizenship()
        self.addresses()
        self.work()
        phone.tick("visited", "FR")
        phone.tick("visited", "JP")
        phone.go_on()
        self.licence()
        self.vehicle()
        for question in ("convicted", "waiver", "rehabilitation", "violation"):
            phone.tick(question, "no")
        phone.go_on()

    def citizenship(self) -> None:
        phone, year = self.phone, today().year
        phone.tick("apply_as", self.traveller.status)
        phone.type(passport_number="SP123456")
        phone.type(passport_issued_on__day=30, passport_issued_on__month=6, passport_issued_on__year=year - 3)
        phone.type(passport_expires_on__day=30, passport_expires_on__month=6, passport_expires_on__year=year + 6)
        phone.go_on()

    def addresses(self) -> None:
        since = Month.of(today()).plus(-80)
        self.phone.type(since__month=since.month, since__year=since.year)
        self.phone.go_on()

    def work(self) -> None:
        phone, since = self.phone, Month.of(today()).plus(-70)
        phone.tick("kind", "employed")
        phone.type(since__month=since.month, since__year=since.year)
        phone.type(occupation="Pilot", employer="Example Ferries")
        phone.type(city=self.traveller.city)
        phone.go_on()

    def licence(self) -> None:
        phone = self.phone
        phone.tick("has", "yes")
        phone.type(number="C12345678901234")
        phone.type(expires_on__day=5, expires_on__month=12, expires_on__year=today().year + 3)
        phone.go_on()

    def vehicle(self) -> None:
        phone = self.phone
        phone.tick("has", "yes")
        phone.type(make_1="Example", model_1="Hatch", year_1="2022", colour_1="Blue", plate_1="ABCD123")
        phone.go_on()

    def send_passport_page(self) -> None:
        """A photo of the passport page, and a look at what became of it."""
        phone = self.phone
        phone.attach("upload", page_of(self.traveller))
        phone.go_on()
        phone.page.locator(".viewer__page").first.wait_for()
        phone.follow("Continue")

    def sign(self, **names: str) -> None:
        """Consent, the check of all answers, and sending them."""
        phone = self.phone
        phone.tick("agreed", "yes")
        phone.type(signed_name=f"{self.traveller.given_names} {self.traveller.family_name}", **names)
        phone.go_on()
        phone.follow("Sign and continue to payment")

    def pay(self) -> None:
        """The fee on the payment company's page, and back to the confirmation."""
        phone = self.phone
        phone.follow("Continue to payment")
        phone.type(number="4242424242424242")
        phone.leave_by(phone.page.locator('button[name="pay"]'))

    def apply_for_child(self, given_names: str, born: date, **consent: str) -> Effort:
        """From the page that asks for whom to the child's signed application; the fee is paid for all at once."""
        phone, before = self.phone, self.phone.effort
        phone.follow("Add a person")
        phone.go_on()
        phone.type(given_names=given_names, family_name=self.traveller.family_name)
        phone.type(birth_on__day=born.day, birth_on__month=born.month, birth_on__year=born.year)
        phone.type(birth_city=self.traveller.city)
        phone.choose("birth_country", self.traveller.country)
        phone.tick("sex", "F")
        phone.go_on()
        phone.tick("has", "no")
        phone.go_on()
        self.citizenship()
        phone.tick("relation", "mother")
        phone.tick("custody", "sole")
        phone.go_on()
        for _section in family.SHARED:
            phone.follow(phone.say("Use the same as for %(name)s", name=self.traveller.given_names))
        self.send_passport_page()
        self.sign()
        return phone.effort.since(before)

    def run(self, home: str) -> Effort:
        """All of it for one adult."""
        phone = self.phone
        phone.open(home)
        self.sign_up()
        phone.go_on()
        self.fill_in()
        self.send_passport_page()
        self.sign()
        self.pay()
        return phone.effort


WREN = CastTraveller("Wren", "Castellanos", date(1992, 12, 5), "", "Windsor", "ON", "N9A1A1", "CA")


def code_for(folder: Path, email: str, patience: float = 20.0) -> str:
    """The newest code that was mailed to this address."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        for path in sorted(folder.glob("*.eml"), reverse=True):
            message = message_from_bytes(path.read_bytes(), policy=policy.default)
            assert isinstance(message, EmailMessage)
            body = message.get_body(("plain",))
            code = re.search(r"\b(\d{3})[ \u00a0]?(\d{3})\b", str(body.get_content()) if body else "")
            if email in str(message["To"]) and code:
                return code.group(1) + code.group(2)
        time.sleep(0.1)
    raise AssertionError(f"no code for {email}")


def on_a_phone(browser: Browser) -> Page:
    """A page of a phone with a sensor for fingers."""
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
    page = context.new_page()
    tools = context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    tools.send("WebAuthn.addVirtualAuthenticator", {"options": FINGERPRINT})
    return page


def walked(phone: Phone, portal: RunningPortal) -> dict[str, Effort]:
    """An adult, then a child of hers: what each took."""
    way = Way(phone, WREN, lambda email: code_for(portal.demonstration.state / "mail", email))
    adult = way.run(f"{portal.address}/{phone.language}/")
    phone.follow("Dashboard")
    return {"one adult": adult, "each further child": way.apply_for_child("Robin", date(2019, 4, 2))}


def main() -> None:
    """Start the portal, walk, print."""
    server = servers.start_server()
    with (
        tempfile.TemporaryDirectory(prefix="passage-bench-") as folder,
        running_portal(Path(folder), server, servers.migrated_template(server)) as portal,
        sync_playwright() as playwright,
    ):
        programme.load(portal.settings(), portal.urls["owner"])
        portal.start()
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for who, effort in walked(Phone(on_a_phone(browser), "en"), portal).items():
            print(json.dumps({"measure": f"effort of {who}", **asdict(effort)}))


if __name__ == "__main__":
    main()
