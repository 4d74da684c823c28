"""Messages to people: which there are, and the outbox row that is written with the change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from portal.models import Account, Application, Officer, OutgoingMessage


@dataclass(frozen=True)
class Message:
    """One kind of message: its template is `templates/emails/<event>.txt` and `.html`; `number` is its N-number."""

    event: str
    number: str
    page: str
    """The endpoint that its one link leads to. Never an application's own page, whose address tells the reference."""
    facts: tuple[str, ...] = ()
    """The facts that its template uses: nothing personal."""
    secrets: tuple[str, ...] = ()
    """What is sealed in the outbox because it opens something: a code, a token."""
    with_calendar: bool = False
    is_kept: bool = True
    """Whether the reader finds it under Messages too."""
    to_other: bool = False
    """Whether it goes to somebody else than its account's holder: it greets nobody by name."""


ADDRESS = "address"
"""Among what is sealed: where the message goes instead of its reader's own address."""
INTERVIEW = ("part_id", "place_id", "sequence")
MOVED = (*INTERVIEW, "left_place_id")
OFFERED = ("place_id", "until_at", "people")
CALLED_OFF = (*INTERVIEW, "closure_reason", "new_place_id", "kept_until")

MESSAGES = {
    message.event: message
    for message in (
        Message("email_code", "N1", "account.confirm_email", secrets=("code",), is_kept=False),
        Message("account_exists", "N1", "account.sign_in", is_kept=False),
        Message("password_changed", "N2", "account.security"),
        Message("email_change_code", "N1", "account.change_email", secrets=("code",), is_kept=False),
        Message("email_change_begun", "N2", "account.security", facts=("lands_on",)),
        Message("email_changed", "N2", "account.sign_in", is_kept=False),
        Message("sign_in_settings_changed", "N2", "account.security", facts=("what", "device", "changed_on")),
        Message("officer_sign_in_changed", "N2", "officer.my_work", facts=("what", "device", "changed_on")),
        Message("recovery_started", "N3", "account.security", facts=("way", "hours")),
        Message("officer_invited", "N2", "officer.accept_invitation", facts=("agency",), secrets=("token",)),
        Message("screening_alarm", "N30", "officer.screening_runs", is_kept=False),
        Message("break_glass_alarm", "N30", "officer.my_work", facts=("ends_in",), is_kept=False),
        Message("officer_grant_declined", "N30", "admin.officers", is_kept=False),
        Message("officer_emergencies_waiting", "N30", "officer.emergencies", facts=("count",), is_kept=False),
        Message("application_received", "N6", "applicant.dashboard", facts=("amount_cents", "paid_on")),
        Message("payment_refunded", "N7", "applicant.dashboard", facts=("amount_cents", "currency", "returned_on")),
        Message("checks_finished", "N8", "applicant.dashboard", facts=("agency",)),
        Message("longer_than_usual", "N9", "applicant.dashboard", facts=("agency",)),
        Message("enquiry_answered", "N9", "applicant.dashboard"),
        Message("information_requested", "N10", "applicant.dashboard", facts=("agency", "due_on")),
        Message("draft_kept", "N4", "applicant.dashboard", facts=("until_on", "done", "count")),
        Message("payment_failed", "N7", "applicant.dashboard"),
        Message("family_invited", "N5", "applicant.accept_tie", secrets=("token",), is_kept=False, to_other=True),
        Message("helper_invited", "N5", "applicant.accept_help", secrets=("token",), is_kept=False, to_other=True),
        Message("helper_agreed", "N5", "applicant.dashboard"),
        Message("document_unreadable", "N12", "applicant.dashboard", facts=("agency", "due_on")),
        Message("answer_received", "N12", "applicant.dashboard"),
        Message("consent_asked", "N5", "public.give_consent", secrets=("token",), is_kept=False, to_other=True),
        Message("consent_kept", "N5", "public.kept_consent", secrets=("token",), is_kept=False, to_other=True),
        Message("consent_answered", "N5", "applicant.dashboard"),
        Message("own_account_offered", "N5", "applicant.own_account", secrets=("token",), is_kept=False, to_other=True),
        Message("conditionally_approved", "N13", "applicant.dashboard", facts=("deadline_on",)),
        Message("interview_booked", "N14", "applicant.dashboard", facts=INTERVIEW, with_calendar=True),
        Message("interview_moved", "N14", "applicant.dashboard", facts=MOVED, with_calendar=True),
        Message("interview_cancelled", "N14", "applicant.dashboard", facts=INTERVIEW, with_calendar=True),
        Message("interview_near", "N16", "applicant.dashboard", facts=("place_id", "days")),
        Message("interview_turned_away", "N18", "applicant.dashboard", facts=("left",)),
        Message("interview_missed", "N18", "applicant.dashboard", facts=("left",)),
        Message("interview_part_done", "N19", "applicant.dashboard", facts=("agency", "place_id")),
        Message("interview_deadline_near", "N20", "applicant.dashboard", facts=("deadline_on", "days")),
        Message("place_offered", "N15", "applicant.offered_times", facts=OFFERED, is_kept=False),
        Message("interview_called_off", "N17", "applicant.dashboard", facts=CALLED_OFF, with_calendar=True),
        Message("decision_made", "N21", "applicant.dashboard"),
        Message(
            "officer_looking_report", "N30", "officer.unusual_looking", facts=("officers", "week_on"), is_kept=False
        ),
        Message("details_changed", "N27", "applicant.dashboard"),
        Message("correction_decided", "N27", "applicant.dashboard"),
        Message("data_ready", "N28", "account.your_data", facts=("until_on",)),
        Message("account_closed", "N28", "public.privacy", facts=("kept_on",), is_kept=False),
    )
}


def send(
    session: Session,
    event: str,
    about: Application | None = None,
    *,
    to: Account | Officer | None = None,
    facts: dict[str, Any] | None = None,
    secrets: dict[str, str] | None = None,
    address: str | None = None,
    language: str | None = None,
) -> OutgoingMessage:
    """Write the message into the outbox in the session's transaction; a worker sends it within a second.

    Goes to `to`, or to the account that holds the application; to `address` where it is not the reader's own one, and
    in `language` where whoever reads it there has another.
    Raises KeyError for an unknown event.
    """
    message = MESSAGES[event]
    reader = to or _holder(about)
    sealed = {name: (secrets or {})[name] for name in message.secrets} | ({ADDRESS: address} if address else {})
    row = OutgoingMessage(
        event=event,
        account=reader if isinstance(reader, Account) else None,
        officer=reader if isinstance(reader, Officer) else None,
        application=about,
        language=language or reader.language,
        facts={name: value for name, value in (facts or {}).items() if name in message.facts},
        secrets=sealed or None,
    )
    session.add(row)
    session.flush()
    return row


def _holder(about: Application | None) -> Account:
    if about is None:
        raise ValueError("a message needs a reader or an application")
    return about.account
