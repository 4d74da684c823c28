"""What a copy of one's data says (`data.json`; its structure is described in docs/privacy.md).

It names every field that it gives, so that nothing slips in: no notes, hits, scores, assignments, proposals, no
names of officers, and of history only what an applicant may know (`portal.domain.disclosure`).
"""

from __future__ import annotations

import re
from datetime import date, datetime
from html import unescape
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.clock import now
from portal.models import (
    Account,
    AccountPerson,
    Application,
    ApplicationVersion,
    Document,
    Event,
    Helper,
    Payment,
    Person,
    SectionDraft,
    SignIn,
)
from portal.services import (
    applications,
    consents,
    corrections,
    documents,
    information_requests,
    interviews,
    letters,
    memberships,
    named_helpers,
    outbox,
)

VERSION = 1
PUBLIC_EVENTS = (
    "application_started", "application_submitted", "consent_completed", "consent_withdrawn", "application_reopened",
    "payment_received", "conditionally_approved", "application_approved", "application_denied",
    "application_withdrawn", "application_lapsed", "information_requested", "information_given", "interview_booked",
    "interview_moved", "interview_cancelled", "interview_attended", "interview_missed", "interview_allowed_again",
    "interview_finished", "details_changed", "correction_asked", "correction_accepted", "correction_refused",
    "interview_called_off", "interview_part_done", "interview_turned_away", "helper_began", "helper_ended",
    "filled_in_with_help",
)  # fmt: skip
"""Of what happened to an application, that which its applicant may know."""

Contents = dict[str, Any]


def gather(session: Session, account: Account) -> Contents:
    """Everything that the account holds about itself and the people it acts for."""
    mine = [one for one in applications.of_account(session, account) if one.person.wrapped_key is not None]
    return {
        "format": "passage-data",
        "version": VERSION,
        "made_at": _moment(now()),
        "account": _account(session, account),
        "people": [_person(person, role) for person, role in _people(session, account)],
        "applications": [of_application(session, one) for one in mine],
        "consents": [_consent(one) for one in consents.of_account(session, account)],
        "helpers": [_helper(one) for one in named_helpers.of(session, account)],
        "messages": [_message(session, row) for row in outbox.messages_of(session, account)],
    }


def _account(session: Session, account: Account) -> Contents:
    query = select(SignIn).where(SignIn.account_id == account.id).order_by(SignIn.created_at.desc())
    return {
        "email": account.email,
        "language": account.language,
        "made_at": _moment(account.created_at),
        "email_confirmed_at": _moment(account.email_confirmed_at),
        "sign_ins": [
            {"device": row.device, "begun_at": _moment(row.created_at), "seen_at": _moment(row.seen_at),
             "ended_at": _moment(row.ended_at)}
            for row in session.scalars(query)
        ],
    }  # fmt: skip


def _people(session: Session, account: Account) -> list[tuple[Person, str]]:
    query = (
        select(Person, AccountPerson.role)
        .join(AccountPerson, AccountPerson.person_id == Person.id)
        .where(AccountPerson.account_id == account.id, Person.wrapped_key.is_not(None))
    )
    return [(person, role) for person, role in session.execute(query)]


def _person(person: Person, role: str) -> Contents:
    return {
        "role": role,
        "given_names": person.given_names,
        "family_name": person.family_name,
        "birth_on": _day(person.birth_on),
    }


def of_application(session: Session, application: Application) -> Contents:
    """Everything about one application that its holder may know."""
    return {
        "reference": application.reference,
        "status": application.status,
        "language": application.language,
        "begun_at": _moment(_begun(session, application)),
        "submitted_at": _moment(application.submitted_at),
        "paid_at": _moment(application.paid_at),
        "conditionally_approved_at": _moment(application.conditionally_approved_at),
        "decided_at": _moment(application.decided_at),
        "interview_deadline_on": _day(application.interview_deadline_on),
        "draft": [_draft(one) for one in _drafts(session, application)],
        "versions": [_version(one) for one in _versions(session, application)],
        "documents": [_document(one) for one in documents.of_application(session, application)],
        "payments": [_payment(one) for one in _payments(session, application)],
        "questions": [_question(one) for one in information_requests.of_application(session, application)],
        "corrections": [_correction(one) for one in corrections.of_application(session, application)],
        "interview": _interview(session, application),
        "letters": [_letter(one) for one in letters.of(session, application)],
        "membership": _membership(session, application),
        "history": [{"event": event.name, "at": _moment(event.at)} for event in _events(session, application)],
    }


def _begun(session: Session, application: Application) -> datetime | None:
    return next((event.at for event in _events(session, application)), None)


def _events(session: Session, application: Application) -> list[Event]:
    query = select(Event).where(Event.application_id == application.id, Event.name.in_(PUBLIC_EVENTS))
    return list(session.scalars(query.order_by(Event.id)))


def _drafts(session: Session, application: Application) -> list[SectionDraft]:
    query = select(SectionDraft).where(SectionDraft.application_id == application.id)
    return list(session.scalars(query.order_by(SectionDraft.section)))


def _helper(helper: Helper) -> Contents:
    return {
        "name": helper.name,
        "email": helper.email,
        "people": len(helper.people),
        "asked_at": _moment(helper.created_at),
        "agreed_at": _moment(helper.accepted_at),
    }


def _draft(draft: SectionDraft) -> Contents:
    return {
        "section": draft.section,
        "typed": draft.raw,
        "answers": draft.answers,
        "is_complete": draft.is_complete,
        "saved_at": _moment(draft.saved_at),
        "filled_in_by_helper": draft.filled_by_id is not None,
    }


def _versions(session: Session, application: Application) -> list[ApplicationVersion]:
    query = select(ApplicationVersion).where(ApplicationVersion.application_id == application.id)
    return list(session.scalars(query.order_by(ApplicationVersion.number)))


def _version(version: ApplicationVersion) -> Contents:
    return {"number": version.number, "made_at": _moment(version.made_at), "answers": version.answers}


def _document(document: Document) -> Contents:
    return {
        "id": str(document.id),
        "kind": document.kind,
        "name": document.name,
        "state": document.state,
        "sent_at": _moment(document.created_at),
        "pages": len(document.pages),
        "machine_readable_zone": (document.reading or {}).get("lines"),
    }


def _payments(session: Session, application: Application) -> list[Payment]:
    query = select(Payment).where(Payment.application_id == application.id, Payment.paid_at.is_not(None))
    return list(session.scalars(query.order_by(Payment.created_at)))


def _payment(payment: Payment) -> Contents:
    return {
        "amount_cents": payment.amount_cents,
        "currency": payment.currency,
        "paid_at": _moment(payment.paid_at),
        "state": payment.state,
    }


def _question(question: Any) -> Contents:
    return {
        "agency": question.agency,
        "question": question.question,
        "asked_at": _moment(question.asked_at),
        "due_on": _day(question.due_on),
        "answer": question.answer,
        "answered_at": _moment(question.answered_at),
    }


def _correction(request: Any) -> Contents:
    return {
        "section": request.section,
        "wrong": request.wrong,
        "right": request.right,
        "asked_at": _moment(request.asked_at),
        "outcome": request.outcome,
        "answer": request.answer,
        "decided_at": _moment(request.decided_at),
    }


def _interview(session: Session, application: Application) -> Contents | None:
    interview = interviews.of(session, application)
    if interview is None:
        return None
    places = [interviews.booked_place(session, part) for part in interview.parts]
    return {
        "state": interview.state,
        "places": [
            {"starts_at": _moment(place.starts_at), "centre": place.centre.name_in(application.language),
             "city": place.centre.city}
            for place in places
            if place is not None
        ],
    }  # fmt: skip


def _letter(letter: Any) -> Contents:
    return {
        "id": str(letter.id),
        "kind": letter.kind,
        "agency": letter.agency,
        "language": letter.language,
        "written_at": _moment(letter.created_at),
    }


def _membership(session: Session, application: Application) -> Contents | None:
    membership = memberships.of(session, application)
    if membership is None:
        return None
    return {
        "number": membership.number,
        "valid_from": _day(membership.valid_from),
        "valid_until": _day(membership.valid_until),
        "state": membership.state,
    }


def _consent(signed: consents.Signed) -> Contents:
    return {
        "reference": signed.reference,
        "text_version": signed.consent.text_version,
        "language": signed.consent.language,
        "signed_name": signed.signed_name,
        "given_at": _moment(signed.consent.given_at),
        "withdrawn_at": _moment(signed.consent.withdrawn_at),
        "text": _without_tags(signed.words),
    }


def _message(session: Session, row: Any) -> Contents:
    shown = outbox.show(session, row)
    return {
        "event": row.event,
        "language": row.language,
        "written_at": _moment(row.created_at),
        "subject": shown.subject,
        "text": _without_tags(shown.body),
    }


def _without_tags(html: str) -> str:
    lines = unescape(re.sub(r"<[^>]*>", "", html)).split("\n")
    return "\n".join(line.strip() for line in lines if line.strip())


def _moment(value: datetime | None) -> str | None:
    return value.isoformat() if value else None


def _day(value: date | None) -> str | None:
    return value.isoformat() if value else None
