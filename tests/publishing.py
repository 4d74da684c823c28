"""Stories about look-out lists: brought by one officer, read, and published by another, in one breath."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.adapters.lookout_formats import Reading, Row
from portal.clock import now, today
from portal.models import LookoutListVersion, Officer
from portal.models.accounts import email_index
from portal.models.viewers import viewing_as
from portal.services import list_publishing, sweep_work
from tests import servers

seen_by = viewing_as
"""Inside the block the session reads as this agency; afterwards as it did before."""


def two(session: Session, agency: str) -> tuple[Officer, Officer]:
    """Two officers of the agency who publish lists and do nothing else; nobody signs in as they."""
    query = select(Officer).where(Officer.agency == agency, Officer.staff_number.like("LIST%"))
    found = list(session.scalars(query.order_by(Officer.staff_number)))
    first, second = found or (_publisher(session, agency, "LIST1"), _publisher(session, agency, "LIST2"))
    return first, second


def _publisher(session: Session, agency: str, number: str) -> Officer:
    email = f"lists-{secrets.token_hex(4)}@example.org"
    made = Officer(email_index=email_index(email), agency=agency, roles=["officer"], language="en", activated_at=now())
    made.email, made.name, made.staff_number = email, f"Publisher of {agency}", number
    with servers.as_owner(session):
        session.add(made)
    return made


def draft(
    session: Session, name: str, agency: str, rows: Iterable[Row], *, is_shared: bool = False
) -> LookoutListVersion:
    """A draft with these rows, brought by the first of the two."""
    first, _second = two(session, agency)
    of = list_publishing._list(session, name, agency)
    version = list_publishing._begin(session, of, "own-csv", is_shared, first)
    version.source_on = today()
    list_publishing.fill(session, version, Reading(rows=list(rows)))
    session.flush()
    return version


def rehearse(session: Session, version: LookoutListVersion) -> None:
    """Let the dry run of a draft be done."""
    if dry_run := list_publishing.dry_run_of(session, version):
        sweep_work.do_all(session, dry_run)


def publish(
    session: Session, name: str, agency: str, rows: Sequence[Row], *, is_shared: bool = False, release: str = "Meant."
) -> LookoutListVersion:
    """The list with these rows, published; the version that holds where they are the same."""
    with seen_by(session, agency):
        version = draft(session, name, agency, rows, is_shared=is_shared)
        if version.state == "unfit":
            list_publishing.discard(session, version, by=two(session, agency)[0])
            holds = list_publishing.lookout_lists.newest(session, version.list_id)
            assert holds is not None
            return holds
        rehearse(session, version)
        list_publishing.publish(session, version, by=two(session, agency)[1], release=release)
    return version
