"""The file store as a bucket that speaks S3: what is put there is whole, or is not there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

PART = 5 * 1024 * 1024  # bytes, the least that S3 takes for one part of several
PATIENCE = timedelta(seconds=30)
MUCH = 1 << 62


class StoreAway(OSError):
    """The bucket does not answer, or does not let us in."""


class Bucket:
    """Files in `s3://bucket/prefix`. Region and credentials are AWS's own settings; `endpoint` for another service."""

    def __init__(self, address: str, endpoint: str | None, pattern: re.Pattern[str]) -> None:
        from obstore.store import S3Store

        parts = urlsplit(address)
        options: dict[str, Any] = {"endpoint": endpoint} if endpoint else {}
        self.pattern = pattern
        self.store = S3Store(
            parts.netloc,
            prefix=parts.path.strip("/") or None,
            client_options={"allow_http": bool(endpoint and endpoint.startswith("http://")), "timeout": PATIENCE},
            retry_config={"max_retries": 2, "retry_timeout": PATIENCE},
            **options,
        )

    def put(self, key: str, parts: Iterable[bytes]) -> None:
        """Keep it. Raises StoreAway where that fails."""
        import obstore

        with _failing_plainly():
            obstore.put(self.store, key, iter(parts), chunk_size=PART, max_concurrency=1)

    def get(self, key: str) -> bytes:
        """What was kept. Raises FileNotFoundError where nothing is."""
        import obstore

        with _failing_plainly():
            return bytes(obstore.get(self.store, key).bytes())

    def exists(self, key: str) -> bool:
        """Whether something is kept."""
        import obstore

        try:
            with _failing_plainly():
                obstore.head(self.store, key)
        except FileNotFoundError:
            return False
        return True

    def delete(self, key: str) -> None:
        """Forget it; nothing happens where nothing is."""
        import obstore

        with _failing_plainly():
            obstore.delete(self.store, key)

    def all_keys(self) -> Iterator[tuple[str, datetime]]:
        """Every key with the time of its writing."""
        import obstore

        with _failing_plainly():
            for found in obstore.list(self.store):
                for one in found:
                    if self.pattern.fullmatch(one["path"]):
                        yield one["path"], one["last_modified"]

    def delete_unfinished(self, before: datetime) -> None:
        """Nothing to do: a rule of the bucket's own forgets parts of what was never finished (docs/operating.md)."""

    def free(self) -> int:
        """Bytes that can still be written: nobody knows, and it is enough."""
        return MUCH


class _failing_plainly:
    """What obstore raises, as the errors of files that everybody knows."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        from obstore.exceptions import BaseError, NotFoundError

        if isinstance(error, NotFoundError):
            raise FileNotFoundError(str(error)) from error
        if isinstance(error, BaseError):
            raise StoreAway(str(error)) from error
