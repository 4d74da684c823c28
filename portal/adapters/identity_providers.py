"""Sign-in elsewhere by OpenID Connect: a national sign-in for travellers, each agency's directory for its officers.

Authorisation code with PKCE; we show who we are by a signed assertion (private_key_jwt), never by a shared secret.
"""

from __future__ import annotations

import hmac
import threading
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

from portal.config import Settings

SECONDS = (3.0, 10.0)  # to connect, to answer
KNOWN_FOR = 600.0  # seconds for which what a provider says of itself is believed
LEEWAY = 60  # seconds by which its clock may differ
SIGNED_BY = ["RS256", "PS256", "ES256", "EdDSA"]
NATIONAL = "national"
LOCAL = ("localhost", "127.0.0.1")


class Unreachable(Exception):
    """The provider did not answer, or not as it should: nothing is known about who is there."""


class Refused(Exception):
    """What came back does not prove who is there; carries why, in our own words, for the log."""


@dataclass(frozen=True)
class Provider:
    """One place that says who somebody is, and how strongly they must have proved it there."""

    key: str
    issuer: str
    client_id: str
    acr: tuple[str, ...]
    names: tuple[str, str]

    @property
    def agency(self) -> str | None:
        """Whose directory it is; None for the travellers' national sign-in."""
        return None if self.key == NATIONAL else self.key

    def name(self, language: str) -> str:
        """What it is called."""
        return self.names[language == "fr"]


@dataclass(frozen=True)
class Identity:
    """Who the provider says is there: its own name for them, a proved address, and when they last showed a factor."""

    provider: str
    issuer: str
    subject: str
    email: str | None
    proved_at: int | None


_providers: dict[str, Provider] = {}
_key: ECKey | None = None
_known: dict[str, tuple[float, dict[str, Any], KeySet]] = {}
_lock = threading.Lock()


def configure(settings: Settings) -> None:
    """Know the providers that the settings name, and the key by which we show who we are. Raises ValueError for a key
    that is none."""
    global _key
    _known.clear()
    _providers.clear()
    _providers.update((provider.key, provider) for provider in _named_in(settings))
    _key = None
    if _providers and settings.oidc_key_file:
        _key = ECKey.import_key(settings.oidc_key_file.read_text())
        _key.ensure_kid()


def _named_in(settings: Settings) -> list[Provider]:
    named = [
        (NATIONAL, settings.national_sign_in, (settings.national_sign_in_name_en, settings.national_sign_in_name_fr)),
        *(
            (agency, getattr(settings, f"directory_{agency.lower()}"), _agency_names(settings, agency))
            for agency in ("CA", "US")
        ),
    ]
    found = []
    for key, written, names in named:
        if written:
            issuer, client_id, *acr = written.split()
            found.append(Provider(key, issuer.rstrip("/"), client_id, tuple(acr), names))
    return found


def _agency_names(settings: Settings, agency: str) -> tuple[str, str]:
    return settings.agency_name(agency, "en"), settings.agency_name(agency, "fr")


def provider(key: str) -> Provider | None:
    """The provider of this name, where there is one."""
    return _providers.get(key)


def directories() -> list[Provider]:
    """The agencies' directories that are there."""
    return [found for found in _providers.values() if found.agency]


def public_keys() -> dict[str, Any]:
    """The public half of our key as a key set, for the providers to fetch."""
    return {"keys": [{**_key.as_dict(private=False), "use": "sig", "alg": "ES256"}] if _key else []}


def address_of_question(
    to: Provider, *, state: str, nonce: str, verifier: str, back_to: str, language: str, again: bool
) -> str:
    """Where to send the browser. With `again` a factor has to be shown there now. Raises Unreachable."""
    said, _keys = _configuration(to)
    more = {"prompt": "login", "max_age": "0"} if again else {}
    if to.acr:
        more["acr_values"] = " ".join(to.acr)
    with _client(to, said, back_to) as client:
        url, _state = client.create_authorization_url(
            said["authorization_endpoint"],
            state=state,
            nonce=nonce,
            code_verifier=verifier,
            ui_locales="fr-CA fr" if language == "fr" else "en",
            **more,
        )
    return str(url)


def who_is_there(
    at: Provider, *, code: str, said_issuer: str | None, nonce: str, verifier: str, back_to: str
) -> Identity:
    """Exchange the code for a signed statement, and read it. Raises Unreachable, or Refused for one that proves
    nothing: of another issuer, for another portal, of another question, too old, not strong enough."""
    said, keys = _configuration(at)
    must_name = said.get("authorization_response_iss_parameter_supported")
    if (said_issuer or must_name) and said_issuer != at.issuer:
        raise Refused("the answer names another issuer")
    try:
        with _client(at, said, back_to) as client:
            token = client.fetch_token(said["token_endpoint"], code=code, code_verifier=verifier, timeout=SECONDS)
    except (requests.RequestException, OSError) as error:
        raise Unreachable(type(error).__name__) from error
    except (AuthlibBaseError, ValueError) as error:
        raise Refused("the code was not accepted") from error
    claims = _claims(at, said, keys, str(token.get("id_token") or ""))
    if not hmac.compare_digest(str(claims.get("nonce", "")), nonce):
        raise Refused("the statement answers another question")
    if at.acr and claims.get("acr") not in at.acr:
        raise Refused("the proof there was not strong enough")
    return Identity(at.key, at.issuer, str(claims["sub"]), _address(claims), _moment(claims))


def _address(claims: dict[str, Any]) -> str | None:
    email = claims.get("email")
    return email if isinstance(email, str) and claims.get("email_verified") is True else None


def _moment(claims: dict[str, Any]) -> int | None:
    moment = claims.get("auth_time")
    return int(moment) if isinstance(moment, int | float) and not isinstance(moment, bool) else None


def _claims(at: Provider, said: dict[str, Any], keys: KeySet, statement: str) -> dict[str, Any]:
    try:
        try:
            token = jwt.decode(statement, keys, algorithms=SIGNED_BY)
        except (JoseError, ValueError):  # the provider may have changed its keys meanwhile
            _said, keys = _configuration(at, anew=True)
            token = jwt.decode(statement, keys, algorithms=SIGNED_BY)
        jwt.JWTClaimsRegistry(
            leeway=LEEWAY,
            iss={"essential": True, "value": at.issuer},
            aud={"essential": True, "value": at.client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
        ).validate(token.claims)
    except (JoseError, ValueError) as error:
        raise Refused("the statement is not the provider's, or not for us") from error
    if "azp" in token.claims and token.claims["azp"] != at.client_id:
        raise Refused("the statement was made for another portal")
    return dict(token.claims)


def _client(of: Provider, said: dict[str, Any], back_to: str) -> OAuth2Session:
    client = OAuth2Session(
        of.client_id,
        _key,
        scope="openid email" if of.agency else "openid",
        redirect_uri=back_to,
        code_challenge_method="S256",
        token_endpoint_auth_method="private_key_jwt",  # noqa: S106 - the name of a method
    )
    client.trust_env = False
    header = {"alg": "ES256", "kid": _key.kid} if _key else None
    client.register_client_auth_method(PrivateKeyJWT(said["token_endpoint"], headers=header, alg="ES256"))
    return client


def _configuration(of: Provider, *, anew: bool = False) -> tuple[dict[str, Any], KeySet]:
    """What the provider says of itself, and its keys. Raises Unreachable."""
    with _lock:
        known = _known.get(of.issuer)
    if known and not anew and time.monotonic() - known[0] < KNOWN_FOR:
        return known[1], known[2]
    said = _fetched(f"{of.issuer}/.well-known/openid-configuration")
    ends = [str(said.get(name, "")) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
    if said.get("issuer") != of.issuer or not all(map(_is_sealed, ends)):
        raise Unreachable("the provider's description of itself is not sound")
    try:
        keys = KeySet.import_key_set(_fetched(ends[2]))  # type: ignore[arg-type]
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise Unreachable("the provider's keys cannot be read") from error
    with _lock:
        _known[of.issuer] = (time.monotonic(), said, keys)
    return said, keys


def _is_sealed(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOCAL)


def _fetched(address: str) -> dict[str, Any]:
    try:
        with requests.Session() as session:
            session.trust_env = False
            answer = session.get(address, timeout=SECONDS, allow_redirects=False)
            found = answer.json() if answer.status_code == 200 else None
    except (requests.RequestException, ValueError) as error:
        raise Unreachable(type(error).__name__) from error
    if not isinstance(found, dict):
        raise Unreachable(f"{answer.status_code}")
    return found
