"""History and audit trail: neither web nor worker, nor even the tables' owner, can change or delete a row."""

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from tests import servers


@pytest.mark.parametrize("role", ("web", "worker", "sealer", "owner"))
@pytest.mark.parametrize("table", ("event", "audit_entry", "audit_seal"))
@pytest.mark.parametrize("change", ("update {t} set at = now()", "delete from {t}", "truncate {t}"))
def test_nobody_changes_what_was_written(urls: servers.Urls, role: str, table: str, change: str) -> None:
    engine = create_engine(urls[role])  # type: ignore[index]
    with engine.connect() as connection, pytest.raises(DBAPIError, match=r"permission denied|append-only"):
        connection.execute(text(change.format(t=table)))
    engine.dispose()


@pytest.mark.parametrize("role", ("web", "worker", "sealer"))
@pytest.mark.parametrize("change", ("drop table person", "alter table event disable trigger all", "create table x()"))
def test_no_working_role_changes_the_schema(urls: servers.Urls, role: str, change: str) -> None:
    engine = create_engine(urls[role])  # type: ignore[index]
    with engine.connect() as connection, pytest.raises(DBAPIError, match=r"must be owner|permission denied"):
        connection.execute(text(change))
    engine.dispose()
