"""The demonstration's look-out lists, brought by an officer and published by the supervisor of the same agency."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.clock import today
from portal.models import LookoutListVersion, Officer
from portal.models.viewers import view_as, viewer_of
from portal.services import list_publishing, sweep_work

DATA = Path(__file__).parent / "data"
LISTS = (
    ("Border notices (invented)", "CA", False, "lookout_ca.csv"),
    ("Travel notices (invented)", "US", False, "lookout_us.csv"),
)
MEMBERS_ENTRY = 'CA-2005,"DELGADO, Rosalba|Rosa M. Delgado",1966-01-09,MX,Tijuana,Invented entry. Goods not declared.\n'
DRAFTS_ENTRY = 'US-2005,"NGUYEN, Marcus",1983-03-03,US,Tampa,Invented entry. Overstayed in 2019.\n'


def publish_all(session: Session) -> None:
    """Publish every list of the demonstration."""
    for name, agency, is_shared, file in LISTS:
        publish(session, name, agency, (DATA / file).read_bytes(), is_shared=is_shared)


def go_on(session: Session) -> None:
    """A second version of Canada's list resembles a member; one of the United States' waits to be published."""
    (canadas, _ca, _, file), (others, _us, _, other) = LISTS
    publish(session, canadas, "CA", (DATA / file).read_bytes() + MEMBERS_ENTRY.encode())
    before = viewer_of(session)
    view_as(session, "US")
    _bring(session, others, "US", (DATA / other).read_bytes() + DRAFTS_ENTRY.encode(), is_shared=False)
    view_as(session, before)


def publish(session: Session, name: str, agency: str, content: bytes, *, is_shared: bool = False) -> LookoutListVersion:
    """Publish one list in our own CSV, by two persons, without waiting for a worker."""
    before = viewer_of(session)
    view_as(session, agency)
    version = _bring(session, name, agency, content, is_shared=is_shared)
    list_publishing.publish(session, version, by=one_officer(session, agency, "supervisor"))
    view_as(session, before)
    return version


def _bring(session: Session, name: str, agency: str, content: bytes, *, is_shared: bool) -> LookoutListVersion:
    by = one_officer(session, agency, "officer")
    version = list_publishing.bring(
        session, name, agency, "own-csv", [content], is_shared=is_shared, source_on=today(), by=by
    )
    list_publishing.read(session, version.id)
    if dry_run := list_publishing.dry_run_of(session, version):
        sweep_work.do_all(session, dry_run)
    return version


def one_officer(session: Session, agency: str, role: str) -> Officer:
    """The first officer of the agency with this one role."""
    query = (
        select(Officer).where(Officer.agency == agency, Officer.roles == [role]).order_by(Officer.created_at).limit(1)
    )
    return session.scalars(query).one()
