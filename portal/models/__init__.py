"""The tables. Columns, relationships, constraints; no decisions."""

from portal.models.accounts import Account, EmailCode, Officer, OfficerInvitation, SignIn
from portal.models.applications import Application, ApplicationVersion, Consent, SectionDraft
from portal.models.audit_exports import AuditExport, AuditExportPart
from portal.models.base import Base
from portal.models.closures import Closure, Replacement
from portal.models.country_lists import CountryListVersion
from portal.models.documents import Document, DocumentMark, DocumentPage
from portal.models.emergencies import EmergencyAccess
from portal.models.enquiries import Enquiry
from portal.models.factors import AuthenticatorApp, Passkey, PrintedSheet, RecoveryCode, SheetCode
from portal.models.guardians import FamilyTie, GuardianConsent, PersonLink
from portal.models.half_open import HalfSignIn, PasskeyChallenge, RecoveryRequest
from portal.models.helping import Helper, HelperPerson
from portal.models.history import Attempt, AuditEntry, Event, FormEffect
from portal.models.identities import LinkedIdentity, ProviderQuestion
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
from portal.models.kept_forms import KeptForm
from portal.models.keys import KeyUse
from portal.models.letters import Letter
from portal.models.lookout_lists import LookoutEntry, LookoutList, LookoutListVersion, LookoutUpload
from portal.models.memberships import Membership
from portal.models.messages import OutgoingMessage
from portal.models.own_data import CorrectionRequest, DataExport, EmailChange, LegalHold, RetentionReport
from portal.models.payments import Payment, PaymentNotice
from portal.models.people import AccountPerson, Person, PersonIndex
from portal.models.programme import ProgrammeSetting
from portal.models.releases import ReleaseRule
from portal.models.reviews import AgencyDecision, InformationRequest, RefusalProposal, Review, ReviewNote
from portal.models.role_grants import RoleGrant
from portal.models.screening import LookoutHit, ScreeningProfile, ScreeningRun
from portal.models.seals import AuditSeal
from portal.models.sweeps import MemberScreening, ScreeningSweep, SweepPart
from portal.models.waiting import Offer, WaitingEntry

__all__ = [
    "Account",
    "AccountPerson",
    "AgencyDecision",
    "Application",
    "ApplicationVersion",
    "Attempt",
    "AuditEntry",
    "AuditExport",
    "AuditExportPart",
    "AuditSeal",
    "AuthenticatorApp",
    "Base",
    "Closure",
    "Consent",
    "CorrectionRequest",
    "CountryListVersion",
    "DataExport",
    "Document",
    "DocumentMark",
    "DocumentPage",
    "EmailChange",
    "EmailCode",
    "EmergencyAccess",
    "Enquiry",
    "EnrolmentCentre",
    "Event",
    "FamilyTie",
    "FormEffect",
    "GuardianConsent",
    "HalfSignIn",
    "Helper",
    "HelperPerson",
    "Hold",
    "InformationRequest",
    "Interview",
    "InterviewPart",
    "InterviewRecord",
    "KeptForm",
    "KeyUse",
    "LegalHold",
    "Letter",
    "LinkedIdentity",
    "LookoutEntry",
    "LookoutHit",
    "LookoutList",
    "LookoutListVersion",
    "LookoutUpload",
    "MemberScreening",
    "Membership",
    "Offer",
    "Officer",
    "OfficerInvitation",
    "OpeningRule",
    "OutgoingMessage",
    "Passkey",
    "PasskeyChallenge",
    "Payment",
    "PaymentNotice",
    "Person",
    "PersonIndex",
    "PersonLink",
    "Place",
    "PrintedSheet",
    "ProgrammeSetting",
    "ProviderQuestion",
    "RecoveryCode",
    "RecoveryRequest",
    "RefusalProposal",
    "ReleaseRule",
    "Replacement",
    "RetentionReport",
    "Review",
    "ReviewNote",
    "RoleGrant",
    "ScreeningProfile",
    "ScreeningRun",
    "ScreeningSweep",
    "SectionDraft",
    "SheetCode",
    "SignIn",
    "Slot",
    "SweepPart",
    "WaitingEntry",
]
