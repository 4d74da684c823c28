"""An authenticator in software: makes passkeys and signs with them, as a phone would, and lies where a test wants."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import bytes_to_base64url

PRESENT_AND_VERIFIED, ATTESTED = 0x05, 0x40


@dataclass
class SoftPasskey:
    """One passkey. `origin` is the page that the browser says it is on."""

    origin: str = "http://localhost"
    flags: int = PRESENT_AND_VERIFIED
    count: int = 0
    rp_id: str = ""
    user_handle: str = ""
    credential_id: bytes = field(default_factory=lambda: os.urandom(32))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def make(self, options: dict[str, Any]) -> str:
        """Answer the request to make a passkey."""
        self.rp_id, self.user_handle = options["rp"]["id"], options["user"]["id"]
        length = len(self.credential_id).to_bytes(2, "big")
        attested = bytes(16) + length + self.credential_id + self._public_key()
        data = self._data(self.flags | ATTESTED) + attested
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        response = {"clientDataJSON": self._client_data("webauthn.create", options), "attestationObject": attestation}
        return self._answer(response)

    def sign(self, options: dict[str, Any]) -> str:
        """Answer the request to show a passkey."""
        self.count += 1
        data, client = self._data(self.flags), self._client_data("webauthn.get", options)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        response = {"clientDataJSON": client, "authenticatorData": data, "signature": signature}
        return self._answer(response, userHandle=self.user_handle)

    def _data(self, flags: int) -> bytes:
        return hashlib.sha256(self.rp_id.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _client_data(self, kind: str, options: dict[str, Any]) -> bytes:
        return json.dumps({"type": kind, "challenge": options["challenge"], "origin": self.origin}).encode()

    def _answer(self, response: dict[str, bytes], **more: str) -> str:
        name = bytes_to_base64url(self.credential_id)
        said = {key: bytes_to_base64url(value) for key, value in response.items()} | more
        answer = {"id": name, "rawId": name, "type": "public-key", "response": said, "clientExtensionResults": {}}
        return json.dumps(answer)

    def _public_key(self) -> bytes:
        numbers = self.key.public_key().public_numbers()
        parts = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        return bytes(cbor2.dumps(parts))
