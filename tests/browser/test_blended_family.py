"""A blended family on a phone in French, and every page of theirs read in English too.

Two adults with own accounts, linked, of two citizenships each; three children, of whom two have another parent
elsewhere; a history of five years with two gaps; one of the adults pays for all.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page
from sqlalchemy import select
from sqlalchemy.orm import Session

from bench.effort import Phone, Way, code_for, on_a_phone
from demo.cast import CastTraveller
from portal.clock import today
from portal.db import Database
from portal.domain.months import Month
from portal.models import Account, Application
from portal.models.accounts import email_index
from portal.services import applications, sections
from portal.services import family as people
from tests.answers import ANSWERS, complete
from tests.browser.test_journey import Watcher
from tests.families import GUARDIAN, TOGETHER, born_years_ago, child_answers
from tests.running import RunningPortal

LEONIE = CastTraveller("Léonie", "Archambault", date(1984, 6, 21), "", "Québec", "QC", "G1R 2B5", "CA", "fr")
HUGO = CastTraveller("Hugo", "O’Brien", date(1982, 3, 9), "", "Québec", "QC", "G1R 2B5", "CA", "fr", "M")
LUC = "luc.gagnon@example.org"
NARROW = {"width": 360, "height": 780}
REFERENCE = re.compile(r"P-[0-9A-Z]{4}-[0-9A-Z]{4}")


def ago(months: int) -> Month:
    return Month.of(today()).plus(-months)


class Reader:
    """Whatever page of the family arrives first: fit for everybody in French, and there in English."""

    def __init__(self) -> None:
        self.read: set[str] = set()
        self.troubles: list[str] = []

    def __call__(self, page: Page) -> None:
        path = re.sub(r"[0-9a-f-]{16,}|[A-Za-z0-9_-]{30,}", "-", REFERENCE.sub("-", page.url)).split("?")[0]
        if path in self.read or not re.search("/fr/(demandes|famille|consentement)", path):
            return
        self.read.add(path)
        self.judge(page)
        english = page.context.new_page()
        english.set_viewport_size(NARROW)  # type: ignore[arg-type]
        answer = english.goto(page.locator('link[hreflang="en-CA"]').evaluate("link => link.href"))
        assert answer is not None and answer.status < 400, english.url
        assert english.locator("html").get_attribute("lang") == "en-CA"
        self.judge(english)
        english.close()

    def judge(self, page: Page) -> None:
        """All that is wrong with a page is told at the end, so that one walk finds it all."""
        try:
            Watcher(page, with_scripts=True)(page)
        except AssertionError as trouble:
            self.troubles.append(str(trouble))


class BlendedWay(Way):
    """The way of somebody with two citizenships and a history that is not whole."""

    def citizenship(self) -> None:
        phone, year = self.phone, today().year
        phone.tick("apply_as", "citizen_ca")
        phone.choose("citizenship_1", "CA")
        phone.choose("citizenship_2", "FR")
        phone.type(passport_number="SP123456")
        phone.type(passport_issued_on__day=30, passport_issued_on__month=6, passport_issued_on__year=year - 3)
        phone.type(passport_expires_on__day=30, passport_expires_on__month=6, passport_expires_on__year=year + 6)
        phone.choose("kind_1", "passport")
        phone.type(number_1="SP7654321")
        phone.choose("country_1", "FR")
        phone.type(expires_on_1__day=30, expires_on_1__month=6, expires_on_1__year=year + 4)
        phone.go_on()

    def addresses(self) -> None:
        phone, since, until = self.phone, ago(80), ago(30)
        now_here = ago(20)
        phone.type(since__month=now_here.month, since__year=now_here.year)
        phone.go_on()
        phone.follow("Add an address")
        phone.type(since__month=since.month, since__year=since.year)
        phone.type(until__month=until.month, until__year=until.year)
        phone.type(street="4 Rue du Trésor", city="Québec", region="QC", postal_code="G1R 4L9")
        phone.go_on()
        gap = self.sees_gap(29, 21)
        phone.go_on()
        phone.see("Nothing covers %(months)s. Add what is missing, or explain the gap.", months=gap)
        phone.follow("explain this gap")
        assert gap in phone.words()
        phone.tick("reason", "moving")
        phone.go_on()
        phone.see("Every month is accounted for.")
        phone.go_on()

    def work(self) -> None:
        phone, since, until, now_there = self.phone, ago(70), ago(18), ago(9)
        phone.tick("kind", "employed")
        phone.type(since__month=now_there.month, since__year=now_there.year)
        phone.type(occupation="Infirmière", employer="Hôpital Exemple", city="Québec")
        phone.go_on()
        phone.follow("Add what you did")
        phone.tick("kind", "student")
        phone.type(since__month=since.month, since__year=since.year)
        phone.type(until__month=until.month, until__year=until.year)
        phone.type(occupation="Soins infirmiers", employer="Collège Exemple", city="Québec")
        phone.choose("country", "CA")
        phone.go_on()
        self.sees_gap(17, 10)
        with phone.page.expect_navigation():
            phone.page.locator(".gaps__gap a").first.tap()
        assert phone.page.locator('[name="since-year"]').input_value() == str(ago(17).year), "months asked twice"
        phone.tick("kind", "caring")
        phone.go_on()
        phone.see("Every month is accounted for.")
        phone.go_on()

    def sees_gap(self, first: int, last: int) -> str:
        """The gap as the page names it."""
        named = self.phone.page.locator(".gaps__gap strong")
        assert named.count() == 1, self.phone.words()
        words = " ".join(named.inner_text().split())
        assert str(ago(first).year) in words and str(ago(last).year) in words
        return words


class Family:
    """Who takes part, each on a phone of their own."""

    def __init__(self, chromium: Browser, portal: RunningPortal, database: Database) -> None:
        self.chromium, self.portal, self.database = chromium, portal, database
        self.mail, self.reader = portal.demonstration.state / "mail", Reader()

    def phone(self) -> Phone:
        page = on_a_phone(self.chromium)
        page.set_viewport_size(NARROW)  # type: ignore[arg-type]
        return Phone(page, "fr", self.reader)

    def way(self, traveller: CastTraveller) -> BlendedWay:
        """The way of an adult who has an account and an application of which nothing is filled in."""
        way = BlendedWay(self.phone(), traveller, lambda email: code_for(self.mail, email))
        way.phone.open(f"{self.portal.address}/fr/")
        way.sign_up()
        way.phone.go_on()
        return way

    def prepare(self, traveller: CastTraveller, do: Callable[[Session, Account], Any]) -> None:
        """What would only be typed once more is done by the services."""
        with self.database.transaction() as session:
            index = email_index(traveller.email)
            do(session, session.scalars(select(Account).where(Account.email_index == index)).one())

    def links(self, email: str, path: str, count: int = 1, patience: float = 20.0) -> list[str]:
        """The links to such a page that this address got, oldest first, once there are so many."""
        until = time.monotonic() + patience
        while time.monotonic() < until:
            found = [link for text in texts_to(self.mail, email) for link in re.findall(rf"http\S+{path}\S+", text)]
            if len(found) >= count:
                return found
            time.sleep(0.2)
        raise AssertionError(f"{email} got {found}")

    def await_all_sent(self, count: int, patience: float = 30.0) -> None:
        """Until both countries have so many applications to check."""
        until, found = time.monotonic() + patience, []
        while time.monotonic() < until:
            with self.database.transaction() as session:
                found = list(session.scalars(select(Application.status)).all())
            if [str(status) for status in found] == ["under_review"] * count:
                return
            time.sleep(0.3)
        raise AssertionError(f"{found}")


def texts_to(folder: Path, email: str) -> Iterator[str]:
    """What was mailed to this address, oldest first."""
    for path in sorted(folder.glob("*.eml")):
        message = message_from_bytes(path.read_bytes(), policy=policy.default)
        assert isinstance(message, EmailMessage)
        body = message.get_body(("plain",))
        if email in str(message["To"]) and body:
            yield str(body.get_content())


@contextmanager
def family_of(chromium: Browser, portal: RunningPortal, addresses: Flask) -> Iterator[Family]:
    assert addresses  # its keys open the sealed fields
    database = Database(portal.urls["owner"])
    yield Family(chromium, portal, database)
    database.engine.dispose()


@pytest.mark.slow
def test_a_blended_family_applies_on_a_phone_in_french(
    chromium: Browser, portal: RunningPortal, addresses: Flask
) -> None:
    with family_of(chromium, portal, addresses) as family:
        mother = family.way(LEONIE)
        mother.fill_in()
        mother.send_passport_page()
        mother.sign()
        first_child(mother)
        sign_two_more(family, mother)

        for link in family.links(LUC, "/consentement/", 2):
            consents(family, link)

        partner = family.way(HUGO)
        family.prepare(HUGO, fill_in_partner)
        partner.phone.open(f"{family.portal.address}/fr/demandes")
        partner.phone.leave_by(partner.phone.page.locator("main a.govuk-button").first)
        sign_what_is_left(partner)
        link_adults(family, mother, partner)
        pay_for_all(family, mother)
        assert not family.reader.troubles


def first_child(mother: BlendedWay) -> None:
    """Every page of a child with another parent elsewhere, who has two citizenships too."""
    phone, born = mother.phone, born_years_ago(7)
    phone.open(f"{phone.page.url.split('/fr/')[0]}/fr/demandes")
    phone.follow("Add a person")
    phone.go_on()
    phone.type(given_names="Zoé", family_name="Gagnon")
    phone.type(birth_on__day=born.day, birth_on__month=born.month, birth_on__year=born.year, birth_city="Québec")
    phone.choose("birth_country", "CA")
    phone.tick("sex", "F")
    phone.go_on()
    phone.tick("has", "no")
    phone.go_on()
    mother.citizenship()
    phone.tick("relation", "mother")
    phone.tick("custody", "together")
    phone.type(name_1="Luc Gagnon", email_1=LUC)
    phone.go_on()
    for _shared in range(2):
        phone.follow(phone.say("Use the same as for %(name)s", name="Léonie"))
    mother.send_passport_page()
    mother.sign()
    phone.see("We sent a link to %(email)s. It works once, for 30 days.", email=LUC)


def sign_two_more(family: Family, mother: BlendedWay) -> None:
    """A second child of the same other parent, and a third of the mother alone: filled in already, signed here."""
    children: list[str] = []

    def fill_in(session: Session, account: Account) -> None:
        ex = {"name": "Luc Gagnon", "relation": "father", "way": "link", "email": LUC, "language": "fr"}
        for age, name, guardian in ((10, "Théo", {**TOGETHER, "others": [ex]}), (4, "Mila", GUARDIAN)):
            held = people.Held(people.add(session, account, "parent", by=account), "parent")
            child = applications.start(session, account, held=held, by=account)
            own = {"given_names": LEONIE.given_names, "family_name": LEONIE.family_name}
            answers = child_answers(age, name, {**guardian, **own})
            asked = {section.key for section in sections.sections_for(age, "parent")}
            complete(session, child, account, *(set(ANSWERS) - asked), "consent", **answers)
            children.append(child.reference)

    family.prepare(LEONIE, fill_in)
    for reference in children:
        mother.phone.open(f"{family.portal.address}/fr/demandes/{reference}")
        sign_what_is_left(mother)


def sign_what_is_left(way: BlendedWay) -> None:
    """From a list of tasks of which the consent alone is open."""
    way.phone.leave_by(way.phone.page.locator("main a.govuk-button").first)
    way.sign()


def fill_in_partner(session: Session, account: Account) -> None:
    """The partner's own answers, all but the consent."""
    own = session.scalars(select(Application).where(Application.account_id == account.id)).one()
    identity = {**ANSWERS["identity"], "given_names": HUGO.given_names, "family_name": HUGO.family_name, "sex": "M",
                "birth_on": HUGO.born.isoformat()}  # fmt: skip
    expires = f"{today().year + 3}-01-31"
    proof = {"kind": "passport", "number": "SP999", "country": "IE", "expires_on": expires, "name": ""}
    citizenship = {**ANSWERS["citizenship"], "citizenships": ["CA", "IE"], "proofs": [proof],
                   "passport_given_names": HUGO.given_names, "passport_family_name": HUGO.family_name}  # fmt: skip
    complete(session, own, account, "consent", identity=identity, citizenship=citizenship)


def consents(family: Family, link: str) -> None:
    """The other parent reads the mail on a phone, and needs no account."""
    phone = family.phone()
    phone.open(link)
    assert "Archambault" not in phone.words(), "the given name of the child and nothing else"
    phone.tick("decision", "yes")
    phone.type(signed_name="Luc Gagnon", born__day=2, born__month=5, born__year=1984)
    phone.choose("paper", "passport")
    phone.type(number="SP445566")
    phone.tick("is_true", "yes")
    phone.go_on()
    phone.see("You have given your consent")
    phone.page.context.close()


def link_adults(family: Family, mother: BlendedWay, partner: BlendedWay) -> None:
    phone = mother.phone
    phone.open(f"{family.portal.address}/fr/demandes")
    phone.follow("Link another adult of your family")
    phone.type(email=HUGO.email)
    phone.go_on()
    phone.see("We have sent the link")
    (link,) = family.links(HUGO.email, "/famille/lien/")
    partner.phone.open(link)
    partner.phone.go_on()
    assert LEONIE.given_names in partner.phone.words() and LEONIE.family_name not in partner.phone.words()


def pay_for_all(family: Family, mother: BlendedWay) -> None:
    """One payment for both adults; of the one, the other learns the given name and the fee."""
    phone = mother.phone
    phone.open(f"{family.portal.address}/fr/demandes")
    phone.follow("Pay for everybody at once")
    phone.see("All together")
    assert HUGO.given_names in phone.words() and HUGO.family_name not in phone.words()
    mother.pay()
    family.await_all_sent(5)
    phone.open(phone.page.url)
    phone.see("We have your application")
    assert HUGO.given_names in phone.words() and HUGO.family_name not in phone.words()
