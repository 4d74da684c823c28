"""What an account's holder has agreed to: each consent with its words, in the version and language that were signed."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.adapters import templates
from portal.domain.consent import TEXT_VERSIONS
from portal.i18n import speaking
from portal.models import Account, Application, Consent


@dataclass(frozen=True)
class Signed:
    """One consent. `words` is safe HTML, empty where the version is not known here any more."""

    consent: Consent
    reference: str
    words: str

    @property
    def signed_name(self) -> str:
        """The name that was typed as a signature."""
        return self.consent.signed_name or ""


def of_account(session: Session, account: Account) -> list[Signed]:
    """Every consent that the account's holder has given, the newest first, also those that ended."""
    query = (
        select(Consent, Application.reference)
        .join(Application, Application.id == Consent.application_id)
        .where(Consent.account_id == account.id)
        .order_by(Consent.given_at.desc())
    )
    found = session.execute(query).all()
    return [
        Signed(consent, reference, words(consent.text_version, consent.language))
        for consent, reference in found
        if consent.key_owner.wrapped_key is not None
    ]


def words(version: str, language: str) -> str:
    """The words of one version in one language, as HTML."""
    if version not in TEXT_VERSIONS:
        return ""
    with speaking(language):
        return templates.render(f"consents/{version}.html")
