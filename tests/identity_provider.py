"""An OpenID Connect provider for the tests, over a real connection: discovery, keys, authorisation code with PKCE (S256
only), clients known by a signed assertion that counts once. Its people say on a page of its own who they are."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import requests
from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import ClientMixin, grants
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import UserInfo
from authlib.oidc.core.grants import OpenIDCode
from flask import Flask, jsonify
from joserfc.jwk import ECKey, KeySet, RSAKey
from werkzeug.serving import make_server

from portal.clock import now


@dataclass
class Somebody:
    """A person whom the provider knows, as it signs that it knows them."""

    subject: str
    email: str = ""
    email_verified: bool = True
    acr: str = "phr"
    auth_age: int = 0
    """Seconds since they showed a factor."""
    changes: dict[str, Any] = field(default_factory=dict)
    """Claims that the statement carries instead of the true ones."""


class IdentityProvider:
    """The provider, listening on a port of its own until `stop`."""

    def __init__(self, client_id: str = "passage") -> None:
        self.client_id = client_id
        self.client_keys: KeySet | None = None
        self.key: Any = RSAKey.generate_key(2048, auto_kid=True)
        self.codes: dict[str, _Code] = {}
        self.assertions: set[str] = set()
        self.somebody = Somebody("nobody")
        self.app = Flask("identity provider")
        self.server = make_server("127.0.0.1", 0, self.app, threaded=True)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        _install(self)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """Answer no more."""
        self.server.shutdown()
        self.server.server_close()

    def trust(self, key: ECKey) -> None:
        """Know the client by the public half of this key."""
        self.client_keys = KeySet([ECKey.import_key(key.as_dict(private=False))])

    def answers(self, question: str, somebody: Somebody) -> str:
        """The address with which `somebody`'s browser comes back from the question at this address."""
        self.somebody = somebody
        answer = requests.get(question, allow_redirects=False, timeout=10)
        assert answer.status_code == 302, answer.text
        return answer.headers["Location"]


@dataclass
class _Client(ClientMixin):
    """Passage, as it is registered here."""

    client_id: str

    def get_client_id(self) -> str:
        return self.client_id

    def get_default_redirect_uri(self) -> str:
        return ""

    def get_allowed_scope(self, scope: str) -> str:
        return " ".join(part for part in scope.split() if part in ("openid", "email"))

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return urlsplit(redirect_uri).netloc == "localhost" and redirect_uri.endswith(("/return", "/retour"))

    def check_client_secret(self, client_secret: str) -> bool:
        return False

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "client_assertion_jwt"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


@dataclass
class _Code:
    """A code that was given out; what authlib asks of one."""

    code: str
    redirect_uri: str
    scope: str
    nonce: str
    code_challenge: str
    somebody: Somebody
    code_challenge_method: str = "S256"

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str:
        return self.nonce

    def get_auth_time(self) -> int:
        return int(now().timestamp()) - self.somebody.auth_age

    def get_acr(self) -> str:
        return self.somebody.acr

    def get_amr(self) -> None:
        return None


def _install(provider: IdentityProvider) -> None:
    def client(client_id: str) -> _Client | None:
        return _Client(client_id) if client_id == provider.client_id else None

    server = AuthorizationServer(provider.app, query_client=client, save_token=lambda token, request: None)
    server.register_grant(_code_grant(provider), [CodeChallenge(required=True), _statement(provider)])
    server.register_client_auth_method("client_assertion_jwt", _assertion(provider))

    @provider.app.get("/.well-known/openid-configuration")
    def configuration() -> Any:
        return jsonify(
            issuer=provider.issuer,
            authorization_endpoint=f"{provider.issuer}/authorize",
            token_endpoint=f"{provider.issuer}/token",
            jwks_uri=f"{provider.issuer}/keys",
            response_types_supported=["code"],
            code_challenge_methods_supported=["S256"],
            token_endpoint_auth_methods_supported=["private_key_jwt"],
            authorization_response_iss_parameter_supported=True,
        )

    @provider.app.get("/keys")
    def keys() -> Any:
        return jsonify(keys=[provider.key.as_dict(private=False)])

    @provider.app.get("/authorize")
    def authorize() -> Any:
        grant = server.get_consent_grant(end_user=provider.somebody)
        answer = server.create_authorization_response(grant_user=provider.somebody, grant=grant)
        answer.headers["Location"] += "&" + urlencode({"iss": provider.issuer})
        return answer

    @provider.app.post("/token")
    def token() -> Any:
        return server.create_token_response()


def _code_grant(provider: IdentityProvider) -> type[grants.AuthorizationCodeGrant]:
    class Grant(grants.AuthorizationCodeGrant):
        TOKEN_ENDPOINT_AUTH_METHODS = ["client_assertion_jwt"]

        def save_authorization_code(self, code: str, request: Any) -> _Code:
            asked = request.payload.data
            kept = _Code(code, asked["redirect_uri"], request.payload.scope, asked.get("nonce", ""),
                         asked.get("code_challenge", ""), request.user)  # fmt: skip
            provider.codes[code] = kept
            return kept

        def query_authorization_code(self, code: str, client: Any) -> _Code | None:
            return provider.codes.get(code)

        def delete_authorization_code(self, code: _Code) -> None:
            del provider.codes[code.code]

        def authenticate_user(self, code: _Code) -> Somebody:
            return code.somebody

    return Grant


def _statement(provider: IdentityProvider) -> OpenIDCode:
    class Statement(OpenIDCode):
        def exists_nonce(self, nonce: str, request: Any) -> bool:
            return any(code.nonce == nonce for code in provider.codes.values())

        def get_client_algorithm(self, client: Any) -> str:
            return "RS256"

        def get_client_claims(self, client: Any) -> dict[str, Any]:
            moment = int(now().timestamp())
            return {"iss": provider.issuer, "aud": provider.client_id, "iat": moment, "exp": moment + 300}

        def get_encode_header(self, client: Any) -> dict[str, str]:
            return {"alg": "RS256", "kid": provider.key.kid}

        def resolve_client_private_key(self, client: Any) -> Any:
            return provider.key

        def generate_user_info(self, user: Somebody, scope: str) -> UserInfo:
            email = {"email": user.email, "email_verified": user.email_verified} if user.email else {}
            return UserInfo(sub=user.subject, **email) | user.changes

    return Statement(require_nonce=True)


def _assertion(provider: IdentityProvider) -> JWTBearerClientAssertion:
    class Assertion(JWTBearerClientAssertion):
        def get_audiences(self) -> list[str]:
            return [f"{provider.issuer}/token", provider.issuer]

        def validate_jti(self, claims: Any, jti: str) -> bool:
            is_new = jti not in provider.assertions
            provider.assertions.add(jti)
            return is_new

        def resolve_client_public_key(self, client: Any) -> Any:
            return provider.client_keys

    return Assertion()


def asked(address: str) -> dict[str, str]:
    """What a question at this address asks, by name of the parameter."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
