"""A family through pages: a child's application from the parent's, the other parent's answer, the dashboard."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from sqlalchemy import select

from portal.clock import now, today
from portal.db import Database
from portal.models import Account, Application, AuditEntry
from portal.services import applications, interviews, named_helpers, sections, ties
from tests.answers import ANSWERS, TYPED, complete
from tests.browsing import Browser, Page
from tests.families import TOGETHER, born_years_ago, child_of, consent_of, mother, token_of
from tests.families import sent_child as sent_by
from tests.interviewing import PASSWORD as INTERVIEWED
from tests.signing_in import sign_in
from tests.statements import executed
from tests.web.test_application_pages import EMAIL, PASSWORD, at, completed, draft, make_account, marie

__all__ = ["draft", "marie"]
OTHER = {
    "name_1": "Luc Gagnon",
    "relation_1": "father",
    "way_1": "link",
    "email_1": "luc@example.org",
    "language_1": "fr",
}
SAYS = {
    "decision": "yes", "signed_name": "Luc Gagnon", "born-day": "2", "born-month": "5", "born-year": "1984",
    "paper": "passport", "number": "GA123456", "country": "CA", "is_true": "yes",
}  # fmt: skip


def born(age: int) -> dict[str, str]:
    day = born_years_ago(age)
    return {"birth_on-day": str(day.day), "birth_on-month": str(day.month), "birth_on-year": str(day.year)}


def begin_child(browser: Browser) -> str:
    page = browser.fill("/en/applications/start", who="parent")
    assert page.heading == "Name, birth and contact"
    return page.url.rsplit("/", 2)[1]


def find(database: Database, reference: str) -> Any:
    with database.transaction() as session:
        return session.scalars(select(Application).where(Application.reference == reference)).one().status


def sent_child(browser: Browser, database: Database, reference: str) -> None:
    """Take a child's application from its first page to the page that says who must consent."""
    page = browser.open(at(reference, "identity"))
    assert (page.value("street"), page.value("phone")) == ("55 Rue Saint-Paul Ouest", "+15145550123"), "asked twice"
    page = browser.send(
        page, given_names="Léo", family_name="Tremblay", birth_city="Québec", birth_country="CA", sex="M", **born(7)
    )
    assert page.heading == "Other names", page.problems
    browser.send(page, has="no")
    page = browser.fill(at(reference, "citizenship"), **TYPED["citizenship"])
    assert page.heading == "Parents and guardians", page.problems
    assert page.value("given_names") == "Marie-Ève" and page.value("birth_on-year") == "1986", "asked twice"
    page = browser.send(page, relation="mother", custody="together", **OTHER)
    assert page.heading == "Add an address", page.problems
    page = browser.press("Use the same as for Marie-Ève", page)
    assert page.heading == "Countries you visited"
    browser.press("Use the same as for Marie-Ève", page)
    with database.transaction() as session:
        application = session.scalars(select(Application).where(Application.reference == reference)).one()
        sections.save(session, application.id, "uploads", raw={}, answers=ANSWERS["uploads"], by=application.account)
    page = browser.fill(at(reference, "consent"), agreed="yes", signed_name="Marie-Eve Tremblay")
    assert page.heading == "Check your answers", page.problems
    page = browser.send(page)
    assert page.heading == "Who must consent" and "We sent a link to luc@example.org" in page.text


def test_a_child_takes_at_most_twelve_screens(marie: Browser, draft: str, database: Database) -> None:
    """Counted as distinct pages, from the choice of whom to apply for to the page that says what happens now."""
    completed(database, draft)
    seen: list[str] = []
    arrive = marie._arrive

    def counted(response: Any, url: str, follow: bool) -> Page:
        page = arrive(response, url, follow)
        seen.append(urlsplit(page.url).path)
        return page

    marie._arrive = counted  # type: ignore[method-assign]
    marie.open("/en/applications/start")
    sent_child(marie, database, begin_child(marie))
    # The upload is made beside the pages here, and its page counted; once the other parent has consented, a child for
    # whom nothing is to be paid needs no further page.
    assert len(set(seen)) + 1 <= 12, sorted(set(seen))


def token(database: Database, event: str = "consent_asked") -> str:
    with database.transaction() as session:
        return token_of(session, event)


def test_a_child_from_the_parents_application_and_the_other_parents_consent(
    app: Flask, marie: Browser, draft: str, database: Database
) -> None:
    completed(database, draft)
    with database.transaction() as session:
        own = session.scalars(select(Application).where(Application.reference == draft)).one()
        applications.submit(session, own, by=own.account)
    child = begin_child(marie)
    sent_child(marie, database, child)
    father, link = Browser(app), f"/fr/consentement/{token(database)}"
    page = father.open(link)
    assert page.language == "fr" and "Léo" in page.text and "Tremblay" not in page.text and "Rue" not in page.text
    page = father.fill(link, **SAYS | {"signed_name": "Quelqu’un d’autre"})
    assert page.status == 422 and page.value("number") == "GA123456"
    page = father.fill(link, **SAYS)
    assert page.heading == "Vous avez donné votre consentement", page.problems
    assert find(database, child) == "under_review"
    assert father.open(link).status == 410
    page = father.fill(page.url, sure="yes")
    assert page.heading == "Vous avez retiré votre consentement"
    text = marie.open("/en/applications").text
    assert "Léo Tremblay" in text and "Marie-Ève Tremblay" in text


def test_the_asking_parent_cannot_consent_and_it_is_written_down(
    marie: Browser, draft: str, database: Database
) -> None:
    completed(database, draft)
    child = begin_child(marie)
    sent_child(marie, database, child)
    page = marie.open(f"/en/consent/{token(database)}")
    assert page.status == 403 and "You cannot consent for them" in page.text
    with database.transaction() as session:
        assert session.scalars(select(AuditEntry).where(AuditEntry.action == "guardian_consent:wrong_person")).all()
    assert find(database, child) == "awaiting_consent"
    forged = token(database)[:-4] + "beef"
    assert marie.open(f"/en/consent/{forged}").status == 404


def test_empty_and_wrong_answers_about_guardians_are_kept_and_explained(marie: Browser, database: Database) -> None:
    child = begin_child(marie)
    for language, sentence in (("en", "Choose how it stands"), ("fr", "Choisissez ce qu’il en est")):
        address = at(child, {"en": "guardian", "fr": "parents"}[language], language)
        page = marie.fill(address, custody="")
        assert page.status == 422 and any(sentence in problem for problem in page.problems), page.problems
        wrong = {
            "given_names": "x" * 10_000,
            "custody": "together",
            "name_1": "Luc\u202e",
            "email_1": "none",
            "phone": "1",
        }
        page = marie.fill(address, **wrong)
        assert page.status == 422 and len(page.problems) > 5
        assert page.value("given_names") == "x" * 10_000 and page.value("email_1") == "none"
    page = marie.fill(
        at(child, "guardian"), custody="together", name_1="Marie", email_1=EMAIL.upper(), relation="mother"
    )
    assert any("your own email address" in problem for problem in page.problems)
    page = marie.fill(at(child, "guardian"), custody="court", relation="mother")
    assert any("Say more" in problem for problem in page.problems)


def test_a_payment_for_several_is_led_by_the_parents_own_application(
    marie: Browser, draft: str, database: Database
) -> None:
    completed(database, draft)
    with database.transaction() as session:
        own = session.scalars(select(Application).where(Application.reference == draft)).one()
        applications.submit(session, own, by=own.account)
        sent_by(session, own.account)
    assert marie.open("/en/applications").link("Pay for everybody at once").endswith(f"/{draft}/pay")


def test_a_letter_takes_the_place_of_the_link(marie: Browser, draft: str, database: Database) -> None:
    completed(database, draft)
    child = begin_child(marie)
    with database.transaction() as session:
        application = session.scalars(select(Application).where(Application.reference == child)).one()
        from tests.families import LETTER, TOGETHER, child_answers

        complete(
            session, application, application.account, "work", "licence", "vehicles", "background",
            **child_answers(guardian={**TOGETHER, "others": [LETTER]}),
        )  # fmt: skip
        applications.submit(session, application, by=application.account)
        consent_id = consent_of(session, application).id
    page = marie.open(at(child, "consents"))
    assert "We wait for the letter" in page.text
    page = marie.fill(at(child, f"consents/{consent_id}"))
    assert page.status == 422 and page.problems


def test_a_grown_child_takes_the_application_along(app: Flask, marie: Browser, draft: str, database: Database) -> None:
    with database.transaction() as session:
        from portal.services import family

        holder = session.scalars(select(Account)).one()
        person = family.add(session, holder, "parent", by=holder)
        person.given_names, person.birth_on = "Ida", born_years_ago(18)
        application = Application(
            reference="P-0000-0000", person=person, account=holder, role="parent", status="approved", language="en",
            changed_at=person.created_at,
        )  # fmt: skip
        session.add(application)
        person_id = person.id
    assert "Ida is 18 or older now" in marie.open("/en/applications").text
    page = marie.fill(f"/en/family/{person_id}/own-account", email="ida@example.org")
    assert page.heading == "Dashboard"
    make_account(database, "ida@example.org", "fr")
    ida = Browser(app)
    sign_in(ida, "ida@example.org", PASSWORD)
    link = f"/fr/famille/propre-compte/{token(database, 'own_account_offered')}"
    page = ida.fill(link, **{"born-day": "1", "born-month": "1", "born-year": "1990"})
    assert page.status == 422
    day = born_years_ago(18)
    page = ida.fill(link, **{"born-day": str(day.day), "born-month": str(day.month), "born-year": str(day.year)})
    assert page.heading == "Tableau de bord" and "P-0000-0000" in page.text
    assert "P-0000-0000" not in marie.open("/en/applications").text


def test_the_dashboard_takes_as_many_queries_for_six_as_for_one(app: Flask, database: Database) -> None:
    """Counted on the page: six people in every state, with linked adults, consents, interviews and people to help."""
    with database.transaction() as session:
        one, six = mother(session), mother(session, sent=True)
        children = [sent_by(session, six, age, guardian=TOGETHER) for age in (3, 5, 8)]
        for age in (10, 11):
            child_of(session, six, age)
        for child in children[1:]:
            child.status, child.conditionally_approved_at = "conditionally_approved", now()
            child.interview_deadline_on = today() + timedelta(days=700)
            session.flush()
            interviews.open_for(session, child)
        for number in (1, 2):
            adult = mother(session)
            ties.invite(session, six, str(adult.email))
            tie = ties.accept(session, token_of(session, "family_invited"), by=adult)
            ties.let(session, tie.id, True, by=adult)
            person = applications.own_person(session, adult)
            named_helpers.name_helper(session, adult, f"Helper {number}", str(six.email), [person])
            named_helpers.accept(session, token_of(session, "helper_invited"), by=six)
        emails = str(one.email), str(six.email)
    asked, pages = [], []
    for email in emails:
        browser = Browser(app)
        sign_in(browser, email, INTERVIEWED)
        browser.open("/en/applications")
        with executed() as seen:
            pages.append(browser.open("/en/applications"))
        asked.append([one.split(" {")[0] for one in seen if not one.startswith(";")])  # which asks if one is alive
    assert [len(page.soup.select("h2")) for page in pages] == [1, 6]
    assert "interviews together" in pages[1].text and "Applications that you help with" in pages[1].text
    assert len(asked[0]) == len(asked[1]), sorted(set(asked[1]) - set(asked[0]))
