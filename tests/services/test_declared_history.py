"""The rules that hold, met by real answers: each agency reads its own, with their citations."""

from __future__ import annotations

from sqlalchemy.orm import Session

from portal.services import declared_history, screening
from tests import reviewing
from tests.interviewing import officer
from tests.reviewing import held, lists, paid, review_of, screened


def test_each_agency_reads_what_a_declaration_means_by_its_own_rules(session: Session) -> None:
    application = paid(session)  # declares a fine
    told = {
        agency: declared_history.of_review(session, review_of(session, application, agency), [])
        for agency in ("CA", "US")
    }
    assert [rule.pardon for rule in told["CA"]] == ["ends_it"]
    assert [rule.pardon for rule in told["US"]] == ["counts_anyway"]
    assert all(rule.citation for rules in told.values() for rule in rules)


def test_a_hit_on_the_same_person_contradicts_declarations_that_all_say_no(session: Session) -> None:
    answers, before = reviewing.ANSWERS, reviewing.ANSWERS["background"]
    answers["background"] = {key: {"answer": False, "details": ""} for key in before}
    try:
        application, by = paid(session), officer(session, "CA")
        lists(session, reviewing.LOOKALIKE)
        screened(session, application)
        review = held(session, application, by)
        (hit,) = screening.hits_of(session, screening.run_of(session, application, "CA"))
        assert declared_history.of_review(session, review, [hit]) == ()
        with session.no_autoflush:  # only how the rules read it is asked here
            hit.state = "same"
            (rule,) = declared_history.of_review(session, review, [hit])
            session.expire(hit)
        assert (rule.ground, rule.outcome) == ("contradiction", "recommend_refusal")
    finally:
        answers["background"] = before
