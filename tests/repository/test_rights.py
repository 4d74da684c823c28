"""What each working role may do with each table, and with which columns: one table, complete, and tried."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.clock import now, telling
from portal.domain.errors import RuleViolation
from portal.models import Officer, RoleGrant
from portal.services import corrections, role_grants
from tests import servers
from tests.interviewing import officer
from tests.repository.rights_table import RIGHTS
from tests.reviewing import paid

QUEUE = "procrastinate_"
ROLES = ("web", "worker", "sealer")

_TABLES = text(
    "select relname, has_table_privilege(:role, oid, 'select'), has_table_privilege(:role, oid, 'insert'), "
    "has_table_privilege(:role, oid, 'update'), has_table_privilege(:role, oid, 'delete'), "
    "has_table_privilege(:role, oid, 'truncate') or has_table_privilege(:role, oid, 'references') "
    "or has_table_privilege(:role, oid, 'trigger') "
    "from pg_class where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace"
)
_COLUMNS = text(
    "select relname, string_agg(attname, ' ' order by attname) from pg_attribute "
    "join pg_class on pg_class.oid = attrelid "
    "where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace and attnum > 0 and not attisdropped "
    "and has_column_privilege(:role, pg_class.oid, attnum, 'update') group by relname"
)


@pytest.fixture
def owner(urls: servers.Urls) -> Iterator[Connection]:
    engine = create_engine(urls["owner"])
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def held(owner: Connection, role: str) -> dict[str, str]:
    """As rights_table writes it: s, i, u, d, and u(column …) where only some can be changed."""
    name = {"role": f"passage_{role}"}
    columns = dict(tuple(row) for row in owner.execute(_COLUMNS, name))
    found = {}
    for table, *rights, more in owner.execute(_TABLES, name):
        assert not more, f"{role} has a right to {table} that no role needs"
        letters = "".join(letter for letter, is_held in zip("siud", rights, strict=True) if is_held)
        if table in columns and "u" not in letters:
            letters = letters.replace("d", "") + f"u({columns[table]})" + ("d" if "d" in letters else "")
        if not table.startswith(QUEUE):
            found[table] = letters or "-"
    return found


@pytest.mark.parametrize("role", ROLES)
def test_each_role_has_the_rights_of_the_table_and_no_other(owner: Connection, role: str) -> None:
    written = {table: dict(zip(ROLES, rights, strict=True))[role] for table, rights in RIGHTS.items()}
    actual = held(owner, role)
    assert sorted(set(actual) - set(written)) == [], "say what each role may do with these"
    assert actual == written


@pytest.mark.parametrize("role", ("web", "worker"))
def test_what_is_not_among_the_rights_is_refused(urls: servers.Urls, owner: Connection, role: str) -> None:
    """The privileges are what PostgreSQL says they are: tried on each table whose rows stand."""
    columns = text(
        "select column_name from information_schema.columns where table_name = :table and is_identity = 'NO'"
    )
    engine = create_engine(urls[role])  # type: ignore[index]
    with engine.connect() as connection:
        for table, rights in RIGHTS.items():
            held_here = dict(zip(ROLES, rights, strict=True))[role]
            writable = set(held_here.partition("u(")[2].partition(")")[0].split())
            tries = [] if held_here.endswith("d") else [f"delete from {table}"]
            if "u" not in held_here.replace("u(", ""):
                others = set(owner.execute(columns, {"table": table}).scalars()) - writable
                tries += [f"update {table} set {column} = {column}" for column in others]
            for change in tries:
                with pytest.raises(DBAPIError, match="permission denied"), connection.begin_nested():
                    connection.execute(text(change))
    engine.dispose()


def _refused(session: Session, statement: str, match: str, **values: object) -> None:
    with pytest.raises(DBAPIError, match=match), session.begin_nested():
        session.execute(text(statement), values)


def test_no_page_gives_itself_roles(session: Session) -> None:
    """What a query of the web role would have to do to raise somebody: each way is refused by the database."""
    by = officer(session, "CA")
    ways = (
        "update officer set roles = '{administrator}' where id = :id",
        "update officer set roles = roles || '{supervisor}' where id = :id",
        "update officer set agency = 'US' where id = :id",
        "insert into officer (id, agency, roles, language, languages, email_index, email_index_key_id, created_at) "
        "values (gen_random_uuid(), 'CA', '{supervisor}', 'en', '{}', 'x', 'x', now())",
    )
    for way in ways:
        _refused(session, way, "grant of two administrators", id=by.id)


def _granted(session: Session, of: Officer, proposer: Officer, granter: Officer, roles: list[str]) -> RoleGrant:
    grant = RoleGrant(
        officer_id=of.id, agency=of.agency, roles=roles, proposed_by=proposer.id, proposed_at=now(),
        expires_at=now() + role_grants.LASTS, settled_by=granter.id, settled_at=now(), outcome="granted",
    )  # fmt: skip
    session.add(grant)
    session.flush()
    return grant


def test_a_grant_gives_roles_only_where_two_administrators_stand_behind_it(session: Session) -> None:
    of, plain = officer(session, "CA"), officer(session, "CA")
    first, second, gone = (officer(session, "CA", roles=["administrator"]) for _ in range(3))
    gone.disabled_at = now()
    session.flush()
    give = "select give_roles(:grant)"
    for proposer, granter in ((plain, first), (first, plain), (gone, first), (first, gone)):
        with session.begin_nested() as savepoint:
            grant = _granted(session, of, proposer, granter, ["supervisor"])
            _refused(session, give, "no grant of two administrators", grant=grant.id)
            savepoint.rollback()
    waiting = role_grants.propose(session, of, ["supervisor"], by=first)
    _refused(session, give, "no grant of two administrators", grant=waiting.id)
    role_grants.grant(session, waiting, by=second)
    assert of.roles == ["supervisor"]
    later = role_grants.propose(session, of, ["officer"], by=second)
    with telling(now() + timedelta(minutes=1)):
        role_grants.grant(session, later, by=first)
    _refused(session, give, "no grant of two administrators", grant=waiting.id)
    assert of.roles == ["officer"]


def test_whoever_proposed_must_still_be_an_administrator(session: Session) -> None:
    first, second, of = (officer(session, "CA", roles=[role]) for role in ("administrator", "administrator", "officer"))
    waiting = role_grants.propose(session, of, ["supervisor"], by=first)
    first.disabled_at = now()
    session.flush()
    with pytest.raises(RuleViolation, match="not an administrator any more"):
        role_grants.grant(session, waiting, by=second)
    role_grants.decline(session, waiting, "Ask again", by=second)


def test_a_first_administrator_is_made_only_where_there_is_none(session: Session) -> None:
    officer(session, "CA", roles=["administrator"])
    other = Officer(email_index=b"other", agency="CA", roles=[], language="en", name="Other")
    session.add(other)
    session.flush()
    _refused(session, "select give_first_roles(:id)", "has an administrator", id=other.id)


def test_a_correction_is_answered_by_an_officer_of_the_agency_that_the_row_names(session: Session) -> None:
    application, by, states = paid(session), officer(session, "CA"), officer(session, "US")
    corrections.ask(session, application, section="work", wrong="The city", right="Windsor", by=application.account)
    answer = (
        "update correction_request set outcome = 'accepted', decided_at = now(), decided_by = :by, agency = :agency "
        "where application_id = :application"
    )
    _refused(session, answer, "foreign key", by=states.id, agency="CA", application=application.id)
    _refused(session, answer, "decided_by_somebody", by=by.id, agency=None, application=application.id)
    session.execute(text(answer), {"by": by.id, "agency": "CA", "application": application.id})
