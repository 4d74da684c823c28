"""Accounts, officers, their sessions, codes and invitations; the centres that officers belong to."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002_create_accounts"
down_revision = "0001_create_roles"


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("email", sa.LargeBinary(), nullable=True),
        sa.Column("email_index", sa.LargeBinary(), nullable=False),
        sa.Column("email_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("language in ('en', 'fr')", name=op.f("ck_account_language_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("email_index", name=op.f("uq_account_email_index")),
    )
    op.create_table(
        "enrolment_centre",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("name_fr", sa.Text(), nullable=False),
        sa.Column("is_french_name_ours", sa.Boolean(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("postal_code", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("modes", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("interview_model", sa.Text(), nullable=False),
        sa.Column("agencies", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("second_site", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("instructions", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("are_hours_stated", sa.Boolean(), nullable=False),
        sa.Column("is_invented", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("country in ('CA', 'US')", name=op.f("ck_enrolment_centre_country_known")),
        sa.CheckConstraint(
            "interview_model in ('joint', 'split', 'two_step')", name=op.f("ck_enrolment_centre_model_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolment_centre")),
        sa.UniqueConstraint("number", name=op.f("uq_enrolment_centre_number")),
    )
    op.create_table(
        "officer",
        sa.Column("name", sa.LargeBinary(), nullable=True),
        sa.Column("email", sa.LargeBinary(), nullable=True),
        sa.Column("email_index", sa.LargeBinary(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("roles", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("activated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("agency in ('CA', 'US')", name=op.f("ck_officer_agency_known")),
        sa.CheckConstraint("language in ('en', 'fr')", name=op.f("ck_officer_language_known")),
        sa.CheckConstraint(
            "roles <@ array['officer','supervisor','administrator','auditor']::text[] and cardinality(roles) > 0",
            name=op.f("ck_officer_roles_known"),
        ),
        sa.ForeignKeyConstraint(["centre_id"], ["enrolment_centre.id"], name=op.f("fk_officer_centre_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_officer")),
        sa.UniqueConstraint("email_index", name=op.f("uq_officer_email_index")),
    )
    op.create_table(
        "sign_in",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("officer_id", sa.Uuid(), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("num_nonnulls(account_id, officer_id) = 1", name=op.f("ck_sign_in_one_person")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_sign_in_account_id")),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_sign_in_officer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sign_in_token_hash")),
    )
    op.create_index(
        "ix_sign_in_account_id", "sign_in", ["account_id"], unique=False, postgresql_where="ended_at is null"
    )
    op.create_index(
        "ix_sign_in_officer_id", "sign_in", ["officer_id"], unique=False, postgresql_where="ended_at is null"
    )
    op.create_table(
        "email_code",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_email_code_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_email_code")),
    )
    op.create_index(op.f("ix_email_code_account_id"), "email_code", ["account_id"], unique=False)
    op.create_table(
        "officer_invitation",
        sa.Column("officer_id", sa.Uuid(), nullable=False),
        sa.Column("invited_by", sa.Uuid(), nullable=True),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["officer.id"], name=op.f("fk_officer_invitation_officer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_officer_invitation")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_officer_invitation_token_hash")),
    )
    op.create_index(
        op.f("ix_officer_invitation_officer_id"), "officer_invitation", ["officer_id"], unique=False
    )
    op.create_table(
        "attempt",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
    )
    op.create_index("ix_attempt_action_key_at", "attempt", ["action", "key", "at"], unique=False)


def downgrade() -> None:
    op.drop_table("attempt")
    op.drop_table("officer_invitation")
    op.drop_table("email_code")
    op.drop_table("sign_in")
    op.drop_table("officer")
    op.drop_table("enrolment_centre")
    op.drop_table("account")
