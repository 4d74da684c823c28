"""Publishing a look-out list by two persons: one brings the files, a job reads them, another person publishes.

Nothing is half imported: a version is read whole in one transaction, or stays waiting for the next attempt.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from portal.adapters import queue
from portal.adapters.lookout_formats import Reading, Row
from portal.clock import now
from portal.domain.errors import NotFound, NotOpenToThis, RuleViolation
from portal.i18n import LANGUAGES, Lazy, speaking
from portal.i18n import Lazy as _l
from portal.models import LookoutEntry, LookoutList, LookoutListVersion, LookoutUpload, Officer, ScreeningSweep
from portal.services import audit, lookout_lists, sweeps
from portal.services.actors import SYSTEM, Actor

EARLIER = "earlier"
"""The kind of a version that takes its content from an earlier one."""
SAME = _l("The list says the same as the version that holds now.")
NOTHING = _l("The file holds no entry about a person.")
NO_DAY = _l("The file does not say the day of the list. Give it.")
FUTURE = _l("The day of the list lies in the future.")


def bring(
    session: Session,
    name: str,
    agency: str,
    kind: str,
    files: Sequence[bytes],
    *,
    is_shared: bool,
    source_on: date | None,
    by: Officer | None,
) -> LookoutListVersion:
    """Take in the files of a new version of the agency's list called `name`; a job reads them. `by` None: the operator.

    Raises NotFound for a list of another agency than the officer's.
    """
    if by is not None and by.agency != agency:
        raise NotFound(name)
    version = _begin(session, _list(session, name, agency), kind, is_shared, by)
    version.source_on = source_on
    session.add_all(
        LookoutUpload(version_id=version.id, position=number, content=file) for number, file in enumerate(files)
    )
    _queue(session, version)
    return version


def bring_earlier(session: Session, earlier: LookoutListVersion, *, by: Officer) -> LookoutListVersion:
    """Propose the content of an earlier published version as the next one. Raises NotOpenToThis for the newest."""
    _require_own(earlier, by)
    holds = lookout_lists.newest(session, earlier.list_id)
    if earlier.state != "published" or holds is None or holds.id == earlier.id:
        raise NotOpenToThis(_l("This version cannot be brought back."))
    version = _begin(session, earlier.lookout_list, EARLIER, earlier.is_shared, by)
    version.copied_from, version.source_on = earlier.id, earlier.source_on
    _queue(session, version)
    return version


def _list(session: Session, name: str, agency: str) -> LookoutList:
    query = select(LookoutList).where(LookoutList.agency == agency, LookoutList.name == name)
    found = session.scalars(query).one_or_none()
    if found is None:
        # What it shares is said by its first version that is published.
        found = LookoutList(name=name, agency=agency, is_shared=False)
        session.add(found)
        session.flush()
    return found


def _begin(session: Session, of: LookoutList, kind: str, is_shared: bool, by: Officer | None) -> LookoutListVersion:
    version = LookoutListVersion(
        lookout_list=of,
        list_id=of.id,
        agency=of.agency,
        state="waiting",
        kind=kind,
        is_shared=is_shared,
        imported_by=by.id if by else None,
        imported_at=now(),
    )
    session.add(version)
    session.flush()
    audit.record(session, "lookout_list:import", version, agency=of.agency, by=by or SYSTEM, kind=kind)
    return version


def _queue(session: Session, version: LookoutListVersion) -> None:
    session.flush()
    queue.enqueue(session, "read_lookout_list", version_id=str(version.id))


def read(session: Session, version_id: uuid.UUID) -> LookoutListVersion:
    """Read what was brought into a draft, whole, with every error named; what was read already is left alone."""
    version = _locked(session, version_id)
    if version.state != "waiting":
        return version
    try:
        reading = _earlier(session, version) if version.kind == EARLIER else _uploaded(session, version)
    except RuleViolation as error:
        _refuse(version, error.message)
    else:
        fill(session, version, reading)
    session.execute(delete(LookoutUpload).where(LookoutUpload.version_id == version.id))
    audit.record(session, f"lookout_list:{version.state}", version, agency=version.agency, by=SYSTEM)
    session.flush()
    return version


def _locked(session: Session, version_id: uuid.UUID) -> LookoutListVersion:
    query = select(LookoutListVersion).where(LookoutListVersion.id == version_id)
    return session.scalars(query.with_for_update(of=LookoutListVersion).execution_options(populate_existing=True)).one()


def _uploaded(session: Session, version: LookoutListVersion) -> Reading:
    query = select(LookoutUpload.content).where(LookoutUpload.version_id == version.id)
    files = list(session.scalars(query.order_by(LookoutUpload.position)))
    return lookout_lists.read_files(version.kind, files)


def _earlier(session: Session, version: LookoutListVersion) -> Reading:
    query = select(LookoutEntry).where(LookoutEntry.version_id == version.copied_from)
    return Reading(rows=[lookout_lists.row_of(entry) for entry in session.scalars(query)])


def fill(session: Session, version: LookoutListVersion, reading: Reading) -> None:
    """Make a draft of what was read, and begin its dry run; a list with an unfit entry is refused whole."""
    version.not_people = reading.not_people
    version.source_on = version.source_on or reading.source_on
    if reading.errors:
        version.state = "unfit"
        version.errors = [
            {"line": error.line, "entry": error.entry_key, **in_both(error.problem)} for error in reading.errors
        ]
        return
    base = lookout_lists.newest(session, version.list_id)
    if problem := _problem(version, reading.rows, base):
        _refuse(version, problem)
        return
    found = lookout_lists.difference_from(session, base, reading.rows)
    version.base_id = base.id if base else None
    version.change = {"added": list(found.added), "changed": list(found.changed), "removed": list(found.removed)}
    version.sha256, version.entry_count = lookout_lists.rows_hash(reading.rows), len(reading.rows)
    version.state = "ready"
    session.flush()
    session.execute(
        insert(LookoutEntry), [{"id": uuid.uuid4(), "version_id": version.id, **row} for row in reading.rows]
    )
    sweeps.begin_dry_run(session, version)


def _problem(version: LookoutListVersion, rows: Sequence[Row], base: LookoutListVersion | None) -> Lazy | None:
    if not rows:
        return NOTHING
    if version.source_on is None:
        return NO_DAY
    if version.source_on > now().date():
        return FUTURE
    is_same = base is not None and base.sha256 == lookout_lists.rows_hash(rows)
    return SAME if is_same and base is not None and base.is_shared == version.is_shared else None


def _refuse(version: LookoutListVersion, problem: Lazy | str) -> None:
    version.state, version.problem = "unfit", in_both(problem)


def in_both(problem: Lazy | str) -> dict[str, str]:
    """A text in every language, for whoever reads it later."""
    told = {}
    for language in LANGUAGES:
        with speaking(language):
            told[language] = str(problem)
    return told


def dry_run_of(session: Session, version: LookoutListVersion) -> ScreeningSweep | None:
    """The dry run of a draft."""
    return session.scalars(select(ScreeningSweep).where(ScreeningSweep.version_id == version.id)).one_or_none()


def needs_release(session: Session, version: LookoutListVersion) -> bool:
    """Whether publishing the draft needs somebody's word: more than a tenth of the entries would be gone."""
    base = session.get(LookoutListVersion, version.base_id) if version.base_id else None
    if base is None or version.change is None:
        return False
    fewer = len(version.change["removed"]) - len(version.change["added"])
    return lookout_lists.shrinks_much(fewer, base.entry_count or 0)


def publish(session: Session, version: LookoutListVersion, *, by: Officer, release: str = "") -> None:
    """Publish a draft that another person brought, once its dry run is finished; from then on it never changes.

    `release` says why more than a tenth of the entries may go. Raises RuleViolation for the same person, a dry run that
    still runs, a missing release, and where another version was published meanwhile.
    """
    _require_own(version, by)
    _locked(session, version.id)
    session.refresh(version.lookout_list, with_for_update=True)
    if version.state != "ready":
        raise NotOpenToThis(_l("This version cannot be published."))
    if version.imported_by == by.id:
        raise RuleViolation(_l("Another person of your agency must publish what you brought."))
    _require_compared(session, version)
    if needs_release(session, version) and not release.strip():
        raise RuleViolation(_l("More than one in ten entries would be gone. Say why that is right."))
    holds = lookout_lists.newest(session, version.list_id)
    version.number = (holds.number or 0) + 1 if holds else 1
    version.state, version.published_by, version.published_at = "published", by.id, now()
    version.release = release.strip() or None
    version.lookout_list.is_shared = version.is_shared
    session.flush()
    audit.record(
        session,
        "lookout_list:publish",
        version,
        by=by,
        number=version.number,
        entries=version.entry_count,
        released=bool(version.release),
    )
    queue.enqueue(session, "screen_behind", once="screen_behind")


def _require_compared(session: Session, version: LookoutListVersion) -> None:
    dry_run, holds = dry_run_of(session, version), lookout_lists.newest(session, version.list_id)
    if dry_run is None or dry_run.ended_at is None:
        raise RuleViolation(_l("The dry run is not finished yet."))
    if version.base_id != (holds.id if holds else None):
        raise RuleViolation(
            _l("Another version was published meanwhile. Discard this draft and bring the files again.")
        )


def discard(session: Session, version: LookoutListVersion, *, by: Officer) -> None:
    """Let a draft go, with its entries; what was found wrong with it stays to be read."""
    _require_own(version, by)
    _locked(session, version.id)
    if version.state not in ("waiting", "unfit", "ready"):
        raise NotOpenToThis(_l("This version cannot be discarded."))
    version.state = "discarded"
    for table in (LookoutEntry, LookoutUpload):
        session.execute(delete(table).where(table.version_id == version.id))
    sweeps.stop_dry_run(session, version)
    audit.record(session, "lookout_list:discard", version, by=by)
    session.flush()


def _require_own(version: LookoutListVersion, by: Actor) -> None:
    if by.agency != version.agency:
        raise NotFound(version.id)


def find(session: Session, version_id: uuid.UUID, *, agency: str) -> LookoutListVersion:
    """A version that officers of `agency` may see: the agency's own, or a published one of a shared list."""
    version = session.get(LookoutListVersion, version_id)
    if version is None or not _may_see(version, agency):
        raise NotFound(version_id)
    return version


def _may_see(version: LookoutListVersion, agency: str) -> bool:
    return version.agency == agency or (version.state == "published" and version.lookout_list.is_shared)
