"""Look-out lists, screening profiles, runs and hits."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005_create_screening"
down_revision = "0004_create_reviews"


def upgrade() -> None:
    op.create_table(
        "lookout_list",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("agency in ('CA', 'US')", name=op.f("ck_lookout_list_agency_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lookout_list")),
        sa.UniqueConstraint("name", name=op.f("uq_lookout_list_name")),
    )
    op.create_table(
        "lookout_list_version",
        sa.Column("list_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("entry_count", sa.Integer(), nullable=False),
        sa.Column("source_on", sa.Date(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["list_id"], ["lookout_list.id"], name=op.f("fk_lookout_list_version_list_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lookout_list_version")),
        sa.UniqueConstraint("list_id", "number", name=op.f("uq_lookout_list_version_list_id_number")),
    )
    op.create_table(
        "lookout_entry",
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("entry_key", sa.Text(), nullable=False),
        sa.Column("names", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("birth_dates", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"], ["lookout_list_version.id"], name=op.f("fk_lookout_entry_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lookout_entry")),
        sa.UniqueConstraint("version_id", "entry_key", name=op.f("uq_lookout_entry_version_id_entry_key")),
    )
    op.create_table(
        "screening_profile",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("block", sa.LargeBinary(), nullable=False),
        sa.Column("normaliser_version", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_screening_profile_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_screening_profile")),
    )
    op.create_table(
        "screening_run",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("version_number", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("list_versions", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("matcher_version", sa.Text(), nullable=False),
        sa.Column("threshold", sa.Double(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(state = 'waiting') = (ended_at is null)", name=op.f("ck_screening_run_ended_when_it_ended")
        ),
        sa.CheckConstraint("agency in ('CA', 'US')", name=op.f("ck_screening_run_agency_known")),
        sa.CheckConstraint(
            "state in ('waiting', 'finished', 'failed')", name=op.f("ck_screening_run_state_known")
        ),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_screening_run_application_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screening_run")),
        sa.UniqueConstraint(
            "application_id",
            "agency",
            "version_number",
            name=op.f("uq_screening_run_application_id_agency_version_number"),
        ),
    )
    op.create_table(
        "lookout_hit",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("reasons", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("assessed_by", sa.Uuid(), nullable=True),
        sa.Column("assessed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("assessment", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(state = 'open') = (assessed_by is null) and (assessed_by is null) = (assessed_at is null)",
            name=op.f("ck_lookout_hit_assessed_who_and_when"),
        ),
        sa.CheckConstraint("agency in ('CA', 'US')", name=op.f("ck_lookout_hit_agency_known")),
        sa.CheckConstraint(
            "state in ('open', 'same', 'not_same', 'cannot_tell')", name=op.f("ck_lookout_hit_state_known")
        ),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_lookout_hit_application_id")
        ),
        sa.ForeignKeyConstraint(["assessed_by"], ["officer.id"], name=op.f("fk_lookout_hit_assessed_by")),
        sa.ForeignKeyConstraint(["entry_id"], ["lookout_entry.id"], name=op.f("fk_lookout_hit_entry_id")),
        sa.ForeignKeyConstraint(["run_id"], ["screening_run.id"], name=op.f("fk_lookout_hit_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lookout_hit")),
        sa.UniqueConstraint("run_id", "entry_id", name=op.f("uq_lookout_hit_run_id_entry_id")),
    )
    op.create_index(op.f("ix_lookout_hit_application_id"), "lookout_hit", ["application_id"], unique=False)


def downgrade() -> None:
    op.drop_table("lookout_hit")
    op.drop_table("screening_run")
    op.drop_table("screening_profile")
    op.drop_table("lookout_entry")
    op.drop_table("lookout_list_version")
    op.drop_table("lookout_list")
