"""Limits at the pages: every named one is used, none can be turned on somebody else, and none fails unsaid."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, text

from portal.clock import now, telling
from portal.config import Settings
from portal.db import Database
from portal.domain.permissions import Permission
from portal.models.accounts import email_index
from portal.services import limits
from portal.services.limits import CLOSED, LIMITS, OPEN, SOURCE, Claim
from portal.start import prepare
from tests import servers
from tests.browsing import Browser
from tests.interviewing import PASSWORD, account, officer
from tests.signing_in import sign_in

CODE = "\n".join(path.read_text() for path in (Path(__file__).parent.parent.parent / "portal/web").rglob("*.py"))
FAMILIES = {"password_claims": ("", "_known_browser"), "limited": ("", SOURCE), "guessing.count": ("", SOURCE)}
"""Functions that take the first name of several limits, and how the names go on."""
NOT_A_TRY = {
    "account.sign_out", "officer.sign_out",  # end something
    "public.eligibility", "public.language_choice",  # ask about nobody
    "account.unlock_options", "officer.unlock_options",  # counted in `ceremonies.may_ask`, by session
}  # fmt: skip


def _used() -> set[str]:
    named = set(re.findall(r"""(?:Claim|source_claim|must_wait)\(\s*"(\w+)""", CODE))
    for function, endings in FAMILIES.items():
        for name in re.findall(rf"""\b{function}\("(\w+)""", CODE):
            named |= {name + ending for ending in endings}
    return named


def test_every_limit_is_used_and_every_one_that_is_used_is_declared() -> None:
    assert _used() == set(LIMITS)


def test_every_limit_says_what_happens_without_a_count() -> None:
    assert {limit.when_down for limit in LIMITS.values()} == {OPEN, CLOSED}
    guesses = ("sign_in", "second_factor", "passkey", "step_up", "code", "password", "link", "sign_up", "officer")
    assert {LIMITS[name].when_down for name in LIMITS if name.startswith(guesses)} == {CLOSED}


def test_every_door_that_anybody_can_try_is_limited(app: Flask) -> None:
    unlimited = set()
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        is_tried = "POST" in (rule.methods or ()) and getattr(view, "permission", None) == Permission.PUBLIC
        if is_tried and not _is_limited(inspect.getsource(inspect.unwrap(view)), inspect.getmodule(view)):
            unlimited.add(rule.endpoint)
    assert unlimited <= NOT_A_TRY


def _is_limited(source: str, module: Any, depth: int = 2) -> bool:
    """Whether a view, or a function of its module that it calls, counts its tries."""
    if re.search(r"may_try|may_ask|must_wait|step_up\.(ask|options)|guessing\.count|proofs\.kept|half\(", source):
        return True
    called = [getattr(module, name, None) for name in re.findall(r"\b(_\w+)\(", source)]
    functions = [one for one in called if inspect.isfunction(one)]
    return depth > 0 and any(_is_limited(inspect.getsource(one), module, depth - 1) for one in functions)


def _take(settings: Settings, key: str, times: int) -> int:
    """In another process: how many tries were free."""
    database, free = prepare(settings), 0
    for _ in range(times):
        with database.transaction() as session:
            free += not limits.take(session, [Claim("step_up", key)])
    database.engine.dispose()
    return free


def test_two_processes_share_one_count(settings: Settings, database: Database) -> None:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        free = [pool.submit(_take, settings, "one session", 10) for _ in range(2)]
        assert sum(one.result(timeout=60) for one in free) == LIMITS["step_up"].free


@contextmanager
def _without_a_count(server: Any, urls: servers.Urls) -> Iterator[None]:
    engine = create_engine(server.url("superuser", servers.database_name(urls)))
    with engine.begin() as connection:
        connection.execute(text("alter table attempt rename to attempt_gone"))
    try:
        yield
    finally:
        with engine.begin() as connection:
            connection.execute(text("alter table attempt_gone rename to attempt"))
        engine.dispose()


def test_without_a_count_guessing_is_refused_and_work_goes_on(
    app: Flask, database: Database, server: Any, urls: servers.Urls
) -> None:
    with database.transaction() as session:
        email = officer(session, "CA").email
    browser = Browser(app)
    browser.fill("/en/officers/sign-in", email=email, password=PASSWORD)
    with _without_a_count(server, urls):
        refused = Browser(app).fill("/en/officers/sign-in", email=email, password=PASSWORD)
        assert refused.status == 503 and "Try again" in refused.text
        assert browser.fill("/en/officers/find", find="Tremblay").status == 200


def test_somebody_who_guesses_at_an_address_does_not_keep_its_holder_out(app: Flask, database: Database) -> None:
    with database.transaction() as session:
        email = officer(session, "CA").email
    holder = Browser(app)
    holder.fill("/en/officers/sign-in", email=email, password=PASSWORD)
    holder.press("Sign out")
    stranger = Browser(app)
    for _ in range(LIMITS["officer_sign_in"].free + 1):
        page = stranger.fill("/en/officers/sign-in", email=email, password="five wrong words in a row")
    assert page.status == 429 and int(page.response.headers["Retry-After"]) > 0
    assert holder.fill("/en/officers/sign-in", email=email, password=PASSWORD).heading == "My work"


def _asked_for_by_strangers(database: Database, email: str, times: int) -> None:
    with database.transaction() as session:
        index = email_index(email).hex()
        for _ in range(times):
            assert not limits.take(session, [Claim("code_send_address", index)])


def test_strangers_who_ask_for_codes_do_not_keep_the_holder_from_one(app: Flask, database: Database) -> None:
    with database.transaction() as session:
        email = account(session).email or ""
    holder, elsewhere = Browser(app), Browser(app)
    sign_in(holder, email, PASSWORD)
    holder.press("Sign out")
    _asked_for_by_strangers(database, email, LIMITS["code_send_address"].free - 1)
    assert elsewhere.fill("/en/account/forgot-password", email=email).heading == "Enter the code from your email"
    late = Browser(app).fill("/en/account/forgot-password", email=email)
    assert late.status == 429 and int(late.response.headers["Retry-After"]) <= 5 * 60
    assert holder.fill("/en/account/forgot-password", email=email).heading == "Enter the code from your email"


def test_one_source_alone_cannot_use_up_an_address(database: Database) -> None:
    claims = [Claim("code_send", "address|source"), Claim("code_send_address", "address")]
    at, sent = now(), 0
    end = at + LIMITS["code_send_address"].window
    while at < end:
        with telling(at), database.transaction() as session:
            wait = limits.take(session, claims)
        at, sent = at + max(wait, timedelta(seconds=1)), sent + (not wait)
    assert 10 < sent < LIMITS["code_send_address"].free / 2


def test_one_s_own_searches_slow_nobody_else(app: Flask, database: Database) -> None:
    with database.transaction() as session:
        first, second = officer(session, "CA"), officer(session, "CA")
        people = [(str(one.id), one.email) for one in (first, second)]
    busy, calm = (Browser(app) for _ in people)
    for browser, (_id, email) in zip((busy, calm), people, strict=True):
        browser.fill("/en/officers/sign-in", email=email, password=PASSWORD)
    for _ in range(LIMITS["search"].free):
        with database.transaction() as session:
            limits.take(session, [Claim("search", people[0][0])])
    page = busy.fill("/en/officers/find", find="Tremblay")
    assert page.status == 429 and "Wait" in page.text and 0 < int(page.response.headers["Retry-After"]) <= 10
    assert calm.fill("/en/officers/find", find="Tremblay").status == 200


def test_forged_notices_are_slowed_and_real_ones_are_not_counted(app: Flask, database: Database) -> None:
    client = app.test_client()
    codes = [
        client.post("/webhooks/payments", data=b"{}", headers={"Stripe-Signature": "t=1,v1=00"}).status_code
        for _ in range(LIMITS["webhook_source"].free + 1)
    ]
    assert set(codes[:-1]) == {400} and codes[-1] == 429


@pytest.mark.parametrize(("first", "second", "same"), [
    ("2001:db8:1:2::3", "2001:db8:1:2:ffff::9", True),
    ("2001:db8:1:2::3", "2001:db8:1:3::3", False),
    ("192.0.2.1", "192.0.2.2", False),
])  # fmt: skip
def test_a_network_of_ipv6_addresses_counts_as_one(app: Flask, first: str, second: str, same: bool) -> None:
    from portal.web import guessing

    def source(address: str) -> str:
        with app.test_request_context("/", environ_overrides={"REMOTE_ADDR": address}):
            return guessing.source()

    assert (source(first) == source(second)) is same
