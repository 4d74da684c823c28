"""Migrations: numbered without gaps, named as their files, equal to the models, and undone as well as done."""

import re

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

from portal import migrate
from portal.models import Base
from tests import servers

FILES = sorted(path.stem for path in (migrate.MIGRATIONS / "versions").glob("*.py"))
EVERYTHING = """
    select coalesce(string_agg(kind || ' ' || name, E'\\n' order by kind, name), '') from (
        select 'relation' as kind, relname::text || relkind::text as name
        from pg_class where relnamespace = 'public'::regnamespace
        union all
        select 'function', proname::text from pg_proc where pronamespace = 'public'::regnamespace
        union all
        select 'type', typname::text from pg_type where typnamespace = 'public'::regnamespace
        union all
        select 'policy', polname::text from pg_policy
        union all
        select 'trigger', tgname::text from pg_trigger where not tgisinternal
        union all
        select 'constraint', conrelid::regclass::text || ' ' || conname || ' ' || pg_get_constraintdef(oid)
        from pg_constraint where connamespace = 'public'::regnamespace
    ) things where name not like '%alembic_version%'
"""


def test_they_are_numbered_without_gaps_and_named_as_their_files() -> None:
    assert [name[:4] for name in FILES] == [f"{number:04d}" for number in range(1, len(FILES) + 1)]
    script = ScriptDirectory.from_config(migrate.configuration())
    assert sorted(revision.revision for revision in script.walk_revisions()) == FILES
    assert all(re.fullmatch(r"\d{4}_[a-z_]{3,27}", name) for name in FILES)


def test_the_models_are_the_migrated_schema(urls: servers.Urls) -> None:
    engine = create_engine(urls["owner"])
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "include_name": lambda name, kind, parents: (
                    not (kind == "table" and name and name.startswith("procrastinate_"))
                ),
            },
        )
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()


def test_down_undoes_up_step_by_step(server) -> None:
    urls = servers.new_database(server)
    engine = create_engine(urls["owner"])

    def picture() -> str:
        with engine.connect() as connection:
            return str(connection.execute(text(EVERYTHING)).scalar_one())

    pictures = [picture()]
    for name in FILES:
        migrate.upgrade(urls["owner"], name)
        pictures.append(picture())
    for index in range(len(FILES) - 1, -1, -1):
        migrate.downgrade(urls["owner"], FILES[index - 1] if index else "base")
        assert picture() == pictures[index], f"{FILES[index]} is not undone"
    migrate.upgrade(urls["owner"])
    assert picture() == pictures[-1]
    engine.dispose()
    servers.drop_database(server, urls)
