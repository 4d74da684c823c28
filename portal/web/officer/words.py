"""The words of the workbench: states of a review, what happened, and what an officer made of a hit."""

from __future__ import annotations

from portal.i18n import Lazy
from portal.i18n import lazy_gettext as _l

REVIEW_STATES = {
    "waiting": _l("Ready to take"),
    "in_review": _l("In review"),
    "awaiting_applicant": _l("Waiting for applicant"),
    "refusal_proposed": _l("Refusal proposed"),
    "finished": _l("Finished"),
    "not_needed": _l("Not needed"),
}

QUEUE_VIEWS = {
    "waiting": _l("Ready to take"),
    "mine": _l("Mine"),
    "with_applicant": _l("Waiting for applicant"),
    "to_confirm": _l("Refusals to confirm"),
    "open": _l("All open"),
}

QUEUE_SENTENCES = {
    "waiting": _l("Nobody works on these yet. The oldest comes first."),
    "mine": _l("You hold these."),
    "with_applicant": _l("Your agency asked the applicant a question. The clock stops until the answer."),
    "to_confirm": _l("A colleague proposed to refuse these. A second officer must confirm or send back."),
    "open": _l("Every review of your agency that is not finished."),
}

ASSESSMENTS = {
    "open": _l("Not assessed"),
    "same_proposed": _l("The same person, to be confirmed"),
    "same": _l("The same person"),
    "not_same": _l("Not the same person"),
    "cannot_tell": _l("Cannot tell"),
}
ASSESSMENT_KINDS = {
    "open": "attention",
    "same_proposed": "attention",
    "same": "error",
    "not_same": "success",
    "cannot_tell": "neutral",
}

BANDS = {"strong": _l("Strong hit"), "review": _l("Possible hit")}
BAND_KINDS = {"strong": "error", "review": "attention"}
EVIDENCE = {
    "names": _l("Names and their spellings"),
    "birth": _l("Date and place of birth"),
    "face": _l("A face: photo and record"),
    "fingerprints": _l("Fingerprints, in your agency’s system"),
    "documents": _l("Numbers of passports and documents"),
    "places": _l("Addresses, work and travel"),
    "source": _l("The record behind the entry"),
    "other": _l("Something else"),
}

RUN_STATES = {
    "waiting": _l("Screening is running"),
    "finished": _l("Screening finished"),
    "failed": _l("Screening failed"),
}
RUN_KINDS = {"waiting": "info", "finished": "success", "failed": "error"}

OUTCOMES = {"cleared": _l("Cleared"), "refused": _l("Refused")}

EVENTS: dict[str, Lazy] = {
    "application_started": _l("Application begun"),
    "application_submitted": _l("Application sent"),
    "consent_completed": _l("Consent complete"),
    "consent_withdrawn": _l("Another parent or guardian withdrew the consent"),
    "application_reopened": _l("Application reopened by the applicant"),
    "helper_began": _l("A helper agreed to fill in"),
    "helper_ended": _l("A help in filling in ended"),
    "filled_in_with_help": _l("Filled in with a helper"),
    "payment_received": _l("Fee paid, review opened"),
    "conditionally_approved": _l("Conditionally approved"),
    "application_approved": _l("Approved by both agencies"),
    "application_denied": _l("Application refused"),
    "application_withdrawn": _l("Withdrawn by the applicant"),
    "application_lapsed": _l("Closed because a deadline passed"),
    "review_taken": _l("Review taken"),
    "review_given_back": _l("Review given back"),
    "emergency_begun": _l("Taken over in an emergency"),
    "emergency_ended": _l("Emergency access ended"),
    "information_requested": _l("Question sent to the applicant"),
    "information_given": _l("Answer received"),
    "review_finished": _l("Review finished"),
    "refusal_proposed": _l("Refusal proposed"),
    "refusal_sent_back": _l("Refusal sent back"),
    "review_opened_again": _l("Review opened again, because the applicant changed answers"),
    "details_changed": _l("Answers changed by the applicant"),
    "review_closed": _l("Review closed, not needed any more"),
    "longer_than_usual": _l("Applicant told that it takes longer than usual"),
    "interview_booked": _l("Interview booked"),
    "interview_moved": _l("Interview moved"),
    "interview_cancelled": _l("Interview cancelled by the applicant"),
    "interview_turned_away": _l("Sent away: came later than the centre allows"),
    "interview_called_off": _l("Interview called off: the centre is closed"),
    "interview_attended": _l("Interview attended"),
    "interview_missed": _l("Interview missed"),
    "interview_part_done": _l("One part of the interview done"),
    "interview_allowed_again": _l("Interview allowed again"),
    "interview_finished": _l("Interview finished"),
    "correction_asked": _l("Correction asked for by the applicant"),
    "correction_accepted": _l("Correction accepted"),
    "correction_refused": _l("Correction not accepted"),
}

VERDICTS = {"justified": _l("Justified"), "not_justified": _l("Not justified")}
ACTS = {
    "review:break_glass": _l("Took the application over"),
    "review:end_emergency": _l("Ended the emergency access"),
    "application:view": _l("Opened the case file"),
    "identity:view": _l("Opened a page of the case file"),
    "document:view": _l("Looked at a document"),
    "hit:view": _l("Looked at a look-out hit"),
    "passport_number:view": _l("Saw the whole passport number"),
    "proposal:view": _l("Looked at a proposed refusal"),
    "note:add": _l("Wrote a note"),
    "hit:assess": _l("Assessed a look-out hit"),
    "hit:confirm": _l("Confirmed a look-out hit"),
    "hit:send_back": _l("Sent an assessment of a hit back"),
    "review:ask": _l("Asked the applicant a question"),
    "review:clear": _l("Cleared the application"),
    "review:propose_refusal": _l("Proposed a refusal"),
    "review:confirm_refusal": _l("Confirmed a refusal"),
    "review:send_back": _l("Sent a proposed refusal back"),
    "decision:record": _l("Recorded the agency’s decision"),
    "application:give_reason": _l("Typed a reason to look"),
    "application:take_over": _l("Had answers filled in from a document"),
}
"""What an officer did, by the trail's own name of it; other acts are shown by that name."""

ENTRY_DETAILS = {
    "citizenship": _l("Citizenship"),
    "born_in": _l("Place of birth"),
    "remarks": _l("Remarks"),
    "weak_names": _l("Uncertain other names"),
    "documents": _l("Documents"),
    "programs": _l("Listed under"),
    "lives_in": _l("Countries of residence"),
    "reference": _l("Number at the source"),
    "schedule": _l("Schedule"),
    "item": _l("Item"),
    "title": _l("Title"),
    "listed_on": _l("Listed on"),
}
"""Columns of a list that have a name here; others are shown as the list calls them."""

FORMATS = {
    "own-csv": _l("Our own CSV"),
    "ofac-csv": _l("SDN as CSV (SDN, ALT, ADD)"),
    "ofac-xml": _l("SDN as XML"),
    "un-xml": _l("United Nations, XML"),
    "sema-xml": _l("Autonomous sanctions of Canada, XML"),
    "earlier": _l("Content of an earlier version"),
}
VERSION_STATES = {
    "waiting": _l("Being read"),
    "unfit": _l("Cannot be published"),
    "ready": _l("Draft"),
    "published": _l("Published"),
    "discarded": _l("Discarded"),
}
VERSION_KINDS = {
    "waiting": "info",
    "unfit": "error",
    "ready": "attention",
    "published": "success",
    "discarded": "neutral",
}
CHANGES = {"added": _l("Added"), "changed": _l("Changed"), "removed": _l("Removed")}
SWEEPS = {
    "dry_run": _l("Dry run of a draft"),
    "members": _l("Members, after a change"),
    "audit": _l("Weekly audit of everybody"),
}
COUNTS = {
    "applications": _l("Open applications with a hit"),
    "new_applications": _l("of them by an entry that is new or changed"),
    "members": _l("Members with a hit"),
    "new_members": _l("of them by an entry that is new or changed"),
    "in_full": _l("Members searched in full, since the change concerns them"),
    "changed": _l("Members whose hits changed"),
    "checked": _l("People checked against what stands"),
    "different": _l("People for whom other hits were found than stood"),
    "passed_over": _l("People who wait for another run"),
    "unread": _l("People whose data could not be read"),
}
"""What a sweep counts, in the order in which pages show it."""
