"""The pages of look-out lists: one officer brings, the supervisor publishes, the other agency sees what is shared."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal.db import Database
from portal.jobs.lookouts import read_lookout_list, sweep_part
from portal.models import LookoutListVersion, Officer, SweepPart
from tests.browsing import Browser, Page, as_shown
from tests.interviewing import PASSWORD, officer

HEAD = "entry_key,names,birth_dates\n"
GOOD = HEAD + "X-1,Quillon Vasterholm,1961\nX-2,Maren Ostlund,1970\n"


class Desk:
    """An officer and a supervisor of Canada, an officer of the United States, and a worker."""

    def __init__(self, app: Flask, database: Database, worker: Database) -> None:
        self.app, self.worker = app, worker
        with database.transaction() as session:
            self.canadian = officer(session, "CA")
            self.supervisor = officer(session, "CA", roles=["supervisor"])
            self.american = officer(session, "US")
            self.supervisor.name = "Sam Roy"

    def sign_in(self, by: Officer) -> Browser:
        """A browser in which this officer is signed in."""
        browser = Browser(self.app)
        browser.fill("/en/officers/sign-in", email=by.email, password=PASSWORD)
        return browser

    def work(self) -> None:
        """What the workers do."""
        with self.worker.transaction() as session:
            versions = session.scalars(select(LookoutListVersion.id)).all()
        for version_id in versions:
            read_lookout_list(self.worker, str(version_id))
        with self.worker.transaction() as session:
            parts = session.scalars(select(SweepPart.id)).all()
        for part_id in parts:
            sweep_part(self.worker, str(part_id))


@pytest.fixture
def desk(app: Flask, database: Database, worker_database: Database) -> Desk:
    return Desk(app, database, worker_database)


def _bring(browser: Browser, content: str, **fields: Any) -> Page:
    answers = {"name": "Invented notices", "kind": "own-csv", "is_shared": "no"}
    files = {"files": (io.BytesIO(content.encode()), "list.csv")}
    return browser.fill(
        "/en/officers/lists/bring",
        **answers | {"source_on-day": "1", "source_on-month": "11", "source_on-year": "2026"} | files | fields,
    )


def test_an_officer_brings_a_list_and_the_supervisor_publishes_it(desk: Desk) -> None:
    first, second = desk.sign_in(desk.canadian), desk.sign_in(desk.supervisor)
    page = _bring(first, GOOD)
    assert "The files are being read" in page.text
    desk.work()
    page = first.open(page.url)
    assert "Another person of your agency publishes it." in page.text and "Quillon Vasterholm" in page.text
    assert "0 of 0 people searched" in page.text
    page = second.press("Publish", second.open(second.open(page.url).link("Publish")))
    assert page.heading == "Invented notices, version 1" and "Sam Roy" in page.text
    assert "Quillon Vasterholm" in first.open(page.url.replace("/en/officers/lists", "/fr/agents/listes")).text
    assert "Invented notices" not in desk.sign_in(desk.american).open("/en/officers/lists").text


def test_a_shared_list_is_seen_by_the_other_agency_once_it_is_published(desk: Desk) -> None:
    first, second, other = desk.sign_in(desk.canadian), desk.sign_in(desk.supervisor), desk.sign_in(desk.american)
    draft = _bring(first, GOOD, is_shared="yes").url
    desk.work()
    assert "Invented notices" not in other.open("/en/officers/lists").text
    assert other.open(draft).status == 404
    second.fill(f"{draft}/publish")
    page = other.open(draft)
    assert page.heading == "Invented notices, version 1"
    assert "Sam Roy" not in page.text and "people searched" not in page.text
    assert "Canada: shared" in other.open("/en/officers/lists").text
    assert "Dry run of a draft" in first.open("/en/officers/lists/runs").text
    assert "There was no run yet." in other.open("/en/officers/lists/runs").text


def test_what_is_unfit_is_named_on_the_page_and_in_a_file(desk: Desk) -> None:
    browser = desk.sign_in(desk.canadian)
    page = _bring(browser, HEAD + "X-1,,1961\n=2,Nobody,86\n")
    desk.work()
    page = browser.open(page.url)
    assert "2 entries are unfit" in page.text and "The entry has no name." in page.text
    file = browser.client.get(page.link("Download every error as CSV"))
    assert file.get_data(as_text=True).splitlines()[1:] == [
        "2,X-1,The entry has no name.",
        "3,'=2,“86” is not a date of birth.",
    ]
    assert "Discarded" in browser.press("Discard", page).text


def test_a_version_that_shrinks_much_asks_why(desk: Desk) -> None:
    first, second = desk.sign_in(desk.canadian), desk.sign_in(desk.supervisor)
    for content in (GOOD, HEAD + "X-1,Quillon Vasterholm,1961\n"):
        draft = _bring(first, content).url
        desk.work()
        page = second.fill(f"{draft}/publish")
    assert "Say why that is right" in page.text
    page = second.fill(f"{draft}/publish", release="The source took it off.")
    assert page.heading == "Invented notices, version 2" and "The source took it off." in page.text
    one = first.open(page.link("Invented notices")).link("1")
    back = first.press("Bring this version back", first.open(one))
    desk.work()
    assert "Content of an earlier version" in first.open(back.url).text
    assert second.fill(f"{back.url}/publish").heading == "Invented notices, version 3"
    runs = second.open("/en/officers/lists/runs")
    assert runs.text.count("Dry run of a draft") == 3


def test_a_list_may_be_larger_than_what_others_send(desk: Desk) -> None:
    browser = desk.sign_in(desk.canadian)
    page = browser.open("/en/officers/lists/bring")
    large = (HEAD + "".join(f"X-{n},{'Invented ' * 30}{n},1961\n" for n in range(62_000))).encode()
    assert 16 * 1024 * 1024 < len(large) < 31 * 1024 * 1024
    answers = as_shown(page.form()) | {"name": "Large", "kind": "own-csv", "is_shared": "no"}
    sent = [(f'name="{name}"', str(value).encode()) for name, value in answers.items()]
    sent.append(('name="files"; filename="list.csv"', large))
    lines = [b"--x\r\nContent-Disposition: form-data; %s\r\n\r\n%s\r\n" % (h.encode(), v) for h, v in sent]
    answer = browser.client.post(
        "/en/officers/lists/bring",
        data=b"".join(lines) + b"--x--\r\n",
        content_type="multipart/form-data; boundary=x",
        base_url=browser.origin,
    )
    assert answer.status_code == 303 and "/lists/versions/" in answer.headers["Location"]
