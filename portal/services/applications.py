"""Applications from start to submission: begun, opened by their owner only, sent, opened again, withdrawn."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import Select, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.clock import now, today
from portal.domain import answers as words
from portal.domain.errors import NotFound, RuleViolation
from portal.domain.lifecycle import CLOSED_STATUSES
from portal.domain.references import new_reference
from portal.domain.sections import SELF
from portal.i18n import Lazy as _l
from portal.models import (
    Account,
    AccountPerson,
    Application,
    ApplicationVersion,
    Consent,
    Membership,
    Person,
    SectionDraft,
)
from portal.models.statements import Row, Statement, Whole, parts
from portal.models.viewers import JOINT, viewing_as
from portal.services import (
    adjudication,
    audit,
    guardian_consents,
    guardians,
    helped,
    interviews,
    person_indexes,
    sections,
    transitions,
)
from portal.services.family import Held

NOT_COMPLETE = _l("Some parts of your application are not complete. Complete them before you send it.")
IS_MEMBER = _l("You are a member already. You can apply again when your membership is about to expire.")
OTHER_APPLIES = _l("Another parent or guardian has begun an application for this child.")

WITHDRAWAL_REASONS = {
    "no_need": _l("I no longer need a membership"),
    "later": _l("I will apply later"),
    "mistake": _l("I applied by mistake"),
    "other": _l("Another reason"),
}


_APPLICATION, _PERSON = Whole(Application), Whole(Person)
_WITH_PERSON = f"""
    select {_APPLICATION.sql}, {_PERSON.sql} from application join person on person.id = application.person_id
    where application.account_id = :account
"""  # noqa: S608  # no part of it comes from outside
_OWN_WITH_SECTIONS = Statement(
    f"""
    select {_APPLICATION.sql}, {_PERSON.sql}, {sections.COLUMNS}
    from application join person on person.id = application.person_id
    left join section_draft on section_draft.application_id = application.id
    where application.account_id = :account and application.reference = :reference
    """  # noqa: S608
)
_SECTIONS_AT = len(_APPLICATION) + len(_PERSON)
_OF_ACCOUNT = Statement(f"{_WITH_PERSON} order by application.created_at desc")
_OWN = Statement(f"{_WITH_PERSON} and application.reference = :reference")


def _with_person(session: Session, row: Row) -> Application:
    application, person = parts(row, _APPLICATION, _PERSON)
    return cast(Application, _APPLICATION.made(session, application, person=_PERSON.made(session, person)))


def of_account(session: Session, account: Account) -> list[Application]:
    """Every application that the account holds, the newest first."""
    session.flush()
    return [_with_person(session, row) for row in _OF_ACCOUNT.rows(session, {"account": account.id})]


def own(session: Session, account: Account, reference: str) -> Application:
    """The account's application with this reference. Raises NotFound, also for somebody else's."""
    session.flush()
    found = _OWN.first(session, {"account": account.id, "reference": reference})
    if found is None:
        raise NotFound(reference)
    return _with_person(session, found)


def own_with_sections(session: Session, account: Account, reference: str) -> tuple[Application, sections.Drafts]:
    """The same with its sections that were begun, in one query."""
    session.flush()
    rows = _OWN_WITH_SECTIONS.rows(session, {"account": account.id, "reference": reference})
    if not rows:
        raise NotFound(reference)
    application = _with_person(session, rows[0])
    drafts = sections.of_rows(session, application, [row[_SECTIONS_AT:] for row in rows])
    return application, drafts


def start(session: Session, account: Account, *, held: Held | None = None, by: Account) -> Application:
    """Begin an application of the account's holder, or of `held`, for whom the account acts; gives the open one where
    there is one already.

    The person behind the account is created with the first application. Raises RuleViolation for a member, and where
    another parent's account applies for the same child.
    """
    person, role = (held.person, held.role) if held else (own_person(session, account), SELF)
    if application := open_of(session, person):
        return _of_this_account(application, account)
    if is_member(session, person):
        raise RuleViolation(IS_MEMBER)
    application = Application(
        reference=new_reference(),
        person=person,
        account=account,
        role=role,
        language=account.language,
        changed_at=now(),
    )
    try:
        with session.begin_nested():
            session.add(application)
    except IntegrityError:  # another request for the same person was faster
        return _of_this_account(_open_anywhere(session, person), account)
    transitions.note(session, application, "application_started", by=by)
    audit.record(session, "application:start", application, by=by)
    return application


def _open_anywhere(session: Session, person: Person) -> Application:
    with viewing_as(session, JOINT):  # it may be the other parent's
        return session.scalars(_open_query(person)).one()


def _of_this_account(application: Application, account: Account) -> Application:
    if application.account_id != account.id:
        raise RuleViolation(OTHER_APPLIES)
    return application


def open_of(session: Session, person: Person) -> Application | None:
    """The person's open application: there is at most one."""
    return session.scalars(_open_query(person)).one_or_none()


def is_member(session: Session, person: Person) -> bool:
    """Whether the person holds a membership that is in force today."""
    query = select(Membership.id).where(
        Membership.person_id == person.id, Membership.state == "active", Membership.valid_until >= today()
    )
    return session.execute(query).first() is not None


def submit(session: Session, application: Application, *, by: Account) -> ApplicationVersion:
    """Freeze the answers and send the application on to payment; first to the other parents, where they must consent.

    Every section is judged again as of today, the histories with today's window. Raises RuleViolation when something is
    missing or the applicant is too young to sign, NotOpenToThis when it was sent already.
    """
    session.refresh(application, with_for_update=True)  # no draft can be saved from here on
    drafts = sections.drafts_of(session, application)
    _check(drafts)
    asked = [task.section.key for task in sections.tasks(drafts)]
    answers = {key: sections.answers_of(drafts, key) for key in asked}
    version = _freeze(session, application, answers)
    _name_person(application.person, answers["identity"] or {})
    person_indexes.write(session, application.person, answers)
    _record_consent(session, application, answers["consent"] or {}, by)
    application.submitted_at = now()
    guardians.ask(session, application, answers.get("guardian"), by=by)
    is_missing = guardian_consents.is_missing(session, application)
    helped.tell(session, application, drafts, by=by)
    transitions.perform(session, application, "submit_for_consent" if is_missing else "submit", by=by)
    return version


def reopen(session: Session, application: Application, *, by: Account) -> None:
    """Take an application back before it is paid, to change its answers. What was signed no longer counts."""
    session.refresh(application, with_for_update=True)
    _end_consents(session, application)
    signed = (SectionDraft.application_id == application.id, SectionDraft.section == "consent")
    session.execute(delete(SectionDraft).where(*signed))
    transitions.perform(session, application, "reopen", by=by)


def withdraw(session: Session, application: Application, *, reason: str | None = None, by: Account) -> None:
    """End an application at its owner's wish: reviews close, the booked place is free again. `reason` is a code."""
    session.refresh(application, with_for_update={"key_share": True, "of": Application})
    interviews.let_go(session, application, by=by)
    transitions.perform(session, application, "withdraw", by=by, facts={"reason": reason} if reason else None)
    adjudication.close_reviews(session, application)
    _end_consents(session, application)


def _end_consents(session: Session, application: Application) -> None:
    query = select(Consent).where(Consent.application_id == application.id, Consent.withdrawn_at.is_(None))
    for consent in session.scalars(query):
        consent.withdrawn_at = now()


def own_person(session: Session, account: Account) -> Person:
    """The person behind an account; made where there is none yet."""
    query = select(Person).join(AccountPerson).where(
        AccountPerson.account_id == account.id, AccountPerson.role == "self", AccountPerson.until.is_(None)
    )  # fmt: skip
    if person := session.scalars(query).one_or_none():
        return person
    person = Person()
    try:
        with session.begin_nested():
            session.add(AccountPerson(account=account, person=person, role="self"))
    except IntegrityError:
        return session.scalars(query).one()
    return person


def _open_query(person: Person) -> Select[Application]:
    return select(Application).where(Application.person_id == person.id, Application.status.not_in(CLOSED_STATUSES))


def _check(drafts: sections.Drafts) -> None:
    if trouble := sections.why_not_to_sign(drafts):
        raise RuleViolation(trouble)
    if not all(task.is_completed for task in sections.tasks(drafts)):
        raise RuleViolation(NOT_COMPLETE)


def _freeze(session: Session, application: Application, answers: dict[str, Any]) -> ApplicationVersion:
    query = select(ApplicationVersion.number).where(ApplicationVersion.application_id == application.id)
    number = max(session.scalars(query), default=0) + 1
    version = ApplicationVersion(application=application, number=number, answers=answers, made_at=now())
    session.add(version)
    return version


def _name_person(person: Person, identity: Any) -> None:
    person.given_names, person.family_name = identity["given_names"], identity["family_name"]
    person.birth_on = words.birth_of(identity)


def _record_consent(session: Session, application: Application, consent: Any, by: Account) -> None:
    session.add(
        Consent(
            application=application,
            account_id=by.id,
            text_version=consent["text_version"],
            language=consent.get("language", application.language),
            signed_name=consent["signed_name"],
            given_at=now(),
        )
    )
