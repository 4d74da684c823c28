"""Memberships, letters, the outbox and the programme's settings."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007_create_messages"
down_revision = "0006_create_interviews"


def upgrade() -> None:
    op.create_table(
        "membership",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("number ~ '^00[0-9]{7}$'", name=op.f("ck_membership_number_has_nine_digits")),
        sa.CheckConstraint(
            "state in ('active', 'suspended', 'revoked', 'expired')", name=op.f("ck_membership_state_known")
        ),
        sa.CheckConstraint("valid_from < valid_until", name=op.f("ck_membership_valid_for_a_time")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_membership_application_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_membership_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
        sa.UniqueConstraint("application_id", name=op.f("uq_membership_application_id")),
        sa.UniqueConstraint("number", name=op.f("uq_membership_number")),
    )
    op.create_index(op.f("ix_membership_person_id"), "membership", ["person_id"], unique=False)
    op.create_table(
        "letter",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("contents", sa.LargeBinary(), nullable=True),
        sa.Column("file_key", sa.Text(), nullable=True),
        sa.Column("sha256", sa.LargeBinary(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("language in ('en', 'fr')", name=op.f("ck_letter_language_known")),
        sa.CheckConstraint("(file_key is null) = (made_at is null)", name=op.f("ck_letter_made_with_a_file")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_letter_application_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
        sa.UniqueConstraint("file_key", name=op.f("uq_letter_file_key")),
    )
    op.create_index(
        "uq_letter_kind",
        "letter",
        ["application_id", "kind", "agency"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "outgoing_message",
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("officer_id", sa.Uuid(), nullable=True),
        sa.Column("application_id", sa.Uuid(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("secrets", sa.LargeBinary(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("language in ('en', 'fr')", name=op.f("ck_outgoing_message_language_known")),
        sa.CheckConstraint(
            "num_nonnulls(account_id, officer_id) = 1", name=op.f("ck_outgoing_message_one_reader")
        ),
        sa.CheckConstraint(
            "sent_at is null or failed_at is null", name=op.f("ck_outgoing_message_sent_or_failed")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_outgoing_message_account_id")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_outgoing_message_application_id")
        ),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_outgoing_message_officer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outgoing_message")),
    )
    op.create_index(op.f("ix_outgoing_message_account_id"), "outgoing_message", ["account_id"], unique=False)
    op.create_index(
        op.f("ix_outgoing_message_application_id"), "outgoing_message", ["application_id"], unique=False
    )
    op.create_index(
        "ix_outgoing_message_open",
        "outgoing_message",
        ["created_at"],
        unique=False,
        postgresql_where="sent_at is null and failed_at is null",
    )
    op.create_table(
        "programme_setting",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("value", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", "valid_from", name=op.f("pk_programme_setting")),
    )


def downgrade() -> None:
    op.drop_table("programme_setting")
    op.drop_table("outgoing_message")
    op.drop_table("letter")
    op.drop_table("membership")
