"""One sending of a form has one effect, however often and however fast it is sent."""

import io
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import select, text

from portal.db import Database
from portal.models import Document
from portal.services import applications, interviews
from tests import interviewing, uploads
from tests.browsing import ORIGIN, Browser, as_shown
from tests.interviewing import PASSWORD, account
from tests.signing_in import sign_in


def test_a_form_sent_ten_times_at_once_has_one_effect(app: Flask, database: Database) -> None:
    with database.transaction() as session:
        email = account(session).email
    browser = Browser(app)
    sign_in(browser, email, PASSWORD)
    page = browser.open("/en/applications/start")
    form = as_shown(page.form())
    cookie = browser.client.get_cookie("passage", domain="localhost")
    assert cookie is not None

    def send(_: int) -> tuple[int, str]:
        client = app.test_client()
        client.set_cookie("passage", cookie.value, domain="localhost")
        answer = client.post(page.url, data=form, base_url=ORIGIN)
        return answer.status_code, answer.headers.get("Location", "")

    with ThreadPoolExecutor(10) as pool:
        answers = set(pool.map(send, range(10)))

    assert len(answers) == 1 and answers.pop()[0] == 303
    with database.transaction() as session:
        assert session.execute(text("select count(*) from application")).scalar() == 1
        assert session.execute(text("select count(*) from event where name = 'application_started'")).scalar() == 1


@pytest.mark.parametrize("step", ["times", "confirm"])
def test_a_booking_sent_ten_times_at_once_is_one_booking(app: Flask, database: Database, step: str) -> None:
    with database.transaction() as session:
        interview = interviewing.applicant(session)
        centre, email = interviewing.centre(session), interview.application.account.email
        made = [interviewing.slot(session, centre, interviewing.soon(hour=hour)) for hour in (14, 15)]
        if step == "confirm":
            interviews.hold(session, interview, centre, made[0].starts_at, by=interview.application.account)
    browser = Browser(app)
    sign_in(browser, email, PASSWORD)
    page = browser.open(f"/en/applications/{interview.application.reference}/interview/{step}")
    form = {**as_shown(page.form()), "slot": str(made[0].id)}
    cookie = browser.client.get_cookie("passage", domain="localhost")
    assert cookie is not None

    def send(_: int) -> tuple[int, str]:
        client = app.test_client()
        client.set_cookie("passage", cookie.value, domain="localhost")
        answer = client.post(page.url, data=form, base_url=ORIGIN)
        return answer.status_code, answer.headers.get("Location", "")

    with ThreadPoolExecutor(10) as pool:
        ((status, location),) = set(pool.map(send, range(10)))
    assert status == 303 and "instead_of" not in location
    with database.transaction() as session:
        counts = "select count(hold_id), count(interview_part_id) from place"
        assert tuple(session.execute(text(counts)).one()) == ((1, 0) if step == "times" else (0, 1))
        booked = "select count(*) from event where name = 'interview_booked'"
        assert session.execute(text(booked)).scalar() == (step == "confirm")


def test_two_files_of_one_name_are_two_sendings(app: Flask, database: Database) -> None:
    with database.transaction() as session:
        holder = account(session)
        address = f"/en/applications/{applications.start(session, holder, by=holder).reference}/documents/passport_page"
        email = holder.email
    browser = Browser(app)
    sign_in(browser, email, PASSWORD)
    page = browser.open(address)
    for content in (uploads.jpeg(), uploads.jpeg(), uploads.png()):
        browser.send(page, upload=(io.BytesIO(content), "image.jpg"))
    with database.transaction() as session:
        kinds = session.scalars(select(Document.media_type).order_by(Document.created_at)).all()
    assert kinds == ["image/jpeg", "image/png"]
