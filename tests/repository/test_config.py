"""Settings: half-configured or unfit for production, the portal does not start, and says which setting is at fault."""

import base64
import os

import pytest
from pydantic import ValidationError

from portal.config import Settings

KEY = base64.b64encode(bytes(range(32))).decode()
GOOD = {
    "external_url": "https://passage.example.org",
    "database_url": "postgresql://web@db/passage",
    "secret_key": "a8f5f167f44f4964e6c998dee827110c7c1a",
    "master_key": KEY,
    "index_key": KEY,
    "smtp_url": "smtps://user:word@mail.example.org:465",
    "files": "/srv/passage/files",
    "stripe_key": "sk_live_1",
    "stripe_webhook_secret": "whsec_1",
    "clamd": "/run/clamav/clamd.ctl",
}


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("PASSAGE_") or name.endswith("DATABASE_URL"):
            monkeypatch.delenv(name)


def test_a_full_configuration_starts() -> None:
    assert Settings(**GOOD).is_tls


@pytest.mark.parametrize("missing", GOOD)
def test_each_missing_setting_is_named(missing: str) -> None:
    with pytest.raises(ValidationError, match="(?i)" + missing):
        Settings(**{name: value for name, value in GOOD.items() if name != missing})


UNFIT = [
    ("external_url", "http://passage.example.org", "https in production"),
    ("external_url", "https://passage.example.org/somewhere", "a scheme and a host"),
    ("external_url", "https://someone@passage.example.org?x=1", "a scheme and a host"),
    ("smtp_url", "smtp://mail.example.org:25", "smtps"),
    ("smtp_url", "smtp://mail.example.org:25?starttls=10", "smtps"),
    ("secret_key", "secret", "32 random characters"),
    ("secret_key", "a" * 40, "32 random characters"),
    ("master_key", base64.b64encode(b"\0" * 32).decode(), "32 random bytes"),
    ("index_key", "not base64!", "base64"),
    ("stripe_api_base", "http://localhost:1", "https in production"),
    ("mail_folder", "/tmp/mail", "belongs to the demonstration"),
    ("stripe_webhook_secret", "", "must not be empty"),
    ("stripe_webhook_secret", "secret", "whsec_"),
    ("stripe_key", " ", "must not be empty"),
    ("stripe_key", "sk_test_1", "takes no money"),
    ("trusted_proxies", -1, "greater than or equal to 0"),
]


@pytest.mark.parametrize(("name", "value", "says"), UNFIT)
def test_what_is_unfit_for_production_is_refused(name: str, value: object, says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        Settings(**{**GOOD, name: value})


def test_the_demonstration_may_do_without_tls() -> None:
    settings = Settings(**{**GOOD, "demonstration": True, "external_url": "http://localhost:8000"})
    assert not settings.is_tls


def test_a_secret_does_not_show() -> None:
    assert GOOD["secret_key"] not in repr(Settings(**GOOD))
