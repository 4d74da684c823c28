"""Who may open what: every endpoint in its place. A new route stands nowhere, and a test says so."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

NOBODY, OWNER, STRANGER = "nobody", "the owner", "another applicant"
CANADA, UNITED_STATES = "an officer of Canada", "an officer of the United States"
ADMINISTRATOR, AUDITOR = "an administrator", "an auditor"
STAFF = {CANADA: "officer1.ca", UNITED_STATES: "officer1.us", ADMINISTRATOR: "admin1.ca", AUDITOR: "auditor.ca"}
EVERYBODY = (NOBODY, OWNER, STRANGER, *STAFF)

OPEN = "open"
"""The endpoint's own answer; every other outcome is a status, or the door that one is led to."""
NO_DEVICE = str(uuid.UUID(int=0))
TRAVELLERS_DOOR, OFFICERS_DOOR = "/en/sign-in", "/en/officers/sign-in"

Outcome = str | int
Group = dict[str, Outcome]


def _group(nobody: Outcome, *, owner: Outcome = 403, stranger: Outcome | None = None, **staff: Outcome) -> Group:
    """What each of EVERYBODY gets; who is not named gets what forbids."""
    return {
        NOBODY: nobody,
        OWNER: owner,
        STRANGER: owner if stranger is None else stranger,
        CANADA: staff.get("canada", 403),
        UNITED_STATES: staff.get("united_states", 403),
        ADMINISTRATOR: staff.get("administrator", 403),
        AUDITOR: staff.get("auditor", 403),
    }


ANYBODY = dict.fromkeys(EVERYBODY, OPEN)
TRAVELLERS = _group(TRAVELLERS_DOOR, owner=OPEN)
OWNERS = _group(TRAVELLERS_DOOR, owner=OPEN, stranger=404)
ALL_STAFF = _group(OFFICERS_DOOR, canada=OPEN, united_states=OPEN, administrator=OPEN, auditor=OPEN)
OFFICERS = _group(OFFICERS_DOOR, canada=OPEN, united_states=OPEN)
ASSIGNED = _group(OFFICERS_DOOR, canada=OPEN, united_states=409)
"""The review is in the hands of the officer of Canada; the other agency's officer has to say first why to look."""
OWN_AGENCY = _group(OFFICERS_DOOR, canada=OPEN, united_states=404)
ADMINISTRATORS = _group(OFFICERS_DOOR, administrator=OPEN)
AUDITORS = _group(OFFICERS_DOOR, auditor=OPEN)
SUPERVISORS = _group(OFFICERS_DOOR)
"""Nobody of those who try every door here."""


@dataclass(frozen=True)
class Door:
    """An endpoint: whose thing its address names (a stage of the cast), and what it answers when it is open."""

    endpoint: str
    whose: str = ""
    get: Outcome = 200
    post: Outcome = 400


TABLE: tuple[tuple[Group, tuple[Door, ...]], ...] = (
    (
        ANYBODY,
        (
            Door("static"),
            Door("health.live"),
            Door("health.ready"),
            Door("public.language_choice", get=303),
            Door("public.home"),
            Door("public.eligibility"),
            Door("public.help"),
            Door("public.privacy"),
            Door("public.accessibility"),
            Door("public.free_times"),
            Door("public.centres"),
            Door("public.entry_requirements"),
            Door("public.entry_requirements_file"),
            Door("account.sign_up"),
            Door("account.confirm_email", post=200),
            Door("account.send_code_again", post=303),
            Door("account.choose_password", get=303, post=303),
            Door("account.forgot_password"),
            Door("account.sign_in"),
            Door("account.passkey_options"),
            Door("account.passkey_sign_in"),
            Door("account.second_step", get=TRAVELLERS_DOOR, post=TRAVELLERS_DOOR),
            Door("account.second_step_passkey"),
            Door("account.choose_sign_in", get=303, post=303),
            Door("account.new_passkey_options"),
            Door("account.set_up_app", get=TRAVELLERS_DOOR, post=TRAVELLERS_DOOR),
            Door("account.app_picture", get=404),
            Door("account.recover", get=TRAVELLERS_DOOR, post=TRAVELLERS_DOOR),
            Door("account.continue_recovery"),
            Door("account.sign_out"),
            Door("account.signed_out"),
            Door("account.closed"),
            Door("public.give_consent", get=404, post=404),
            Door("public.kept_consent", get=404, post=404),
            Door("public.refused_consent"),
            Door("officer.sign_in"),
            Door("officer.sign_out"),
            Door("officer.signed_out"),
            Door("officer.accept_invitation"),
            Door("officer.invitation_options"),
            Door("officer.passkey_options"),
            Door("officer.passkey_sign_in"),
            Door("officer.unlock", get=303, post=303),
            Door("officer.unlock_options"),
            Door("officer.directory_sign_in", get=404),
            Door("officer.return_from_directory", get=404),
            Door("officer.directory_proof", get=404),
            Door("account.national_sign_in", get=404),
            Door("account.return_from_national", get=404),
            Door("api.identity_keys"),
            Door("api.slot_locations"),
            Door("api.soonest_slots"),
            Door("api.locations_with_slots"),
            Door("api.slot_availability", get=400),
            Door("api.slots_of_location", get=400),  # a question without its times
            Door("api.slot_interface"),
            Door("api.payment_notice"),
            Door("demonstration.index"),
            Door("demonstration.index_in_my_language", get=302),
            Door("demonstration.mail"),
            Door("demonstration.mail_in_my_language", get=302),
            Door("demonstration.message"),
            Door("demonstration.attachment"),
        ),
    ),
    (
        TRAVELLERS,
        (
            Door("account.security"),
            Door("account.change_language"),
            Door("account.change_password"),
            Door("account.end_device"),
            Door("account.add_passkey"),
            Door("account.link_national", get=404, post=404),
            Door("account.remove_national", get=404, post=404),
            Door("account.add_app"),
            Door("account.save_recovery_codes", get=303, post=303),
            Door("account.download_recovery_codes", get=404),
            Door("account.renew_recovery_codes"),
            Door("account.request_sheet"),
            Door("account.cancel_recovery"),
            Door("account.prove"),
            Door("account.proof_options"),
            Door("account.change_email"),
            Door("account.prove_email", get=303, post=303),
            Door("account.cancel_email_change"),
            Door("account.your_data"),
            Door("account.ask_for_data"),
            Door("account.what_you_agreed_to"),
            Door("account.close_account"),
            Door("applicant.dashboard"),
            Door("applicant.start_application"),
            Door("applicant.own_account", get=404, post=404),
            Door("applicant.join_family", get=404, post=404),
            Door("applicant.accept_tie", get=404, post=404),
            Door("applicant.adults"),
            Door("applicant.list_helpers"),
            Door("applicant.name_helper"),
            Door("applicant.list_helped"),
            Door("applicant.accept_help", get=404, post=404),
            Door("applicant.end_help"),
            Door("applicant.end_tie"),
            Door("applicant.let_book"),
            Door("applicant.messages"),
            Door("applicant.offered_times"),
            Door("applicant.wait_together"),
            Door("applicant.choose_together"),
            Door("applicant.confirm_together", get=303),
            Door("applicant.hold_together_longer"),
            Door("applicant.booked_together", get=303),
        ),
    ),
    (
        OWNERS,
        (
            Door("account.rename_passkey", "begun"),
            Door("account.remove_factor", "begun"),
            Door("applicant.show_application", "begun"),
            Door("applicant.edit_section", "begun"),
            Door("applicant.edit_entry", "begun"),
            Door("applicant.remove_entry", "begun"),
            Door("applicant.explain_gap", "begun"),
            Door("applicant.use_same", "begun", get=303, post=303),
            Door("applicant.show_consents", "family"),
            Door("applicant.ask_for_consent", "family"),
            Door("applicant.offer_own_account", "family"),
            Door("applicant.show_documents", "begun"),
            Door("applicant.upload_document", "begun"),
            Door("applicant.read_document", "begun"),
            Door("applicant.reuse_document", "sent"),
            Door("applicant.remove_document", "sent"),
            Door("applicant.check_answers", "begun"),
            Door("applicant.withdraw", "begun"),
            Door("applicant.ask_for_correction", "paid"),
            Door("applicant.change_details", "paid"),
            Door("applicant.download_application", "begun"),
            Door("applicant.ask_about_application", "paid"),
            Door("account.download_data", "approved"),
            Door("applicant.reopen_application", "sent"),
            Door("applicant.show_document_page", "sent"),
            Door("applicant.pay", "sent"),
            Door("applicant.show_payment", "paid"),
            Door("applicant.receipt", "paid"),
            Door("applicant.download_receipt", "paid"),
            Door("applicant.answer_request", "asked"),
            Door("applicant.extend_request", "asked"),
            Door("applicant.choose_slot", "conditionally_approved"),
            Door("applicant.confirm_slot", "conditionally_approved"),
            Door("applicant.extend_hold", "conditionally_approved"),
            Door("applicant.waiting_list_entry", "conditionally_approved"),
            Door("applicant.stop_waiting", "conditionally_approved"),
            Door("applicant.take_offer", "conditionally_approved"),
            Door("applicant.decline_offer", "conditionally_approved"),
            Door("applicant.accept_new_time", "conditionally_approved"),
            Door("applicant.show_interview", "booked"),
            Door("applicant.cancel_interview", "booked"),
            Door("applicant.download_calendar", "booked"),
            Door("applicant.show_membership", "approved"),
            Door("applicant.read_letter", "approved"),
            Door("applicant.who_looked", "paid"),
            Door("applicant.download_letter", "approved"),
        ),
    ),
    (
        ALL_STAFF,
        (
            Door("officer.my_work"),
            Door("officer.prove"),
            Door("officer.proof_options"),
            Door("officer.security"),
            Door("officer.end_device"),
            Door("officer.add_passkey"),
            Door("officer.new_passkey_options"),
            Door("officer.remove_passkey", get=404, post=404),
        ),
    ),
    (
        OFFICERS,
        (
            Door("officer.queue"),
            Door("officer.find"),
            Door("officer.lookout_lists_page"),
            Door("officer.screening_runs"),
            Door("officer.hits_of_members"),
            Door("officer.bring_lookout_list"),
            Door("officer.country_lists_page"),
            Door("officer.bring_country_list"),
            Door("officer.take_next"),
            Door("officer.interviews"),
            Door("officer.record_interview", "booked"),
            Door("officer.send_away", "booked"),
            Door("officer.desk_help"),
            Door("officer.sheets_to_post"),
            Door("officer.post_sheet", "begun", get=409, post=409),
            Door("officer.help_traveller", "begun"),
            Door("officer.give_reason", "paid"),
            Door("officer.take", "asked"),
            Door("officer.give_back", "asked"),
            Door("officer.end_emergency", "asked"),
            Door("officer.screen_again", "paid"),
        ),
    ),
    (
        ASSIGNED,
        (
            Door("officer.show_review", "paid"),
            Door("officer.show_document_page", "paid"),
            Door("officer.show_document", "paid"),
            Door("officer.mark_document", "paid"),
            Door("officer.show_passport_number", "paid"),
            Door("officer.add_note", "paid"),
            Door("officer.ask", "paid"),
            Door("officer.clear", "paid"),
            Door("officer.propose_refusal", "paid"),
            Door("officer.decide_correction", "paid"),
            Door("officer.confirm_refusal", "refusal_proposed"),
        ),
    ),
    (
        OWN_AGENCY,
        (
            Door("officer.assess_hit", "paid"),
            Door("officer.assess_member_hit", "paid", get=404, post=404),
            Door("officer.lookout_list"),
            Door("officer.country_list_version"),
            Door("officer.country_list_file"),
            Door("officer.bring_back_country_list"),
            Door("officer.discard_country_list"),
            Door("officer.lookout_version"),
            Door("officer.lookout_errors"),
            Door("officer.bring_back_version"),
            Door("officer.discard_version"),
        ),
    ),
    (OWN_AGENCY, (Door("officer.answer_enquiry", "paid"),)),
    (OWN_AGENCY, (Door("officer.confirm_hit", "paid"),)),
    (OFFICERS, (Door("officer.take_over", "paid"),)),
    (AUDITORS, (Door("officer.emergencies"), Door("officer.judge_emergency", "refusal_proposed"))),
    (AUDITORS, (Door("officer.audit_trail"), Door("officer.export_audit_trail"), Door("officer.audit_exports"))),
    (AUDITORS, (Door("officer.download_audit_export"),)),
    (
        SUPERVISORS,
        (
            Door("officer.unusual_looking"),
            Door("officer.legal_hold", "paid"),
            Door("officer.publish_version"),
            Door("officer.publish_country_list"),
            Door("officer.refunds_to_make"),
            Door("officer.capacity"),
            Door("officer.centre_capacity"),
            Door("officer.add_day"),
            Door("officer.release_rule"),
            Door("officer.holidays"),
            Door("officer.late_rule"),
            Door("officer.add_notice"),
            Door("officer.remove_notice", get=405),
            Door("officer.about_centre"),
            Door("officer.pilot_report"),
            Door("officer.pilot_figures", get=404),
            Door("officer.plan_closure"),
            Door("officer.closure"),
            Door("officer.refund", "begun"),
        ),
    ),
    (
        ADMINISTRATORS,
        (
            Door("admin.officers"),
            Door("admin.invite_officer"),
            Door("admin.disable_officer"),
            Door("admin.replace_passkeys"),
            Door("admin.propose_roles"),
            Door("admin.settle_roles"),
            Door("admin.change_officer"),
        ),
    ),
)
PLACED = {door.endpoint: (group, door) for group, doors in TABLE for door in doors}

EXCEPTIONS: dict[tuple[str, str], dict[str, Outcome]] = {
    # Who is signed in is led past the door.
    ("GET", "/en/sign-in"): dict.fromkeys((OWNER, STRANGER), 303),
    ("POST", "/en/sign-in"): dict.fromkeys((OWNER, STRANGER), 303),
    ("GET", "/en/officers/sign-in"): dict.fromkeys(STAFF, 303),
    ("POST", "/en/officers/sign-in"): dict.fromkeys(STAFF, 303),
    # Who has no session to unlock signs in.
    ("GET", "/en/officers/locked"): {NOBODY: OFFICERS_DOOR},
    ("POST", "/en/officers/locked"): {NOBODY: OFFICERS_DOOR},
    # Consent is the last part, and others are not complete.
    ("GET", "/en/applications/<reference:reference>/consent"): {OWNER: 303},
    ("POST", "/en/applications/<reference:reference>/consent"): {OWNER: 303},
    # Without a reason to look, one is asked for it.
    ("GET", "/en/officers/applications/<reference:reference>"): {UNITED_STATES: 303},
    ("GET", "/en/officers/applications/<reference:reference>/documents/<uuid:document_id>"): {UNITED_STATES: 303},
}
"""Where a route answers somebody in another way than its group and its endpoint say."""

ROLES = {
    NOBODY: (),
    OWNER: ("applicant",),
    STRANGER: ("applicant",),
    CANADA: ("officer",),
    UNITED_STATES: ("officer",),
    ADMINISTRATOR: ("administrator",),
    AUDITOR: ("auditor",),
}
FREE_TEXT = {"static": {"filename"}, "officer.directory_sign_in": {"agency"},
             "officer.return_from_directory": {"agency"}, "officer.accept_invitation": {"token"},
             "officer.invitation_options": {"token"}, "demonstration.message": {"name"},
             "demonstration.attachment": {"name"}, "applicant.edit_entry": {"entry_id"},
             "applicant.remove_entry": {"entry_id"}, "applicant.explain_gap": {"first"},
             "applicant.own_account": {"link"}, "applicant.join_family": {"link"},
             "applicant.accept_tie": {"link"}, "applicant.accept_help": {"link"}, "public.give_consent": {"link"},
             "public.kept_consent": {"link"}, "applicant.upload_document": {"kind"},
             "applicant.reuse_document": {"kind"}, "applicant.remove_document": {"kind"},
             "applicant.read_document": {"kind"}}  # fmt: skip
"""The parts of addresses that may be any text, since their views compare them with what there is."""
ANY_TEXT = {"UnicodeConverter", "PathConverter", "AnyConverter"}
