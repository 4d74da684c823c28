"""What every template knows: language, the way to the same page in the other one, who is there, where they can go."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, current_app, request, url_for
from flask_login import current_user
from jinja2 import StrictUndefined

from portal.adapters import identity_providers
from portal.clock import now
from portal.config import Settings
from portal.domain import late_arrivals
from portal.domain.instructions import IRIS, Told, in_force
from portal.domain.permissions import Permission
from portal.i18n import Lazy, current_language, other_language
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.models import EnrolmentCentre, Officer
from portal.web import officers_door
from portal.web.access import can
from portal.web.routing import other_language_url
from portal.web.sessions import LIMITS


@dataclass(frozen=True)
class Entry:
    """An entry of a navigation."""

    label: str
    href: str
    current: bool
    count: int | None = None


Links = tuple[tuple[Lazy, str], ...]

VISITOR: Links = ((_l("Eligibility"), "public.eligibility"), (_l("Sign in"), "account.sign_in"))
TRAVELLER: Links = (
    (_l("Dashboard"), "applicant.dashboard"),
    (_l("Messages"), "applicant.messages"),
    (_l("Account"), "account.security"),
)
OFFICER: Links = ((_l("Workbench"), "officer.my_work"),)
WORKBENCH: tuple[tuple[Lazy, str, Permission], ...] = (
    (_l("My work"), "officer.my_work", Permission.OFFICER_USE),
    (_l("Queue"), "officer.queue", Permission.REVIEW_WORK),
    (_l("Look-out lists"), "officer.lookout_lists_page", Permission.LIST_READ),
    (_l("Country lists"), "officer.country_lists_page", Permission.COUNTRY_LIST_READ),
    (_l("Interviews"), "officer.interviews", Permission.INTERVIEW_RECORD),
    (_l("Help at the desk"), "officer.desk_help", Permission.INTERVIEW_RECORD),
    (_l("Sheets to post"), "officer.sheets_to_post", Permission.INTERVIEW_RECORD),
    (_l("Centres and times"), "officer.capacity", Permission.CAPACITY_MANAGE),
    (_l("Refunds"), "officer.refunds_to_make", Permission.PAYMENT_REFUND),
    (_l("Officers"), "admin.officers", Permission.OFFICERS_MANAGE),
    (_l("Unusual looking"), "officer.unusual_looking", Permission.LOOKING_OVERSEE),
    (_l("Emergencies"), "officer.emergencies", Permission.EMERGENCY_JUDGE),
    (_l("Audit trail"), "officer.audit_trail", Permission.AUDIT_READ),
    (_l("Your sign-in"), "officer.security", Permission.OFFICER_USE),
)
FOOTER: Links = (
    (_l("Help"), "public.help"),
    (_l("Privacy"), "public.privacy"),
    (_l("Accessibility"), "public.accessibility"),
    (_l("Enrolment centres"), "public.centres"),
    (_l("Entry requirements"), "public.entry_requirements"),
    (_l("For officers"), "officer.sign_in"),
)
FOOTER_WITHOUT_OFFICERS: Links = tuple(link for link in FOOTER if link[1] != "officer.sign_in")


def _told_at(centre: EnrolmentCentre) -> list[Told]:
    """What a centre asks today, in the language being spoken: what is always asked, and its notices in force."""
    day = now().astimezone(ZoneInfo(centre.zone)).date()
    return in_force([*centre.instructions, *centre.notices], current_language(), day)


def agency_name(agency: str) -> str:
    """What the agency "CA" or "US" is called in the language being spoken."""
    settings: Settings = current_app.extensions["settings"]
    return settings.agency_name(agency, current_language())


def _entries(links: Links) -> list[Entry]:
    here, language = request.endpoint, current_language()
    return [Entry(str(label), _address(endpoint, language), here == endpoint) for label, endpoint in links]


@functools.cache
def _address(endpoint: str, language: str) -> str:
    """Where a page without an own reference stands: every page has a dozen links to such pages."""
    return url_for(endpoint, language=language)


def _navigation() -> list[Entry]:
    if not current_user.is_authenticated:
        return [] if request.blueprint in officers_door.OFFICERS_PAGES else _entries(VISITOR)
    return _entries(OFFICER if current_user.audience == "officer" else TRAVELLER)


def _workbench() -> dict[str, Any]:
    person = current_user.person
    if not isinstance(person, Officer):
        return {}
    links = tuple((label, endpoint) for label, endpoint, permission in WORKBENCH if can(permission))
    return {
        "workbench_nav": _entries(links),
        "idle_seconds": int(LIMITS["officer"][0].total_seconds()),
        "workbench_who": _("%(name)s, %(agency)s", name=person.name, agency=agency_name(person.agency)),
    }


def _for_every_page() -> dict[str, Any]:
    is_officer = current_user.is_authenticated and current_user.audience == "officer"
    language = current_language()
    national = identity_providers.provider(identity_providers.NATIONAL)
    known = {
        "language": language,
        "other_language": other_language(),
        "other_language_url": other_language_url(),
        "home_url": _address("officer.my_work" if is_officer else "public.home", language),
        "help_url": _address("public.help", language),
        "navigation": _navigation(),
        "footer_links": _entries(FOOTER if officers_door.is_open() else FOOTER_WITHOUT_OFFICERS),
        "sign_out_url": None,
        "national_sign_in": national.name(language) if national else None,
    }
    if current_user.is_authenticated:
        known["sign_out_url"] = _address("officer.sign_out" if is_officer else "account.sign_out", language)
    return known | (_workbench() if is_officer else {})


def init_app(app: Flask, settings: Settings) -> None:
    """Give the templates what they know. A name that nobody gave is an error, not an empty place."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.globals.update(
        settings=settings, agency_name=agency_name, late_words=late_arrivals.in_words, told_at=_told_at, iris_words=IRIS
    )
    app.context_processor(_for_every_page)
