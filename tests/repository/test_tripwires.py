"""Tripwires: a traveller of whom every word is marked goes all the way, and no mark may lie where it can be read.

Logs of every process, addresses of pages, jobs, sessions, headers, subjects of mails, names of files, and every column
of the database are searched for the marks, in plain letters and in hexadecimal.
"""

from __future__ import annotations

import http.cookies
import json
import logging
import re
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import date
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus, urljoin, urlsplit

import psycopg
import pytest
from flask import Flask, Response, request

from demo.cast import CastTraveller
from demo.passport import page_of
from portal import create_app
from tests import programme, servers
from tests.browsing import Browser
from tests.drivers import PlainDriver
from tests.journey import TRAVELLER_PASSWORD, Journey
from tests.live import LiveClient
from tests.running import RunningPortal, running_portal

TRAVELLER = CastTraveller(
    "Zqxvarn", "Wexzhorp", date(1971, 8, 23), "", "Yxplondale", "ON", "N9A 7P7", "CA", "en", "F"
)  # fmt: skip
PHONE, PASSPORT, STREET, JOB, EMPLOYER = "613-555-0187", "ZX904417", "88 Qvexstrand", "Jqxpilot", "Kwexbruk Ferries"
WHERE = "Wmqxtown, Canada"
DETAILS, QUESTION, ANSWER, FILE_NAME = "Mxqvfine in 2011", "Pzqxhow often?", "Vqxztwice a year", "Bxqzscan.jpg"
MARKS = (
    "wmqxtown", "zqxvarn", "wexzhorp", "yxplondale", "n9a ?7p7", "qvexstrand", "jqxpilot", "kwexbruk",
    "mxqvfine", "pzqxhow",
    "vqxztwice", "bxqzscan", "zx904417", "613[- ]?555[- ]?0187", "1971-08-23", "1971-23-08", "23 august 1971",
    re.escape(TRAVELLER_PASSWORD),
)  # fmt: skip
IN_PLAIN = "|".join(MARKS)
IN_HEX = "|".join(
    form.encode().hex() for mark in MARKS if mark.isalnum() for form in (mark, mark.upper(), mark.capitalize())
)
MARKED = re.compile(f"{IN_PLAIN}|{IN_HEX}", re.IGNORECASE)
LINK = re.compile(r'(?:href|action|src|formaction)="([^"]*)"')
APP_LINK = "otpauth:"
"""Opens the authenticator app of the same device, which shows the address beside its codes. No server sees it."""

JOBS_ARE_NOTED = """
    create table noted_job (args text);
    grant insert, select on noted_job to public;
    create function note_job() returns trigger language plpgsql as $$
    begin insert into noted_job values (new.task_name || ' ' || new.args::text); return null; end $$;
    create trigger note_job after insert on procrastinate_jobs for each row execute function note_job();
"""
COLUMNS = """
    select c.relname, a.attname, format_type(a.atttypid, null)
    from pg_attribute a join pg_class c on c.oid = a.attrelid
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
"""


@dataclass
class Seen:
    """What a passer-by could have read: where it was, and the words."""

    words: list[tuple[str, str]] = field(default_factory=list)

    def note(self, where: str, words: str) -> None:
        self.words.append((where, words))

    def betrayed(self) -> list[str]:
        """Each place that holds a mark, with the mark."""
        found = ((where, MARKED.search(unquote_plus(words)) or MARKED.search(words)) for where, words in self.words)
        return sorted({f"{where}: {match.group()}" for where, match in found if match})


class Inside:
    """Stands where a test client stands in a `Browser`: our own pages from this process, others over the wire."""

    def __init__(self, app: Flask, address: str) -> None:
        self.inner, self.address, self.outer = app.test_client(), address, LiveClient(address)

    def get(self, url: str, headers: Any = None, **options: Any) -> Any:
        if self._is_ours(url):
            return self.inner.get(url, headers=headers, base_url=self.address)
        return self.outer.get(url)

    def post(self, url: str, data: Any = None, **options: Any) -> Any:
        if self._is_ours(url):
            return self.inner.post(url, data=data, **options | {"base_url": self.address})
        return self.outer.post(url, data=data, **options)

    def _is_ours(self, url: str) -> bool:
        return urlsplit(urljoin(self.address, url)).netloc == urlsplit(self.address).netloc


class InsideDriver(PlainDriver):
    """A browser without scripts whose pages are made in this process."""

    def __init__(self, app: Flask, address: str) -> None:
        super().__init__(address)
        self.browser = Browser(client=Inside(app, address), origin=address)


class MarkedJourney(Journey):
    """The journey, with a mark in every word that the traveller types."""

    def sections(self) -> dict[str, dict[str, Any]]:
        told = super().sections()
        told["identity"] |= {"phone": PHONE, "street": STREET, "unit": ""}
        told["citizenship"] |= {"passport_number": PASSPORT}
        told["background"] |= {"convicted": "yes", "convicted_details": DETAILS}
        told["background"] |= {"convicted_when": "2009", "convicted_where": WHERE}
        return told

    def an_address(self) -> dict[str, Any]:
        return super().an_address() | {"street": STREET, "unit": ""}

    def a_job(self) -> dict[str, Any]:
        return super().a_job() | {"occupation": JOB, "employer": EMPLOYER}

    def apply(self) -> None:
        super().apply()
        self.section("identity")  # a page that is refused says so without repeating itself in a log
        browser = self.driver.browser  # type: ignore[attr-defined]
        refused = browser.send(browser.page, **{"birth_on-month": "13", "given_names": TRAVELLER.given_names})
        assert refused.status == 422, refused.text[:300]
        self.section("identity")
        self.driver.fill(**self.sections()["identity"])

    def send_passport_page(self) -> None:
        self.go("applicant.upload_document", reference=self.reference, kind="passport_page")
        self.driver.fill(upload=(FILE_NAME, page_of(self.traveller)))
        self.go("applicant.upload_document", reference=self.reference, kind="court_papers")
        self.driver.fill(upload=(FILE_NAME, page_of(self.traveller)))
        self.await_task_done()

    def await_task_done(self) -> None:
        self.wait_for(lambda: re.search(r"\b10\b.{1,14}\b11\b", self.driver.words()) is not None)

    def wait_for(self, happened: Any) -> None:
        import time

        until = time.monotonic() + 40
        while time.monotonic() < until:
            self.go("applicant.show_application", reference=self.reference)
            if happened():
                return
            time.sleep(0.3)
        raise AssertionError(self.driver.words()[:900])

    def ask_and_answer(self, agency: str) -> None:
        self.take(agency)
        self.desk(agency, "officer.ask", reference=self.reference).fill(question=QUESTION)
        self.await_mail(self.say("We need more information from you."))
        self.go("applicant.show_application", reference=self.reference)
        self.driver.follow(self.say("Read the question and answer"))
        self.driver.fill(text=ANSWER)
        self.search(agency)

    def search(self, agency: str) -> None:
        for typed in (TRAVELLER.family_name, PASSPORT):
            desk = self.desk(agency, "officer.find")
            desk.fill(find=typed)
            assert self.reference in desk.words(), desk.words()[:600]
        self.desk(agency, "officer.show_review", reference=self.reference)


@pytest.fixture
def portal(tmp_path: Path, server: Any, template: str) -> Iterator[RunningPortal]:
    with running_portal(tmp_path, server, template) as portal:
        with psycopg.connect(superuser(server, portal), autocommit=True) as connection:
            connection.execute(JOBS_ARE_NOTED)
        programme.load(portal.settings(), portal.urls["owner"])
        portal.start()
        yield portal


def superuser(server: Any, portal: RunningPortal) -> str:
    """The address under which every row can be read."""
    return servers.plain(server.url("superuser", servers.database_name(portal.urls)))


def watched(app: Flask, seen: Seen) -> Flask:
    """The application, each of whose answers is noted: where it stands, its headers, its session, its links."""

    @app.before_request
    def note_address() -> None:
        seen.note(f"the address {request.endpoint}", request.full_path)

    @app.after_request
    def note_answer(response: Response) -> Response:
        for name, value in response.headers:
            seen.note(f"the header {name} of {request.endpoint}", value)
            if name == "Set-Cookie":
                seen.note(f"the session of {request.endpoint}", _session_in(app, value))
        if response.mimetype == "text/html" and not response.direct_passthrough:
            for link in LINK.findall(response.get_data(as_text=True)):
                if not link.startswith(APP_LINK):
                    seen.note(f"a link of {request.endpoint}", link)
        return response

    return app


def _session_in(app: Flask, header: str) -> str:
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    told = []
    for morsel in http.cookies.SimpleCookie(header).values():
        with suppress(Exception):
            told.append(json.dumps(serializer.loads(morsel.value), default=str))
    return " ".join(told)


def test_nothing_of_a_traveller_lies_where_it_can_be_read(
    portal: RunningPortal, server: Any, caplog: pytest.LogCaptureFixture
) -> None:
    seen = Seen()
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.INFO, "sqlalchemy")  # below, it repeats what is in the database, row by row
    app = create_app(portal.settings())
    with closing(app.extensions["database"]):
        journey = run(portal, watched(app, seen))

    note_what_was_written(seen, portal, caplog)
    note_mails(seen, journey)
    note_database(seen, superuser(server, portal))
    assert len(seen.words) > 1000
    assert [where for where, _ in seen.words if where.startswith("the job")], "no job was noted"
    assert seen.betrayed() == []


def run(portal: RunningPortal, app: Flask) -> MarkedJourney:
    """The whole way, from the first question to the membership, and a wrong sign-in after it."""

    def address_of(endpoint: str, **values: object) -> str:
        with app.test_request_context(base_url=portal.address):
            return str(app.url_for(endpoint, **values))

    journey = MarkedJourney(
        driver=InsideDriver(app, portal.address),
        officers={agency: InsideDriver(app, portal.address) for agency in ("CA", "US")},
        address_of=address_of,
        mail_folder=portal.demonstration.state / "mail",
        traveller=TRAVELLER,
    )
    journey.run()
    stranger = Browser(client=Inside(app, portal.address), origin=portal.address)
    stranger.fill("/en/sign-in", email=TRAVELLER.email, password=f"{TRAVELLER_PASSWORD}!")
    stranger.client.post("/en/sign-in", data={"email": TRAVELLER.email, "password": TRAVELLER_PASSWORD})
    stranger.open("/health/ready")
    return journey


def note_what_was_written(seen: Seen, portal: RunningPortal, caplog: pytest.LogCaptureFixture) -> None:
    """The logs of every process, and what lies in the folder of files."""
    for record in caplog.records:
        seen.note(f"the logger {record.name}", f"{record.getMessage()} {record.exc_text or ''}")
    for path in portal.demonstration.state.glob("*.log"):
        for line in path.read_text(errors="replace").splitlines():
            seen.note(f"the log {path.name}", line)
    for path in (portal.demonstration.state / "files").rglob("*"):
        seen.note("the name of a file", str(path.relative_to(portal.demonstration.state)))
        if path.is_file():
            seen.note("the content of a file", path.read_bytes().decode("latin-1"))


def note_mails(seen: Seen, journey: Journey) -> None:
    """What a mail shows before it is opened. (It greets by the given name, and its reader's address is on it.)"""
    for mail in journey.mails():
        seen.note("the subject of a mail", str(mail["Subject"]))
        for part in mail.walk():
            seen.note("the name of an attachment", part.get_filename() or "")
        body = mail.get_body(("plain",))
        words = str(body.get_content()) if body else ""
        seen.note("the text of a mail", words.replace(TRAVELLER.given_names, "").replace(TRAVELLER.email, ""))


def note_database(seen: Seen, address: str) -> None:
    """Every value of every column that holds a mark."""
    with psycopg.connect(address) as connection:
        for (args,) in connection.execute("select args from noted_job"):
            seen.note("the job", args)
        connection.execute("drop table noted_job cascade")
        for table, column, kind in connection.execute(COLUMNS).fetchall():
            text = f"""encode("{column}", 'escape')""" if kind == "bytea" else f'"{column}"::text'
            for (value,) in connection.execute(
                f'select {text} from "{table}" where {text} ~* %s limit 3', (f"{IN_PLAIN}|{IN_HEX}",)
            ):
                seen.note(f"the column {table}.{column}", value)


def test_the_wires_ring() -> None:
    """What these tests look for is found where it is: in plain letters, in an address, in hexadecimal."""
    seen = Seen()
    for words in (
        f"find={TRAVELLER.family_name}",
        "q=88+Qvexstrand",
        "\\x" + TRAVELLER.given_names.encode().hex(),
        f"signed in as {TRAVELLER.email}",
        "1971-08-23",
        "%5aqxvarn",
    ):
        seen.note(words, words)
    seen.note("innocent", "/en/applications/P-4K7Q-2M9D")
    assert len(seen.betrayed()) == 6
    message = message_from_bytes(b"Subject: =?utf-8?q?Wexzhorp?=\n\n", policy=policy.default)
    assert MARKED.search(str(message["Subject"]))
