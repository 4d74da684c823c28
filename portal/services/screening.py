"""Screening an application against look-out lists: the profile, each agency's run, its hits, their assessment."""

from __future__ import annotations

import json
import logging
import uuid
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Exists, delete, exists, func, select, type_coerce, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from portal import screening as matching
from portal.adapters import queue
from portal.clock import now
from portal.domain import AGENCIES
from portal.domain.errors import NotFound, NotOpenToThis, RuleViolation
from portal.i18n import Lazy as _l
from portal.models import (
    Application,
    ApplicationVersion,
    LookoutEntry,
    LookoutHit,
    MemberScreening,
    Officer,
    Person,
    Review,
    ScreeningProfile,
    ScreeningRun,
)
from portal.models.encryption import keyring
from portal.models.viewers import JOINT, viewing_as
from portal.services import adjudication, audit, hit_assessments, lookout_lists, screening_fields
from portal.services.actors import SYSTEM, Actor
from portal.services.sweeps import matcher_used

log = logging.getLogger(__name__)

PURPOSE = "screening"
PROPOSED = "same_proposed"
ASSESSMENTS = ("same", "not_same", "cannot_tell")
"""What an officer can find. That it is the same person stands once a second officer has confirmed it."""
EVIDENCE = ("names", "birth", "face", "fingerprints", "documents", "places", "source", "other")
"""What can be compared."""
INDEXES_KEPT = 4

_indexes: OrderedDict[tuple[uuid.UUID, ...], matching.Index] = OrderedDict()
"""The newest indexes, in memory only. A version of a list never changes, so an index is never out of date."""


def update_profile(session: Session, person: Person, answers: dict[str, dict[str, Any]]) -> ScreeningProfile:
    """Write what is matched of `person`, from the sections' answers, sealed under the screening key of its own."""
    block = screening_fields.block_of(answers)
    profile = session.get(ScreeningProfile, person.id) or ScreeningProfile(person_id=person.id)
    profile.block = keyring().seal_for(PURPOSE, str(person.id), json.dumps(block).encode())
    profile.normaliser_version = matching.NORMALISER_VERSION
    profile.updated_at = now()
    with viewing_as(session, JOINT):  # whatever a member was searched against before says nothing of the new data
        session.execute(delete(MemberScreening).where(MemberScreening.person_id == person.id))
    session.add(profile)
    session.flush()
    return profile


def matched_of(session: Session, person_id: uuid.UUID) -> matching.Profile | None:
    """What is matched of a person, to stand beside a hit; None for somebody whose profile is gone."""
    row = session.get(ScreeningProfile, person_id)
    return opened(row) if row else None


def _profile(session: Session, person_id: uuid.UUID) -> matching.Profile:
    return opened(session.get_one(ScreeningProfile, person_id))


def opened(row: ScreeningProfile) -> matching.Profile:
    """What is matched of the person whose sealed profile this is."""
    block = json.loads(keyring().open_for(PURPOSE, str(row.person_id), row.block))
    return screening_fields.profile_of(block)


def request(session: Session, application: Application, by: Actor) -> None:
    """Queue the screening of an application for both agencies; what is finished is not repeated."""
    queue.enqueue(session, "screen_application", application_id=str(application.id))
    audit.record(session, "screening:request", application, by=by)


def request_behind(session: Session) -> int:
    """Queue the screening of every open application that a current version was not searched for; returns how many."""
    behind = _behind(session)
    for application_id in behind:
        once = f"screen_application {application_id}"
        queue.enqueue(session, "screen_application", once=once, application_id=str(application_id))
    return len(behind)


def count_behind(session: Session) -> int:
    """How many open applications a current version of a list was not searched for, as the worker sees it."""
    return len(_behind(session))


@dataclass(frozen=True)
class Standing:
    """How many people of a kind there are to screen, and how many of them are behind the lists that hold now."""

    behind: int
    total: int


def standing(session: Session, agency: str) -> Standing:
    """Where the agency stands with its open applications."""
    is_open = (Review.agency == agency, Review.state.in_(adjudication.OPEN_REVIEW_STATES))
    query = select(func.count(), func.count().filter(~_is_screened(session, agency))).select_from(Review)
    total, behind = session.execute(query.where(*is_open)).one()
    return Standing(behind, total)


def _behind(session: Session) -> list[uuid.UUID]:
    """One question for each agency, however many applications are open, whoever published the list."""
    with viewing_as(session, JOINT):
        return _behind_of_all(session)


def _behind_of_all(session: Session) -> list[uuid.UUID]:
    open_reviews = select(Review.application_id).where(Review.state.in_(adjudication.OPEN_REVIEW_STATES))
    found: set[uuid.UUID] = set()
    for agency in AGENCIES:
        query = open_reviews.where(Review.agency == agency, ~_is_screened(session, agency))
        found.update(session.scalars(query))
    return sorted(found)


def _is_screened(session: Session, agency: str) -> Exists:
    newest_answers = (
        select(func.max(ApplicationVersion.number))
        .where(ApplicationVersion.application_id == Review.application_id)
        .correlate(Review)
        .scalar_subquery()
    )
    current = [str(version.id) for version in lookout_lists.current_versions(session, agency)]
    return exists().where(
        ScreeningRun.application_id == Review.application_id,
        ScreeningRun.agency == agency,
        ScreeningRun.is_newest,
        ScreeningRun.state == "finished",
        ScreeningRun.version_number == newest_answers,
        ScreeningRun.matcher_version == matcher_used(),
        ScreeningRun.threshold == matching.THRESHOLD,
        ScreeningRun.list_versions == type_coerce(current, JSONB),
    )


def run(session: Session, application: Application, agency: str) -> ScreeningRun:
    """Screen the newest answers against the lists that `agency` may use.

    A finished run is not repeated while the same versions of the lists are current; after that a new one is made, and
    assessments carry over where both sides say what they said. A run that fails is kept as failed, for officers to see
    and the job to try again.
    """
    adjudication.lock(session, application)  # two workers with the same job do it one after the other
    found = run_of(session, application, agency)
    if found is not None and found.state == "finished" and is_current(session, found):
        return found
    screening_run = _begin(session, application, agency, found)
    try:
        with session.begin_nested():
            _search(session, screening_run)
        screening_run.state = "finished"
    except Exception:
        log.exception("the screening run %s failed", screening_run.id)
        screening_run.state = "failed"
    screening_run.ended_at = now()
    audit.record(session, f"screening:{screening_run.state}", screening_run, by=SYSTEM)
    session.flush()
    return screening_run


def is_current(session: Session, screening_run: ScreeningRun) -> bool:
    """Whether the run searched what is current now: every list's version, and the matcher with its threshold."""
    versions = [str(version.id) for version in lookout_lists.current_versions(session, screening_run.agency)]
    used = (screening_run.matcher_version, screening_run.threshold)
    return screening_run.list_versions == versions and used == (matcher_used(), matching.THRESHOLD)


def _begin(session: Session, application: Application, agency: str, found: ScreeningRun | None) -> ScreeningRun:
    screening_run = found if found is not None and found.state != "finished" else None
    if screening_run is None:
        _make_older(session, application, agency)
        screening_run = ScreeningRun(
            application=application,
            application_id=application.id,
            agency=agency,
            version_number=adjudication.latest_version(session, application),
        )
    screening_run.state, screening_run.started_at, screening_run.ended_at = "waiting", now(), None
    screening_run.list_versions = []
    screening_run.matcher_version, screening_run.threshold = matcher_used(), matching.THRESHOLD
    session.add(screening_run)
    session.flush()
    return screening_run


def _make_older(session: Session, application: Application, agency: str) -> None:
    mine = (ScreeningRun.application_id == application.id, ScreeningRun.agency == agency)
    session.execute(update(ScreeningRun).where(*mine, ScreeningRun.is_newest).values(is_newest=False))


def _search(session: Session, screening_run: ScreeningRun) -> None:
    versions = lookout_lists.current_versions(session, screening_run.agency)
    if not versions:
        raise LookupError("no look-out list is published for this agency")
    profile = _profile(session, screening_run.application.person_id)
    for match in matching.screen(profile, index(session, [v.id for v in versions]), screening_run.threshold):
        session.add(_hit(screening_run, match))
    session.flush()
    hit_assessments.carry_over(session, screening_run)
    screening_run.list_versions = [str(version.id) for version in versions]


def write_run(
    session: Session,
    application: Application,
    agency: str,
    list_versions: Sequence[str],
    matches: Iterable[matching.Match],
) -> ScreeningRun:
    """Write a new run with what was found, where a sweep searched; assessments carry over as with any run."""
    adjudication.lock(session, application)
    screening_run = _begin(session, application, agency, None)
    session.add_all(_hit(screening_run, match) for match in matches)
    session.flush()
    hit_assessments.carry_over(session, screening_run)
    screening_run.list_versions = list(list_versions)
    screening_run.state, screening_run.ended_at = "finished", now()
    audit.record(session, "screening:finished", screening_run, by=SYSTEM)
    session.flush()
    return screening_run


def _hit(screening_run: ScreeningRun, match: matching.Match) -> LookoutHit:
    return LookoutHit(
        run=screening_run,
        application=screening_run.application,
        application_id=screening_run.application_id,
        agency=screening_run.agency,
        entry_id=uuid.UUID(match.entry.key),
        score=match.score,
        band=match.band,
        reasons=[dict(reason) for reason in match.reasons],
    )


def index(session: Session, version_ids: Iterable[uuid.UUID]) -> matching.Index:
    """The entries of these versions, ready to be searched."""
    key = tuple(version_ids)
    if key not in _indexes:
        query = select(LookoutEntry).where(LookoutEntry.version_id.in_(key)).execution_options(yield_per=2000)
        _indexes[key] = matching.Index(entry(row) for row in session.scalars(query))
        while len(_indexes) > INDEXES_KEPT:
            _indexes.popitem(last=False)
    return _indexes[key]


def entry(row: LookoutEntry) -> matching.Entry:
    """What is matched of an entry."""
    return screening_fields.entry_of(row)


def run_of(session: Session, application: Application, agency: str) -> ScreeningRun | None:
    """The agency's run on the newest answers; None while it has not begun or the reader may not see it."""
    query = select(ScreeningRun).where(
        ScreeningRun.application_id == application.id,
        ScreeningRun.agency == agency,
        ScreeningRun.is_newest,
        ScreeningRun.version_number == adjudication.latest_version(session, application),
    )
    return session.scalars(query).one_or_none()


def hits_of(session: Session, screening_run: ScreeningRun | None) -> list[LookoutHit]:
    """The hits of a run, the closest first."""
    if screening_run is None:
        return []
    query = select(LookoutHit).where(LookoutHit.run_id == screening_run.id)
    return list(session.scalars(query.order_by(LookoutHit.score.desc(), LookoutHit.id)))


def find_hit(session: Session, review: Review, hit_id: uuid.UUID) -> LookoutHit:
    """A hit of the review's agency on its application. Raises NotFound."""
    hit = session.get(LookoutHit, hit_id)
    if hit is None or (hit.application_id, hit.agency) != (review.application_id, review.agency):
        raise NotFound(hit_id)
    return hit


def require_finished(session: Session, review: Review) -> None:
    """Raise RuleViolation unless the screening is finished and every hit was assessed."""
    screening_run = run_of(session, review.application, review.agency)
    if screening_run is None or screening_run.state == "waiting":
        raise RuleViolation(_l("The screening is not finished yet. Nobody can be cleared before."))
    if screening_run.state == "failed":
        raise RuleViolation(_l("The screening failed and will be tried again. Nobody can be cleared before."))
    if not is_current(session, screening_run):
        raise RuleViolation(_l("A look-out list has a new version. Nobody can be cleared before it was searched too."))
    if any(hit.state == "open" for hit in hits_of(session, screening_run)):
        raise RuleViolation(_l("Assess every look-out hit first."))
    if any(hit.state == PROPOSED for hit in hits_of(session, screening_run)):
        raise RuleViolation(_l("A second officer has to settle first what was found to be the same person."))


def require_current(session: Session, application: Application, agency: str) -> None:
    """After an applicant changed answers: raise RuleViolation until they were screened and every hit was assessed."""
    screening_run = run_of(session, application, agency)
    answers = adjudication.latest_version(session, application)
    if answers <= 1:
        return  # nothing changed since the review, which made sure of it
    if screening_run is None or screening_run.state != "finished":
        raise RuleViolation(_l("The applicant changed answers, and the screening of them is not finished yet."))
    if any(hit.state == "open" for hit in hits_of(session, screening_run)):
        raise RuleViolation(_l("Assess every look-out hit first."))


def assess_hit(
    session: Session, hit: LookoutHit, state: str, assessment: str, by: Officer, *, evidence: Sequence[str]
) -> None:
    """Record what an officer found of a hit, on what evidence and why: the same person, not, or it cannot be told.

    "The same" waits for a second officer (`hit_confirmations`). Raises NotFound, RuleViolation, NotOpenToThis.
    """
    if hit.agency != by.agency:
        raise NotFound(hit.id)
    if state not in ASSESSMENTS or not assessment:
        raise RuleViolation(_l("Say what you found, and why."))
    if not evidence or not set(evidence) <= set(EVIDENCE):
        raise RuleViolation(_l("Say what you compared."))
    session.refresh(hit, with_for_update={"of": LookoutHit})
    if not hit.run.is_newest:
        raise NotOpenToThis(_l("The application was screened again. Assess the hits of the newest screening."))
    if hit.state != "open":
        raise NotOpenToThis(_l("This hit was assessed already."))
    hit.assessment = assessment  # first: sealing reads the person, and a flush would find the row half written
    hit.state = PROPOSED if state == "same" else state
    hit.evidence = [one for one in EVIDENCE if one in evidence]
    hit.assessed_by, hit.assessed_at = by.id, now()
    audit.record(session, "hit:assess", hit, by=by, state=state, evidence=" ".join(hit.evidence))
    session.flush()
