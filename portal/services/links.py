"""Where the one link of a message leads, told without the web: the pages' addresses by endpoint and language.

A test compares them with the routes themselves.
"""

from __future__ import annotations

PATHS = {
    "account.confirm_email": {"en": "/en/account/code", "fr": "/fr/compte/code"},
    "account.sign_in": {"en": "/en/sign-in", "fr": "/fr/connexion"},
    "account.security": {"en": "/en/account", "fr": "/fr/compte"},
    "account.change_email": {"en": "/en/account/change-email", "fr": "/fr/compte/changer-courriel"},
    "account.your_data": {"en": "/en/account/your-data", "fr": "/fr/compte/vos-donnees"},
    "applicant.accept_tie": {"en": "/en/family/link/{token}", "fr": "/fr/famille/lien/{token}"},
    "applicant.accept_help": {"en": "/en/helpers/link/{token}", "fr": "/fr/personnes-qui-aident/lien/{token}"},
    "applicant.own_account": {"en": "/en/family/own-account/{token}", "fr": "/fr/famille/propre-compte/{token}"},
    "public.give_consent": {"en": "/en/consent/{token}", "fr": "/fr/consentement/{token}"},
    "public.kept_consent": {"en": "/en/consent/given/{token}", "fr": "/fr/consentement/donne/{token}"},
    "public.privacy": {"en": "/en/privacy", "fr": "/fr/confidentialite"},
    "officer.accept_invitation": {"en": "/en/officers/invitation/{token}", "fr": "/fr/agents/invitation/{token}"},
    "admin.officers": {"en": "/en/officers", "fr": "/fr/agents"},
    "officer.my_work": {"en": "/en/officers/work", "fr": "/fr/agents/travail"},
    "officer.screening_runs": {"en": "/en/officers/lists/runs", "fr": "/fr/agents/listes/recherches"},
    "officer.unusual_looking": {"en": "/en/officers/unusual-looking", "fr": "/fr/agents/consultations-inhabituelles"},
    "applicant.offered_times": {"en": "/en/earlier-times", "fr": "/fr/heures-plus-tot"},
    "officer.emergencies": {"en": "/en/officers/emergencies", "fr": "/fr/agents/urgences"},
    "applicant.dashboard": {"en": "/en/applications", "fr": "/fr/demandes"},
}


def path(endpoint: str, language: str, **values: str) -> str:
    """The path of a page, filled in. Raises KeyError for a page to which no message leads."""
    return PATHS[endpoint][language].format(**values)
