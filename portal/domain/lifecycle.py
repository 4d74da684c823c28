"""The programme on one screen: the statuses of an application, a review and an interview, and how each changes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from portal.domain.permissions import Permission
from portal.i18n import Lazy as _l


class Status(StrEnum):
    """The statuses of an application."""

    DRAFT = "draft"
    AWAITING_CONSENT = "awaiting_consent"
    AWAITING_PAYMENT = "awaiting_payment"
    UNDER_REVIEW = "under_review"
    CONDITIONALLY_APPROVED = "conditionally_approved"
    APPROVED = "approved"
    DENIED = "denied"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


STATUSES = tuple(Status)
CLOSED_STATUSES = (Status.APPROVED, Status.DENIED, Status.WITHDRAWN, Status.LAPSED)
OPEN_STATUSES = tuple(status for status in Status if status not in CLOSED_STATUSES)


@dataclass(frozen=True)
class StatusText:
    """How a status is called, in which colour, and the one sentence that an applicant reads."""

    label: _l
    colour: str
    sentence: _l


STATUS_TEXTS = {
    Status.DRAFT: StatusText(
        _l("Not sent yet"), "grey", _l("Complete your application and send it when you are ready.")
    ),
    Status.AWAITING_CONSENT: StatusText(
        _l("Waiting for consent"), "amber", _l("Another person must consent before we can go on.")
    ),
    Status.AWAITING_PAYMENT: StatusText(_l("Ready to pay"), "amber", _l("Pay the fee to send your application.")),
    Status.UNDER_REVIEW: StatusText(_l("Being checked"), "blue", _l("Both countries are checking your application.")),
    Status.CONDITIONALLY_APPROVED: StatusText(
        _l("Conditionally approved"),
        "green",
        _l("Both countries have finished their checks. Go to your interview."),
    ),
    Status.APPROVED: StatusText(_l("Approved"), "green", _l("Both countries approved your membership.")),
    Status.DENIED: StatusText(_l("Not approved"), "red", _l("Your membership was not approved. Read your letter.")),
    Status.WITHDRAWN: StatusText(_l("Withdrawn"), "grey", _l("You withdrew this application.")),
    Status.LAPSED: StatusText(_l("Closed"), "grey", _l("This application was closed because a deadline passed.")),
}


@dataclass(frozen=True)
class Transition:
    """One line of a lifecycle: an action takes a thing from any of `sources` to `target` and is told as `event`."""

    action: str
    sources: frozenset[str]
    target: str
    permission: Permission
    event: str
    message: str | None = None


def _t(
    action: str, sources: set[str] | tuple[str, ...], target: str, permission: Permission, event: str,
    message: str | None = None,
) -> Transition:  # fmt: skip
    return Transition(action, frozenset(sources), target, permission, event, message)


S, P = Status, Permission

APPLICATION = (
    _t("submit", {S.DRAFT}, S.AWAITING_PAYMENT, P.APPLICATION_FILL, "application_submitted"),
    _t("submit_for_consent", {S.DRAFT}, S.AWAITING_CONSENT, P.APPLICATION_FILL, "application_submitted"),
    _t("complete_consent", {S.AWAITING_CONSENT}, S.AWAITING_PAYMENT, P.CONSENT_GIVE, "consent_completed"),
    _t("miss_consent", {S.AWAITING_PAYMENT}, S.AWAITING_CONSENT, P.SYSTEM, "consent_withdrawn"),
    _t("reopen", {S.AWAITING_CONSENT, S.AWAITING_PAYMENT}, S.DRAFT, P.APPLICATION_FILL, "application_reopened"),
    _t("begin_review", {S.AWAITING_PAYMENT}, S.UNDER_REVIEW, P.SYSTEM, "payment_received", "application_received"),
    _t("approve_conditionally", {S.UNDER_REVIEW}, S.CONDITIONALLY_APPROVED, P.SYSTEM, "conditionally_approved",
       "conditionally_approved"),
    _t("approve", {S.CONDITIONALLY_APPROVED}, S.APPROVED, P.SYSTEM, "application_approved", "decision_made"),
    _t("deny", {S.UNDER_REVIEW, S.CONDITIONALLY_APPROVED}, S.DENIED, P.SYSTEM, "application_denied", "decision_made"),
    _t("withdraw", OPEN_STATUSES, S.WITHDRAWN, P.APPLICATION_FILL, "application_withdrawn"),
    _t("lapse", {S.DRAFT, S.UNDER_REVIEW, S.CONDITIONALLY_APPROVED}, S.LAPSED, P.SYSTEM, "application_lapsed"),
)  # fmt: skip

REVIEW = (
    _t("take", {"waiting"}, "in_review", P.REVIEW_WORK, "review_taken"),
    _t("give_back", {"in_review"}, "waiting", P.REVIEW_WORK, "review_given_back"),
    _t("ask", {"in_review"}, "awaiting_applicant", P.REVIEW_WORK, "information_requested", "information_requested"),
    _t("ask_again", {"in_review"}, "awaiting_applicant", P.REVIEW_WORK, "information_requested",
       "document_unreadable"),
    _t("answer", {"awaiting_applicant"}, "in_review", P.APPLICATION_FILL, "information_given", "answer_received"),
    _t("clear", {"in_review"}, "finished", P.REVIEW_WORK, "review_finished"),
    _t("propose_refusal", {"in_review"}, "refusal_proposed", P.REVIEW_WORK, "refusal_proposed"),
    _t("send_back", {"refusal_proposed"}, "in_review", P.REFUSAL_CONFIRM, "refusal_sent_back"),
    _t("confirm_refusal", {"refusal_proposed"}, "finished", P.REFUSAL_CONFIRM, "review_finished"),
    _t("open_again", {"finished"}, "waiting", P.SYSTEM, "review_opened_again"),
    _t("close", {"waiting", "in_review", "awaiting_applicant", "refusal_proposed"}, "not_needed", P.SYSTEM,
       "review_closed"),
)  # fmt: skip

INTERVIEW = (
    _t("book", {"to_book"}, "booked", P.INTERVIEW_BOOK, "interview_booked", "interview_booked"),
    _t("move", {"booked"}, "booked", P.INTERVIEW_BOOK, "interview_moved", "interview_moved"),
    _t("cancel", {"booked"}, "to_book", P.INTERVIEW_BOOK, "interview_cancelled", "interview_cancelled"),
    _t("call_off", {"booked"}, "to_book", P.CAPACITY_MANAGE, "interview_called_off", "interview_called_off"),
    _t("attend", {"booked"}, "attended", P.INTERVIEW_RECORD, "interview_attended"),
    _t("miss", {"booked"}, "to_book", P.INTERVIEW_RECORD, "interview_missed", "interview_missed"),
    _t("miss_again", {"booked"}, "with_officer", P.INTERVIEW_RECORD, "interview_missed", "interview_missed"),
    _t("turn_away", {"booked"}, "to_book", P.INTERVIEW_RECORD, "interview_turned_away", "interview_turned_away"),
    _t("turn_away_again", {"booked"}, "with_officer", P.INTERVIEW_RECORD, "interview_turned_away",
       "interview_turned_away"),
    _t("allow_again", {"with_officer"}, "to_book", P.INTERVIEW_RECORD, "interview_allowed_again"),
    _t("finish", {"attended"}, "finished", P.SYSTEM, "interview_finished"),
)  # fmt: skip

LIFECYCLES = {"application": APPLICATION, "review": REVIEW, "interview": INTERVIEW}


def transition(kind: str, action: str) -> Transition:
    """The line for `action` in the lifecycle of `kind`. Raises KeyError for an action that does not exist."""
    for line in LIFECYCLES[kind]:
        if line.action == action:
            return line
    raise KeyError(f"no action {action!r} in the lifecycle of {kind}")


def actions_open_to(kind: str, status: str, permissions: frozenset[Permission]) -> tuple[str, ...]:
    """The actions that somebody who holds `permissions` can take on a thing in `status`: buttons are made of them."""
    return tuple(line.action for line in LIFECYCLES[kind] if status in line.sources and line.permission in permissions)
