"""What there is to know about an application, and as whom somebody looks. Who may know what: `registry`."""

from __future__ import annotations

from enum import StrEnum


class Viewer(StrEnum):
    """Who looks. For an officer, "own" and "other" in a fact's name are seen from the officer's agency."""

    APPLICANT = "applicant"
    PARENT = "parent"
    OTHER_PARENT = "other_parent"
    HELPER = "helper"
    PAYER = "payer"
    OFFICER = "officer"
    SUPERVISOR = "supervisor"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    OPERATOR = "operator"


class Fact(StrEnum):
    """What there is to know about an application."""

    PROGRAMME = "programme"
    GIVEN_NAME = "given_name"
    ANSWERS = "answers"
    BACKGROUND_ANSWERS = "background_answers"
    DOCUMENTS = "documents"
    FEE = "fee"
    STAGES = "stages"
    """Each agency's stage, coarse, with its dates."""
    USUAL_TIMES = "usual_times"
    INTERVIEW = "interview"
    JOINT_OUTCOME = "joint_outcome"
    """What both decisions mean together; for an officer, once the own agency has decided."""
    REFUSAL_REASON = "refusal_reason"
    """The public text of a reason, in the letter of the agency that gave it."""

    OWN_QUESTIONS = "own_questions"
    OTHER_QUESTIONS = "other_questions"
    OWN_REVIEW = "own_review"
    """State, clock and assignment of the own agency's review."""
    OWN_DECISION = "own_decision"
    OWN_NOTES = "own_notes"
    OWN_PROPOSALS = "own_proposals"
    OWN_HITS = "own_hits"
    """Hits with their scores, and the screening runs that found them."""
    SAME_PASSPORT = "same_passport"
    """That another person's application gives the same passport."""
    OTHER_IS_FINISHED = "other_is_finished"
    OTHER_ASSIGNMENT = "other_assignment"
    OTHER_OUTCOME_BEFORE_OWN = "other_outcome_before_own"
    OTHER_REASONS = "other_reasons"
    OTHER_NOTES = "other_notes"
    OTHER_PROPOSALS = "other_proposals"
    OTHER_HITS = "other_hits"
    OWN_AUDIT_TRAIL = "own_audit_trail"
    """What the own agency's officers saw and did."""
    SHARED_AUDIT_TRAIL = "shared_audit_trail"
    """What applicants and the portal itself did; nothing of either agency's."""
    UNUSUAL_LOOKING = "unusual_looking"
    """Whose looking at applications was unusual, among the own agency's officers."""
    WHO_LOOKED = "who_looked"
    """Agency, kind of reason and date of the looks at the application: no names, nothing of look-out work."""
    PLACE_IN_QUEUE = "place_in_queue"
