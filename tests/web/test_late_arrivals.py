"""Late arrivals: whom a centre sees all the same, whom its desk sends away, and what each of them is told."""

# ruff: noqa: F811  # the fixtures are those of the interview's pages

from __future__ import annotations

from datetime import date

from flask import Flask
from sqlalchemy import select

from portal.db import Database
from portal.models import OutgoingMessage, ProgrammeSetting
from portal.services import outbox
from tests import servers
from tests.browsing import Browser
from tests.web.test_interview_pages import (  # noqa: F401
    OFFICERS,
    RECORD,
    _address,
    _interview,
    _officer,
    _rebook_if_needed,
    _record_page,
    booked,
    reference,
    traveller,
)


def test_who_comes_later_than_the_centre_allows_chooses_another_time(
    app: Flask,
    booked: str,
    traveller: Browser,
    database: Database,
) -> None:
    assert "up to 15 minutes late" in traveller.open(_address(booked)).text
    address, officer = f"/en/officers/interviews/{booked}/late", _officer(app, OFFICERS["CA"][0])
    assert "up to 15 minutes late" in officer.open(address).text
    refused = officer.fill(address, minutes="15")
    assert refused.status == 422 and "Record the interview" in refused.text
    page = officer.fill(address, minutes="40")
    assert page.status == 200 and "nothing to record" in page.text
    with database.transaction() as session:
        interview = _interview(session, booked)
        assert (interview.state, interview.missed, interview.parts[0].minutes_late) == ("to_book", 0, 40)
        message = session.scalars(select(OutgoingMessage).order_by(OutgoingMessage.created_at.desc())).first()
        assert message is not None and message.event == "interview_turned_away"
        assert "does not count" in str(outbox.compose(session, message).get_body(("plain",)))
    page = traveller.open(_address(booked))
    assert "too late" in page.text and "does not count as a missed interview" in page.text
    assert "nothing to record" in officer.open(address).text  # nothing is booked any more


def test_being_late_counts_where_the_setting_says_so(
    app: Flask,
    booked: str,
    database: Database,
) -> None:
    with database.transaction() as session, servers.as_owner(session):
        session.add(
            ProgrammeSetting(
                name="late_arrivals", valid_from=date(2026, 1, 1), value={"counts_as_missed": True}, source="a test"
            )
        )
    for state in ("to_book", "with_officer"):
        _rebook_if_needed(database, booked)
        _officer(app, OFFICERS["US"][0]).fill(f"/en/officers/interviews/{booked}/late", minutes="16")
        with database.transaction() as session:
            assert _interview(session, booked).state == state


def test_nobody_is_sent_away_whom_a_colleague_has_seen_and_lateness_is_kept(
    app: Flask,
    booked: str,
    database: Database,
) -> None:
    page = _officer(app, OFFICERS["CA"][0]).fill(_record_page(booked), **RECORD, minutes_late="20", outcome="later")
    assert "20 minutes late" in page.text
    refused = _officer(app, OFFICERS["US"][0]).fill(f"/en/officers/interviews/{booked}/late", minutes="40")
    assert refused.status == 422 and "recorded this interview already" in refused.text
