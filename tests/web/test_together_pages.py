"""A parent of three moves the family in five taps; what is lost meanwhile leaves the old times where they were."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.db import Database
from portal.models import AccountPerson, Application, EnrolmentCentre, Interview, Place, Slot
from portal.services import interviews, offers, parties
from tests import interviewing
from tests.browsing import Browser, Page
from tests.signing_in import sign_in

PARENT = "parent@example.org"


@pytest.fixture
def family(browser: Browser, database: Database) -> Browser:
    """Signed in: a parent of three whose four interviews are in two months; tomorrow four desks are free."""
    with database.transaction() as session:
        centre = interviewing.centre(session)
        made = [interviewing.applicant(session, PARENT if number == 0 else None) for number in range(4)]
        holder = made[0].application.account
        for one in made[1:]:
            held = session.scalars(select(AccountPerson).where(AccountPerson.person == one.application.person)).one()
            held.account, held.role = holder, "parent"
            one.application.account, one.application.role = holder, "parent"
        far = interviewing.slot(session, centre, interviewing.soon(days=60), 4)
        begin = interviewing.soon(days=1)
        for number in range(2):
            interviewing.slot(session, centre, begin + timedelta(minutes=15 * number), 2)
        session.flush()
        party = parties.members(session, holder)
        parties.hold(session, party, far.id, by=holder)
        parties.confirm(session, party, [str(far.id)] * 4, by=holder)
    assert "sign-in" not in sign_in(browser, PARENT, interviewing.PASSWORD).url
    return browser


def _days(database: Database) -> set[int]:
    """In how many days the family's interviews are."""
    with database.transaction() as session:
        query = select(Slot.local_on).join(Place, Place.slot_id == Slot.id).join(Interview.parts.property.mapper.class_)
        found = session.scalars(query.where(Place.interview_part_id.is_not(None))).all()
        assert len(found) == 4
        return {(day - interviewing.soon(days=0).date()).days for day in found}


def _choose(browser: Browser) -> Page:
    page = browser.open("/en/applications")
    link = next((one for one in page.soup.select("a") if "everybody’s interviews together" in one.text), None)
    assert link is not None, page.text  # first tap
    return browser.open(str(link["href"]))


def _soonest(page: Page) -> str:
    return str(page.soup.select("input[name=slot]")[0]["value"])


def test_a_parent_of_three_moves_the_family_from_far_away_to_tomorrow_in_four_taps(
    family: Browser, database: Database
) -> None:
    page = _choose(family)
    assert page.heading == "Choose times for your family"
    assert "You keep these times" in page.text
    page = family.send(page, slot=_soonest(page))  # second and third tap: the time, and the button
    assert page.heading == "Move your family to these times", page.text
    assert _days(database) == {60}
    page = family.send(page)  # the fourth
    assert page.heading == "Your family’s interviews", page.text
    assert page.text.count("Passport") or page.text.count("passport")
    assert _days(database) == {1}


def test_a_place_lost_meanwhile_moves_nobody(family: Browser, database: Database) -> None:
    page = _choose(family)
    page = family.send(page, slot=_soonest(page))
    with database.transaction() as session:
        place = session.scalars(select(Place).where(Place.hold_id.is_not(None))).first()
        assert place is not None
        place.hold_id, place.held_until = None, None
        rival = interviewing.applicant(session)
        session.flush()
        interviews.hold(session, rival, place.centre, place.starts_at, by=rival.application.account)
    page = family.send(page)
    assert page.heading == "Choose times for your family"
    assert "What you had booked is still yours" in page.text
    assert _days(database) == {60}


def test_with_nobody_to_book_the_page_says_so(browser: Browser, database: Database) -> None:
    with database.transaction() as session:
        interviewing.account(session, PARENT)
    sign_in(browser, PARENT, interviewing.PASSWORD)
    page = browser.open("/en/interviews/together")
    assert (page.status, page.heading) == (200, "Choose times for your family")
    assert "There is nobody for whom you can book" in page.text


def test_somebody_elses_interview_is_not_found(family: Browser, database: Database) -> None:
    with database.transaction() as session:
        stranger = interviewing.applicant(session).application.reference
    assert family.open(f"/en/interviews/together/booked?people={stranger}").status == 404
    with database.transaction() as session:
        assert session.scalars(select(Application).where(Application.reference == stranger)).one() is not None


def test_a_family_waits_together_and_takes_earlier_times_with_one_press(family: Browser, database: Database) -> None:
    page = family.open("/en/interviews/together")
    link = next(one for one in page.soup.select("a") if "earlier times for everybody" in one.text)
    page = family.fill(str(link["href"]), modes=["land"])
    assert "Your family is on the list" in page.text and "Waiting together" in page.text
    refused = family.fill("/en/interviews/together/earlier", people=[])
    assert refused.status == 422 and len(refused.problems) == 1
    with database.transaction() as session:
        centre = session.scalars(select(EnrolmentCentre)).one()
        for number in range(2):
            interviewing.slot(session, centre, interviewing.soon(days=10) + timedelta(minutes=15 * number), 2)
        assert offers.offer_released(session, centre, interviewing.soon(days=9).date()) == 1
    page = family.open("/en/earlier-times")
    assert page.text.count("New time") == 4 and page.text.count("Take these times for everybody") == 1
    assert _days(database) == {60}
    family.press("Take these times for everybody")
    assert _days(database) == {10}
    assert family.open("/fr/entrevues/ensemble/plus-tot").status == 200
