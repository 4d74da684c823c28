"""Statements on the short way to the driver keep to the session's transactions, inner ones too."""

from __future__ import annotations

import pytest

from portal.db import Database
from portal.models.statements import Statement

ADD = Statement("insert into attempt (action, key, at) values (:action, :key, now())")
COUNT = Statement("select count(*) from attempt")


def test_what_an_inner_transaction_did_is_undone_with_it(database: Database) -> None:
    with database.transaction() as session:
        ADD.execute(session, {"action": "kept", "key": b"1"})
        with pytest.raises(LookupError), session.begin_nested():
            ADD.execute(session, {"action": "undone", "key": b"2"})
            raise LookupError
        assert COUNT.value(session, {}) == 1
        with session.begin_nested():
            ADD.execute(session, {"action": "kept too", "key": b"3"})
    with database.transaction() as session:
        assert COUNT.value(session, {}) == 2
