"""Reading the audit trail as its seals see it: number and hash of each row, as a stream."""

from __future__ import annotations

import json
from collections.abc import Generator

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.domain.audit_chain import row_hash

FETCHED = 5000
"""Rows at a time: a million are never in memory at once."""

_ROWS = text(
    """
    select id, (extract(epoch from at) * 1000000)::bigint, actor_kind, actor_id::text, agency, action, subject_kind,
           subject_id::text, application_id::text, reason, facts::text, request_id
      from audit_entry where id > :after and id <= :until order by id limit :limit
    """
)
NO_END = 2**63 - 1


def hashes(
    session: Session, *, after: int = 0, until: int = NO_END, limit: int = NO_END
) -> Generator[tuple[int, bytes], None, None]:
    """Number and hash of each row with after < number <= until, in order, read through a cursor of the server.

    Whoever does not read to the end closes it.
    """
    values = {"after": after, "until": until, "limit": limit}
    options = {"yield_per": FETCHED}
    with session.execute(_ROWS, values, execution_options=options) as rows:
        for number, *content, facts, request_id in rows:
            yield number, row_hash([*content, json.loads(facts), request_id])


def block(session: Session, *, after: int, until: int, size: int) -> list[tuple[int, bytes]]:
    """The first `size` rows of such a stream."""
    return list(hashes(session, after=after, until=until, limit=size))
