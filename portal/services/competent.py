"""Which reviews are for officers who were trained for them (`portal.domain.competences`), asked of the database."""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, any_, exists, false, or_

from portal.domain.competences import COMPETENCES, HITS, MINORS
from portal.models import Application, LookoutHit, Officer, Review, ScreeningRun


def is_for_others(by: Officer) -> Any:
    """Whether a review of the officer's agency needs what the officer lacks and an active colleague has."""
    lacking = [one for one in COMPETENCES if one not in by.competences]
    return or_(false(), *(and_(NEEDS[one](by), _somebody_has(one, by)) for one in lacking))


def _is_for_a_minor(_by: Officer) -> Any:
    return exists().where(Application.id == Review.application_id, Application.role == "parent")


def _has_open_hit(by: Officer) -> Any:
    return exists().where(
        LookoutHit.application_id == Review.application_id,
        LookoutHit.agency == by.agency,
        LookoutHit.state == "open",
        LookoutHit.run_id == ScreeningRun.id,
        ScreeningRun.is_newest,
    )


def _somebody_has(competence: str, by: Officer) -> Any:
    return exists().where(
        Officer.agency == by.agency,
        Officer.disabled_at.is_(None),
        Officer.activated_at.is_not(None),
        or_(any_(Officer.roles) == "officer", any_(Officer.roles) == "supervisor"),
        any_(Officer.competences) == competence,
    )


NEEDS = {MINORS: _is_for_a_minor, HITS: _has_open_hit}
