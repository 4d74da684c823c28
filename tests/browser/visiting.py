"""The portal with its world as it is visited in Chromium, and how one comes to pages that are met on the way only."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

from flask import url_for
from sqlalchemy import select, update

from demo.cast import PASSWORD
from portal.clock import now
from portal.db import Database
from portal.models import Account, Application, Officer, OutgoingMessage, Passkey, Payment, SignIn
from portal.models.accounts import email_index
from portal.services import applications, named_helpers, person_links
from tests.browsing import Browser
from tests.signing_in import shown_code
from tests.web.test_family_pages import SAYS
from tests.world import CAST, World


@dataclass(frozen=True, eq=False)
class Visit:
    """The portal with its world, as it is visited here."""

    here: World
    owner: Database
    address: str

    @cache  # noqa: B019  # one for each file of tests
    def browser(self, who: str) -> Browser:
        """Everybody signs in once; without a name, a visitor."""
        if not who:
            return Browser(self.here.app)
        return self.here.traveller(who) if who in CAST else self.here.officer(who)

    def stay_signed_in(self) -> None:
        """However slow the machine is: everybody was here, and showed who they are, just now."""
        with self.owner.transaction() as session:
            session.execute(update(SignIn).where(SignIn.ended_at.is_(None)).values(seen_at=now(), proved_at=now()))

    def newest(self, event: str) -> dict[str, Any]:
        """The secrets of the newest message of this kind."""
        with self.owner.transaction() as session:
            query = select(OutgoingMessage).where(OutgoingMessage.event == event)
            message = session.scalars(query.order_by(OutgoingMessage.created_at.desc())).first()
            assert message is not None and message.secrets is not None, event
            return message.secrets


def _new_account(visit: Visit) -> Browser:
    """Somebody whose address is confirmed, and who chooses how to sign in."""
    browser = Browser(visit.here.app)
    browser.fill("/en/account/create", email=f"new-{secrets.token_hex(3)}@example.org", message_language="en")
    browser.send(code=visit.newest("email_code")["code"])
    return browser


def _choosing_password(visit: Visit) -> Browser:
    browser = _new_account(visit)
    browser.open(browser.page.link("Use a password and an app"))  # type: ignore[union-attr]
    return browser


def _setting_up_app(visit: Visit) -> Browser:
    browser = _choosing_password(visit)
    browser.send(password="seven quiet ferries at dawn")
    return browser


def _saving_codes(visit: Visit) -> Browser:
    browser = _setting_up_app(visit)
    browser.send(code=shown_code(browser.page))  # type: ignore[arg-type]
    return browser


def _second_step(visit: Visit) -> Browser:
    browser = Browser(visit.here.app)
    browser.fill("/en/sign-in", email=CAST["booked"].email, password=PASSWORD)
    return browser


def _recovering(visit: Visit) -> Browser:
    browser = _second_step(visit)
    browser.open(browser.page.link("Get back into your account"))  # type: ignore[union-attr]
    return browser


def _proving_email(visit: Visit) -> Browser:
    browser = visit.browser("stranger")
    browser.fill("/en/account/change-email", email="nadia.new@example.org")
    return browser


def _locked(visit: Visit) -> Browser:
    browser = visit.here.officer("officer2.us")
    with visit.owner.transaction() as session:
        newest = session.scalars(select(SignIn).order_by(SignIn.created_at.desc())).first()
        assert newest is not None
        newest.seen_at = now() - timedelta(minutes=16)
    browser.open("/en/officers/work")
    return browser


def _with_reason(visit: Visit) -> Browser:
    """A supervisor who looks at a colleague's application, at its legal hold."""
    browser, reference = visit.browser("supervisor.ca"), visit.here.values["paid"]["reference"]
    browser.fill(f"/en/officers/applications/{reference}/reason", kind="question", reason="They called us.")
    browser.open(f"/en/officers/applications/{reference}/hold")
    return browser


def _posting_sheet(visit: Visit) -> Browser:
    """An officer opens a sheet that a traveller wants by post."""
    visit.browser("paid").fill("/en/account/printed-sheet", delivery="post")
    browser = visit.browser("officer1.ca")
    page = browser.open("/en/officers/sheets-to-post")
    browser.open(str(page.soup.select_one('main a[href*="/sheets-to-post/"]')["href"]))  # type: ignore[index]
    return browser


def _giving_back(visit: Visit) -> Browser:
    """A supervisor opens a payment that was not due."""
    with visit.owner.transaction() as session:
        reference = visit.here.values["paid"]["reference"]
        application = session.scalars(select(Application).where(Application.reference == reference)).one()
        told: dict[str, Any] = {"amount_cents": 12000, "received_cents": 12000, "currency": "USD", "paid_at": now()}
        payment = Payment(application=application, state="to_refund", **told)
        session.add(payment)
        session.flush()
        address = f"/en/officers/refunds/{payment.id}"
    browser = visit.browser("supervisor.ca")
    browser.open(address)
    return browser


def _removing_passkey(visit: Visit) -> Browser:
    """An officer removes one of two passkeys."""
    with visit.owner.transaction() as session:
        index = email_index("officer1.ca@example.org")
        officer = session.scalars(select(Officer).where(Officer.email_index == index)).one()
        passkey = Passkey(officer=officer, credential_id=secrets.token_bytes(16), public_key=b"", sign_count=0,
                          transports=[], name="My key")  # fmt: skip
        session.add(passkey)
        session.flush()
        address = f"/en/officers/account/passkeys/{passkey.id}/remove"
    browser = visit.browser("officer1.ca")
    browser.open(address)
    return browser


def _consent(visit: Visit) -> Browser:
    browser = Browser(visit.here.app)
    browser.open(f"/en/consent/{visit.newest('consent_asked')['token']}")
    return browser


def _withdrawing_consent(visit: Visit) -> Browser:
    """The other parent has consented, and has the page on which to take it back."""
    browser = Browser(visit.here.app)
    browser.fill(f"/en/consent/{visit.newest('consent_asked')['token']}", **SAYS)
    assert browser.page is not None and "/given/" in browser.page.url, browser.page.problems
    return browser


def _choosing_language(visit: Visit) -> Browser:
    """Somebody who has never been here."""
    browser = Browser(visit.here.app)
    browser.open("/")
    return browser


def _by_link(purpose: str, endpoint: str) -> Callable[[Visit], Browser]:
    """Somebody with an account follows the link that a parent had sent."""

    def story(visit: Visit) -> Browser:
        browser = visit.browser("stranger")
        with visit.owner.transaction() as session:
            index = email_index(CAST["family"].email)
            parent = session.scalars(select(Account).where(Account.email_index == index)).one()
            person = applications.own_person(session, parent)
            token = person_links.make(session, purpose, account=parent, person=person)
        with visit.here.app.test_request_context():
            address = url_for(endpoint, language="en", link=token)
        browser.open(address)
        return browser

    return story


def _asked_to_help(visit: Visit) -> Browser:
    """Somebody with an account follows the link that asks them to help."""
    browser = visit.browser("stranger")
    with visit.owner.transaction() as session:
        index = email_index(CAST["family"].email)
        parent = session.scalars(select(Account).where(Account.email_index == index)).one()
        person = applications.own_person(session, parent)
        helper = named_helpers.name_helper(session, parent, "Paul", CAST["stranger"].email, [person])
        token = person_links.make(session, "help", account=parent, person=person, helper=helper)
    browser.open(f"/en/helpers/link/{token}")
    return browser


STORIES: dict[str, Callable[[Visit], Browser]] = {
    "account.choose_sign_in": _new_account,
    "account.choose_password": _choosing_password,
    "account.set_up_app": _setting_up_app,
    "account.save_recovery_codes": _saving_codes,
    "account.second_step": _second_step,
    "account.recover": _recovering,
    "account.prove_email": _proving_email,
    "applicant.accept_tie": _by_link("tie", "applicant.accept_tie"),
    "applicant.accept_help": _asked_to_help,
    "applicant.own_account": _by_link("own_account", "applicant.own_account"),
    "officer.post_sheet": _posting_sheet,
    "officer.refund": _giving_back,
    "officer.remove_passkey": _removing_passkey,
    "officer.unlock": _locked,
    "officer.legal_hold": _with_reason,
    "public.give_consent": _consent,
    "public.kept_consent": _withdrawing_consent,
    "public.language_choice": _choosing_language,
}
"""Pages that are met on the way only: how one comes to each. The way is walked without scripts."""
