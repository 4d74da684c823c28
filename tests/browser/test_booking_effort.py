"""What booking costs on a phone, from the page that the email leads to: 4 screens and 5 taps, for one or four."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from datetime import date

import pytest
from flask import Flask
from playwright.sync_api import Browser
from sqlalchemy import select

from bench.effort import Phone, on_a_phone
from portal.clock import today
from portal.db import Database
from portal.models import AccountPerson, Interview, Place
from portal.services import interviews, parties
from tests import interviewing
from tests.browsing import Browser as PlainBrowser
from tests.running import RunningPortal
from tests.signing_in import sign_in

MOST_SCREENS, MOST_TAPS = 4, 5


@pytest.fixture(scope="module")
def owner(portal: RunningPortal, addresses: Flask) -> Iterator[Database]:
    """The tables' owner, with the keys of the portal that runs."""
    database = Database(portal.urls["owner"])
    yield database
    database.close()


def _family(owner: Database, email: str, people: int, *, booked: bool = False) -> list[uuid.UUID]:
    """A parent and children who may book; `booked`: their interviews are in four months, at one centre."""
    with owner.transaction() as session:
        made = [interviewing.applicant(session, email if number == 0 else None) for number in range(people)]
        account = made[0].application.account
        for one in made[1:]:
            held = session.scalars(select(AccountPerson).where(AccountPerson.person == one.application.person)).one()
            held.account, held.role = account, "parent"
            one.application.account, one.application.role = account, "parent"
        session.flush()
        if booked:
            far = interviewing.slot(
                session, interviewing.centre(session, number=77_001), interviewing.soon(days=120), people
            )
            party = parties.members(session, account)
            parties.hold(session, party, far.id, by=account)
            parties.confirm(session, party, [str(far.id)] * people, by=account)
        return [one.id for one in made]


def _days(owner: Database, family: Sequence[uuid.UUID]) -> list[date]:
    with owner.transaction() as session:
        found: list[Place | None] = [
            interviews.booked_place(session, interviews.current_part(session.get_one(Interview, one))) for one in family
        ]
        return [place.slot.local_on for place in found if place]


def _from_the_email(chromium: Browser, portal: RunningPortal, addresses: Flask, email: str) -> Phone:
    """The phone of somebody who is signed in, on the page that the emails lead to."""
    plain = PlainBrowser(addresses)
    sign_in(plain, email, interviewing.PASSWORD)
    cookie = plain.client.get_cookie("passage")
    assert cookie is not None
    page = on_a_phone(chromium)
    page.context.add_cookies([{"name": "passage", "value": cookie.value, "url": portal.address}])
    phone = Phone(page, "en")
    phone.open(f"{portal.address}/en/applications")
    return phone


def _choose_the_soonest(phone: Phone) -> None:
    phone.page.locator('input[name="slot"]').first.tap()  # the box lies over its words
    phone.taps += 1
    phone.go_on()


def _check(phone: Phone) -> None:
    assert phone.effort.screens <= MOST_SCREENS, phone.seen
    assert phone.taps <= MOST_TAPS and phone.keystrokes == 0
    phone.page.context.close()


def test_one_person_books_from_the_email(
    chromium: Browser, portal: RunningPortal, addresses: Flask, owner: Database
) -> None:
    made = _family(owner, "alone@example.org", 1)
    phone = _from_the_email(chromium, portal, addresses, "alone@example.org")
    phone.follow("Choose a time")
    _choose_the_soonest(phone)
    phone.go_on()
    phone.see("Your interview is booked.")
    _check(phone)
    assert len(_days(owner, made)) == 1


def test_a_family_of_four_books_from_the_email(
    chromium: Browser, portal: RunningPortal, addresses: Flask, owner: Database
) -> None:
    made = _family(owner, "four@example.org", 4)
    phone = _from_the_email(chromium, portal, addresses, "four@example.org")
    phone.follow("Book or move everybody’s interviews together")
    _choose_the_soonest(phone)
    phone.go_on()
    _check(phone)
    assert len(_days(owner, made)) == 4


def test_a_parent_of_three_moves_the_family_to_the_soonest_times(
    chromium: Browser, portal: RunningPortal, addresses: Flask, owner: Database
) -> None:
    made = _family(owner, "parent@example.org", 4, booked=True)
    before = _days(owner, made)
    phone = _from_the_email(chromium, portal, addresses, "parent@example.org")
    phone.follow("Book or move everybody’s interviews together")
    _choose_the_soonest(phone)
    assert _days(owner, made) == before  # nothing is let go before the new times are theirs
    phone.go_on()
    _check(phone)
    after = _days(owner, made)
    assert len(after) == 4 and len(set(after)) == 1
    assert (after[0] - today()).days <= 7 < (before[0] - today()).days
