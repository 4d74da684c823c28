"""What the workbench's pages share: the review of one's own agency, its case file, and the actions that are open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from portal.clock import today
from portal.db import current_session
from portal.domain import declared_history as declared_words
from portal.domain.adjudication import JointOutcome, Outcome
from portal.domain.errors import ChangedMeanwhile, NotOpenToThis, RuleViolation
from portal.domain.facts import Fact
from portal.domain.registry import may_know, open_actions, viewer_of
from portal.domain.sections import age_on
from portal.i18n import format_date, format_datetime
from portal.i18n import gettext as _
from portal.models import Officer, Review
from portal.services import (
    adjudication,
    amendments,
    case_files,
    corrections,
    declared_history,
    document_readings,
    documents,
    guardian_consents,
    helped,
    information_requests,
    lookout_lists,
    person_indexes,
    reviews,
    screening,
    viewings,
)
from portal.services.worklists import days_old
from portal.web.access import check_state
from portal.web.context import agency_name
from portal.web.forms import Form
from portal.web.officer import panels
from portal.web.officer.words import OUTCOMES, REVIEW_STATES
from portal.web.sessions import current_officer

HOLDERS_ACTIONS = ("give_back", "ask", "clear", "propose_refusal")
NOT_IN_AN_EMERGENCY = ("give_back",)
SECOND_OFFICERS_ACTIONS = ("confirm_refusal",)


def own_review(reference: str) -> Review:
    """The review of this application by the officer's own agency. Anything else is a 404.

    Raises NotOpenToThis where this page has nothing to do with the application in its present state.
    """
    review = reviews.of_agency(current_session(), reference, current_officer().agency)
    check_state(review.application.status)
    return review


def known_of(review: Review) -> Callable[[str], bool]:
    """Whether the officer of this request may know a fact of this application: templates ask before they show it."""
    viewer, status = viewer_of(current_officer().roles), review.application.status
    return lambda fact: may_know(viewer, Fact(fact), status)


def attempted(form: Form, act: Callable[[], object]) -> bool:
    """Do `act`; where a rule speaks against it that the officer can mend, say so on the form."""
    try:
        act()
    except (NotOpenToThis, ChangedMeanwhile):
        raise
    except RuleViolation as error:
        form.refuse(error.message)
        return False
    return True


def actions(review: Review, by: Officer) -> list[str]:
    """The actions that this officer can take now: what the lifecycle opens, less what is another officer's."""
    possible = open_actions("review", review.state, by.roles, review.application.status)
    return [action for action in possible if _is_for(action, review, by)]


def _is_for(action: str, review: Review, by: Officer) -> bool:
    if action in HOLDERS_ACTIONS:
        return reviews.holds(review, by) and not (action in NOT_IN_AN_EMERGENCY and review.held_until)
    if action in SECOND_OFFICERS_ACTIONS:
        proposal = reviews.proposal_of(current_session(), review)
        return proposal is not None and proposal.proposed_by != by.id
    return action == "take"


@dataclass(frozen=True)
class Case:
    """What the bar at the top of each page of a case says, and which actions stand in it."""

    review: Review
    reference: str
    name: str
    facts: list[str]
    tags: list[tuple[str, str]]
    """(agency, text): the own one first."""
    actions: list[str]
    language: str
    """The applicant's."""
    emergency: dict[str, str] | None
    """Who has emergency access now, and until when."""


def identity(review: Review, looked_at: str = "identity") -> dict[str, Case]:
    """The case of a review, for its pages. The look is recorded, as one at what the page itself is about.

    Raises RuleViolation where the officer has no reason to look.
    """
    session, application, by = current_session(), review.application, current_officer()
    viewings.record(session, review, looked_at, by)
    case = Case(
        review=review,
        reference=application.reference,
        name=shown_name(review),
        facts=_facts(review),
        tags=[
            _tag(by.agency, str(REVIEW_STATES[review.state])),
            _tag(adjudication.other_agency(by.agency), _of_other(review)),
        ],
        actions=actions(review, by),
        language=application.language,
        emergency=emergency_of(review),
    )
    return {"case": case}


def emergency_of(review: Review) -> dict[str, str] | None:
    """What the banner of every page of the file says while an emergency lasts: who, and until when."""
    until = reviews.emergency_until(review)
    if until is None or review.officer_id is None:
        return None
    names = case_files.officer_names(current_session(), {review.officer_id})
    return {"name": names.get(review.officer_id, ""), "until": format_datetime(until)}


def _facts(review: Review) -> list[str]:
    facts = []
    if born := review.application.person.birth_on:
        facts.append(_("Born %(day)s (%(age)s)", day=format_date(born), age=age_on(born, today())))
    facts.append(_("Writes in English") if review.application.language == "en" else _("Writes in French"))
    facts.append(_("Day %(days)s", days=days_old(review) + 1))
    names = case_files.officer_names(current_session(), {review.officer_id} if review.officer_id else set())
    return facts + [_("Held by %(name)s", name=name) for name in names.values()]


def _tag(agency: str, text: str) -> tuple[str, str]:
    return agency, _("%(agency)s: %(state)s", agency=agency_name(agency), state=text)


def _of_other(review: Review) -> str:
    """What may be said of the other agency: its outcome only once the own agency has decided (rulings, section 2)."""
    standing = adjudication.standing(current_session(), review.application, review.agency)
    if standing.own == Outcome.CLEARED and standing.joint in (JointOutcome.CLEARED, JointOutcome.REFUSED):
        return str(OUTCOMES[standing.joint])
    return _("Finished") if standing.is_other_finished else _("Not finished")


def shown_name(review: Review) -> str:
    """Family name in capitals, then given names: "TREMBLAY, Élise"."""
    person = review.application.person
    parts = ((person.family_name or "").upper(), person.given_names or "")
    return ", ".join(part for part in parts if part) or review.application.reference


def file_of(review: Review, document_id: str | None, page: int) -> dict[str, Any]:
    """Everything that the case file shows beside the identity bar."""
    session, knows = current_session(), known_of(review)
    run = screening.run_of(session, review.application, review.agency)
    hits = screening.hits_of(session, run)
    notes, questions = reviews.notes_of(session, review), information_requests.of_review(session, review)
    history = case_files.history(session, review)
    proposal = reviews.proposal_of(session, review)
    writers = {note.officer_id for note in notes} | {question.asked_by for question in questions}
    writers |= {event.actor_id for event in history if event.actor_kind == "officer" and event.actor_id}
    writers |= {hit.assessed_by for hit in hits if hit.assessed_by} | ({proposal.proposed_by} if proposal else set())
    names = case_files.officer_names(session, writers)
    papers, answers = documents.of_review(session, review), reviews.answers_of(session, review.application)
    viewer = panels.viewer(review.application.reference, papers, document_id, page)
    return {
        "parts": panels.parts(answers),
        "changes": amendments.differences(session, review.application),
        "guardians": panels.guardians(guardian_consents.of_application(session, review.application)),
        "documents": [(paper, panels.title(paper)) for paper in papers],
        "viewer": viewer,
        "reading": panels.reading(document_readings.comparison(viewer.document, answers)) if viewer else [],
        "run": run,
        "lists": lookout_lists.versions(session, run.list_versions) if run else [],
        "hits": hits,
        "declared": declared_history.of_review(session, review, hits) if knows("background_answers") else (),
        "declared_words": declared_words,
        "notes": panels.notes(notes, names),
        "questions": questions,
        "history": panels.history(history, names, helped.names(session, helped.named_in(history))),
        "corrections": corrections.of_application(session, review.application),
        "correction_sections": corrections.SECTIONS_TO_CORRECT,
        "proposal": proposal,
        "same_passport": person_indexes.same_passport(session, review) if knows("same_passport") else [],
        "knows": knows,
        "names": names,
    }
