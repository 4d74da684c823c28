"""What cannot be, sent through the real pages in both languages: clear words, the right status, nothing typed lost."""

from __future__ import annotations

import json
import time
import unicodedata
import uuid
from typing import Any

import pytest
from sqlalchemy import func, select

from demo.payment_notices import signature
from portal.config import Settings
from portal.domain.consent import is_signature_of
from portal.models import Account, Application, AuditEntry, GuardianConsent, Payment
from portal.models.accounts import email_index
from portal.models.viewers import JOINT
from portal.services import guardians, sections
from portal.web.applicant.own import SLUGS
from portal.web.forms.text import without_hidden
from tests.answers import ANSWERS, TYPED
from tests.browsing import Browser, Page
from tests.families import token_of
from tests.paying import ready_to_pay, to_portal
from tests.web.test_application_pages import fill_dates
from tests.world import CAST, World

ROOTS = {"en": "applications", "fr": "demandes"}
LONG = "é" * 10_000
HIDDEN = {"en": "had a hidden character. We took it out", "fr": "contenait un caractère caché. Nous l’avons enlevé"}
FUTURE_START = {"en": "It cannot begin in the future", "fr": "Le début ne peut pas être dans le futur"}
FUTURE_END = {"en": "It cannot end in the future", "fr": "La fin ne peut pas être dans le futur"}
BACKWARDS = {"en": "It cannot end before it began", "fr": "La fin ne peut pas précéder le début"}
TOO_LONG = {"en": "It has 10000", "fr": "La réponse en compte 10000"}


def period(
    since: tuple[str, str] | None = None, until: tuple[str, str] | None = None, tail: str = ""
) -> dict[str, Any]:
    """The boxes of a period; without an end it goes on."""
    typed: dict[str, Any] = {}
    for name, month in (("since", since), ("until", until)):
        if month:
            typed |= {f"{name}{tail}-month": month[0], f"{name}{tail}-year": month[1]}
    return typed | ({"goes_on": []} if until and not tail else {})


NAMES = {"has": "yes"} | {
    f"{part}_{row}": value
    for row in (1, 2, 3)
    for part, value in (("kind", "birth"), ("given", "Marie-Ève"), ("family", f"Roy{'abc'[row - 1]}"))
}
CASES: list[tuple[str, dict[str, Any], list[dict[str, str]]]] = [
    (
        "identity",
        fill_dates("birth_on", "31", "2", "1986")
        | {"family_name": LONG, "given_names": "Marie\x00\x07Ève", "birth_city": "\u202ecebéuQ\u2066"},
        [{"en": "only 28 days in", "fr": "que 28 jours en"}, TOO_LONG, HIDDEN],
    ),
    (
        "identity",
        fill_dates("birth_on", "2", "5", "2022"),
        [{"en": "before this birth", "fr": "avant cette naissance"}],
    ),
    (
        "citizenship",
        fill_dates("passport_issued_on", "1", "5", "1980")
        | fill_dates("passport_expires_on", "31", "4", "2032")
        | {"passport_family_name": LONG},
        [
            {"en": "must be after your birth", "fr": "suivre votre naissance"},
            {"en": "only 30 days", "fr": "que 30 jours"},
            TOO_LONG,
        ],
    ),
    (
        "citizenship",
        fill_dates("passport_expires_on", "1", "4", "2022"),
        [{"en": "must expire after the day", "fr": "doit suivre sa date de délivrance"}],
    ),
    (
        "names",
        NAMES
        | period(("3", "2199"), tail="_1")
        | period(("3", "1999"), ("3", "2199"), tail="_2")
        | period(("3", "2001"), ("3", "2000"), tail="_3"),
        [FUTURE_START, FUTURE_END, BACKWARDS],
    ),
    ("addresses/new", period(("1", "2199")), [FUTURE_START]),
    ("addresses/new", period(("1", "2015"), ("12", "2014")), [BACKWARDS]),
    ("work/new", period(("1", "2015"), ("12", "2199")) | {"employer": LONG}, [FUTURE_END, TOO_LONG]),
]


def settle(here: World) -> str:
    """The reference of a draft whose name and passport are complete, so that dates can be held against one another."""
    reference = here.values["begun"]["reference"]
    with here.app.extensions["database"].transaction(JOINT) as session:
        application = session.scalars(select(Application).where(Application.reference == reference)).one()
        for key in ("identity", "citizenship"):
            sections.save(session, application.id, key, raw={}, answers=ANSWERS[key], by=application.account)
    return reference


@pytest.fixture(scope="module")
def traveller(here: World) -> Browser:
    return here.traveller("begun")


def page_at(reference: str, section: str, language: str) -> str:
    key, slash, new = section.partition("/")
    return f"/{language}/{ROOTS[language]}/{reference}/{SLUGS[key][language]}{slash}{new}"


def is_refused(page: Page, *said: str) -> None:
    """Status, title, a summary that leads to each box, and the message beside it."""
    assert page.status == 422, page.status
    assert page.soup.title is not None and page.soup.title.get_text().startswith(("Error: ", "Erreur\u00a0: "))
    links = {" ".join(a.get_text().split()): str(a["href"]) for a in page.soup.select(".govuk-error-summary__list a")}
    beside = [" ".join(one.get_text().split()) for one in page.soup.select(".govuk-error-message")]
    for words in said:
        leads = [href for sentence, href in links.items() if words in sentence]
        assert leads and all(page.soup.find(id=href[1:]) for href in leads), (words, page.problems)
        assert any(words in sentence for sentence in beside), (words, beside)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_what_cannot_be_is_refused_and_kept(here: World, traveller: Browser, language: str) -> None:
    for section, bad, said in CASES:
        address = page_at(settle(here), section, language)
        page = traveller.fill(address, **{**TYPED[section.partition("/")[0]], **bad})
        is_refused(page, *(words[language] for words in said))
        kept = {name: without_hidden(value) for name, value in bad.items() if value}
        assert {name: page.value(name) for name in kept} == kept, (section, bad)
        if "/" not in section:
            again = traveller.open(address)
            assert {name: again.value(name) for name in kept} == kept, f"lost on the way: {section}"


def test_two_unicode_forms_of_one_name_are_one_name(here: World, traveller: Browser) -> None:
    """Typed in parts as some phones do, kept as one; the signature may come in either form."""
    address = page_at(settle(here), "identity", "fr")
    typed = {"given_names": "Marie-Ève", "family_name": "Côté"}
    parts = {name: unicodedata.normalize("NFD", value) for name, value in typed.items()}
    assert parts != typed
    page = traveller.fill(address, **{**TYPED["identity"], **parts})
    assert page.status == 200, page.problems
    with here.app.extensions["database"].transaction(JOINT) as session:
        reference = here.values["begun"]["reference"]
        application = session.scalars(select(Application).where(Application.reference == reference)).one()
        answers = sections.answers_of(sections.drafts_of(session, application), "identity") or {}
    assert {name: answers[name] for name in typed} == typed
    assert is_signature_of(" ".join(parts.values()), " ".join(typed.values()))


# Attacks: each leaves a line in the audit trail


def lines(here: World, action: str) -> int:
    with here.app.extensions["database"].transaction(JOINT) as session:
        return session.scalar(select(func.count(AuditEntry.id)).where(AuditEntry.action == action)) or 0


SAYS = {
    "decision": "no", "born-day": "2", "born-month": "5", "born-year": "1984", "paper": "passport",
    "number": "GA123456", "country": "CA", "is_true": "yes",
}  # fmt: skip


@pytest.mark.parametrize(
    ("language", "root", "not_yours", "used"),
    [
        ("en", "consent", "not the name that we were given", "This link was used already"),
        ("fr", "consentement", "pas le nom qu’on nous a donné", "Ce lien a déjà servi"),
    ],
)
def test_a_consent_link_serves_one_person_once(
    here: World, language: str, root: str, not_yours: str, used: str
) -> None:
    with here.app.extensions["database"].transaction(JOINT) as session:
        holder = session.scalars(select(Account).where(Account.email_index == email_index(CAST["family"].email))).one()
        consent = session.get_one(GuardianConsent, uuid.UUID(here.values["family"]["consent_id"]))
        consent.state, consent.answered_at = "waiting", None
        session.flush()
        guardians.ask_again(session, consent, "luc@example.org", by=holder)
        name, token = str(consent.name), token_of(session, "consent_asked")
    before = {what: lines(here, f"guardian_consent:{what}") for what in ("wrong_name", "used_again", "forged_link")}
    link, other = f"/{language}/{root}/{token}", Browser(here.app)
    is_refused(page := other.fill(link, **SAYS, signed_name="Somebody Else"), not_yours)
    assert (page.value("signed_name"), page.value("number")) == ("Somebody Else", "GA123456")
    opened_twice = other.open(link)
    assert other.send(page, signed_name=name).status == 200, "a wrong name used the link up"
    again = other.send(opened_twice, **SAYS, signed_name=name)
    assert again.status == 410 and used in again.text
    assert other.open(link).status == 410
    assert other.open(link[:-4] + ("beef" if not link.endswith("beef") else "dead")).status == 404
    assert {what: lines(here, f"guardian_consent:{what}") - had for what, had in before.items()} == {
        "wrong_name": 1, "used_again": 1, "forged_link": 1,
    }  # fmt: skip


def test_a_payment_notice_that_is_forged_repeated_or_of_another_amount(here: World, settings: Settings) -> None:
    """Nothing is paid by any of them, and what came too much goes back; each is written down once."""
    database, secret = here.app.extensions["database"], settings.stripe_webhook_secret.get_secret_value()
    with database.transaction(JOINT) as session:
        application = ready_to_pay(session)
        payment = Payment(
            application=application, amount_cents=12000, currency="USD", state="started", checkout_id="cs_test_bad",
            payer_id=application.account_id,
        )  # fmt: skip
        session.add(payment)
        session.flush()
        ids = application.id, payment.id
    checkout = {
        "id": "cs_test_bad", "object": "checkout.session", "amount_total": 100, "currency": "usd",
        "payment_status": "paid", "status": "complete", "url": None, "locale": "en",
    }  # fmt: skip
    event = {"id": "evt_bad", "object": "event", "type": "checkout.session.completed", "data": {"object": checkout}}
    body, deliver = json.dumps(event).encode(), to_portal(here.app)
    before = lines(here, "payment:forged")
    assert deliver(body, signature(body, "whsec_of_somebody_else")) == 400
    assert deliver(body.replace(b"100", b"12000"), signature(body, secret)) == 400
    assert deliver(body, signature(body, secret, int(time.time()) - 3600)) == 400, "an old one, sent again"
    assert lines(here, "payment:forged") == before + 3
    with database.transaction(JOINT) as session:
        assert session.get_one(Payment, ids[1]).state == "started"
    assert [deliver(body, signature(body, secret)) for _ in range(2)] == [200, 200]
    with database.transaction(JOINT) as session:
        assert session.get_one(Application, ids[0]).status == "awaiting_payment"
        returned = session.get_one(Payment, ids[1])
        assert (returned.state, returned.received_cents) == ("to_refund", 100)
        of_it = AuditEntry.subject_id == ids[1], AuditEntry.action == "payment:to_refund"
        (line,) = session.scalars(select(AuditEntry).where(*of_it))
        assert line.facts["wrong"] == "amount"
