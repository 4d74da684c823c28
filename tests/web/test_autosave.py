"""What is typed is kept while it is typed: in order, never an older one over a newer one, and only one's own."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import time_machine
from werkzeug.test import TestResponse

from portal.clock import now
from tests.browsing import ORIGIN, Browser, as_shown
from tests.web.test_application_pages import at, draft, marie

__all__ = ["draft", "marie"]


def autosave(browser: Browser, url: str, fields: dict[str, Any]) -> TestResponse:
    """Send what the page's script sends: everything in the form, without a button."""
    answer: TestResponse = browser.client.post(
        url, data={**fields, "save_later": "1"}, headers={"X-Autosave": "1"}, base_url=ORIGIN
    )
    return answer


def test_what_is_typed_is_kept_without_a_button_and_in_order(marie: Browser, draft: str) -> None:
    url = at(draft, "identity")
    page = marie.open(url)
    shown = as_shown(page.form("given_names"))
    first = autosave(marie, url, {**shown, "given_names": "Mar", "birth_on-day": "99"})
    assert first.status_code == 200 and first.get_json() == {"seq": 1}
    second = autosave(marie, url, {**shown, "given_names": "Marie", "seq": "1"})
    assert second.get_json() == {"seq": 2}
    late = autosave(marie, url, {**shown, "given_names": "Ma", "seq": "1"})
    assert late.status_code == 409, "an older one never replaces a newer one"
    assert marie.open(url).value("given_names") == "Marie"


def test_an_entry_that_is_typed_becomes_one_entry(marie: Browser, draft: str) -> None:
    url = at(draft, "addresses/new")
    shown = as_shown(marie.open(url).form("street"))
    for seq, street in enumerate(("5", "55", "55 Rue")):
        answer = autosave(marie, url, {**shown, "street": street, "seq": str(seq)})
        assert answer.get_json() == {"seq": seq + 1}
    assert len(marie.open(at(draft, "addresses")).soup.select(".entries__entry--wrong")) == 1


def test_without_the_pages_token_nothing_is_kept(marie: Browser, draft: str) -> None:
    url = at(draft, "identity")
    shown = as_shown(marie.open(url).form("given_names")) | {"csrf_token": "forged", "given_names": "Eve"}
    assert autosave(marie, url, shown).status_code != 200
    assert marie.open(url).value("given_names") == ""


def test_after_the_session_has_ended_the_script_is_told(marie: Browser, draft: str) -> None:
    url = at(draft, "identity")
    shown = as_shown(marie.open(url).form("given_names"))
    with time_machine.travel(now() + timedelta(minutes=31), tick=False):
        answer = autosave(marie, url, {**shown, "given_names": "Marie"})
    assert answer.status_code == 303, "the script follows no redirect, and says that nothing was saved"
