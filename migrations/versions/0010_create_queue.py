"""The queue's own tables and functions, as Procrastinate brings them."""

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0010_create_queue"
down_revision = "0009_guard_rows"


def upgrade() -> None:
    op.get_bind().exec_driver_sql(SchemaManager.get_schema().replace("%", "%%"))


def downgrade() -> None:
    op.execute(
        """
        do $$
        declare thing record;
        begin
            for thing in select tablename as name from pg_tables
                         where schemaname = 'public' and tablename like 'procrastinate%' loop
                execute format('drop table if exists %I cascade', thing.name);
            end loop;
            for thing in select p.oid::regprocedure as name from pg_proc p
                         where pronamespace = 'public'::regnamespace and proname like 'procrastinate%' loop
                execute 'drop function if exists ' || thing.name || ' cascade';
            end loop;
            for thing in select typname as name from pg_type
                         where typnamespace = 'public'::regnamespace and typname like 'procrastinate%'
                           and typtype in ('e', 'c') loop
                execute format('drop type if exists %I cascade', thing.name);
            end loop;
        end $$
        """
    )
