"""All pages that travellers meet, found by their routes: how easy they are to read, what forms do with nonsense."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import Tag
from werkzeug.routing import Rule

from portal.web.forms.text import without_hidden
from tests.browsing import ORIGIN, Browser, Page
from tests.readability import grade, is_hard, prose_of
from tests.web.access_table import PLACED
from tests.web.test_access import OWNER, People, _address
from tests.world import World

AUDIENCES = ("public", "account", "applicant")


@pytest.fixture(scope="module")
def people(here: World) -> People:
    return People(here)


def rules_of(here: World, language: str, method: str = "GET") -> list[Rule]:
    """Every route of a traveller's page in this language."""
    return [
        rule
        for rule in here.app.url_map.iter_rules()
        if rule.endpoint.split(".")[0] in AUDIENCES
        and (rule.defaults or {}).get("language") == language
        and method in (rule.methods or ())
    ]


def opened(here: World, people: People, rule: Rule) -> Page | None:
    """The page at a route as the person sees it whose thing it shows; None where it leads elsewhere or is a file."""
    door = PLACED[rule.endpoint][1]
    browser = Browser(client=people.client(OWNER, door))
    response = browser.client.get(address := _address(here, rule, door), base_url=ORIGIN)
    return Page(response, address) if response.status_code == 200 and response.mimetype == "text/html" else None


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_page_is_easy_to_read(here: World, people: People, language: str) -> None:
    hard = {}
    for rule in rules_of(here, language):
        page = opened(here, people, rule)
        if page and is_hard(sentences := prose_of(page.soup), language):
            hard[rule.rule] = round(grade(sentences, language), 1)
    assert hard == {}, "\n".join(f"{g} {r}" for r, g in hard.items())


# What the forms say to nonsense

NO_SENSE = "\u202e%&;\u2603"
HUGE = "é" * 10_000
KINDS_OF_NONSENSE = ("empty", "wrong", "huge")

EMPTY_IS_AN_ANSWER: dict[str, str] = {
    "applicant.waiting_list_entry": "no wish but an earlier time",
    "applicant.withdraw": "the reason is optional",
}
"""Forms that may be sent empty, each with the reason."""
NOTHING_TO_TYPE: dict[str, str] = {
    "applicant.check_answers": "whether to send",
    "applicant.edit_section": "a history, whose Continue says which months are missing",
    "applicant.remove_entry": "whether to remove it",
    "account.remove_factor": "whether to remove it",
    "applicant.ask_about_application": "whether to ask",
    "applicant.cancel_interview": "whether to cancel",
    "applicant.confirm_slot": "whether to book",
    "applicant.pay": "whether to pay",
}
"""Pages with a form that asks for nothing but a press of its button."""
NOT_OPEN_HERE: dict[str, str] = {
    "account.choose_password": "test_accounts",
    "account.choose_sign_in": "test_accounts",
    "account.link_national": "test_identity_providers",
    "account.prove_email": "test_own_data",
    "account.recover": "test_second_steps",
    "account.remove_national": "test_identity_providers",
    "account.save_recovery_codes": "test_accounts",
    "account.second_step": "test_second_steps",
    "account.set_up_app": "test_accounts",
    "account.sign_in": "test_accounts, for those who are not signed in",
    "applicant.accept_help": "test_helpers",
    "applicant.accept_tie": "test_family_pages",
    "applicant.confirm_slot": "test_interview_pages, where the world has no free time just then",
    "applicant.confirm_together": "test_together_pages, for those who chose a time",
    "applicant.edit_section": "test_application_pages, for the consent, which waits until all else is done",
    "applicant.join_family": "test_family_pages",
    "applicant.own_account": "test_family_pages",
    "applicant.use_same": "a button alone: test_family_pages",
    "public.give_consent": "test_family_pages",
    "public.kept_consent": "test_family_pages",
}
"""Pages with a form that nobody can open in the world of these tests, each with the file that tries it."""


def _boxes(form: Tag) -> list[Tag]:
    hidden = ("hidden", "submit", "button")
    return [box for box in form.select("input, select, textarea") if box.get("type") not in hidden]


def _filled(form: Tag, kind: str) -> dict[str, Any]:
    """What somebody sends who fills in nothing, nonsense, or far too much."""
    sent: dict[str, Any] = {}
    for box in _boxes(form):
        name, of = str(box["name"]), box.get("type")
        if of == "file" or name == "username":  # for password managers alone
            continue
        is_choice = of in ("radio", "checkbox") or box.name == "select"
        is_tick = of == "checkbox" and len(form.select(f'[name="{name}"]')) == 1  # ticked by whatever value comes
        if kind == "empty" or (kind == "huge" and is_choice) or is_tick:
            sent[name] = [] if of in ("radio", "checkbox") else ""
        else:
            sent[name] = HUGE if kind == "huge" else NO_SENSE
    return sent


def _complaints(page: Page, typed: dict[str, Any], language: str) -> list[str]:
    """What is missing on a page that was to show a form again."""
    found = []
    if page.status != 422:
        return [f"{page.status} instead of 422"]
    start = {"en": "Error: ", "fr": "Erreur\u00a0: "}[language]
    if not page.soup.title.get_text().startswith(start):  # type: ignore[union-attr]
        found.append(f"title: {page.soup.title}")
    links = page.soup.select(".govuk-error-summary__list a")
    if not links and not page.soup.select(".govuk-error-summary__list li"):
        found.append("no summary")
    for link in links:
        box = page.soup.find(id=str(link["href"])[1:])
        if box is None or box.name not in ("input", "select", "textarea"):
            found.append(f"{link['href']} leads to nothing that can be typed into")
        elif not _tells(page, box):
            found.append(f"{link['href']} has no message beside it")
    for name, value in typed.items():
        shown = page.soup.find(attrs={"name": name})
        if isinstance(value, str) and value and isinstance(shown, Tag) and shown.get("type") not in NOT_SHOWN_AGAIN:
            kept = without_hidden(value)
            if shown.name != "select" and page.value(name) not in (kept, value):
                found.append(f"{name} lost what was typed: {page.value(name)[:40]!r}")
    return found


NOT_SHOWN_AGAIN = ("radio", "checkbox", "password", "hidden")
"""Choices that do not exist cannot be shown as chosen; secrets never are."""


def _tells(page: Page, box: Tag) -> bool:
    """Whether an error message is beside the box, or beside the group that it belongs to."""
    at: Tag | None = box
    while at is not None and at.name != "form":
        named = str(at.get("aria-describedby", "")).split()
        if any("govuk-error-message" in (page.soup.find(id=one) or {}).get("class", []) for one in named):  # type: ignore[union-attr]
            return True
        at = at.parent
    return False


def _form_of(page: Page) -> Tag | None:
    form = page.soup.find("form", id="main-form")
    return form if isinstance(form, Tag) and form.get("method", "").lower() == "post" else None  # type: ignore[union-attr]


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_form_refuses_nonsense_and_loses_nothing(here: World, people: People, language: str) -> None:
    wrong: list[str] = []
    unopened: set[str] = set()
    for rule in rules_of(here, language, "POST"):
        page = opened(here, people, rule) if "GET" in (rule.methods or ()) else None
        form = _form_of(page) if page else None
        if "GET" not in (rule.methods or ()) or (page and form is None):
            continue
        if page is None or form is None:
            unopened.add(rule.endpoint)
            continue
        if not _boxes(form):
            if rule.endpoint not in NOTHING_TO_TYPE:
                wrong.append(f"{rule.endpoint}: asks for nothing")
            continue
        for kind in KINDS_OF_NONSENSE:
            if kind != "wrong" and rule.endpoint in EMPTY_IS_AN_ANSWER and not (kind == "huge" and _has_text(form)):
                continue
            browser = Browser(client=people.client(OWNER, PLACED[rule.endpoint][1]))
            typed = _filled(form, kind)
            again = browser.send(browser.open(page.url), **typed)
            wrong += [
                f"{rule.endpoint} {rule.defaults.get('section', '')} {kind}: {one}"
                for one in _complaints(again, typed, language)
            ]  # type: ignore[union-attr]
    assert wrong == [], "\n".join(wrong)
    assert unopened <= set(NOT_OPEN_HERE)


def _has_text(form: Tag) -> bool:
    return any(box.name == "textarea" or box.get("type") in ("text", "email", "tel") for box in _boxes(form))
