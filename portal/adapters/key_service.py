"""AWS KMS: draws a key that leaves it only wrapped, and unwraps it at start. It never sees a person's key.

The encryption context names Passage and the kind of key, so that a wrapped index key opens as no master key, and the
service's own log (CloudTrail) says which kind was opened.
"""

from __future__ import annotations

import base64
from typing import Any

TRIES = 4


class Refused(Exception):
    """The key service did not do what was asked. Says why, without any key."""


class KeyService:
    """AWS KMS at `endpoint`, or at its region's public address. Region and credentials are AWS's own settings."""

    def __init__(self, endpoint: str | None = None) -> None:
        self._endpoint = endpoint

    def draw(self, master: str, kind: str) -> str:
        """A new key of 32 bytes, wrapped by the service's key `master` for `kind`; in base64."""
        answer = self._ask(
            "generate_data_key_without_plaintext", KeyId=master, KeySpec="AES_256", EncryptionContext=_context(kind)
        )
        return base64.b64encode(answer["CiphertextBlob"]).decode()

    def unwrap(self, wrapped: str, kind: str) -> bytes:
        """The key that `draw` gave for the same kind. Raises Refused."""
        try:
            blob = base64.b64decode(wrapped, validate=True)
        except ValueError:
            raise Refused("a wrapped key is not base64") from None
        plain: bytes = self._ask("decrypt", CiphertextBlob=blob, EncryptionContext=_context(kind))["Plaintext"]
        return plain

    def _ask(self, what: str, **arguments: Any) -> dict[str, Any]:
        import boto3  # large, and only needed where KMS is used
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError, ClientError

        patience = Config(connect_timeout=5, read_timeout=10, retries={"total_max_attempts": TRIES})
        try:
            client = boto3.client("kms", endpoint_url=self._endpoint, config=patience)
            answer: dict[str, Any] = getattr(client, what)(**arguments)
        except ClientError as error:
            raise Refused(f"the key service refused ({error.response['Error']['Code']})") from None
        except BotoCoreError as error:
            raise Refused(f"the key service cannot be reached ({type(error).__name__})") from None
        return answer


def _context(kind: str) -> dict[str, str]:
    return {"application": "passage", "key": kind}
