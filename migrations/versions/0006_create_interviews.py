"""Opening rules, slots and places, holds, interviews and their records."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006_create_interviews"
down_revision = "0005_create_screening"


def upgrade() -> None:
    op.create_table(
        "opening_rule",
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("opens", sa.Time(), nullable=False),
        sa.Column("closes", sa.Time(), nullable=False),
        sa.Column("step_minutes", sa.Integer(), nullable=False),
        sa.Column("desks", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("desks > 0 and step_minutes > 0", name=op.f("ck_opening_rule_positive")),
        sa.CheckConstraint("opens < closes", name=op.f("ck_opening_rule_opens_before_it_closes")),
        sa.CheckConstraint("weekday between 0 and 6", name=op.f("ck_opening_rule_weekday_known")),
        sa.ForeignKeyConstraint(
            ["centre_id"], ["enrolment_centre.id"], name=op.f("fk_opening_rule_centre_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opening_rule")),
    )
    op.create_index(op.f("ix_opening_rule_centre_id"), "opening_rule", ["centre_id"], unique=False)
    op.create_table(
        "slot",
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("local_on", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["centre_id"], ["enrolment_centre.id"], name=op.f("fk_slot_centre_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slot")),
        sa.UniqueConstraint("centre_id", "starts_at", name=op.f("uq_slot_centre_id_starts_at")),
    )
    op.create_index("ix_slot_centre_id_local_on", "slot", ["centre_id", "local_on"], unique=False)
    op.create_table(
        "interview",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("missed", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state in ('to_book', 'booked', 'attended', 'finished', 'with_officer')",
            name=op.f("ck_interview_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_interview_application_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interview")),
        sa.UniqueConstraint("application_id", name=op.f("uq_interview_application_id")),
    )
    op.create_table(
        "interview_part",
        sa.Column("interview_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("attendance", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("calendar_sequence", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("agency in ('CA', 'US', 'both')", name=op.f("ck_interview_part_agency_known")),
        sa.CheckConstraint(
            "attendance in ('booked', 'walk_up')", name=op.f("ck_interview_part_attendance_known")
        ),
        sa.CheckConstraint(
            "state in ('open', 'booked', 'done', 'missed')", name=op.f("ck_interview_part_state_known")
        ),
        sa.ForeignKeyConstraint(
            ["interview_id"], ["interview.id"], name=op.f("fk_interview_part_interview_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interview_part")),
        sa.UniqueConstraint("interview_id", "position", name=op.f("uq_interview_part_interview_id_position")),
    )
    op.create_table(
        "hold",
        sa.Column("interview_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("extensions", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("purpose in ('book', 'swap', 'offer')", name=op.f("ck_hold_purpose_known")),
        sa.ForeignKeyConstraint(["interview_id"], ["interview.id"], name=op.f("fk_hold_interview_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold")),
        sa.UniqueConstraint("interview_id", name=op.f("uq_hold_interview_id")),
    )
    op.create_table(
        "place",
        sa.Column("slot_id", sa.Uuid(), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("desk", sa.Integer(), nullable=False),
        sa.Column("interview_part_id", sa.Uuid(), nullable=True),
        sa.Column("hold_id", sa.Uuid(), nullable=True),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(hold_id is null) = (held_until is null)", name=op.f("ck_place_held_by_whom_and_until_when")
        ),
        sa.ForeignKeyConstraint(["centre_id"], ["enrolment_centre.id"], name=op.f("fk_place_centre_id")),
        sa.ForeignKeyConstraint(["hold_id"], ["hold.id"], name=op.f("fk_place_hold_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["interview_part_id"], ["interview_part.id"], name=op.f("fk_place_interview_part_id")
        ),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f("fk_place_slot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place")),
        sa.UniqueConstraint("hold_id", name=op.f("uq_place_hold_id")),
        sa.UniqueConstraint("interview_part_id", name=op.f("uq_place_interview_part_id")),
        sa.UniqueConstraint("slot_id", "desk", name=op.f("uq_place_slot_id_desk")),
    )
    op.create_index("ix_place_centre_id_starts_at", "place", ["centre_id", "starts_at"], unique=False)
    op.create_index(
        "ix_place_free",
        "place",
        ["starts_at", "centre_id"],
        unique=False,
        postgresql_where="interview_part_id is null",
    )
    op.create_table(
        "interview_record",
        sa.Column("part_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("officer_id", sa.Uuid(), nullable=False),
        sa.Column("came", sa.Boolean(), nullable=False),
        sa.Column("documents_seen", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("biometrics", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("agency in ('CA', 'US')", name=op.f("ck_interview_record_agency_known")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_interview_record_application_id")
        ),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_interview_record_officer_id")),
        sa.ForeignKeyConstraint(["part_id"], ["interview_part.id"], name=op.f("fk_interview_record_part_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interview_record")),
        sa.UniqueConstraint("part_id", "agency", name=op.f("uq_interview_record_part_id_agency")),
    )
    op.create_index(
        op.f("ix_interview_record_application_id"), "interview_record", ["application_id"], unique=False
    )
    op.execute(
        """
        create function refresh_slot_statistics() returns void
        language plpgsql security definer set search_path = public as $$
        begin
            -- Only a table's owner may analyze it; web and worker make slots and need fresh statistics at once.
            analyze slot;
            analyze place;
        end $$
        """
    )


def downgrade() -> None:
    op.execute("drop function refresh_slot_statistics()")
    op.drop_table("interview_record")
    op.drop_table("place")
    op.drop_table("hold")
    op.drop_table("interview_part")
    op.drop_table("interview")
    op.drop_table("slot")
    op.drop_table("opening_rule")
