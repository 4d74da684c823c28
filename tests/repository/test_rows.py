"""Row-level security, attacked on real rows: each viewer finds own rows and no other, in every table there is."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.clock import now
from portal.config import Settings
from portal.db import Database
from portal.models import (
    Account,
    Application,
    FamilyTie,
    Helper,
    InterviewPart,
    MemberScreening,
    Officer,
    Place,
    Review,
    ScreeningSweep,
    SectionDraft,
)
from portal.models.accounts import email_index
from portal.models.closures import Closure, Replacement
from portal.models.viewers import JOINT, NOBODY
from portal.services import (
    document_marks,
    documents,
    email_changes,
    legal_holds,
    list_publishing,
    reviews,
    viewings,
)
from tests import servers, world
from tests.repository.rows_table import BESIDES, BEYOND, GUARDED, HELPERS_READ, NOT_IN_THE_WORLD, PLACES, QUEUE

TRAVELLERS = ("stranger", "paid", "approved")


@pytest.fixture(scope="module")
def urls_here(server: Any, template: str) -> Iterator[servers.Urls]:
    urls = servers.new_database(server, template)
    yield urls
    servers.drop_database(server, urls)


@pytest.fixture(scope="module")
def here(
    urls_here: servers.Urls, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[world.World]:
    """The world: travellers at every stage, officers of both agencies."""
    with world.world(settings, urls_here, tmp_path_factory.mktemp("world")) as built:
        owner = Database(urls_here["owner"])
        with owner.transaction() as session:
            _add_what_the_world_has_not(session)
        owner.close()
        yield built


def _add_what_the_world_has_not(session: Session) -> None:
    """A note, a word on a document, a legal hold, a change of address under way, and two adults who are linked."""
    officer, supervisor = (
        session.query(Officer).filter_by(email_index=email_index(f"{name}@example.org")).one()
        for name in ("officer1.ca", "supervisor.ca")
    )
    review = session.query(Review).filter_by(officer_id=officer.id, state="in_review", agency="CA").first()
    assert review is not None
    reviews.add_note(session, review, "Called the bridge.", officer)
    paper = documents.of_review(session, review)[0]
    document_marks.put(session, review, paper, "readable", by=officer)
    viewings.give_reason(session, review, "A judge asks.", supervisor)
    legal_holds.place(session, review, "Order of a court.", supervisor)
    list_publishing.bring(session, "Brought", "CA", "own-csv", [b"names"], is_shared=False, source_on=None, by=officer)
    dry_run = session.query(ScreeningSweep).filter_by(agency="CA").first()
    assert dry_run is not None
    person_id = review.application.person_id
    session.add(MemberScreening(person_id=person_id, agency="CA", sweep_id=dry_run.id, screened_at=now()))
    email_changes.ask(session, review.application.account, "another@example.org")
    place = session.query(Place).filter(Place.interview_part_id.is_not(None)).first()
    part = session.get_one(InterviewPart, place.interview_part_id) if place else None
    assert place is not None and part is not None
    if not session.query(Replacement).count():
        closed = Closure(
            centre_id=place.centre_id, starts_at=now(), ends_at=now() + timedelta(days=1), reason="Snow",
            planned_by=officer.id, kept_until=now() + timedelta(days=1),
        )  # fmt: skip
        session.add(Replacement(closure=closed, interview_id=part.interview_id, old_place_id=place.id))
    stranger = session.query(Account).filter_by(email_index=email_index(world.CAST["stranger"].email)).one()
    if not session.query(FamilyTie).count():
        session.add(FamilyTie(account_id=stranger.id, other_id=review.application.account_id))
    _help(session, stranger)


def _help(session: Session, stranger: Account) -> None:
    """Somebody else than any traveller who looks helps with one draft that has sections of every kind."""
    begun = session.query(Account).filter_by(email_index=email_index(world.CAST["begun"].email)).one()
    application = session.query(Application).filter_by(account_id=begun.id, status="draft").first()
    assert application is not None
    for section in ("background", "consent", "travel"):
        if session.query(SectionDraft).filter_by(application_id=application.id, section=section).first() is None:
            session.add(SectionDraft(application=application, section=section, is_complete=False, saved_at=now()))
    helper = Helper(account=begun, person=application.person, people=[application.person])
    helper.name, helper.email, helper.helper, helper.accepted_at = "Paul Roy", stranger.email, stranger, now()
    session.add(helper)


@pytest.fixture(scope="module")
def owner(urls_here: servers.Urls, here: world.World) -> Iterator[Connection]:
    """A connection that sees everything."""
    engine = create_engine(urls_here["owner"])
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.fixture(scope="module")
def web(urls_here: servers.Urls, here: world.World) -> Iterator[Connection]:
    """A connection of the web role; what a test does in it is rolled back."""
    engine = create_engine(urls_here["web"])
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.fixture
def accounts(owner: Connection) -> dict[str, uuid.UUID]:
    """The accounts of the travellers who look, by stage."""
    with Session(owner) as session:
        found = {stage: session.query(Account).filter_by(email_index=email_index(world.CAST[stage].email)).one().id
                 for stage in TRAVELLERS}  # fmt: skip
    return found


def _all(connection: Connection, table: str, condition: str, **values: object) -> set[str]:
    query = text(f"select ctid::text from {table} as row where {condition}")
    return set(connection.execute(query, values).scalars())


def _seen(web: Connection, table: str, viewer: str) -> set[str]:
    web.rollback()
    web.execute(text("select set_config('app.viewer', :viewer, true)"), {"viewer": viewer})
    return _all(web, table, "true")


def test_every_table_has_its_place(owner: Connection) -> None:
    tables = set(owner.execute(text("select tablename from pg_tables where schemaname = 'public'")).scalars())
    tables = {table for table in tables if not table.startswith(QUEUE)}
    assert sorted(tables - set(GUARDED) - set(PLACES)) == [], "say whose rows these are, or why all may read them"
    assert sorted((set(GUARDED) | set(PLACES)) - tables) == [], "these are gone"
    assert not set(GUARDED) & set(PLACES)


def test_each_guarded_table_has_one_policy_for_all_that_the_web_does(owner: Connection) -> None:
    rows = owner.execute(text("select tablename, cmd, permissive from pg_policies where 'passage_web' = any(roles)"))
    more = [(table, *policy) for table, policies in BESIDES.items() for policy in policies]
    assert sorted(tuple(row) for row in rows) == sorted([*((table, "ALL", "PERMISSIVE") for table in GUARDED), *more])
    on = owner.execute(text("select relname from pg_class where relrowsecurity")).scalars()
    assert set(on) == set(GUARDED)


@pytest.mark.parametrize("table", GUARDED)
def test_without_a_viewer_nothing_is_found(owner: Connection, web: Connection, table: str) -> None:
    has_rows = bool(_all(owner, table, "true"))
    assert has_rows is (table not in NOT_IN_THE_WORLD), f"the world has no row in {table}: put one there"
    published = _all(owner, table, GUARDED[table].everybody)
    assert _seen(web, table, NOBODY) == published
    assert _seen(web, table, str(uuid.uuid4())) == published, "an account that does not exist"
    assert _seen(web, table, JOINT) == _all(owner, table, "true")


@pytest.mark.parametrize("stage", TRAVELLERS)
@pytest.mark.parametrize("table", GUARDED)
def test_a_traveller_finds_own_rows_only(
    owner: Connection, web: Connection, accounts: dict[str, uuid.UUID], table: str, stage: str
) -> None:
    own = _all(
        owner, table, f":account = {GUARDED[table].account} or {GUARDED[table].everybody}", account=accounts[stage]
    )
    assert _seen(web, table, str(accounts[stage])) == own


@pytest.mark.parametrize("table", GUARDED)
def test_a_helper_at_work_finds_what_helpers_fill_in_and_nothing_else(
    owner: Connection, web: Connection, accounts: dict[str, uuid.UUID], table: str
) -> None:
    """The stranger helps whoever has begun: nobody else is found, and no background, consent or letter."""
    whose = GUARDED[table].account
    begun = owner.execute(
        text("select account_id from helper where helper_id = :helper"), {"helper": accounts["stranger"]}
    ).scalar_one()
    may = _all(owner, table, f":account = {whose} and ({HELPERS_READ.get(table, 'false')})", account=begun)
    everybodys = _all(owner, table, GUARDED[table].everybody)
    assert _seen(web, table, f"helper:{accounts['stranger']}") == may | everybodys
    assert _seen(web, table, f"helper:{accounts['paid']}") == everybodys, "was asked by nobody"


def test_a_help_that_ended_opens_nothing_and_a_helper_moves_no_application(
    owner: Connection, web: Connection, accounts: dict[str, uuid.UUID]
) -> None:
    helper = f"helper:{accounts['stranger']}"
    assert _seen(web, "application", helper)
    with pytest.raises(DBAPIError, match="row-level security"), web.begin_nested():
        web.execute(text("update application set status = 'awaiting_payment'"))
    for section in ("background", "consent"):
        with pytest.raises(DBAPIError, match="row-level security"), web.begin_nested():
            web.execute(text(f"update section_draft set section = '{section}'"))
    web.execute(text("update helper set ended_at = now()"))
    assert _all(web, "application", "true") == _all(web, "section_draft", "true") == set()


@pytest.mark.parametrize("agency", ("CA", "US"))
@pytest.mark.parametrize("table", GUARDED)
def test_an_officer_finds_what_the_agency_may(owner: Connection, web: Connection, table: str, agency: str) -> None:
    may = _all(owner, table, f"({GUARDED[table].officer})", agency=agency)
    assert _seen(web, table, agency) == may


@pytest.mark.parametrize("viewer", (NOBODY, "stranger", "US"))
@pytest.mark.parametrize("table", GUARDED)
def test_what_is_not_found_is_not_changed_either(
    owner: Connection, web: Connection, accounts: dict[str, uuid.UUID], table: str, viewer: str
) -> None:
    seen = _seen(web, table, str(accounts.get(viewer, viewer)))
    column = owner.execute(
        text("select column_name from information_schema.columns where table_name = :table and is_identity = 'NO' "
             "order by column_name = 'id' desc, ordinal_position limit 1"), {"table": table},
    ).scalar_one()  # fmt: skip
    for change in (f"update {table} set {column} = {column}", f"delete from {table}"):
        with web.begin_nested() as savepoint:
            try:
                changed = web.execute(text(change)).rowcount
            except DBAPIError as error:
                assert any(
                    word in str(error)
                    for word in ("permission denied", "append-only", "never change", "foreign key", "check constraint")
                ), error
                savepoint.rollback()
                continue
            assert changed <= len(seen)
            savepoint.rollback()


def test_no_row_is_written_for_somebody_else(web: Connection, accounts: dict[str, uuid.UUID]) -> None:
    """A traveller does not apply in another's name, and an officer of one agency opens no review of the other's."""
    copies = {
        str(accounts["stranger"]): "insert into data_export (id, account_id, language, asked_at) "
        f"values (gen_random_uuid(), '{accounts['approved']}', 'en', now())",
        "US": "insert into role_grant (id, officer_id, agency, roles, proposed_by, proposed_at, expires_at) "
        "select gen_random_uuid(), a.id, 'CA', '{supervisor}', b.id, now(), now() from officer a, officer b "
        "where a.agency = 'CA' and b.agency = 'CA' and a.id <> b.id limit 1",
        NOBODY: "insert into person (id, created_at) values (gen_random_uuid(), now())",
    }
    for viewer, statement in copies.items():
        _seen(web, "person", viewer)
        with pytest.raises(DBAPIError, match="row-level security"), web.begin_nested():
            web.execute(text(statement))


def test_of_the_other_review_an_officer_learns_finished_or_not(owner: Connection, web: Connection) -> None:
    _seen(web, "review", "US")
    query = text("select is_review_over(id, 'CA') from application order by reference")
    assert set(web.execute(query).scalars()) <= {True, False, None}
    assert web.execute(text("select count(*) from review where agency = 'CA'")).scalar_one() == 0


def test_only_the_named_pages_read_beyond_own_rows(here: world.World) -> None:
    marked = {name for name, view in here.app.view_functions.items() if getattr(view, "beyond_own_rows", False)}
    assert marked == set(BEYOND)
