"""Passkeys as browsers and authenticators speak of them (WebAuthn): what to ask, and whether the answer is genuine.

The relying party is our host name and the origin our address, as the audience ("traveller" or "officer", who may have
a host of their own) reaches it: an answer given to any other site does not fit. A passkey must be found without an
address (resident) and must know its holder by a finger, a face or a PIN.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import parse_authentication_credential_json, parse_registration_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from portal.config import Settings

MILLISECONDS = 5 * 60 * 1000
LONGEST_ANSWER = 20_000
KNOWN_TRANSPORTS = ("usb", "nfc", "ble", "smart-card", "internal", "hybrid")


@dataclass(frozen=True)
class Site:
    """Where an audience shows its passkeys."""

    rp_id: str
    origin: str


_sites: dict[str, Site] = {}


class Refused(Exception):
    """The answer is not genuine, not for us, or not an answer at all."""


@dataclass(frozen=True)
class Registered:
    """A passkey as its authenticator presented it."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    transports: list[str]


def configure(settings: Settings) -> None:
    """Say under which name and at which address each audience reaches the portal."""
    _sites["traveller"] = Site(settings.hostname, settings.external_url)
    _sites["officer"] = Site(settings.officers_hostname, settings.officers_origin)


def registration_options(
    challenge: bytes, *, audience: str, user_id: bytes, user_name: str, known: Iterable[bytes]
) -> str:
    """What `navigator.credentials.create` is asked, as JSON. `known` credentials are not made twice on a device."""
    options = generate_registration_options(
        rp_id=_sites[audience].rp_id,
        rp_name="Passage",
        user_id=user_id,
        user_name=user_name,
        challenge=challenge,
        timeout=MILLISECONDS,
        exclude_credentials=[PublicKeyCredentialDescriptor(id=one) for one in known],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
    )
    return options_to_json(options)


def verify_registration(answer: str, challenge: bytes, *, audience: str) -> Registered:
    """The new passkey. Raises Refused."""
    try:
        credential = parse_registration_credential_json(_sized(answer))
        verified = verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=_sites[audience].rp_id,
            expected_origin=_sites[audience].origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise Refused(type(error).__name__) from error
    spoken = [str(one.value) for one in credential.response.transports or []]
    return Registered(
        verified.credential_id,
        verified.credential_public_key,
        verified.sign_count,
        [name for name in spoken if name in KNOWN_TRANSPORTS],
    )


def sign_in_options(challenge: bytes, *, audience: str, allowed: Iterable[bytes] = ()) -> str:
    """What `navigator.credentials.get` is asked, as JSON; without `allowed`, any passkey that the device has for us."""
    options = generate_authentication_options(
        rp_id=_sites[audience].rp_id,
        challenge=challenge,
        timeout=MILLISECONDS,
        allow_credentials=[PublicKeyCredentialDescriptor(id=one) for one in allowed],
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json(options)


def credential_of(answer: str) -> bytes:
    """Which passkey the answer says it comes from. Raises Refused where it says none."""
    try:
        return base64url_to_bytes(parse_authentication_credential_json(_sized(answer)).id)
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise Refused(type(error).__name__) from error


def verify_sign_in(answer: str, challenge: bytes, *, audience: str, public_key: bytes, sign_count: int) -> int:
    """The passkey's new count of signatures. Raises Refused, also for a copy that counts backwards."""
    try:
        verified = verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=_sites[audience].rp_id,
            expected_origin=_sites[audience].origin,
            credential_public_key=public_key,
            credential_current_sign_count=sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise Refused(type(error).__name__) from error
    return verified.new_sign_count


def _sized(answer: str) -> str:
    if len(answer) > LONGEST_ANSWER:
        raise ValueError("too long")
    return answer
