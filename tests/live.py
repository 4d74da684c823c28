"""The tests' browser over a real connection: what Flask's test client does, spoken to a running portal."""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin

import requests


class LiveResponse:
    """A response with the few names that `Page` reads."""

    def __init__(self, response: requests.Response) -> None:
        self.status_code = response.status_code
        self.headers = response.headers
        self.mimetype = response.headers.get("Content-Type", "").split(";")[0]
        self.data = response.content

    def get_data(self, as_text: bool = False) -> Any:
        """The body."""
        return self.data.decode(errors="replace") if as_text else self.data


class LiveClient:
    """Stands where Flask's test client stands in a `Browser`. Keeps cookies; follows nothing by itself."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.session = requests.Session()
        self.session.trust_env = False

    def get(self, url: str, headers: dict[str, str] | None = None, **options: Any) -> LiveResponse:
        """GET `url`, relative to the portal or whole."""
        return LiveResponse(
            self.session.get(urljoin(self.address, url), headers=headers, allow_redirects=False, timeout=30)
        )

    def post(self, url: str, data: dict[str, Any] | None = None, **options: Any) -> LiveResponse:
        """POST a form; a value that is a pair of stream and name is a file."""
        fields = {name: value for name, value in (data or {}).items() if not isinstance(value, tuple)}
        files = {name: (value[1], value[0]) for name, value in (data or {}).items() if isinstance(value, tuple)}
        if options.get("content_type", "").startswith("multipart") and not files:
            files = {"": ("", b"")}
        return LiveResponse(
            self.session.post(
                urljoin(self.address, url), data=fields, files=files or None, allow_redirects=False, timeout=60
            )
        )
