"""Every setting, typed, from the environment; refuses to start half-configured.

A default stands here only where it is right for production and fit to be public.
"""

from __future__ import annotations

import base64
import functools
import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated
from urllib.parse import parse_qs, urlsplit

from pydantic import AliasChoices, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

WEAK = {"", "secret", "changeme", "change-me", "dev", "development", "password", "default"}


KEY_KINDS = ("master", "index")


def read_key(written: str) -> bytes:
    """The 32 random bytes that are written in base64. Raises ValueError that says what is wrong."""
    try:
        raw = base64.b64decode(written, validate=True)
    except ValueError:
        raise ValueError("must be base64") from None
    if len(raw) != 32 or len(set(raw)) < 8:
        raise ValueError("must be 32 random bytes in base64")
    return raw


Network = IPv4Network | IPv6Network


@functools.cache
def networks_of(written: str) -> tuple[Network, ...]:
    """The networks in a list that is parted by commas. Raises ValueError for what is none."""
    return tuple(ip_network(one.strip()) for one in written.split(",") if one.strip())


def _named(name: str) -> AliasChoices:
    return AliasChoices(name, f"PASSAGE_{name}")


def _is_sealed(smtp_url: str) -> bool:
    """Whether mail goes over TLS, as `adapters.mailer` reads the address."""
    parts = urlsplit(smtp_url)
    return parts.scheme == "smtps" or parse_qs(parts.query).get("starttls") == ["1"]


class Settings(BaseSettings):
    """The portal's settings. Raises pydantic.ValidationError that names each missing or unfit one."""

    model_config = SettingsConfigDict(env_prefix="PASSAGE_", extra="ignore", populate_by_name=True)

    demonstration: bool = False
    """Demonstration mode: specimen marks, printed sign-ins, the mail reader and the stand-ins. Never in production."""

    external_url: str
    """Scheme and host under which people reach the portal; every link in a message starts with it."""

    database_url: Annotated[SecretStr, Field(validation_alias=_named("DATABASE_URL"))]
    """PostgreSQL as the role of this process (web for `portal serve`, worker for `portal work`)."""

    owner_database_url: Annotated[SecretStr | None, Field(validation_alias=_named("OWNER_DATABASE_URL"))] = None
    """PostgreSQL as the role that owns the tables: only `portal migrate` and `portal demo` need it."""

    secret_key: SecretStr
    """Signs cookies and form tokens: at least 32 characters."""

    master_key: SecretStr | None = None
    """Wraps each person's key: 32 bytes in base64. Or in a file, or wrapped by AWS KMS: see `master_key_file`."""

    old_master_keys: SecretStr | None = None
    """Earlier master keys, and the next one: they open, and wrap nothing new. Several are parted by spaces."""

    master_key_file: Path | None = None
    """Instead of both: a file with a key on each line, the current one first."""

    kms_master_keys: str | None = None
    """Instead: master keys as AWS KMS wrapped them (`portal keys draw`), the current one first, parted by spaces."""

    index_key: SecretStr | None = None
    """Makes the blind indexes by which an encrypted value is found again: 32 bytes in base64."""

    old_index_keys: SecretStr | None = None
    """Index keys that are found by and that make nothing new. Several are parted by spaces."""

    index_key_file: Path | None = None
    """Instead of both: a file with a key on each line, the current one first."""

    kms_index_keys: str | None = None
    """Instead: index keys as AWS KMS wrapped them, the current one first, parted by spaces."""

    kms_endpoint: str | None = None
    """Where AWS KMS is, when not at its region's public address. Region and credentials are AWS's own settings."""

    audit_signing_key: Annotated[SecretStr | None, Field(validation_alias=_named("AUDIT_SIGNING_KEY"))] = None
    """Signs the audit trail's seals (Ed25519): 32 random bytes in base64. For the worker that seals only."""

    audit_public_keys: str = ""
    """Further public keys whose seals are believed, parted by spaces: those of earlier signing keys."""

    sealer_database_url: Annotated[SecretStr | None, Field(validation_alias=_named("SEALER_DATABASE_URL"))] = None
    """PostgreSQL as passage_sealer. With it, `portal work` seals the audit trail."""

    audit_anchor: Path | None = None
    """Folder outside the database, best on another machine, into which the trail's head is written every day."""

    audit_anchor_email: str | None = None
    """Address to which the trail's head is sent every day."""

    smtp_url: str
    """smtp://host:port or smtps://user:password@host:port; production needs smtps or smtp with ?starttls=1."""

    mail_from: str = "Passage <no-reply@passage.example.org>"
    """The sender of every message."""

    files: Path
    """Folder of the encrypted documents and letters, outside anything that a web server serves."""

    files_bucket: str | None = None
    """Instead of that folder: a bucket that speaks S3, as s3://bucket or s3://bucket/prefix. Region and credentials are
    AWS's own settings."""

    files_endpoint: str | None = None
    """Where the bucket is, when not at its region's public address."""

    clamd: str | None = None
    """The virus scanner: the path of ClamAV's Unix socket, or host:port. Required in production; without it
    nothing is scanned."""

    stripe_key: SecretStr
    """Secret key of the payment company's account."""

    stripe_webhook_secret: SecretStr
    """Secret that signs the payment company's notices."""

    stripe_api_base: str = "https://api.stripe.com"
    """Where the payment company's interface is."""

    stripe_checkout_origin: str = "https://checkout.stripe.com"
    """Origin of the hosted checkout page, for the Content-Security-Policy."""

    mail_folder: Path | None = None
    """Where the demonstration's mail server keeps what it receives. Demonstration only."""

    agency_name_ca_en: str = "Canada"
    agency_name_ca_fr: str = "Canada"
    agency_name_us_en: str = "United States"
    agency_name_us_fr: str = "États-Unis"
    """What each agency is called in public text."""

    oidc_key_file: Path | None = None
    """PEM file with the private key (P-256) by which we show who we are at the identity providers named below."""

    national_sign_in: str = ""
    """Travellers’ national sign-in by OpenID Connect: issuer, our client id, and the `acr` values that are
    strong enough."""

    national_sign_in_name_en: str = "National sign-in"
    national_sign_in_name_fr: str = "Connexion nationale"
    """What it is called on our pages."""

    directory_ca: str = ""
    directory_us: str = ""
    """The agency’s directory of officers by OpenID Connect: issuer, our client id, and which `acr` values are
    phishing-resistant there."""

    trusted_proxies: int = Field(default=0, ge=0)
    """How many proxies in front are ours; their X-Forwarded-* headers are believed, nobody else's."""

    officers_door: str = "0.0.0.0/0, ::/0"
    """Networks from which officers' pages can be reached, parted by commas; from elsewhere there are no such pages."""

    officers_url: str | None = None
    """Scheme and host under which officers reach their pages, and nothing else stands; without it, `external_url`."""

    record_interviews_early: bool = Field(default_factory=lambda known: known["demonstration"])
    """Officers may record an interview before its day. In demonstration mode they may, so that nobody has to wait."""

    recovery_wait_hours: int = Field(default=72, ge=24)
    """How long a recovery without any second step waits, with notice to its holder."""

    free_disk_minimum: int = 200_000_000
    """Bytes that must be free for the portal to call itself ready."""

    @field_validator("external_url", "officers_url")
    @classmethod
    def _plain_origin(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        more = parts.path.strip("/") or parts.query or parts.fragment or parts.username
        if parts.scheme not in ("http", "https") or not parts.hostname or more:
            raise ValueError("must be a scheme and a host, such as https://passage.example.org")
        return value.rstrip("/")

    @field_validator("master_key", "index_key", "old_master_keys", "old_index_keys")
    @classmethod
    def _thirty_two_bytes(cls, value: SecretStr | None) -> SecretStr | None:
        for written in value.get_secret_value().split() if value else ():
            read_key(written)
        return value

    @field_validator("files_bucket")
    @classmethod
    def _a_bucket(cls, value: str | None) -> str | None:
        if value and not re.fullmatch(r"s3://[a-z0-9][a-z0-9.-]+(/[\w./-]*)?", value, re.ASCII):
            raise ValueError("must be a bucket such as s3://passage-files")
        return value or None

    @field_validator("clamd")
    @classmethod
    def _a_socket(cls, value: str | None) -> str | None:
        if value and not value.startswith("/"):
            host, _, port = value.rpartition(":")
            if not host or not port.isdecimal():
                raise ValueError("must be the path of a Unix socket or host:port, such as 127.0.0.1:3310")
        return value or None

    @field_validator("audit_signing_key")
    @classmethod
    def _a_seed(cls, value: SecretStr | None) -> SecretStr | None:
        if value:
            read_key(value.get_secret_value())
        return value

    @model_validator(mode="after")
    def _who_seals_can_sign(self) -> Settings:
        if self.sealer_database_url and not self.audit_signing_key:
            raise ValueError("audit_signing_key is missing: whoever seals must sign")
        return self

    @field_validator("national_sign_in", "directory_ca", "directory_us")
    @classmethod
    def _a_provider(cls, value: str) -> str:
        parts = value.split()
        if not parts:
            return ""
        where = urlsplit(parts[0])
        if len(parts) < 3 or where.query or where.fragment or not where.hostname:
            raise ValueError("must be an issuer, a client id, and one acr value or more, parted by spaces")
        if where.scheme != "https" and not (where.scheme == "http" and where.hostname in ("localhost", "127.0.0.1")):
            raise ValueError("must name an issuer at https")
        return " ".join(parts)

    @model_validator(mode="after")
    def _two_hosts_are_two(self) -> Settings:
        # Cookies and passkeys are a host's, whatever the port: on one host the two doors would share them.
        if self.officers_url and self.officers_hostname == self.hostname:
            raise ValueError("officers_url must name another host than external_url")
        if self.officers_url and self.officers_url.startswith("https://") != self.is_tls:
            raise ValueError("officers_url and external_url must both be https, or both http")
        return self

    @model_validator(mode="after")
    def _a_key_for_the_providers(self) -> Settings:
        if (self.national_sign_in or self.directory_ca or self.directory_us) and self.oidc_key_file is None:
            raise ValueError("oidc_key_file is missing: an identity provider must know who asks")
        return self

    @field_validator("officers_door")
    @classmethod
    def _networks(cls, value: str) -> str:
        if not networks_of(value):
            raise ValueError("must name at least one network, such as 10.0.0.0/8")
        return value

    @field_validator("secret_key")
    @classmethod
    def _strong(cls, value: SecretStr) -> SecretStr:
        text = value.get_secret_value()
        if len(text) < 32 or text.lower() in WEAK or len(set(text)) < 8:
            raise ValueError("must be at least 32 random characters")
        return value

    @field_validator("stripe_key", "stripe_webhook_secret")
    @classmethod
    def _not_empty(cls, value: SecretStr) -> SecretStr:
        # With an empty secret anybody could sign a notice.
        if not value.get_secret_value().strip():
            raise ValueError("must not be empty")
        return value

    @model_validator(mode="after")
    def _one_source_for_each_kind_of_key(self) -> Settings:
        for kind in KEY_KINDS:
            sources = [f"{kind}_key", f"{kind}_key_file", f"kms_{kind}_keys"]
            given = [name for name in sources if getattr(self, name)]
            if not given:
                raise ValueError(f"{sources[0]} is missing")
            if len(given) > 1:
                raise ValueError(f"{given[0]} and {given[1]} are both set: choose one")
        return self

    @model_validator(mode="after")
    def _fit_for_production(self) -> Settings:
        if self.demonstration:
            return self
        unfit = []
        if not self.external_url.startswith("https://"):
            unfit.append("external_url must be https in production")
        if not _is_sealed(self.smtp_url):
            unfit.append("smtp_url must be smtps:// or carry ?starttls=1 in production")
        if not self.stripe_api_base.startswith("https://"):
            unfit.append("stripe_api_base must be https in production")
        if not self.stripe_webhook_secret.get_secret_value().startswith("whsec_"):
            unfit.append("stripe_webhook_secret must be the company's own, whsec_...")
        if self.stripe_key.get_secret_value().startswith(("sk_test_", "rk_test_")):
            unfit.append("stripe_key is one for tests, which takes no money, and must not be set in production")
        if self.record_interviews_early:
            unfit.append("record_interviews_early belongs to the demonstration and must not be set in production")
        for name in ("national_sign_in", "directory_ca", "directory_us"):
            if getattr(self, name).startswith("http://"):
                unfit.append(f"{name} must name an issuer at https in production")
        if (self.files_endpoint or "").startswith("http://"):
            unfit.append("files_endpoint must be https in production")
        if self.clamd is None:
            unfit.append("clamd is missing: nobody opens a file in production that no virus scanner has seen")
        if self.mail_folder is not None:
            unfit.append("mail_folder belongs to the demonstration and must not be set in production")
        if unfit:
            raise ValueError("; ".join(unfit))
        return self

    @property
    def is_tls(self) -> bool:
        """Whether people reach the portal over TLS, so that cookies can carry the __Host- prefix."""
        return self.external_url.startswith("https://")

    @property
    def officers_networks(self) -> tuple[Network, ...]:
        """From where officers' pages can be reached."""
        return networks_of(self.officers_door)

    @property
    def identity_provider_origins(self) -> tuple[str, ...]:
        """Where the forms that begin a sign-in elsewhere lead, for the Content-Security-Policy."""
        named = (self.national_sign_in, self.directory_ca, self.directory_us)
        return tuple("{0.scheme}://{0.netloc}".format(urlsplit(written.split()[0])) for written in named if written)

    @property
    def hostname(self) -> str:
        """The host name that requests must name."""
        return urlsplit(self.external_url).hostname or ""

    @property
    def officers_origin(self) -> str:
        """Scheme and host of officers' pages."""
        return self.officers_url or self.external_url

    @property
    def officers_hostname(self) -> str:
        """The host name that requests for officers' pages must name."""
        return urlsplit(self.officers_origin).hostname or ""

    def agency_name(self, agency: str, language: str) -> str:
        """What the agency "CA" or "US" is called in `language`."""
        return str(getattr(self, f"agency_name_{agency.lower()}_{language}"))
