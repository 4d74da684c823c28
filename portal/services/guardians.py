"""The consent of every other parent or guardian: asked by a link or taken from a letter, given, refused, withdrawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.clock import now
from portal.domain.consent import GUARDIAN_TEXT_VERSION, is_signature_of
from portal.domain.errors import NotFound, NotOpenToThis, RuleViolation
from portal.domain.guardians import others_to_ask
from portal.domain.lifecycle import CLOSED_STATUSES, Status
from portal.i18n import Lazy as _l
from portal.i18n import current_language
from portal.models import Account, Application, Document, GuardianConsent, PersonLink
from portal.services import audit, notifications, payments, person_links, transitions
from portal.services.actors import SYSTEM, Actor
from portal.services.guardian_consents import is_missing, of_application

LETTER = "consent_letter"
NOT_YOUR_NAME = _l("This is not the name that we were given. Sign with your full name, as in your documents.")
NOT_FOR_YOU = _l("This link is for the other parent or guardian. You cannot consent for them.")
CLOSED = _l("This application has ended. There is nothing to consent to any more.")
NOT_ASKED = _l("This consent is not awaited any more.")


@dataclass(frozen=True)
class Answer:
    """What somebody says on the page behind their link, and by which document they show who they are."""

    consents: bool
    signed_name: str
    paper: str
    number: str
    country: str
    born: date

    @property
    def evidence(self) -> dict[str, Any]:
        return {
            "kind": self.paper,
            "number": self.number,
            "country": self.country,
            "birth_on": self.born.isoformat(),
        }


def ask(session: Session, application: Application, guardian: Mapping[str, Any] | None, *, by: Account) -> None:
    """Ask everybody whom the answers name, once: whoever consented before is not asked again."""
    known = of_application(session, application)
    wanted = [(_of(known, other), other) for other in others_to_ask(guardian)]
    kept = {one.id for one, _other in wanted if one is not None}
    for gone in known:
        if gone.id not in kept:
            _end(session, gone)
    for one, other in wanted:
        if one is None:
            _ask(session, application, other, by=by)
        elif one.state in ("refused", "withdrawn"):
            _end(session, one)
            _ask(session, application, other, by=by)


def ask_again(session: Session, consent: GuardianConsent, email: str, *, by: Account) -> None:
    """Mail a new link, to this address; the earlier one ends. Raises NotOpenToThis once it was answered."""
    session.refresh(consent, with_for_update={"of": GuardianConsent})
    if consent.state != "waiting" or consent.way != "link" or consent.application.status in CLOSED_STATUSES:
        raise NotOpenToThis(NOT_ASKED)
    consent.email = email
    _mail(session, consent, by)


def answer(session: Session, token: str, said: Answer, *, signed_in: Account | None) -> str:
    """Take the answer and use the link up. Gives the token of the page where it can be withdrawn ("" after a No).

    Raises NotFound for a forged link, NotOpenToThis for one that has ended, and RuleViolation for the wrong person.
    """
    link = person_links.find(session, "consent", token, lock=True)
    check_person(link, signed_in)
    consent = _open(session, link)
    if not is_signature_of(said.signed_name, consent.name or ""):
        raise RuleViolation(NOT_YOUR_NAME)
    person_links.use(session, "consent", token)
    consent.state = "given" if said.consents else "refused"
    consent.answered_at, consent.signed_name = now(), said.signed_name
    consent.evidence, consent.text_version = said.evidence, GUARDIAN_TEXT_VERSION
    consent.language = current_language()
    session.flush()
    audit.record(session, f"guardian_consent:{consent.state}", consent, by=SYSTEM)
    _tell(session, consent)
    return _after(session, link, consent) if said.consents else ""


def check_person(link: PersonLink, signed_in: Account | None) -> None:
    """Refuse whoever asked for the consent and opens the link themselves. Raises RuleViolation."""
    if signed_in is not None and signed_in.id == link.account_id:
        raise RuleViolation(NOT_FOR_YOU)


def note_wrong_person(session: Session, link: PersonLink, by: Account) -> None:
    """Write into the audit trail that whoever asked opened the link meant for the other one."""
    audit.record(session, "guardian_consent:wrong_person", link.consent, by=by)


def note_wrong_name(session: Session, link: PersonLink) -> None:
    """Write into the audit trail that somebody signed with another name than the one that was asked."""
    audit.record(session, "guardian_consent:wrong_name", link.consent, by=SYSTEM)


def note_used_again(session: Session, link: PersonLink) -> None:
    """Write into the audit trail that somebody tried to answer a second time with a link that was used up."""
    audit.record(session, "guardian_consent:used_again", link.consent, by=SYSTEM)


def note_forged_link(session: Session) -> None:
    """Write into the audit trail that somebody came with a link that the portal never made."""
    audit.record(session, "guardian_consent:forged_link", "person_link", by=SYSTEM)


def withdraw(session: Session, token: str) -> GuardianConsent:
    """Take a consent back. Before the review the application waits again; later both agencies are told and none
    can approve. Raises NotOpenToThis once the application has ended."""
    link = person_links.use(session, "manage", token)
    consent = _consent_of(link)
    application = consent.application
    session.refresh(application, with_for_update={"of": Application})
    if application.status in CLOSED_STATUSES:
        raise NotOpenToThis(CLOSED)
    consent.state, consent.withdrawn_at = "withdrawn", now()
    session.flush()
    audit.record(session, "guardian_consent:withdraw", consent, by=SYSTEM)
    if application.status == Status.AWAITING_PAYMENT:
        transitions.perform(session, application, "miss_consent", by=SYSTEM)
    elif application.status != Status.DRAFT:
        transitions.note(session, application, "consent_withdrawn", by=SYSTEM)
    notifications.send(session, "consent_answered", application)
    return consent


def attach_letter(session: Session, consent: GuardianConsent, document: Document) -> None:
    """The letter in which somebody consents: it counts once it can be read."""
    consent.document_id = document.id
    session.flush()
    letter_checked(session, document, by=document.application.account)


def letter_checked(session: Session, document: Document, *, by: Actor = SYSTEM) -> None:
    """A letter was looked at: one that can be read is the consent, until an officer has read it too."""
    query = select(GuardianConsent).where(
        GuardianConsent.document_id == document.id, GuardianConsent.state == "waiting"
    )
    consent = session.scalars(query).one_or_none()
    if consent is None or document.state != "ready":
        return
    consent.state, consent.answered_at = "given", now()
    session.flush()
    audit.record(session, "guardian_consent:letter", consent, by=by)
    _tell(session, consent)


def settle(session: Session, application: Application) -> None:
    """Let an application go on when nobody's consent is missing any more; nothing to pay passes at once."""
    session.refresh(application, with_for_update={"of": Application})
    if application.status == Status.AWAITING_CONSENT and not is_missing(session, application):
        transitions.perform(session, application, "complete_consent", by=SYSTEM)
        payments.pass_if_free(session, application)


def _tell(session: Session, consent: GuardianConsent) -> None:
    settle(session, consent.application)
    if consent.way == "link":
        notifications.send(session, "consent_answered", consent.application)


def _open(session: Session, link: PersonLink) -> GuardianConsent:
    consent = _consent_of(link)
    session.refresh(consent, with_for_update={"of": GuardianConsent})
    if consent.application.status in CLOSED_STATUSES:
        raise NotOpenToThis(CLOSED)
    if consent.ended_at is not None or consent.state != "waiting":
        raise NotOpenToThis(NOT_ASKED)
    return consent


def _consent_of(link: PersonLink) -> GuardianConsent:
    if link.consent is None:
        raise NotFound
    return link.consent


def _of(known: list[GuardianConsent], other: Mapping[str, Any]) -> GuardianConsent | None:
    """What is known of this person already: the same name, asked in the same way at the same address."""
    same = (other["way"], other.get("email", ""))
    return next(
        (one for one in known if is_signature_of(one.name or "", other["name"]) and (one.way, one.email or "") == same),
        None,
    )


def _ask(session: Session, application: Application, other: Mapping[str, Any], *, by: Account) -> None:
    consent = GuardianConsent(
        application=application,
        application_id=application.id,
        way=other["way"],
        relation=other["relation"],
        language=other["language"],
        name=other["name"],
        email=other.get("email") or None,
    )
    session.add(consent)
    session.flush()
    audit.record(session, "guardian_consent:ask", consent, by=by, way=consent.way)
    if consent.way == "link":
        _mail(session, consent, by)


def _mail(session: Session, consent: GuardianConsent, by: Account) -> None:
    token = person_links.make(session, "consent", account=by, person=consent.application.person, consent=consent)
    notifications.send(
        session, "consent_asked", to=by, secrets={"token": token}, address=consent.email, language=consent.language
    )


def _after(session: Session, link: PersonLink, consent: GuardianConsent) -> str:
    """The page where the consent can be withdrawn: shown now, and mailed to be found again."""
    token = person_links.make(session, "manage", account=link.account, person=link.person, consent=consent)
    notifications.send(
        session, "consent_kept", to=link.account, secrets={"token": token}, address=consent.email,
        language=consent.language,
    )  # fmt: skip
    return token


def _end(session: Session, consent: GuardianConsent) -> None:
    consent.ended_at = now()
    person_links.end(session, "consent", person=consent.application.person, consent=consent)
