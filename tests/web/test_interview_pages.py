"""The interview's pages: a traveller books, moves and cancels; the officers of both agencies record and decide."""

from __future__ import annotations

import re
from datetime import timedelta

import icalendar
import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.clock import now
from portal.db import Database
from portal.models import AuditEntry, Interview, InterviewRecord, Membership, OutgoingMessage, Place
from portal.services import interviews, outbox
from portal.web.applicant import slot_lists
from tests import interviewing
from tests.browsing import ORIGIN, Browser, Page
from tests.signing_in import sign_in

ELISE, RIVAL = "elise@example.org", "rival@example.org"
OFFICERS = {"CA": ("ana@example.org", "ben@example.org"), "US": ("uma@example.org", "zoe@example.org")}
RECORD = {
    "came": "yes",
    "documents_seen": ["passport", "proof_of_address"],
    "fingerprints_reference": "FP-2027-0042",
    "fingerprints_quality": "87",
    "fingerprints_device": "Station 3",
}


@pytest.fixture
def reference(database: Database) -> str:
    """The reference of a traveller who may book at a centre with three free times on one day."""
    with database.transaction() as session:
        centre = interviewing.centre(session)
        for hour in (14, 15, 16):
            interviewing.slot(session, centre, interviewing.soon(hour=hour))
        interviewing.applicant(session, RIVAL)
        return interviewing.applicant(session, ELISE).application.reference


@pytest.fixture
def traveller(browser: Browser, reference: str) -> Browser:
    return _signed_in(browser, "/en/sign-in", ELISE)


@pytest.fixture
def booked(database: Database, reference: str) -> str:
    """The reference of a traveller whose interview is booked."""
    with database.transaction() as session:
        interview = _interview(session, reference)
        place = session.scalars(select(Place).order_by(Place.starts_at)).first()
        interviews.hold(session, interview, place.centre, place.starts_at, by=interview.application.account)
        interviews.confirm(session, interview, by=interview.application.account)
        for agency, emails in OFFICERS.items():
            for email in emails:
                interviewing.officer(session, agency, email)
    return reference


def _signed_in(browser: Browser, door: str, email: str) -> Browser:
    page = sign_in(browser, email, interviewing.PASSWORD, door)
    assert "sign-in" not in page.url, page.text
    return browser


def _officer(app: Flask, email: str) -> Browser:
    return _signed_in(Browser(app), "/en/officers/sign-in", email)


def _interview(session: object, reference: str) -> Interview:
    from portal.services.interview_days import of_reference

    return of_reference(session, reference)  # type: ignore[arg-type]


def _times(page: Page) -> list[str]:
    return [str(box["value"]) for box in page.soup.select("input[name=slot]")]


def _address(reference: str, page: str = "") -> str:
    return f"/en/applications/{reference}/interview{page}"


def test_a_traveller_books_moves_and_cancels(traveller: Browser, reference: str, database: Database) -> None:
    page = traveller.open(_address(reference, "/times"))
    first, second, _third = _times(page)
    held = traveller.send(page, slot=first)
    assert held.heading == "Book this time"
    assert "Held for you until" in held.text and "Eastern" in held.text
    assert traveller.press("Hold it longer").heading == "Book this time"
    booked = traveller.press("Book this interview")
    assert booked.heading == "Your interview" and "Your permanent resident card" in booked.text
    page = traveller.open(_address(reference, "/times"))
    assert first not in _times(page) and "You keep it until you confirm another one" in page.text
    traveller.send(page, slot=second)
    assert traveller.page is not None and traveller.page.heading == "Move your interview to this time"
    traveller.press("Move my interview")
    cancelled = traveller.fill(_address(reference, "/cancel"))
    assert "The next step is your interview" in cancelled.text
    with database.transaction() as session:
        assert _interview(session, reference).state == "to_book"
        assert session.scalar(select(Place.id).where(Place.interview_part_id.is_not(None))) is None


def test_a_time_that_was_taken_meanwhile_keeps_the_form_and_shows_the_nearest(
    traveller: Browser, reference: str, database: Database
) -> None:
    page = traveller.open(_address(reference, "/times"))
    first = _times(page)[0]
    with database.transaction() as session:
        rival = session.scalars(select(Interview)).all()
        rival = next(one for one in rival if one.application.reference != reference)
        place, *others = session.scalars(select(Place).order_by(Place.starts_at))
        for other in others:  # nothing else is free that day
            session.delete(other)
            interviewing.slot(session, place.centre, other.starts_at + timedelta(days=1))
        interviews.hold(session, rival, place.centre, place.starts_at, by=rival.application.account)
    refused = traveller.send(page, slot=first)
    assert refused.status == 422
    assert refused.problems == ["Somebody has just taken this time. Choose another one."]
    assert len(_times(refused)) == 2 and "These free times are the nearest" in refused.text
    assert traveller.send(refused, slot=_times(refused)[0]).heading == "Book this time"


def test_who_was_too_late_is_held_the_nearest_time_of_the_day_instead(
    traveller: Browser, reference: str, database: Database
) -> None:
    page = traveller.open(_address(reference, "/times"))
    with database.transaction() as session:
        rival = next(one for one in session.scalars(select(Interview)) if one.application.reference != reference)
        place = session.scalars(select(Place).order_by(Place.starts_at)).first()
        assert place is not None
        near = interviewing.slot(session, place.centre, place.starts_at + timedelta(minutes=5))
        interviews.hold(session, rival, place.centre, place.starts_at, by=rival.application.account)
    instead = traveller.send(page, slot=str(place.slot_id))
    assert instead.heading == "Book this time" and "Somebody else has just taken your time" in instead.text
    booked = traveller.press("Book this interview")
    assert booked.heading == "Your interview"
    with database.transaction() as session:
        assert session.scalar(select(Place.slot_id).where(Place.interview_part_id.is_not(None))) == near.id


def test_a_lost_hold_leads_to_the_nearest_times(traveller: Browser, reference: str, database: Database) -> None:
    page = traveller.open(_address(reference, "/times"))
    held = traveller.send(page, slot=_times(page)[0])
    with database.transaction() as session:
        for place in session.scalars(select(Place)):
            place.hold_id = place.held_until = None
    lost = traveller.send(held)
    assert lost.heading == "Choose a time for your interview" and "Somebody else has this time now" in lost.text


def test_a_page_books_the_time_that_it_shows_and_no_other(
    traveller: Browser, reference: str, database: Database
) -> None:
    page = traveller.open(_address(reference, "/times"))
    first, second = _times(page)[:2]
    shown = traveller.send(page, slot=first)
    traveller.fill(_address(reference, "/times"), slot=second)
    answer = traveller.send(shown)
    assert answer.heading == "Choose a time for your interview"
    with database.transaction() as session:
        assert session.scalar(select(Place.id).where(Place.interview_part_id.is_not(None))) is None


@pytest.mark.parametrize("slot", [None, "", "nonsense"])
def test_without_a_time_nothing_is_held(traveller: Browser, reference: str, slot: str | None) -> None:
    page = traveller.fill(_address(reference, "/times"), slot=slot)
    assert (page.status, page.problems) == (422, ["Choose a time"])


def test_filters_are_sent_with_the_address(traveller: Browser, reference: str) -> None:
    query = "?centre=5020&from_on-day=31&from_on-month=2&from_on-year=2027"
    page = traveller.open(_address(reference, "/times") + query)
    assert page.problems == ["There are only 28 days in February 2027. Check the day."]
    assert page.value("from_on-day") == "31" and page.value("centre") == "5020"
    late = traveller.open(_address(reference, "/times") + "?from_on-day=1&from_on-month=1&from_on-year=2090")
    assert "No free time" in late.text and not _times(late)
    assert "centres that" not in traveller.open(_address(reference, "/times") + "?after=x_y&instead_of=").text


def test_the_next_page_leads_to_our_own_pages_whatever_the_address_says(
    traveller: Browser, reference: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slot_lists, "PAGE", 1)
    address = _address(reference, "/times")
    page = traveller.open(f"{address}?_scheme=javascript&_external=1&endpoint=x&language=xx&centre=")
    links = [str(link["href"]) for link in page.soup.find_all("a", href=re.compile("after="))]
    assert page.status == 200 and len(links) == 1 and links[0].startswith(f"{address}?centre=&after=")


def test_the_pages_speak_french(traveller: Browser, reference: str) -> None:
    page = traveller.open(f"/fr/demandes/{reference}/entrevue/heures")
    assert page.language == "fr" and len(_times(page)) == 3


def test_somebody_elses_interview_is_not_there(browser: Browser, reference: str) -> None:
    _signed_in(browser, "/en/sign-in", RIVAL)
    for page in ("", "/times", "/confirm", "/cancel", "/interview.ics"):
        assert browser.open(_address(reference, page)).status == 404


def test_the_appointment_can_be_put_into_a_calendar(browser: Browser, booked: str) -> None:
    _signed_in(browser, "/en/sign-in", ELISE)
    file = browser.open(_address(booked, "/interview.ics")).response
    assert file.mimetype == "text/calendar" and "attachment" in file.headers["Content-Disposition"]
    assert icalendar.Calendar.from_ical(file.get_data()).walk("VEVENT")


# The officers' side


def _record_page(reference: str) -> str:
    return f"/en/officers/interviews/{reference}"


def test_both_agencies_pass_her_and_she_is_a_member(app: Flask, booked: str, database: Database) -> None:
    ca, us = _officer(app, OFFICERS["CA"][0]), _officer(app, OFFICERS["US"][0])
    day = interviewing.soon()
    listed = ca.open(f"/en/officers/interviews?day-day={day.day}&day-month={day.month}&day-year={day.year}")
    assert booked in listed.text and "Tremblay" in listed.text and "To record" in listed.text
    done = ca.fill(_record_page(booked), outcome="approve", **RECORD)
    assert "FP-2027-0042" in done.text and "The other agency has not decided yet" in done.text
    waiting = us.open(_record_page(booked))
    assert "FP-2027-0042" not in waiting.text and "Approved" not in waiting.text
    done = us.send(waiting, outcome="approve", **RECORD)
    assert "Both agencies approved" in done.text
    with database.transaction() as session:
        interview = _interview(session, booked)
        assert (interview.state, interview.application.status) == ("finished", "approved")
        seen = session.scalars(select(AuditEntry.action).where(AuditEntry.application_id == interview.application_id))
        assert {"interview:list", "interview:view", "interview:record"} <= set(seen)
    traveller = _signed_in(Browser(app), "/en/sign-in", ELISE)
    page = traveller.open(f"/en/applications/{booked}/membership")
    with database.transaction() as session:
        assert session.scalars(select(Membership.number)).one() in page.text


def test_a_look_is_written_down_also_where_the_form_is_refused(app: Flask, booked: str, database: Database) -> None:
    def looks() -> int:
        seen = select(func.count()).where(AuditEntry.action == "interview:view")
        with database.transaction() as session:
            return session.scalar(seen) or 0

    officer = _officer(app, OFFICERS["CA"][0])
    page = officer.fill(_record_page(booked), came=None)
    assert page.status == 422 and "Place of birth" in page.text and looks() == 2
    forged = officer.client.post(_record_page(booked), base_url=ORIGIN)
    assert forged.status_code == 400 and "Place of birth" in forged.get_data(as_text=True) and looks() == 3


def test_answers_are_shown_while_there_is_something_to_record(app: Flask, booked: str) -> None:
    officer = _officer(app, OFFICERS["CA"][0])
    assert "Place of birth" in officer.open(_record_page(booked)).text
    officer.fill(_record_page(booked), outcome="approve", **RECORD)
    assert "Place of birth" not in officer.open(_record_page(booked)).text


def test_a_refusal_needs_a_second_officer(app: Flask, booked: str, database: Database) -> None:
    first, second = (_officer(app, email) for email in OFFICERS["CA"])
    page = first.fill(_record_page(booked), outcome="refuse", **RECORD)
    assert page.problems == ["Choose a reason for the refusal", "Write why you propose a refusal"]
    assert page.value("fingerprints_reference") == "FP-2027-0042"
    proposed = first.send(page, reason="identity", refusal_note="The passport is not hers.")
    assert "Another officer of your agency must settle it" in proposed.text
    other = _officer(app, OFFICERS["US"][0]).open(_record_page(booked))
    assert "not hers" not in other.text and "proposes to refuse" not in other.text
    work = "/en/officers/work"
    assert booked not in first.open(work).text and booked not in _officer(app, OFFICERS["US"][0]).open(work).text
    assert second.open(work).link(booked) == _record_page(booked)
    page = second.fill(_record_page(booked), settlement="confirm")
    assert "Not approved" in page.text and booked not in second.open(work).text
    with database.transaction() as session:
        assert _interview(session, booked).application.status == "denied"


def test_a_proposal_can_be_sent_back(app: Flask, booked: str) -> None:
    first, second = (_officer(app, email) for email in OFFICERS["US"])
    first.fill(_record_page(booked), outcome="refuse", reason="identity", refusal_note="Look again.", **RECORD)
    page = second.fill(_record_page(booked), settlement="send_back")
    assert page.value("came") == "yes"


def test_a_missed_interview_may_be_repeated_once(app: Flask, booked: str, database: Database) -> None:
    for state in ("to_book", "with_officer"):
        _rebook_if_needed(database, booked)
        for agency in ("CA", "US"):
            page = _officer(app, OFFICERS[agency][0]).fill(_record_page(booked), came="no", outcome="later")
            assert page.status == 200, page.problems
        with database.transaction() as session:
            assert _interview(session, booked).state == state
    page = _officer(app, OFFICERS["CA"][1]).open(_record_page(booked))
    assert "missed the interview more than once" in page.text
    _officer(app, OFFICERS["CA"][1]).fill(_record_page(booked))
    with database.transaction() as session:
        assert (_interview(session, booked).state, _interview(session, booked).missed) == ("to_book", 2)


def _rebook_if_needed(database: Database, reference: str) -> None:
    with database.transaction() as session:
        interview = _interview(session, reference)
        if interview.state == "to_book":
            place = session.scalars(select(Place).where(Place.interview_part_id.is_(None))).first()
            interviews.hold(session, interview, place.centre, place.starts_at, by=interview.application.account)
            interviews.confirm(session, interview, by=interview.application.account)


def test_agencies_that_differ_are_told_and_one_corrects(app: Flask, booked: str, database: Database) -> None:
    ca, us = _officer(app, OFFICERS["CA"][0]), _officer(app, OFFICERS["US"][0])
    ca.fill(_record_page(booked), outcome="later", **RECORD)
    page = us.fill(_record_page(booked), came="no", outcome="later")
    assert "The other agency has recorded something else" in page.text
    page = us.send(page, outcome="later", **RECORD)
    assert page.soup.find(attrs={"name": "came"}) is None
    with database.transaction() as session:
        assert _interview(session, booked).state == "attended"


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"documents_seen": None}, "Tick the documents that you saw before you approve."),
        ({"came": "no"}, "You cannot approve somebody who did not come"),
        ({"fingerprints_quality": ""}, "Fill in all three boxes of a capture, or none"),
        ({"fingerprints_quality": "101"}, "“Quality, 0 to 100” must be a number from 0 to 100"),
        (
            {"fingerprints_reference": "data:image/png;base64,AAAA"},
            "A reference has 4 to 64 letters, digits, hyphens or slashes",
        ),
    ],
)
def test_what_cannot_be_recorded_is_said_and_kept(
    app: Flask, booked: str, database: Database, changed: dict[str, object], problem: str
) -> None:
    page = _officer(app, OFFICERS["CA"][0]).fill(_record_page(booked), outcome="approve", **(RECORD | changed))
    assert (page.status, page.problems) == (422, [problem])
    with database.transaction(viewer="CA") as session:
        assert session.scalars(select(InterviewRecord)).all() == []


def test_without_the_setting_an_interview_is_recorded_from_its_day_on(
    app: Flask, booked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = app.extensions["settings"].model_copy(update={"record_interviews_early": False})
    monkeypatch.setitem(app.extensions, "settings", settings)
    page = _officer(app, OFFICERS["CA"][0]).open(_record_page(booked))
    assert "You can record this interview from its day on" in page.text
    assert interviewing.soon() > now()


def test_an_earlier_time_is_taken_by_one_press_on_the_page_of_the_email(
    app: Flask, database: Database, booked: str
) -> None:
    with database.transaction() as session:
        interview = _interview(session, booked)
        first = interviews.booked_place(session, interviews.current_part(interview))
        assert first is not None
        earlier = interviewing.slot(session, first.centre, first.starts_at - timedelta(days=2))
        held_by = next(one for one in session.scalars(select(Interview)) if one.application.reference != booked)
        by = held_by.application.account
        interviews.hold(session, held_by, earlier.centre, earlier.starts_at, by=by)
        interviews.confirm(session, held_by, by=by)
    traveller = _signed_in(Browser(app), "/en/sign-in", ELISE)
    page = traveller.fill(_address(booked, "/earlier"), weekdays=[], notice="24")
    assert "You are waiting for an earlier time" in page.text
    with database.transaction() as session:
        interviews.cancel(session, session.get_one(Interview, held_by.id), by=session.get_one(type(by), by.id))
        told = session.scalars(select(OutgoingMessage).where(OutgoingMessage.event == "place_offered")).one()
        email = outbox.compose(session, told)
    assert "/en/earlier-times" in str(email.get_body(("plain",)))
    page = traveller.open("/en/earlier-times")
    assert "Take this time" in page.text and "Your time until now" in page.text
    taken = traveller.press("Take this time")
    assert taken.heading == "Your interview"
    with database.transaction() as session:
        place = interviews.booked_place(session, interviews.current_part(_interview(session, booked)))
        assert place is not None and place.slot_id == earlier.id
        assert session.scalar(select(func.count(Place.interview_part_id))) == 1
    assert "No time is offered to you now" in traveller.open("/en/earlier-times").text
    traveller.open(_address(booked, "/earlier"))
    assert "Be offered earlier times" in traveller.press("Stop waiting").text


def test_two_days_that_do_not_fit_together_are_refused_and_kept(traveller: Browser, reference: str) -> None:
    days = {"from_on-day": "5", "from_on-month": "6", "from_on-year": "2027"}
    ends = {"until_on-day": "4", "until_on-month": "6", "until_on-year": "2027"}
    page = traveller.fill(_address(reference, "/earlier"), **days, **ends)
    assert page.status == 422 and page.problems == ["The last day comes before the first one."]
