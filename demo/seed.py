"""The demonstration's programme: centres and their slots, look-out lists, officers, and travellers in every stage."""

from __future__ import annotations

from datetime import timedelta

from pyotp import TOTP
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from demo import country_lists, lists
from demo.cast import OFFICERS, PASSWORD, TRAVELLERS, CastOfficer, CastTraveller
from demo.centres import FERRY_TERMINAL
from demo.families import lend_help
from demo.looking import look_around
from demo.stories import Stage, tell
from portal.adapters import passwords
from portal.clock import now, telling
from portal.config import Settings
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.models import Account, Officer
from portal.models.accounts import email_index
from portal.services import authenticator, centres, releases, role_grants, slots
from portal.services.officers import canonical
from portal.start import prepare

STAGES = {
    "begun": _l("Application begun"),
    "sent": _l("Application sent"),
    "paid": _l("Payment received"),
    "conditionally_approved": _l("Conditionally approved"),
    "booked": _l("Interview booked"),
    "booked_split": _l("Interview booked on both sides of a bridge"),
    "first_part_done": _l("One of two parts of the interview done"),
    "offered": _l("An earlier time is offered"),
    "approved": _l("Approved"),
    "family": _l("With two children, one of whom waits for a consent"),
}
ROLES = {
    "officer": _l("Officer"),
    "supervisor": _l("Supervisor"),
    "administrator": _l("Administrator"),
    "auditor": _l("Auditor"),
}
SHOWN = (*TRAVELLERS[:3], *TRAVELLERS[11:16], TRAVELLERS[17], TRAVELLERS[-1])
EARLIEST_STORY = timedelta(days=60)


def load(settings: Settings) -> None:
    """Load all of it into an empty database; where it was loaded before, only add the slots that are due since."""
    assert settings.demonstration and settings.owner_database_url is not None
    settings.files.mkdir(parents=True, exist_ok=True)
    database = prepare(settings.model_copy(update={"database_url": settings.owner_database_url}))
    with database.transaction() as session:
        if not session.scalar(select(func.count()).select_from(Officer)):
            _load_everything(session)
        else:
            slots.generate(session, centres.some(session, releases.due(session, centres.all_centres(session))))
    database.engine.dispose()


def sign_ins() -> list[tuple[str, str, str]]:
    """Who can sign in: a description, the address, the password."""
    travellers = [(_describe(traveller), traveller.email, PASSWORD) for traveller in SHOWN]
    officers = [(f"{ROLES[officer.role]} ({officer.agency})", officer.email, PASSWORD) for officer in OFFICERS]
    return travellers + officers


def codes() -> dict[str, str]:
    """What the app of each traveller who can sign in shows now, by address."""
    return {traveller.email: TOTP(traveller.app_secret).at(now()) for traveller in SHOWN}


def _describe(traveller: CastTraveller) -> str:
    return _("Traveller – %(stage)s", stage=STAGES[traveller.stage])


def _load_everything(session: Session) -> None:
    everywhere = centres.load(session) + centres.load(session, [FERRY_TERMINAL])
    with telling(now() - EARLIEST_STORY):
        slots.generate(session, everywhere, days=EARLIEST_STORY.days)
    slots.generate(session, everywhere)
    hashed = passwords.hash(PASSWORD)
    stage = Stage(session, hire(session, hashed))
    lists.publish_all(session)
    country_lists.publish_all(session)
    for traveller in TRAVELLERS:
        tell(stage, sign_up(session, traveller, hashed), traveller)
    lend_help(session, asks=TRAVELLERS[0], helps=TRAVELLERS[-1])
    look_around(session, stage.officers["US"][1])
    lists.go_on(session)
    country_lists.go_on(session)


def hire(session: Session, hashed: str) -> dict[str, list[Officer]]:
    """Every officer of the cast; returns those who review, by agency."""
    hired = [_officer(person, hashed) for person in OFFICERS]
    session.add_all(hired)
    session.flush()
    _propose_roles(session, hired)
    return {
        agency: [officer for officer in hired if officer.agency == agency and "officer" in officer.roles]
        for agency in ("CA", "US")
    }


def _propose_roles(session: Session, hired: list[Officer]) -> None:
    """In each agency a proposal waits for the second administrator: their officer 2 would be a supervisor too."""
    for agency in ("CA", "US"):
        first = next(one for one in hired if one.agency == agency and "administrator" in one.roles)
        officer = [one for one in hired if one.agency == agency and "officer" in one.roles][-1]
        role_grants.propose(session, officer, ["officer", "supervisor"], by=first)


def _officer(person: CastOfficer, hashed: str) -> Officer:
    return Officer(
        name=person.name,
        email=person.email,
        email_index=email_index(person.email),
        password_hash=hashed,
        agency=person.agency,
        roles=[person.role],
        staff_number=canonical(person.email.partition("@")[0]),
        language=person.language,
        activated_at=now(),
    )


def sign_up(session: Session, traveller: CastTraveller, hashed: str) -> Account:
    """The traveller’s account, its address confirmed."""
    account = Account(
        email=traveller.email,
        email_index=email_index(traveller.email),
        password_hash=hashed,
        language=traveller.language,
        email_confirmed_at=now() - timedelta(days=traveller.days_ago),
        enrolled_at=now() - timedelta(days=traveller.days_ago),
    )
    session.add(account)
    session.flush()
    authenticator.begin(session, account, secret=traveller.app_secret).confirmed_at = account.enrolled_at
    return account
