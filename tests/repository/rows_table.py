"""Every table of the schema in its place: whose rows a policy keeps apart, or why none is needed. A new one has none.

For a guarded table: how its row leads to the traveller (SQL over the row, named `row`), and what an officer finds.
"""

from __future__ import annotations

from dataclasses import dataclass

OF_APPLICATION = "(select account_id from application where id = row.application_id)"
OF_PERSON = "any(array(select account_id from account_person where person_id = row.person_id and until is null))"
OF_INTERVIEW = "(select account_id from application join interview on application_id = application.id where interview.id = row.interview_id)"  # noqa: E501
OF_DOCUMENT = "(select account_id from application join document on application_id = application.id where document.id = row.document_id)"  # noqa: E501
NO_TRAVELLER = "null::uuid"

SENT = "(select submitted_at is not null from application where id = row.application_id)"
OWN = "row.agency = :agency"
OWN_OR_SHARED = f"({SENT}) and (row.agency is null or {OWN})"
NOTHING = "false"
EVERYTHING = "true"


@dataclass(frozen=True)
class Guarded:
    """Which account a row is of, whether an officer of `:agency` finds it, and whether everybody does."""

    account: str
    officer: str
    everybody: str = NOTHING


GUARDED = {
    "application": Guarded("row.account_id", "row.submitted_at is not null"),
    "application_version": Guarded(OF_APPLICATION, SENT),
    "section_draft": Guarded(OF_APPLICATION, NOTHING),
    "document": Guarded(OF_APPLICATION, SENT),
    "document_page": Guarded(
        OF_DOCUMENT,
        "(select submitted_at is not null from application join document on application_id = application.id "
        "where document.id = row.document_id)",
    ),
    "consent": Guarded(OF_APPLICATION, SENT),
    "family_tie": Guarded("any(array[row.account_id, row.other_id])", NOTHING),
    "helper": Guarded(
        "any(array[row.account_id, row.helper_id])",
        "exists (select from application where account_id = row.account_id and submitted_at is not null)",
    ),
    "helper_person": Guarded(
        "any(array(select unnest(array[account_id, helper_id]) from helper where id = row.helper_id))",
        "exists (select from helper join application on application.account_id = helper.account_id "
        "where helper.id = row.helper_id and submitted_at is not null)",
    ),
    "guardian_consent": Guarded(OF_APPLICATION, SENT),
    "correction_request": Guarded(OF_APPLICATION, SENT),
    "payment": Guarded(OF_APPLICATION, SENT),
    "interview": Guarded(OF_APPLICATION, SENT),
    "interview_part": Guarded(OF_INTERVIEW, EVERYTHING),
    "hold": Guarded(OF_INTERVIEW, EVERYTHING),
    "offer": Guarded(OF_INTERVIEW, EVERYTHING),
    "replacement": Guarded(OF_INTERVIEW, EVERYTHING),
    "waiting_entry": Guarded(OF_INTERVIEW, EVERYTHING),
    "review": Guarded(OF_APPLICATION, OWN),
    "information_request": Guarded(OF_APPLICATION, OWN),
    "letter": Guarded(OF_APPLICATION, OWN_OR_SHARED),
    "event": Guarded(OF_APPLICATION, OWN_OR_SHARED),
    "review_note": Guarded(NO_TRAVELLER, OWN),
    "document_mark": Guarded(NO_TRAVELLER, OWN),
    "refusal_proposal": Guarded(NO_TRAVELLER, OWN),
    "agency_decision": Guarded(NO_TRAVELLER, OWN),
    "lookout_hit": Guarded(NO_TRAVELLER, OWN),
    "interview_record": Guarded(NO_TRAVELLER, OWN),
    "screening_run": Guarded(NO_TRAVELLER, OWN),
    "legal_hold": Guarded(NO_TRAVELLER, OWN),
    "role_grant": Guarded(NO_TRAVELLER, OWN),
    "audit_export": Guarded(NO_TRAVELLER, OWN),
    "audit_export_part": Guarded(NO_TRAVELLER, "(select agency = :agency from audit_export where id = row.export_id)"),
    "emergency_access": Guarded(NO_TRAVELLER, OWN),
    "lookout_list": Guarded(NO_TRAVELLER, f"{OWN} or row.is_shared"),
    "lookout_list_version": Guarded(
        NO_TRAVELLER,
        f"{OWN} or (row.state = 'published' and (select is_shared from lookout_list where id = row.list_id))",
    ),
    "country_list_version": Guarded(
        NO_TRAVELLER, f"{OWN} or row.state = 'published'", everybody="row.state = 'published'"
    ),
    "lookout_upload": Guarded(
        NO_TRAVELLER, "(select agency = :agency from lookout_list_version where id = row.version_id)"
    ),
    "screening_sweep": Guarded(NO_TRAVELLER, OWN),
    "sweep_part": Guarded(NO_TRAVELLER, "(select agency = :agency from screening_sweep where id = row.sweep_id)"),
    "member_screening": Guarded(NO_TRAVELLER, OWN),
    "enquiry": Guarded(OF_APPLICATION, OWN),
    "lookout_entry": Guarded(
        NO_TRAVELLER,
        "(select list.agency = :agency or (list.is_shared and version.state = 'published') from lookout_list as list "
        "join lookout_list_version as version on version.list_id = list.id where version.id = row.version_id)",
    ),
    "person": Guarded(
        "any(array(select account_id from account_person where person_id = row.id and until is null))",
        "exists (select from application where person_id = row.id and submitted_at is not null)",
    ),
    "account_person": Guarded("row.account_id", EVERYTHING),
    "person_index": Guarded(OF_PERSON, EVERYTHING),
    "screening_profile": Guarded(OF_PERSON, EVERYTHING),
    "membership": Guarded(OF_PERSON, EVERYTHING),
    "data_export": Guarded("row.account_id", NOTHING),
    "email_change": Guarded("row.account_id", NOTHING),
    "outgoing_message": Guarded("row.account_id", "(select agency = :agency from officer where id = row.officer_id)"),
    "audit_entry": Guarded(
        f"case when row.actor_kind = 'applicant' then row.actor_id else {OF_APPLICATION} end",
        f"row.agency is null or {OWN}",
    ),
}

HELPERS_READ = {
    "application": "row.status = 'draft'",
    "person": "true",
    "section_draft": "row.section not in ('background', 'consent')",
    "document": "row.kind not in ('court_papers', 'pardon_papers', 'consent_letter')",
    "document_page": "true",
    "helper": "true",
    "helper_person": "true",
}
"""Of whom a helper was named for: which rows the helper at work finds; of every other table nothing at all."""
_FOR_HELPERS = ("application_version", "consent", "guardian_consent", "correction_request", "payment", "interview",
                "letter", "event", "enquiry", "section_draft", "document")  # fmt: skip
BESIDES: dict[str, set[tuple[str, str]]] = {
    "application": {("SELECT", "PERMISSIVE"), ("UPDATE", "PERMISSIVE")},
    "person": {("SELECT", "PERMISSIVE")},
} | {table: {("ALL", "RESTRICTIVE")} for table in _FOR_HELPERS}
"""The policies for helpers, beside the one that each table has for the web."""

AT_THE_DOOR = "asked before anybody is known, by a hash, a blind index or an id that only its holder has"
NOBODYS = "of no person and no application"
PLACES = {
    "account": AT_THE_DOOR,
    "officer": AT_THE_DOOR,
    "sign_in": AT_THE_DOOR,
    "half_sign_in": AT_THE_DOOR,
    "email_code": AT_THE_DOOR,
    "officer_invitation": AT_THE_DOOR,
    "passkey": AT_THE_DOOR,
    "passkey_challenge": AT_THE_DOOR,
    "authenticator_app": AT_THE_DOOR,
    "recovery_code": AT_THE_DOOR,
    "recovery_request": AT_THE_DOOR,
    "person_link": AT_THE_DOOR,
    "printed_sheet": AT_THE_DOOR,
    "sheet_code": AT_THE_DOOR,
    "linked_identity": AT_THE_DOOR,
    "provider_question": AT_THE_DOOR,
    "kept_form": "kept when a session ends and given back after the next sign-in, by a token that the browser has",
    "attempt": "counted by keyed hashes, of nobody's choosing",
    "form_effect": "found by a keyed hash of who sent the form",
    "payment_notice": "the company's numbers of its notices, to take each once",
    "place": "everybody sees whether a desk is free; whose it is hangs on interview_part",
    "audit_seal": "hashes over the trail",
    "key_use": NOBODYS,
    "closure": NOBODYS,
    "enrolment_centre": NOBODYS,
    "opening_rule": NOBODYS,
    "release_rule": NOBODYS,
    "slot": NOBODYS,
    "programme_setting": NOBODYS,
    "retention_report": NOBODYS,
    "alembic_version": NOBODYS,
}
"""Tables without a policy, and why."""
QUEUE = "procrastinate_"
"""The queue's own tables hold identifiers; the worker's library reads them."""

BEYOND = {
    "public.give_consent": "a mailed link asks for a consent",
    "public.kept_consent": "a mailed link leads back to it",
    "applicant.own_account": "a mailed link moves a person to an own account",
    "applicant.join_family": "a mailed link lets the other parent hold the child",
    "applicant.adults": "the given names of linked adults",
    "applicant.accept_help": "a mailed link asks for help",
    "applicant.end_help": "the helper ends a help that another account's drafts tell of",
    "applicant.list_helped": "the given names and the stage of those whom one helps",
    "applicant.choose_together": "the interviews of linked adults who let one book",
    "applicant.confirm_together": "the interviews of linked adults who let one book",
    "applicant.hold_together_longer": "the interviews of linked adults who let one book",
    "applicant.booked_together": "the interviews of linked adults who let one book",
    "applicant.pay": "the fees of linked adults",
    "applicant.show_payment": "a checkout of several people",
    "applicant.receipt": "a receipt of several people",
    "applicant.download_receipt": "a receipt of several people",
}
"""The pages that read more rows than those of who is signed in, and why."""

NOT_IN_THE_WORLD = {"sweep_part"}
"""Guarded tables of which the tests' world has no row yet: their policies are read, not attacked."""
