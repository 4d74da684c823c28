"""The application through pages: nothing typed is lost, what cannot be is refused in words, strangers see nothing."""

from __future__ import annotations

import uuid
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import select

from portal.adapters import passwords
from portal.clock import now
from portal.db import Database
from portal.domain.months import Month
from portal.models import Account, Application, ApplicationVersion, Officer
from portal.models.accounts import email_index
from portal.services import applications, information_requests, letters, reviews, sections
from portal.services.actors import SYSTEM
from tests import servers
from tests.answers import TYPED, complete
from tests.browsing import Browser, Page
from tests.signing_in import give_app, sign_in

PASSWORD = "quatre moineaux lisent"
EMAIL = "marie@example.org"
LATEST = Month.of(now().date())


def make_account(database: Database, email: str = EMAIL, language: str = "en") -> uuid.UUID:
    with database.transaction() as session:
        account = Account(
            email=email,
            email_index=email_index(email),
            language=language,
            email_confirmed_at=now(),
            password_hash=passwords.hash(PASSWORD),
        )
        session.add(account)
        give_app(session, account)
        return account.id


@pytest.fixture
def marie(database: Database, browser: Browser) -> Browser:
    """A browser in which Marie is signed in."""
    make_account(database)
    sign_in(browser, EMAIL, PASSWORD)
    return browser


@pytest.fixture
def draft(marie: Browser) -> str:
    """The reference of Marie's new application."""
    page = marie.fill("/en/applications/start")
    return page.url.rsplit("/", 2)[1]


def at(reference: str, tail: str, language: str = "en") -> str:
    root = {"en": "applications", "fr": "demandes"}[language]
    return f"/{language}/{root}/{reference}/{tail}"


def completed(database: Database, reference: str, *leave_out: str) -> None:
    with database.transaction() as session:
        application = session.scalars(select(Application).where(Application.reference == reference)).one()
        complete(session, application, application.account, *leave_out)


def fill_dates(name: str, day: str, month: str, year: str) -> dict[str, str]:
    return {f"{name}-day": day, f"{name}-month": month, f"{name}-year": year}


def test_the_way_from_nothing_to_payment(marie: Browser, database: Database) -> None:
    assert "You have no application yet" in marie.open("/en/applications").text
    page = marie.fill("/en/applications/start")
    assert page.heading == "Name, birth and contact"
    reference = page.url.rsplit("/", 2)[1]
    page = marie.open(at(reference, "").rstrip("/"))
    assert "0 of 11 completed" in page.text and "Next: Name, birth and contact" in page.text
    for section in ("identity", "names", "citizenship"):
        page = marie.fill(at(reference, section), **TYPED[section])
        assert not page.problems, page.problems
    assert page.heading == "Add an address"
    assert page.value("street") == "55 Rue Saint-Paul Ouest", "the address is asked twice"
    page = marie.send(**TYPED["addresses"])
    assert page.heading == "Add what you did", "one entry that covers every month needs no list"
    history = marie.open(at(reference, "addresses"))
    assert "Every month is accounted for" in history.text and "Since January 2010" in history.text
    page = marie.send(page, **TYPED["work"])
    assert page.heading == "Countries you visited"
    assert not marie.open(at(reference, "work/new")).value("goes_on"), "an earlier job has ended"
    marie.open(page.url)
    page = marie.send(**TYPED["travel"])
    assert page.heading == "Driver’s licence"
    page = marie.send(**TYPED["licence"])
    assert page.heading == "Vehicles"
    page = marie.send(page, press="add_row=1", **TYPED["vehicles"])
    assert "Vehicle 2" in page.text and page.value("plate_1") == "abc 123", "a row is added and nothing lost"
    page = marie.send(page)
    assert page.heading == "Background questions"
    marie.send(**TYPED["background"])
    completed(database, reference, *(key for key in TYPED))
    page = marie.fill(at(reference, "consent"), **TYPED["consent"])
    assert page.heading == "Check your answers", page.text[:500]
    assert "310-55 RUE SAINT-PAUL OUEST" in page.text
    page = marie.send(page, follow=False)
    assert page.response.headers["Location"].endswith(f"/{reference}/pay")
    with database.transaction() as session:
        version = session.scalars(select(ApplicationVersion)).one()
        assert version.answers and version.answers["identity"]["postal_code"] == "H2Y 1H2"
        assert version.answers["citizenship"]["passport_family_name"] == "Tremblay"
        assert version.answers["work"]["entries"][0]["employer"] == "Hôpital Saint-Luc"
    assert "Ready to pay" in marie.open("/en/applications").text


def test_each_section_opens_again_with_what_was_typed(marie: Browser, draft: str) -> None:
    typed = {**TYPED["identity"], "postal_code": "K1A 0B1", **fill_dates("birth_on", "31", "2", "1986")}
    page = marie.fill(at(draft, "identity"), **typed)
    assert page.status == 422
    assert "There are only 28 days in February 1986" in " ".join(page.problems)
    assert any("K1A 0B1 is not a postal code of Quebec" in problem for problem in page.problems)
    page = marie.open(at(draft, "identity"))
    assert (page.value("birth_on-day"), page.value("postal_code")) == ("31", "K1A 0B1")
    assert page.value("given_names") == "Marie-Ève" and not page.problems
    assert "In progress" in marie.open(at(draft, "").rstrip("/")).text


def test_ten_thousand_characters_are_kept_and_refused(marie: Browser, draft: str) -> None:
    long = "é" * 10_000
    page = marie.fill(at(draft, "background"), **{**TYPED["background"], "waiver": "yes", "waiver_details": long})
    assert page.status == 422 and any("10000" in problem for problem in page.problems)
    assert marie.open(at(draft, "background")).value("waiver_details") == long


def test_an_impossible_entry_is_kept_and_marked(marie: Browser, database: Database, draft: str) -> None:
    completed(database, draft, "addresses", "consent")
    page = marie.fill(at(draft, "addresses/new"), **{**TYPED["addresses"], "since-year": "2199"})
    assert page.status == 422 and "in the future" in page.problems[0]
    marie.send(page)  # a second try adds no second entry
    page = marie.open(at(draft, "addresses"))
    assert len(page.soup.select(".entries__entry--wrong")) == 1
    page = marie.send(page)
    assert page.status == 422 and any("To correct" in sentence for sentence in page.problems)
    corrected = marie.open(page.link("Correct"))
    assert (corrected.value("street"), corrected.value("since-year")) == ("55 Rue Saint-Paul Ouest", "2199")


def test_gaps_are_named_and_filled_or_explained_in_one_click(marie: Browser, database: Database, draft: str) -> None:
    completed(database, draft, "addresses", "consent")
    until, since = LATEST.plus(-12), LATEST.plus(-8)
    ended = {"until-month": str(until.month), "until-year": str(until.year)}
    page = marie.open(at(draft, "addresses/new"))
    del page.form().find(attrs={"name": "goes_on"})["checked"]  # type: ignore[union-attr]
    marie.send(page, **{**TYPED["addresses"], **ended, "goes_on": None})
    begun = {"since-month": str(since.month), "since-year": str(since.year)}
    page = marie.fill(at(draft, "addresses/new"), **{**TYPED["addresses"], **begun})
    assert "(3 months)" in page.text and "1 gap to explain" in page.text
    assert page.soup.select_one("svg.coverage__bar rect.coverage__month--gap")
    page = marie.send(page)
    assert page.status == 422 and "Nothing covers" in page.problems[0] and "(3 months)" in page.problems[0]
    assert "1 gap to explain" in marie.open(at(draft, "").rstrip("/")).text
    filled = marie.open(marie.open(at(draft, "addresses")).link("Add an address :"))
    assert (filled.value("since-month"), filled.value("until-month")) == (
        str(until.plus(1).month), str(since.plus(-1).month),
    )  # fmt: skip
    marie.open(marie.open(at(draft, "addresses")).link("explain this gap"))
    page = marie.send(reason="other")
    assert page.status == 422 and "Say in a few words" in page.problems[0]
    page = marie.send(page, reason="travelling")
    assert "Every month is accounted for" in page.text and "I was travelling" in page.text
    page = marie.send(page)
    assert not page.problems


def test_a_stale_form_shows_both_versions(marie: Browser, draft: str) -> None:
    first = marie.open(at(draft, "background"))
    marie.fill(at(draft, "background"), convicted="yes", convicted_details="In the other window", press="save_later=1")
    page = marie.send(first, convicted="yes", convicted_details="In this window")
    assert page.status == 409
    assert "In the other window" in page.text and "In this window" in page.text
    in_french = marie.press("Français", page)
    assert in_french.status == 409 and "In this window" in in_french.text and in_french.language == "fr"
    assert marie.open(at(draft, "background")).value("convicted_details") == "In the other window"
    marie.press("Use what I typed here", page)
    assert marie.open(at(draft, "background")).value("convicted_details") == "In this window"


def test_the_language_switch_keeps_what_was_typed(marie: Browser, draft: str) -> None:
    page = marie.open(at(draft, "identity"))
    page = marie.press("Français", page, given_names="Élise", **{"birth_on-day": "99"})
    assert page.language == "fr" and page.status == 200 and not page.problems
    assert (page.value("given_names"), page.value("birth_on-day")) == ("Élise", "99")
    assert marie.open(at(draft, "identite", "fr")).value("given_names") == "Élise"


def test_a_complete_section_stays_complete_through_the_switch(marie: Browser, database: Database, draft: str) -> None:
    marie.fill(at(draft, "travel"), **TYPED["travel"])
    marie.press("Français", marie.open(at(draft, "travel")))
    with database.transaction() as session:
        application = session.scalars(select(Application)).one()
        assert sections.answers_of(sections.drafts_of(session, application), "travel") == {
            "countries": ["FR", "JP"], "none": False,
        }  # fmt: skip


def test_save_and_come_back_later_keeps_half_a_form(marie: Browser, draft: str) -> None:
    page = marie.fill(at(draft, "citizenship"), passport_number="zz", press="save_later=1")
    assert page.heading == "Your application"
    assert marie.open(at(draft, "citizenship")).value("passport_number") == "zz"


def test_somebody_elses_application_is_a_404(marie: Browser, database: Database, draft: str, app: Any) -> None:
    make_account(database, "stranger@example.org")
    stranger = Browser(app)
    sign_in(stranger, "stranger@example.org", PASSWORD)
    for tail in ("", "/identity", "/addresses", "/addresses/new", "/check", "/withdraw"):
        assert stranger.open(f"/en/applications/{draft}{tail}").status == 404
    token = stranger.open("/en/applications/start").value("csrf_token")
    response = stranger.client.post(
        at(draft, "travel"), data={"csrf_token": token, "nowhere": "yes"}, base_url="http://localhost"
    )
    assert response.status_code == 404
    assert draft not in stranger.open("/en/applications").text


def test_consent_is_not_ticked_and_needs_the_right_name(marie: Browser, database: Database, draft: str) -> None:
    assert marie.open(at(draft, "consent")).heading == "Your application", "cannot start yet"
    completed(database, draft, "consent")
    page = marie.open(at(draft, "consent"))
    assert page.value("agreed") == ""
    page = marie.send(signed_name="Somebody Else")
    assert page.status == 422 and len(page.problems) == 2
    assert "Marie-Ève Tremblay" in page.problems[1]


def test_a_blocked_application_says_what_is_missing(marie: Browser, database: Database, draft: str) -> None:
    completed(database, draft, "travel", "consent")
    page = marie.open(at(draft, "check"))
    assert "Complete these tasks" in page.text and "Sign and continue" not in page.text
    page = marie.send(page)
    assert page.status == 422 and "not complete" in page.problems[0]


def test_a_change_from_the_check_returns_there(marie: Browser, database: Database, draft: str) -> None:
    completed(database, draft)
    page = marie.open(at(draft, "check"))
    marie.open(page.link("Change Countries you visited"))
    page = marie.send(visited=["IT"])
    assert page.heading == "Check your answers" and "Italy" in page.text


def test_a_sent_application_opens_again_until_it_is_paid_and_can_be_withdrawn(
    marie: Browser, database: Database, draft: str
) -> None:
    completed(database, draft)
    with database.transaction() as session:
        application = session.scalars(select(Application)).one()
        applications.submit(session, application, by=application.account)
    assert marie.open(at(draft, "identity")).status == 409
    page = marie.open(at(draft, "").rstrip("/"))
    assert "You need to pay the fee" in page.text
    page = marie.press("Change my answers", page)
    assert "10 of 11 completed" in page.text
    page = marie.fill(at(draft, "withdraw"), reason="later")
    assert "You withdrew this application" in page.text
    assert marie.open(at(draft, "withdraw")).status == 409
    assert "Start a new application" in marie.open("/en/applications").text


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_page_of_a_draft_in_each_language(marie: Browser, database: Database, draft: str, language: str) -> None:
    completed(database, draft)
    slugs = {
        "en": ("identity", "citizenship", "addresses", "addresses/new", "work", "work/new", "travel", "background",
               "names", "licence", "vehicles", "consent", "check", "withdraw",
               f"addresses/{'a' * 16}", f"work/{'b' * 16}/remove"),
        "fr": ("identite", "citoyennete", "adresses", "adresses/new", "emploi", "emploi/new", "voyages",
               "antecedents", "autres-noms", "permis", "vehicules", "consentement", "verifier", "retirer",
               f"adresses/{'a' * 16}",
               f"emploi/{'b' * 16}/retirer"),
    }  # fmt: skip
    for slug in slugs[language]:
        page: Page = marie.open(at(draft, slug, language))
        assert (page.status, page.language) == (200, language), slug
    root = {"en": "/en/applications", "fr": "/fr/demandes"}[language]
    for path in (root, f"{root}/{draft}", f"/{language}/messages"):
        assert marie.open(path).status == 200


def ask_marie(database: Database, reference: str, *, wants_document: bool) -> None:
    """Canada asks Marie a question about her application, which she has paid."""
    with database.transaction() as session:
        application = session.scalars(select(Application).where(Application.reference == reference)).one()
        complete(session, application, application.account)
        applications.submit(session, application, by=application.account)
        reviews.open_reviews(session, application, amount_cents=0, paid_on=now().date(), by=SYSTEM)
        officer = Officer(
            email_index=b"officer",
            agency="CA",
            roles=["officer"],
            language="en",
            activated_at=now(),
            name="Ada Roy",
            staff_number="A1",
        )
        with servers.as_owner(session):
            session.add(officer)
        review = reviews.of_agency(session, reference, "CA")
        reviews.take(session, review, by=officer)
        information_requests.ask(
            session, review, question="Where is Elm?\nSince when?", wants_document=wants_document, by=officer
        )


def test_a_question_is_read_extended_and_answered(marie: Browser, database: Database, draft: str) -> None:
    ask_marie(database, draft, wants_document=False)
    page = marie.open(at(draft, "").rstrip("/"))
    assert "You need to answer a question" in page.text and "Waiting for your answer" in page.text
    page = marie.open(page.link("Read the question"))
    assert "Canada asks" in page.text and "Where is Elm?" in page.text
    question_url = page.url
    page = marie.press("Ask for more time", page)
    assert "more time for this question already" in page.text
    page = marie.fill(question_url, text="")
    assert page.status == 422
    page = marie.send(page, text="In Toronto, since 2019")
    assert "You do not need to do anything now" in page.text
    assert "In Toronto, since 2019" in marie.open(question_url).text
    assert "question" in marie.open("/en/messages").text


def test_a_document_that_was_asked_for_is_needed(marie: Browser, database: Database, draft: str) -> None:
    ask_marie(database, draft, wants_document=True)
    page = marie.open(marie.open(at(draft, "").rstrip("/")).link("Read the question"))
    page = marie.send(page, text="Here it is")
    assert page.status == 422 and "Choose the document" in page.problems[0]
    assert page.value("text") == "Here it is"
    page = marie.send(page, text="Here it is", document=(BytesIO(b"not a picture"), "page.jpg"))
    assert page.status == 422 and "not a JPEG" in page.problems[0]


def test_a_letter_is_read_by_its_reader_alone(marie: Browser, database: Database, draft: str, app: Any) -> None:
    completed(database, draft)
    with database.transaction() as session:
        application = session.scalars(select(Application)).one()
        applications.submit(session, application, by=application.account)
        letter = letters.write(session, application, "refusal", agency="CA", reason="residence")
        letter_id = letter.id
    page = marie.open(marie.open("/en/messages").link("not approved"))
    assert page.status == 200 and "Marie-Ève Tremblay" in page.text and "The PDF is being made" in page.text
    assert marie.open(f"{page.url}/pdf").status == 404
    make_account(database, "stranger@example.org")
    stranger = Browser(app)
    sign_in(stranger, "stranger@example.org", PASSWORD)
    assert stranger.open(at(draft, f"letters/{letter_id}")).status == 404
