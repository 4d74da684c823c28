"""Keys: which ones are in use, blind indexes with the id of their key, and an index by which officers find people.

`key_use` is filled by triggers. A writer holds its key's row until it commits, so that a rotation which takes the row
away first waits for everybody who still writes under that key.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015_key_rotation"
down_revision = "0014_audit_seals"

ADDRESSED = ("account", "officer")
OWNERS = ("account", "officer", "person")
NOTES = (
    [("master", table, "wrapped_key", "substring(new.wrapped_key from 2 for 4)") for table in OWNERS]
    + [("master", "screening_profile", "block", "substring(new.block from 2 for 4)")]
    + [("index", table, "email_index_key_id", "new.email_index_key_id") for table in ADDRESSED]
    + [("index", "person_index", "key_id", "new.key_id")]
)
"""Kind of key, table, the column that changes with the key, and the key's id in it."""


def upgrade() -> None:
    op.create_table(
        "key_use",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key_id", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "key_id", name=op.f("pk_key_use")),
    )
    op.create_table(
        "person_index",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_person_index_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", "kind", "value", name=op.f("pk_person_index")),
    )
    op.create_index("ix_person_index_kind_value", "person_index", ["kind", "value"])
    for table in ADDRESSED:
        # An empty id: made before index keys had ids. The next rotation of the index keys names it.
        op.add_column(table, sa.Column("email_index_key_id", sa.LargeBinary(), nullable=False, server_default=""))
        op.alter_column(table, "email_index_key_id", server_default=None)
    _note_use()
    _erase_what_was_derived()


def _note_use() -> None:
    op.execute(
        """
        create function note_key_use(which text, id bytea) returns void language plpgsql as $$
        begin
            perform from key_use where kind = which and key_id = id for key share;
            if not found then
                insert into key_use values (which, id) on conflict do nothing;
            end if;
        end $$
        """
    )
    for kind, table, column, key_id in NOTES:
        # Version 1 of a block for a purpose carried no id.
        condition = "substring(new.block from 1 for 1) = '\\x02'::bytea" if column == "block" else f"new.{column} <> ''"
        op.execute(
            f"""
            create function note_key_of_{table}_{column}() returns trigger language plpgsql as $$
            begin
                perform note_key_use('{kind}', {key_id});
                return null;
            end $$
            """
        )
        op.execute(
            f"create trigger {table}_{column}_notes_key after insert or update of {column} on {table} "
            f"for each row when ({condition}) execute function note_key_of_{table}_{column}()"
        )
    for table in OWNERS:
        op.execute(
            "insert into key_use select distinct 'master', substring(wrapped_key from 2 for 4) "
            f"from {table} where wrapped_key is not null on conflict do nothing"
        )


def _erase_what_was_derived() -> None:
    op.execute(
        """
        create function erase_what_was_derived() returns trigger language plpgsql as $$
        begin
            delete from person_index where person_id = new.id;
            delete from screening_profile where person_id = new.id;
            return null;
        end $$
        """
    )
    op.execute(
        "create trigger person_is_erased after update of wrapped_key on person "
        "for each row when (new.wrapped_key is null) execute function erase_what_was_derived()"
    )


def downgrade() -> None:
    op.execute("drop trigger person_is_erased on person")
    op.execute("drop function erase_what_was_derived()")
    for _kind, table, column, _key_id in NOTES:
        op.execute(f"drop trigger {table}_{column}_notes_key on {table}")
        op.execute(f"drop function note_key_of_{table}_{column}()")
    op.execute("drop function note_key_use(text, bytea)")
    for table in ADDRESSED:
        op.drop_column(table, "email_index_key_id")
    op.drop_table("person_index")
    op.drop_table("key_use")
