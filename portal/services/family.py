"""For whom an account acts: children and represented adults added, answers of one used for another, at 18 let go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from portal.clock import today
from portal.domain.errors import NotFound, NotOpenToThis, RuleViolation
from portal.domain.fees import MAJORITY
from portal.domain.months import Month
from portal.domain.sections import PARENT, REPRESENTATIVE, SELF, age_on
from portal.i18n import Lazy as _l
from portal.models import Account, AccountPerson, Application, Membership, Person
from portal.models.statements import Statement, Whole
from portal.services import audit, notifications, person_links, sections

ROLES_FOR_OTHERS = (PARENT, REPRESENTATIVE)
MOST_PEOPLE = 20
SHARED = ("addresses", "travel")
"""The sections that one person's application can take from another's of the same account."""

TOO_MANY = _l("An account holds at most %(most)s people.", most=MOST_PEOPLE)
NOT_OF_AGE = _l("Only somebody who is %(age)s or older moves to an own account.", age=MAJORITY)
NOT_THIS_BIRTH = _l("This is not the date of birth in the application. Check it.")
ONE_ALREADY = _l("Your account holds an application of your own already. Contact us, and we put the two together.")
OWN_LINK = _l("This link is for somebody else’s account. Sign out, and let them open it.")


@dataclass(frozen=True)
class Held:
    """A person for whom an account acts, and as what."""

    person: Person
    role: str


@dataclass(frozen=True)
class Source:
    """Answers of another application of the account, to be used again: whose, and what they say."""

    reference: str
    name: str
    answers: Mapping[str, Any]


_PERSON = Whole(Person)
_PEOPLE = Statement(
    f"""
    select {_PERSON.sql}, account_person.role from person join account_person on account_person.person_id = person.id
    where account_person.account_id = :account and account_person.until is null and person.wrapped_key is not null
    order by account_person.role <> '{SELF}', person.created_at, person.id
    """  # noqa: S608  # no part of it comes from outside
)


def people_of(session: Session, account: Account) -> list[Held]:
    """Everybody for whom the account acts, its holder first, then in the order in which they were added."""
    session.flush()
    rows = _PEOPLE.rows(session, {"account": account.id})
    return [Held(cast(Person, _PERSON.made(session, row[:-1])), row[-1]) for row in rows]


def add(session: Session, account: Account, role: str, *, by: Account) -> Person:
    """Somebody new for whom the account acts, as parent or as legal representative. Raises RuleViolation."""
    if role not in ROLES_FOR_OTHERS:
        raise NotFound(role)
    if len(people_of(session, account)) >= MOST_PEOPLE:
        raise RuleViolation(TOO_MANY)
    person = Person()
    session.add(AccountPerson(account=account, person=person, role=role))
    session.flush()
    audit.record(session, "person:add", person, by=by, role=role)
    return person


def held(session: Session, account: Account, person_id: object) -> Held:
    """One of them. Raises NotFound for anybody else."""
    found = next((one for one in people_of(session, account) if str(one.person.id) == str(person_id)), None)
    if found is None:
        raise NotFound(person_id)
    return found


def sources(session: Session, application: Application, section: str) -> list[Source]:
    """The other people of the account whose answers to `section` can be used for this application too."""
    if section not in SHARED:
        return []
    query = select(Application).where(
        Application.account_id == application.account_id, Application.person_id != application.person_id
    )
    others = session.scalars(query.order_by(Application.created_at)).all()
    drafts = sections.drafts_of_all(session, others)
    found = [
        Source(other.reference, _given(sections.answers_of(drafts[other.id], "identity")), answers)
        for other in others
        if (answers := sections.answers_of(drafts[other.id], section)) and drafts[other.id][section].is_complete
    ]
    return [source for source in found if source.name]


def use_same(session: Session, application: Application, section: str, reference: str, *, by: Account) -> None:
    """Answer `section` as another application of the account does. Raises NotFound, NotOpenToThis once it was sent."""
    source = next((one for one in sources(session, application, section) if one.reference == reference), None)
    if source is None:
        raise NotFound(reference)
    answers = dict(source.answers)
    if section == "addresses":
        answers = _since_birth(answers, sections.birth_of(sections.drafts_of(session, application)))
    raw = {} if section == "addresses" else {"visited": answers["countries"]} | _none(answers)
    sections.save(session, application.id, section, raw=raw, answers=answers, by=by)


def _none(answers: Mapping[str, Any]) -> dict[str, list[str]]:
    return {"nowhere": ["yes"]} if answers["none"] else {}


def suggested(session: Session, application: Application) -> dict[str, Any]:
    """What the account holder's own application says already and this one need not ask: address and phone; and, as
    parent or guardian, who the holder is."""
    query = (
        select(Application)
        .where(Application.account_id == application.account_id, Application.role == SELF)
        .order_by(Application.created_at.desc())
    )
    own = session.scalars(query).first()
    if own is None or own.id == application.id:
        return {}
    return dict(sections.answers_of(sections.drafts_of(session, own), "identity") or {})


def invite_to_own_account(session: Session, account: Account, person: Person, email: str, *, by: Account) -> None:
    """Mail somebody who came of age the link by which their application moves to their own account."""
    if not is_of_age(person):
        raise RuleViolation(NOT_OF_AGE)
    token = person_links.make(session, "own_account", account=account, person=person)
    notifications.send(session, "own_account_offered", to=account, secrets={"token": token}, address=email)
    audit.record(session, "person:invite", person, by=by)


def is_of_age(person: Person) -> bool:
    """Whether the person is 18 or older, as far as an application that was sent has told."""
    return person.birth_on is not None and age_on(person.birth_on, today()) >= MAJORITY


def move_to_own_account(session: Session, token: str, born: date, *, by: Account) -> Person:
    """Let a person who came of age, and their applications, move to their own account.

    Raises NotFound or NotOpenToThis for the link, and RuleViolation for the wrong person or a second own person.
    """
    link = person_links.find(session, "own_account", token)
    if link.account_id == by.id:
        raise RuleViolation(OWN_LINK)
    if link.person.birth_on != born:
        raise RuleViolation(NOT_THIS_BIRTH)
    if _has_own_application(session, by):
        raise RuleViolation(ONE_ALREADY)
    person = person_links.use(session, "own_account", token).person
    _let_go(session, AccountPerson.account_id == by.id, AccountPerson.role == SELF)
    _let_go(session, AccountPerson.person_id == person.id, AccountPerson.role == PARENT)
    session.merge(AccountPerson(account_id=by.id, person_id=person.id, role=SELF, until=None))
    theirs = Application.person_id == person.id
    session.execute(update(Application).where(theirs).values(account_id=by.id, role=SELF))
    session.expire_all()
    audit.record(session, "person:move", person, by=by)
    return person


def join(session: Session, token: str, *, by: Account) -> Person:
    """Let the other parent, who consented, hold the child in an own account too: to see no more than the given name,
    and to apply for the child when nobody else does. Raises NotFound, NotOpenToThis."""
    link = person_links.find(session, "manage", token)
    if link.used_at is not None or link.account_id == by.id:
        raise NotOpenToThis(person_links.USED if link.used_at else OWN_LINK)
    session.merge(AccountPerson(account_id=by.id, person_id=link.person_id, role=PARENT, until=None))
    session.flush()
    audit.record(session, "person:join", link.person, by=by)
    return link.person


def given_name(person: Person) -> str:
    """The first given name: all that another parent may know."""
    return next(iter((person.given_names or "").split()), "") or (person.family_name or "")


def given_name_in(session: Session, application: Application) -> str:
    """The first given name that an application says so far."""
    return _given(sections.answers_of(sections.drafts_of(session, application), "identity"))


def _given(identity: Mapping[str, Any] | None) -> str:
    names = (identity or {}).get("given_names") or (identity or {}).get("family_name") or ""
    return str(names).split()[0] if names else ""


def _since_birth(answers: Mapping[str, Any], born: date | None) -> dict[str, Any]:
    """A parent's history as a child's: nothing before the birth."""
    if born is None:
        return dict(answers)
    first = Month.of(born)
    return {key: [_cut(one, first) for one in answers.get(key, ()) if _lasts(one, first)]
            for key in ("entries", "explanations")}  # fmt: skip


def _lasts(entry: Mapping[str, Any], first: Month) -> bool:
    return not entry.get("to") or Month.parse(entry["to"]) >= first


def _cut(entry: Mapping[str, Any], first: Month) -> dict[str, Any]:
    return {**entry, "from": str(max(Month.parse(entry["from"]), first))}


def _has_own_application(session: Session, account: Account) -> bool:
    own = select(AccountPerson.person_id).where(
        AccountPerson.account_id == account.id, AccountPerson.role == SELF, AccountPerson.until.is_(None)
    )
    has = exists().where(Application.person_id.in_(own)) | exists().where(Membership.person_id.in_(own))
    return bool(session.scalar(select(has)))


def _let_go(session: Session, *which: Any) -> None:
    session.execute(update(AccountPerson).where(*which, AccountPerson.until.is_(None)).values(until=today()))
