"""Every permission and every role. Who holds which, and in which state of an application: `registry`."""

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
    APPLICATION_FOLLOW = "application:follow"
    """Read one's own application, its letters, payments and messages."""
    APPLICATION_FILL = "application:fill"
    """Answer, send, pay, withdraw: what changes one's own application while it is open."""
    APPLICATION_HELP = "application:help"
    """Fill in somebody else's draft, as the helper whom they named; never sign, send or pay."""
    CORRECTION_ASK = "correction:ask"
    """Ask for a correction of what was sent."""
    CONSENT_GIVE = "consent:give"
    INTERVIEW_BOOK = "interview:book"

    OFFICER_USE = "officer:use"
    """Any signed-in officer: the workbench's own pages, sign-out, settings."""
    APPLICATION_READ = "application:read"
    REVIEW_WORK = "review:work"
    REFUSAL_CONFIRM = "refusal:confirm"
    HIT_ASSESS = "hit:assess"
    LIST_READ = "list:read"
    """Look-out lists, their versions, dry runs and runs, as far as the list's owner and sharing rule allow."""
    LIST_IMPORT = "list:import"
    """Bring a new version of a list, or let a draft go."""
    LIST_PUBLISH = "list:publish"
    """Publish what another person brought."""
    COUNTRY_LIST_READ = "country_list:read"
    """What each country asks of a nationality at entry: the versions of both, and the own agency's drafts."""
    COUNTRY_LIST_IMPORT = "country_list:import"
    """Bring a new version of the own country's list, or let a draft go."""
    COUNTRY_LIST_PUBLISH = "country_list:publish"
    INTERVIEW_RECORD = "interview:record"
    OFFICERS_MANAGE = "officers:manage"
    AUDIT_READ = "audit:read"
    HOLD_PLACE = "hold:place"
    """Place and lift a legal hold: nothing of a person is deleted meanwhile."""
    CAPACITY_MANAGE = "capacity:manage"
    """Say when a centre interviews: closures, extra days, how times are released."""
    PAYMENT_REFUND = "payment:refund"
    """Give back a payment that was not due."""
    LOOKING_OVERSEE = "looking:oversee"
    """Be told whose looking at applications was unusual."""
    EMERGENCY_JUDGE = "emergency:judge"
    """Say afterwards whether an emergency access of a colleague was justified."""


class Role(StrEnum):
    """What somebody who signs in can be; an officer may be several."""

    APPLICANT = "applicant"
    OFFICER = "officer"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


OFFICER_ROLES = (Role.OFFICER, Role.SUPERVISOR, Role.ADMINISTRATOR, Role.AUDITOR)
