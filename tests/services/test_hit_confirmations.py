"""That somebody is the person on a list takes two officers of the list's agency, on evidence that is written down."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.domain.errors import NotFound, NotOpenToThis, RuleViolation
from portal.models import LookoutHit, Officer, Review
from portal.services import hit_confirmations, reviews, screening, viewings
from tests import reviewing
from tests.interviewing import officer


@dataclass
class Story:
    """A hit on an application that the first officer holds, and a second officer of the same agency."""

    session: Session
    review: Review
    hit: LookoutHit
    first: Officer
    second: Officer

    def find(self, state: str = "same") -> None:
        """The first officer assesses the hit."""
        evidence = ["fingerprints", "face"]
        screening.assess_hit(self.session, self.hit, state, "The same scar.", self.first, evidence=evidence)


@pytest.fixture
def story(session: Session) -> Story:
    first, second = officer(session, "CA"), officer(session, "CA")
    application = reviewing.paid(session)
    reviewing.lists(session, reviewing.LOOKALIKE)
    review = reviewing.held(session, application, first)
    run = screening.run(session, application, "CA")
    (hit,) = screening.hits_of(session, run)
    return Story(session, review, hit, first, second)


def test_the_same_person_stands_once_a_second_officer_confirms(story: Story) -> None:
    session = story.session
    assert viewings.why(session, story.review, story.second) is None
    story.find()
    assert (story.hit.state, story.hit.evidence) == ("same_proposed", ["face", "fingerprints"])
    with pytest.raises(RuleViolation, match="second officer"):
        reviews.clear(session, story.review, story.first)
    assert hit_confirmations.waiting(session, story.first) == []
    assert hit_confirmations.waiting(session, story.second) == [story.hit]
    assert viewings.why(session, story.review, story.second) is not None, "a reason to look"
    with pytest.raises(RuleViolation, match="Another officer"):
        hit_confirmations.confirm(session, story.review, story.hit, story.first)
    hit_confirmations.confirm(session, story.review, story.hit, story.second)
    assert (story.hit.state, story.hit.confirmed_by) == ("same", story.second.id)
    assert viewings.why(session, story.review, story.second) is None
    with pytest.raises(NotOpenToThis):
        hit_confirmations.send_back(session, story.review, story.hit, "Too late.", story.second)


def test_what_is_sent_back_is_open_again_and_nothing_written_is_lost(story: Story) -> None:
    story.find()
    with pytest.raises(RuleViolation):
        hit_confirmations.send_back(story.session, story.review, story.hit, "", story.second)
    hit_confirmations.send_back(story.session, story.review, story.hit, "No scar on this photo.", story.second)
    assert (story.hit.state, story.hit.assessment, story.hit.evidence) == ("open", None, [])
    (note,) = reviews.notes_of(story.session, story.review)
    assert note.text == "The same scar.\n\n→ No scar on this photo."
    story.find("cannot_tell")
    assert story.hit.state == "cannot_tell"


@pytest.mark.parametrize("evidence", [(), ("a feeling",), ("face", "a feeling")])
def test_nothing_is_found_without_evidence(story: Story, evidence: tuple[str, ...]) -> None:
    with pytest.raises(RuleViolation, match="compared"):
        screening.assess_hit(story.session, story.hit, "not_same", "Another face.", story.first, evidence=evidence)


def test_the_other_agency_settles_nothing(story: Story) -> None:
    story.find()
    with pytest.raises(NotFound):
        hit_confirmations.confirm(story.session, story.review, story.hit, officer(story.session, "US"))


@pytest.mark.parametrize("who", ["assessed_by", "(select id from officer where agency = 'US' limit 1)", "null"])
def test_the_database_wants_two_people_of_the_agency(story: Story, who: str) -> None:
    officer(story.session, "US")
    story.find()
    settle = f"update lookout_hit set state = 'same', confirmed_at = now(), confirmed_by = {who}"
    with pytest.raises(IntegrityError), story.session.begin_nested():
        story.session.execute(text(settle))


def test_what_two_officers_found_lasts_while_both_sides_are_unchanged(story: Story) -> None:
    session = story.session
    story.find()
    hit_confirmations.confirm(session, story.review, story.hit, story.second)
    reviewing.lists(session, {**reviewing.LOOKALIKE, "entry_key": "Y-9"})
    (hit,) = screening.hits_of(session, screening.run(session, story.review.application, "CA"))
    assert hit.id != story.hit.id
    assert (hit.state, hit.confirmed_by, hit.evidence) == ("same", story.second.id, ["face", "fingerprints"])
