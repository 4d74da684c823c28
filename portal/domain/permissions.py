"""Who may do what: every permission, and the roles that hold it."""

from __future__ import annotations

from enum import StrEnum


class Permission(StrEnum):
    """`thing:verb`. Each route declares one."""

    PUBLIC = "public:read"
    """Open to anybody; nothing personal."""
    PAYMENT_NOTIFY = "payment:notify"
    """Held by a valid signature of the payment company, by nobody who signs in."""
    SYSTEM = "system:act"
    """Held by the portal itself: what follows from something else."""

    ACCOUNT_USE = "account:use"
    APPLICATION_FILL = "application:fill"
    CONSENT_GIVE = "consent:give"
    INTERVIEW_BOOK = "interview:book"

    OFFICER_USE = "officer:use"
    """Any signed-in officer: the workbench's own pages, sign-out, settings."""
    APPLICATION_READ = "application:read"
    REVIEW_WORK = "review:work"
    REFUSAL_CONFIRM = "refusal:confirm"
    HIT_ASSESS = "hit:assess"
    INTERVIEW_RECORD = "interview:record"
    OFFICERS_MANAGE = "officers:manage"
    AUDIT_READ = "audit:read"
    HOLD_PLACE = "hold:place"
    """Place and lift a legal hold: nothing of a person is deleted meanwhile."""
    PAYMENT_REFUND = "payment:refund"
    """Give back a payment that was not due."""
    LOOKING_OVERSEE = "looking:oversee"
    """Be told whose looking at applications was unusual."""


_P = Permission

ROLES: dict[str, frozenset[Permission]] = {
    "applicant": frozenset({_P.ACCOUNT_USE, _P.APPLICATION_FILL, _P.CONSENT_GIVE, _P.INTERVIEW_BOOK}),
    "officer": frozenset(
        {
            _P.OFFICER_USE,
            _P.APPLICATION_READ,
            _P.REVIEW_WORK,
            _P.REFUSAL_CONFIRM,
            _P.HIT_ASSESS,
            _P.INTERVIEW_RECORD,
        }
    ),
    "supervisor": frozenset(
        {
            _P.OFFICER_USE,
            _P.APPLICATION_READ,
            _P.REVIEW_WORK,
            _P.REFUSAL_CONFIRM,
            _P.HIT_ASSESS,
            _P.INTERVIEW_RECORD,
            _P.HOLD_PLACE,
            _P.PAYMENT_REFUND,
            _P.LOOKING_OVERSEE,
        }
    ),
    "administrator": frozenset({_P.OFFICER_USE, _P.OFFICERS_MANAGE}),
    "auditor": frozenset({_P.OFFICER_USE, _P.AUDIT_READ}),
}
"""Administrators manage people and read no application; auditors read the trail and no application (rulings, 2)."""

OFFICER_ROLES = ("officer", "supervisor", "administrator", "auditor")


def permissions_of(roles: list[str] | tuple[str, ...]) -> frozenset[Permission]:
    """Everything that somebody with these roles may do, the public pages included."""
    return frozenset({_P.PUBLIC}).union(*(ROLES[role] for role in roles))
