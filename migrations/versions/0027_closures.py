"""Closures of a centre, and the new times kept for those whose interviews they call off."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0027_closures"
down_revision = "0026_amendments"

SETTING = {"days": 7, "hours_before": 24, "soonest_hours": 48, "planned_minutes": 30}
SOURCE = "ours: how long a new time is kept after a closure, how soon it may be, how long a plan keeps what it found"


def upgrade() -> None:
    op.create_table(
        "closure",
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("planned_by", sa.Uuid(), nullable=False),
        sa.Column("kept_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state in ('planned', 'dropped', 'in_force', 'reopened')", name=op.f("ck_closure_state_known")
        ),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_closure_starts_before_it_ends")),
        sa.ForeignKeyConstraint(["centre_id"], ["enrolment_centre.id"], name=op.f("fk_closure_centre_id")),
        sa.ForeignKeyConstraint(["planned_by"], ["officer.id"], name=op.f("fk_closure_planned_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closure")),
    )
    op.create_index("ix_closure_centre_id_ends_at", "closure", ["centre_id", "ends_at"])
    op.create_table(
        "replacement",
        sa.Column("closure_id", sa.Uuid(), nullable=False),
        sa.Column("interview_id", sa.Uuid(), nullable=False),
        sa.Column("old_place_id", sa.Uuid(), nullable=False),
        sa.Column("place_id", sa.Uuid(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["closure_id"], ["closure.id"], name=op.f("fk_replacement_closure_id")),
        sa.ForeignKeyConstraint(["interview_id"], ["interview.id"], name=op.f("fk_replacement_interview_id")),
        sa.ForeignKeyConstraint(["old_place_id"], ["place.id"], name=op.f("fk_replacement_old_place_id")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_replacement_place_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replacement")),
        sa.UniqueConstraint(
            "closure_id", "interview_id", name=op.f("uq_replacement_closure_id_interview_id")
        ),
    )
    op.create_index(
        "ix_replacement_place_id",
        "replacement",
        ["place_id"],
        unique=True,
        postgresql_where=sa.text("settled_at is null"),
    )
    op.create_index("ix_replacement_interview_id", "replacement", ["interview_id"])
    op.add_column("place", sa.Column("closure_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_place_closure_id"), "place", "closure", ["closure_id"], ["id"])
    op.create_index(
        "ix_place_closure_id", "place", ["closure_id"], postgresql_where=sa.text("closure_id is not null")
    )
    op.drop_constraint(op.f("ck_place_held_by_whom_and_until_when"), "place")
    op.create_check_constraint(
        op.f("ck_place_held_until_when"), "place", "hold_id is null or held_until is not null"
    )
    op.execute(
        sa.text(
            "insert into programme_setting (name, valid_from, value, source) "
            "values ('closure', '2003-01-01', cast(:value as jsonb), :source)"
        ).bindparams(value=json.dumps(SETTING), source=SOURCE)
    )


def downgrade() -> None:
    op.execute("delete from programme_setting where name = 'closure'")
    op.drop_constraint(op.f("ck_place_held_until_when"), "place")
    op.execute("update place set held_until = null where hold_id is null")
    op.create_check_constraint(
        op.f("ck_place_held_by_whom_and_until_when"), "place", "(hold_id is null) = (held_until is null)"
    )
    op.drop_index("ix_place_closure_id", "place")
    op.drop_constraint(op.f("fk_place_closure_id"), "place", type_="foreignkey")
    op.drop_column("place", "closure_id")
    op.drop_table("replacement")
    op.drop_table("closure")
