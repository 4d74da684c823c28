"""The world outside, each part a module with two or three functions, configured once at start."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from portal.config import Settings


def configure(settings: Settings) -> None:
    """Configure every adapter that needs settings."""
    from portal.adapters import antivirus, files, identity_providers, mailer, passkeys, payments, sealing, templates

    antivirus.configure(settings)
    files.configure(settings)
    identity_providers.configure(settings)
    mailer.configure(settings)
    passkeys.configure(settings)
    payments.configure(settings)
    sealing.configure(settings)
    templates.configure(settings)
