"""The tables. Columns, relationships, constraints; no decisions."""

from portal.models.accounts import Account, EmailCode, Officer, OfficerInvitation, SignIn
from portal.models.applications import Application, ApplicationVersion, Consent, SectionDraft
from portal.models.base import Base
from portal.models.documents import Document, DocumentPage
from portal.models.history import Attempt, AuditEntry, Event, FormEffect
from portal.models.interviews import (
    EnrolmentCentre,
    Hold,
    Interview,
    InterviewPart,
    InterviewRecord,
    OpeningRule,
    Place,
    Slot,
)
from portal.models.letters import Letter
from portal.models.memberships import Membership
from portal.models.messages import OutgoingMessage
from portal.models.payments import Payment, PaymentNotice
from portal.models.people import AccountPerson, Person
from portal.models.programme import ProgrammeSetting
from portal.models.reviews import AgencyDecision, InformationRequest, RefusalProposal, Review, ReviewNote
from portal.models.screening import (
    LookoutEntry,
    LookoutHit,
    LookoutList,
    LookoutListVersion,
    ScreeningProfile,
    ScreeningRun,
)

__all__ = [
    "Account", "AccountPerson", "AgencyDecision", "Application", "ApplicationVersion", "Attempt", "AuditEntry", "Base",
    "Consent", "Document", "DocumentPage", "EmailCode", "EnrolmentCentre", "Event", "FormEffect", "Hold",
    "InformationRequest", "Interview", "InterviewPart", "InterviewRecord", "Letter", "LookoutEntry", "LookoutHit",
    "LookoutList", "LookoutListVersion", "Membership", "Officer", "OfficerInvitation", "OpeningRule",
    "OutgoingMessage", "Payment", "PaymentNotice", "Person", "Place", "ProgrammeSetting", "RefusalProposal", "Review",
    "ReviewNote", "ScreeningProfile", "ScreeningRun", "SectionDraft", "SignIn", "Slot",
]  # fmt: skip
