"""The consent that an applicant signs: the version of its text, and when a signature matches the application."""

from __future__ import annotations

import re

from portal.domain.countries import sorting_key

TEXT_VERSION = "2026-11"
"""The version that is signed today: `templates/consents/<version>.html`. Changed words are a new file."""

TEXT_VERSIONS = (TEXT_VERSION, "guardian-2026-11")
"""Every version that somebody has signed: each can be read for as long as the consent is kept."""

SIGNING_AGE = 18
"""A parent or a legal representative signs for anybody younger (rulings, section 1)."""

ASSENT_AGE = 14
"""From this age a child says too that the application may be made (rulings, section 1; experience, A16)."""

GUARDIAN_TEXT_VERSION = "guardian-2026-11"
"""What another parent or guardian consents to: `templates/consents/<version>.html`."""


def is_signature_of(typed: str, full_name: str) -> bool:
    """Whether the typed name is the name on the application; accents, capitals, hyphens and spaces do not matter."""
    return _letters(typed) == _letters(full_name) != ""


def _letters(name: str) -> str:
    return re.sub(r"\W", "", sorting_key(name))
