"""Sign-in elsewhere by OpenID Connect, against a provider that speaks the protocol over a real connection."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from flask import Flask
from joserfc.jwk import ECKey, RSAKey
from sqlalchemy import select

from portal import adapters, create_app
from portal.config import Settings
from portal.db import Database
from portal.models import Account, AuditEntry, LinkedIdentity, Officer, ProviderQuestion
from portal.models.accounts import email_index
from tests import interviewing
from tests.browsing import ORIGIN, Browser, Page, as_shown
from tests.identity_provider import IdentityProvider, Somebody, asked
from tests.interviewing import PASSWORD
from tests.signing_in import sign_in

EMAIL = "ana@example.org"
CANADA, NATIONAL = "/en/officers/sign-in/directory/ca", "/en/sign-in/national"


@pytest.fixture(scope="module")
def provider() -> Iterator[IdentityProvider]:
    provider = IdentityProvider()
    yield provider
    provider.stop()


@pytest.fixture
def portal(settings: Settings, database: Database, provider: IdentityProvider, tmp_path: Path) -> Iterator[Flask]:
    """The portal with the provider as national sign-in and as both agencies' directory."""
    key = ECKey.generate_key("P-256", auto_kid=True)
    (tmp_path / "key.pem").write_bytes(key.as_pem(private=True))
    provider.trust(key)
    named = f"{provider.issuer} passage phr phrh"
    app = create_app(
        settings.model_copy(
            update={"oidc_key_file": tmp_path / "key.pem", "national_sign_in": named, "directory_ca": named,
                    "directory_us": named}
        )
    )  # fmt: skip
    yield app
    app.extensions["database"].engine.dispose()
    adapters.configure(settings)


def _officer(database: Database, agency: str = "CA", **changes: Any) -> str:
    with database.transaction() as session:
        made = interviewing.officer(session, agency)
        for name, value in changes.items():
            setattr(made, name, value)
        return made.email or ""


def _leave(browser: Browser, path: str) -> str:
    """The provider's address to which the browser is sent."""
    answer = browser.client.get(path, base_url=browser.origin)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def _return(browser: Browser, address: str) -> Page:
    parts = urlsplit(address)
    return browser.open(f"{parts.path}?{parts.query}")


def _go(browser: Browser, provider: IdentityProvider, path: str, somebody: Somebody) -> Page:
    return _return(browser, provider.answers(_leave(browser, path), somebody))


def _refusals(database: Database) -> int:
    with database.transaction() as session:
        return len(session.scalars(select(AuditEntry.id).where(AuditEntry.action == "identity:refuse")).all())


def test_the_question_carries_what_the_protocol_asks(portal: Flask, provider: IdentityProvider) -> None:
    question = asked(_leave(Browser(portal), CANADA))
    assert question["response_type"] == "code"
    assert question["code_challenge_method"] == "S256" and len(question["code_challenge"]) == 43
    assert len(question["state"]) >= 43 and len(question["nonce"]) >= 43
    assert question["acr_values"] == "phr phrh"
    assert question["redirect_uri"] == f"{ORIGIN}{CANADA}/return"


def test_the_answer_comes_to_the_host_of_who_asked(portal: Flask, provider: IdentityProvider) -> None:
    own = "http://officers.localhost"
    two_hosts = create_app(portal.extensions["settings"].model_copy(update={"officers_url": own}))
    officers, travellers = Browser(two_hosts, origin=own), Browser(two_hosts)
    assert asked(_leave(officers, CANADA))["redirect_uri"] == f"{own}{CANADA}/return"
    assert asked(_leave(travellers, NATIONAL))["redirect_uri"] == f"{ORIGIN}{NATIONAL}/return"
    two_hosts.extensions["database"].engine.dispose()


def test_an_officer_comes_in_by_the_directory(portal: Flask, provider: IdentityProvider, database: Database) -> None:
    email = _officer(database, password_hash=None)
    somebody = Somebody("o-1", email)
    assert _go(Browser(portal), provider, CANADA, somebody).heading == "My work"
    # From then on the directory's own name counts, whatever the address is by then.
    somebody.email = "other@example.org"
    assert _go(Browser(portal), provider, CANADA, somebody).heading == "My work"


def test_an_invited_officer_comes_in_for_the_first_time(
    portal: Flask, provider: IdentityProvider, database: Database
) -> None:
    email = _officer(database, activated_at=None)
    assert _go(Browser(portal), provider, CANADA, Somebody("o-2", email)).heading == "My work"
    with database.transaction() as session:
        assert session.scalars(select(Officer)).one().activated_at is not None


@pytest.mark.parametrize(
    "somebody",
    [
        Somebody("o-3", "unknown@example.org"),
        Somebody("o-4", EMAIL, email_verified=False),
        Somebody("o-5", EMAIL, acr="pwd"),
        Somebody("o-6", EMAIL, changes={"nonce": "another"}),
        Somebody("o-7", EMAIL, changes={"aud": "another portal"}),
        Somebody("o-8", EMAIL, changes={"iss": "https://elsewhere.example.org"}),
        Somebody("o-9", EMAIL, changes={"exp": 1}),
        Somebody("o-10", EMAIL, changes={"azp": "another portal"}),
    ],
    ids=["unknown", "unproved address", "weak proof", "other nonce", "other audience", "other issuer", "old", "azp"],
)
def test_what_proves_nothing_opens_nothing(
    portal: Flask, provider: IdentityProvider, database: Database, somebody: Somebody
) -> None:
    with database.transaction() as session:
        interviewing.officer(session, "CA", EMAIL)
    browser = Browser(portal)
    page = _go(browser, provider, CANADA, somebody)
    assert page.heading == "Sign in to the workbench" and page.problems
    assert browser.open("/en/officers/work").heading == "Sign in to the workbench"
    with database.transaction() as session:
        assert not session.scalars(select(LinkedIdentity)).all()


def test_the_directory_of_one_agency_opens_nothing_of_the_other(
    portal: Flask, provider: IdentityProvider, database: Database
) -> None:
    email = _officer(database, "US")
    page = _go(Browser(portal), provider, CANADA, Somebody("o-20", email))
    assert page.heading == "Sign in to the workbench"


def test_a_disabled_officer_stays_outside(portal: Flask, provider: IdentityProvider, database: Database) -> None:
    email = _officer(database)
    somebody = Somebody("o-21", email)
    assert _go(Browser(portal), provider, CANADA, somebody).heading == "My work"
    with database.transaction() as session:
        officer = session.scalars(select(Officer)).one()
        officer.disabled_at = officer.created_at
    assert _go(Browser(portal), provider, CANADA, somebody).heading == "Sign in to the workbench"


def test_a_forged_state_is_refused_calmly(portal: Flask, provider: IdentityProvider, database: Database) -> None:
    for query in ({}, {"state": "forged", "code": "x"}, {"state": "", "code": "x"}, {"code": "x"}):
        page = Browser(portal).open(f"{CANADA}/return?{urlencode(query)}")
        assert "not begun in this browser" in page.text
    assert _refusals(database) == 4
    page = Browser(portal).open("/fr/connexion/nationale/retour?state=faux&code=x")
    assert "navigateur" in page.text


def test_an_answer_opens_one_browser_once(portal: Flask, provider: IdentityProvider, database: Database) -> None:
    email = _officer(database)
    browser, stranger = Browser(portal), Browser(portal)
    address = provider.answers(_leave(browser, CANADA), Somebody("o-30", email))
    assert _return(stranger, address).heading == "Sign in to the workbench"
    assert _return(browser, address).heading == "My work"
    browser.client.delete_cookie("passage", domain="localhost")
    assert _return(browser, address).heading == "Sign in to the workbench"


def test_an_answer_of_another_provider_is_refused(
    portal: Flask, provider: IdentityProvider, database: Database
) -> None:
    email = _officer(database)
    browser = Browser(portal)
    address = provider.answers(_leave(browser, CANADA), Somebody("o-31", email))
    mixed = address.replace(urlencode({"iss": provider.issuer}), urlencode({"iss": "https://elsewhere.example.org"}))
    assert mixed != address
    assert _return(browser, mixed).heading == "Sign in to the workbench"
    # And an answer for one door does not open another.
    address = provider.answers(_leave(browser, CANADA), Somebody("o-31", email))
    assert _return(browser, address.replace("/ca/return", "/us/return")).heading == "Sign in to the workbench"


def test_the_provider_may_change_its_keys(portal: Flask, provider: IdentityProvider, database: Database) -> None:
    somebody = Somebody("o-32", _officer(database))
    assert _go(Browser(portal), provider, CANADA, somebody).heading == "My work"
    provider.key = RSAKey.generate_key(2048, auto_kid=True)
    assert _go(Browser(portal), provider, CANADA, somebody).heading == "My work"


def test_who_says_no_there_is_told_so(portal: Flask, provider: IdentityProvider, database: Database) -> None:
    browser = Browser(portal)
    state = asked(_leave(browser, CANADA))["state"]
    page = browser.open(f"{CANADA}/return?{urlencode({'state': state, 'error': 'access_denied'})}")
    assert "You were not signed in there" in page.text


def test_a_provider_that_does_not_answer(settings: Settings, portal: Flask, database: Database) -> None:
    adapters.configure(
        settings.model_copy(
            update={
                "directory_ca": "http://localhost:9 passage phr",
                "oidc_key_file": None,
            }
        )
    )
    page = Browser(portal).open(CANADA)
    assert "does not answer" in page.text


def test_a_lock_screen_opens_by_a_fresh_proof_only(
    portal: Flask, provider: IdentityProvider, database: Database
) -> None:
    somebody = Somebody("o-40", _officer(database, password_hash=None))
    browser = Browser(portal)
    _go(browser, provider, CANADA, somebody)
    page = browser.open("/en/officers/prove?next=/en/officers/sign-in-settings")
    assert page.soup.select_one('a[href^="/en/officers/prove/directory"]') is not None
    question = _leave(browser, "/en/officers/prove/directory")
    assert asked(question)["prompt"] == "login" and asked(question)["max_age"] == "0"
    before = browser.client.get_cookie("passage", domain="localhost").value
    somebody.auth_age = 3600
    assert _return(browser, provider.answers(question, somebody)).heading == "Sign in to the workbench"
    somebody.auth_age = 5
    assert _go(browser, provider, "/en/officers/prove/directory", somebody).heading == "My work"
    assert browser.client.get_cookie("passage", domain="localhost").value != before
    another = Somebody("o-41", _officer(database))
    assert _go(browser, provider, "/en/officers/prove/directory", another).heading == "Sign in to the workbench"


def _traveller(database: Database, email: str = EMAIL) -> None:
    with database.transaction() as session:
        interviewing.account(session, email)


def _link(browser: Browser, provider: IdentityProvider, somebody: Somebody) -> Page:
    form = browser.open("/en/account/national/add").form()
    answer = browser.client.post("/en/account/national/add", data=as_shown(form), base_url=ORIGIN)
    return _return(browser, provider.answers(answer.headers["Location"], somebody))


def test_a_traveller_adds_the_national_sign_in_and_comes_in_by_it(
    portal: Flask, provider: IdentityProvider, database: Database
) -> None:
    _traveller(database)
    browser, somebody = Browser(portal), Somebody("t-1")
    page = _go(browser, provider, NATIONAL, somebody)
    assert "No account is opened by this sign-in yet" in page.text
    sign_in(browser, EMAIL, PASSWORD)
    page = _link(browser, provider, somebody)
    assert "The new way to sign in works from now on" in page.text
    other = Browser(portal)
    assert _go(other, provider, NATIONAL, somebody).url.endswith("/en/applications")
    page = other.open("/en/account")
    assert "It opens this account too" in page.text
    with database.transaction() as session:
        account = session.scalars(select(Account).where(Account.email_index == email_index(EMAIL))).one()
        assert session.scalars(select(LinkedIdentity)).one().account_id == account.id
    page = other.fill("/en/account/national/remove")
    assert "It is removed" in page.text
    assert "No account is opened" in _go(Browser(portal), provider, NATIONAL, somebody).text


def test_one_identity_opens_one_account(portal: Flask, provider: IdentityProvider, database: Database) -> None:
    _traveller(database)
    _traveller(database, "bo@example.org")
    somebody = Somebody("t-2")
    first, second = Browser(portal), Browser(portal)
    sign_in(first, EMAIL, PASSWORD)
    _link(first, provider, somebody)
    sign_in(second, "bo@example.org", PASSWORD)
    assert "belongs to another account" in _link(second, provider, somebody).text


def test_nothing_secret_of_a_question_is_kept(portal: Flask, provider: IdentityProvider, database: Database) -> None:
    question = asked(_leave(Browser(portal), NATIONAL))
    with database.transaction() as session:
        kept = session.execute(select(ProviderQuestion.__table__)).one()
    written = [value.hex() if isinstance(value, bytes) else str(value) for value in kept]
    for secret in (question["state"], question["nonce"]):
        assert not any(secret in value or secret.encode().hex() in value for value in written)


def test_our_public_key_is_there_for_the_providers(portal: Flask) -> None:
    (key,) = portal.test_client().get("/identity/keys.json", base_url=ORIGIN).get_json()["keys"]
    assert key["kty"] == "EC" and key["alg"] == "ES256" and "d" not in key


def test_without_settings_there_is_no_such_door(app: Flask, database: Database) -> None:
    for path in (NATIONAL, f"{NATIONAL}/return", CANADA, f"{CANADA}/return", "/en/officers/sign-in/directory/xx"):
        assert app.test_client().get(path, base_url=ORIGIN).status_code == 404
    assert "National sign-in" not in Browser(app).open("/en/sign-in").text


@pytest.mark.parametrize(
    "written",
    [
        "https://id.example.org passage",
        "http://id.example.org passage phr",
        "passage phr x",
        "https://id.example.org?x passage phr",
    ],
)
def test_half_a_provider_is_refused_at_the_start(settings: Settings, written: str) -> None:
    given = settings.model_dump() | {"national_sign_in": written, "oidc_key_file": Path("key.pem")}
    with pytest.raises(ValueError, match="issuer"):
        Settings(**given)
