"""Exports of the audit trail are made by the worker, in parts, and kept for a day.

Row-level security keeps one agency’s exports from the other one and from applicants; the worker writes them.
"""

from datetime import date

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0032_audit_exports"
down_revision = "0031_emergencies"

VIEWER = "(select viewer())"
SETTING = sa.table(
    "programme_setting",
    sa.column("name", sa.Text()),
    sa.column("valid_from", sa.Date()),
    sa.column("value", JSONB()),
    sa.column("source", sa.Text()),
)
CHECKS = {
    "agency_known": "agency in ('CA', 'US')",
    "kept_until_a_moment": "(made_at is null) = (until is null)",
    "forgotten_once_made": "forgotten_at is null or made_at is not null",
}


def upgrade() -> None:
    op.create_table(
        "audit_export",
        sa.Column("officer_id", sa.Uuid(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("criteria", JSONB(), nullable=False),
        sa.Column("newest", sa.BigInteger(), nullable=False),
        _moment("asked_at", nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        _moment("made_at"),
        _moment("until"),
        _moment("forgotten_at"),
        sa.Column("id", sa.Uuid(), nullable=False),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_audit_export_{name}")) for name, rule in CHECKS.items()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_export")),
    )
    op.create_foreign_key(
        "fk_audit_export_officer_id_agency", "audit_export", "officer", ["officer_id", "agency"], ["id", "agency"]
    )
    op.create_index("ix_audit_export_officer_id_asked_at", "audit_export", ["officer_id", "asked_at"])
    op.create_index(
        "uq_audit_export_waiting",
        "audit_export",
        ["officer_id"],
        unique=True,
        postgresql_where=sa.text("made_at is null"),
    )
    op.create_table(
        "audit_export_part",
        sa.Column("export_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("file_key", sa.Text(), nullable=False),
        sa.Column("oldest", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["export_id"], ["audit_export.id"], name=op.f("fk_audit_export_part_export_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_export_part")),
        sa.UniqueConstraint("export_id", "number", name=op.f("uq_audit_export_part_export_id_number")),
        sa.UniqueConstraint("file_key", name=op.f("uq_audit_export_part_file_key")),
    )
    _guard("audit_export", f"agency = {VIEWER} or {VIEWER} = 'joint'")
    _guard("audit_export_part", "exists (select from audit_export as above where above.id = export_id)")
    op.bulk_insert(
        SETTING,
        [
            {
                "name": "retention_audit_exports",
                "valid_from": date(2020, 1, 1),
                "value": {"days": 1},
                "source": "ours: an export of the audit trail can be fetched for a day",
            }
        ],
    )


def _guard(table: str, condition: str) -> None:
    op.execute(f"alter table {table} enable row level security")
    op.execute(f"create policy {table}_web on {table} to passage_web using ({condition}) with check ({condition})")
    op.execute(f"create policy {table}_worker on {table} to passage_worker using (true) with check (true)")


def _moment(name: str, *, nullable: bool = True) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def downgrade() -> None:
    op.execute(SETTING.delete().where(SETTING.c.name == "retention_audit_exports"))
    op.drop_table("audit_export_part")
    op.drop_table("audit_export")
