"""A list is read into a draft, and a second person publishes it; sweeps screen many people at once."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0033_publish_by_two"
down_revision = "0032_audit_exports"

VIEWER = "(select viewer())"
OWN = f"{VIEWER} = 'joint' or agency = {VIEWER}"
SHARED = f"{VIEWER} in ('CA', 'US') and exists (select from lookout_list where id = list_id and is_shared)"
GUARDED = {
    "lookout_upload": "exists (select from lookout_list_version as above where above.id = version_id)",
    "screening_sweep": OWN,
    "sweep_part": "exists (select from screening_sweep as above where above.id = sweep_id)",
    "member_screening": OWN,
}
VERSIONS = (f"{OWN} or (state = 'published' and {SHARED})", OWN)
"""Drafts are the owner's; what is published of a shared list is read by the other agency, and never written."""
VERSIONS_BEFORE = ("exists (select from lookout_list as above where above.id = list_id)",) * 2
CHECKS = {
    "state_known": "state in ('waiting', 'unfit', 'ready', 'published', 'discarded')",
    "numbered_when_published": (
        "(state = 'published') = (published_at is not null) and (state = 'published') = (number is not null)"
    ),
    "ready_is_whole": "state not in ('ready', 'published') or num_nulls(sha256, entry_count, source_on) = 0",
    "published_by_another": "published_by <> imported_by",
    "published_by_somebody": "published_at is null or published_by is not null or imported_at is null",
}
NOW_OPTIONAL = ("number", "sha256", "entry_count", "source_on", "published_at")


def upgrade() -> None:
    op.drop_constraint("uq_lookout_list_name", "lookout_list")
    op.create_unique_constraint(op.f("uq_lookout_list_agency_name"), "lookout_list", ["agency", "name"])
    op.create_unique_constraint(op.f("uq_lookout_list_id_agency"), "lookout_list", ["id", "agency"])
    _extend_versions()
    op.create_table(
        "lookout_upload",
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"], ["lookout_list_version.id"], name=op.f("fk_lookout_upload_version_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("version_id", "position", name=op.f("pk_lookout_upload")),
    )
    _create_sweeps()
    _guard_entries()
    for table, condition in GUARDED.items():
        _guard(table, condition, condition)
    _unguard("lookout_list_version")
    _guard("lookout_list_version", *VERSIONS)


def _extend_versions() -> None:
    table = "lookout_list_version"
    op.drop_constraint("fk_lookout_list_version_list_id", table)
    op.add_column(table, sa.Column("agency", sa.Text()))
    op.add_column(table, sa.Column("is_shared", sa.Boolean()))
    op.add_column(table, sa.Column("state", sa.Text(), nullable=False, server_default="published"))
    op.add_column(table, sa.Column("kind", sa.Text(), nullable=False, server_default="own-csv"))
    op.add_column(table, sa.Column("not_people", sa.Integer(), nullable=False, server_default="0"))
    op.add_column(table, sa.Column("errors", postgresql.JSONB(), nullable=False, server_default="[]"))
    op.execute(
        "update lookout_list_version as v set agency = l.agency, is_shared = l.is_shared "
        "from lookout_list as l where l.id = v.list_id"
    )
    for name in ("agency", "is_shared"):
        op.alter_column(table, name, nullable=False)
    for name in ("state", "kind", "not_people", "errors"):
        op.alter_column(table, name, server_default=None)
    for name in NOW_OPTIONAL:
        op.alter_column(table, name, nullable=True)
    for name, kind in {
        "copied_from": sa.Uuid(),
        "base_id": sa.Uuid(),
        "change": postgresql.JSONB(),
        "problem": postgresql.JSONB(),
        "imported_by": sa.Uuid(),
        "imported_at": sa.DateTime(timezone=True),
        "published_by": sa.Uuid(),
        "release": sa.Text(),
    }.items():
        op.add_column(table, sa.Column(name, kind))
    op.create_foreign_key(
        op.f("fk_lookout_list_version_list_id"), table, "lookout_list", ["list_id", "agency"], ["id", "agency"]
    )
    for name in ("copied_from", "base_id"):
        op.create_foreign_key(op.f(f"fk_lookout_list_version_{name}"), table, table, [name], ["id"])
    for name in ("imported_by", "published_by"):
        op.create_foreign_key(
            op.f(f"fk_lookout_list_version_{name}"), table, "officer", [name, "agency"], ["id", "agency"]
        )
    for name, condition in CHECKS.items():
        op.create_check_constraint(op.f(f"ck_lookout_list_version_{name}"), table, condition)


def _create_sweeps() -> None:
    op.create_table(
        "screening_sweep",
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=True),
        sa.Column("list_versions", postgresql.JSONB(), nullable=False),
        sa.Column("matcher_version", sa.Text(), nullable=False),
        sa.Column("threshold", sa.Double(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("agency in ('CA', 'US')", name=op.f("ck_screening_sweep_agency_known")),
        sa.CheckConstraint("kind in ('dry_run', 'members', 'audit')", name=op.f("ck_screening_sweep_kind_known")),
        sa.CheckConstraint(
            "(kind = 'dry_run') = (version_id is not null)", name=op.f("ck_screening_sweep_dry_run_of_a_version")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["lookout_list_version.id"], name=op.f("fk_screening_sweep_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screening_sweep")),
    )
    op.create_index(
        "uq_screening_sweep_dry_run",
        "screening_sweep",
        ["version_id"],
        unique=True,
        postgresql_where=sa.text("version_id is not null"),
    )
    op.create_index(
        "uq_screening_sweep_running",
        "screening_sweep",
        ["agency", "kind"],
        unique=True,
        postgresql_where=sa.text("ended_at is null and kind <> 'dry_run'"),
    )
    op.create_table(
        "sweep_part",
        sa.Column("sweep_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("first_person", sa.Uuid(), nullable=False),
        sa.Column("last_person", sa.Uuid(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("counts", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(done_at is null) = (counts is null)", name=op.f("ck_sweep_part_counted_when_done")),
        sa.ForeignKeyConstraint(
            ["sweep_id"], ["screening_sweep.id"], name=op.f("fk_sweep_part_sweep_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sweep_part")),
        sa.UniqueConstraint("sweep_id", "number", name=op.f("uq_sweep_part_sweep_id_number")),
    )
    op.create_table(
        "member_screening",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("sweep_id", sa.Uuid(), nullable=False),
        sa.Column("screened_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("agency in ('CA', 'US')", name=op.f("ck_member_screening_agency_known")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_member_screening_person_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["sweep_id"], ["screening_sweep.id"], name=op.f("fk_member_screening_sweep_id")),
        sa.PrimaryKeyConstraint("person_id", "agency", name=op.f("pk_member_screening")),
    )
    op.create_index(op.f("ix_member_screening_sweep_id"), "member_screening", ["sweep_id"], unique=False)


def _guard_entries() -> None:
    """What was published never changes: not the entries, and not what the version says of them."""
    op.execute(
        """
        create function refuse_published_entry() returns trigger language plpgsql as $$
        begin
            if tg_op = 'UPDATE' or exists (
                select from lookout_list_version as v where v.state = 'published'
                and v.id = case when tg_op = 'INSERT' then new.version_id else old.version_id end
            ) then
                raise exception 'entries of a published version never change' using errcode = 'insufficient_privilege';
            end if;
            return coalesce(new, old);
        end $$
        """
    )
    op.execute(
        "create trigger lookout_entry_never_changes before insert or update or delete on lookout_entry "
        "for each row execute function refuse_published_entry()"
    )


def _guard(table: str, found: str, added: str) -> None:
    op.execute(f"alter table {table} enable row level security")
    op.execute(f"create policy {table}_web on {table} to passage_web using ({found}) with check ({added})")
    op.execute(f"create policy {table}_worker on {table} to passage_worker using (true) with check (true)")


def _unguard(table: str) -> None:
    op.execute(f"drop policy {table}_web on {table}")
    op.execute(f"drop policy {table}_worker on {table}")


def downgrade() -> None:
    _unguard("lookout_list_version")
    _guard("lookout_list_version", *VERSIONS_BEFORE)
    for table in reversed(GUARDED):
        _unguard(table)
    op.execute("drop trigger lookout_entry_never_changes on lookout_entry")
    op.execute("drop function refuse_published_entry()")
    for table in ("member_screening", "sweep_part", "screening_sweep", "lookout_upload"):
        op.drop_table(table)
    _narrow_versions()
    op.drop_constraint("uq_lookout_list_id_agency", "lookout_list")
    op.drop_constraint("uq_lookout_list_agency_name", "lookout_list")
    op.create_unique_constraint(op.f("uq_lookout_list_name"), "lookout_list", ["name"])


def _narrow_versions() -> None:
    table = "lookout_list_version"
    drafts = f"select id from {table} where state <> 'published'"
    op.execute(f"delete from lookout_entry where version_id in ({drafts})")
    for name in ("copied_from", "base_id"):
        op.drop_constraint(f"fk_{table}_{name}", table)
    op.execute(f"delete from {table} where state <> 'published'")
    for name in ("imported_by", "published_by", "list_id"):
        op.drop_constraint(f"fk_{table}_{name}", table)
    for name in CHECKS:
        op.drop_constraint(f"ck_{table}_{name}", table)
    for name in (
        "agency", "is_shared", "state", "kind", "not_people", "errors", "copied_from", "base_id", "change", "problem",
        "imported_by", "imported_at", "published_by", "release",
    ):  # fmt: skip
        op.drop_column(table, name)
    for name in NOW_OPTIONAL:
        op.alter_column(table, name, nullable=False)
    op.create_foreign_key(op.f(f"fk_{table}_list_id"), table, "lookout_list", ["list_id"], ["id"])
