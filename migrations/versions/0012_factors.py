"""Factors: passkeys, authenticator apps, recovery codes, printed sheets; and what is half done at a door."""

import sqlalchemy as sa
from alembic import op

revision = "0012_factors"
down_revision = "0011_programme_settings"


def upgrade() -> None:
    op.add_column("account", sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "passkey",
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("transports", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("officer_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("num_nonnulls(account_id, officer_id) = 1", name=op.f("ck_passkey_one_holder")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_passkey_account_id")),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_passkey_officer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkey_credential_id")),
    )
    op.create_index(op.f("ix_passkey_account_id"), "passkey", ["account_id"], unique=False)
    op.create_index(op.f("ix_passkey_officer_id"), "passkey", ["officer_id"], unique=False)
    op.create_table(
        "authenticator_app",
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("officer_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("num_nonnulls(account_id, officer_id) = 1", name=op.f("ck_authenticator_app_one_holder")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_authenticator_app_account_id")),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_authenticator_app_officer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authenticator_app")),
    )
    op.create_index(op.f("ix_authenticator_app_account_id"), "authenticator_app", ["account_id"], unique=False)
    op.create_index(op.f("ix_authenticator_app_officer_id"), "authenticator_app", ["officer_id"], unique=False)
    op.create_table(
        "recovery_code",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("code", sa.LargeBinary(), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("officer_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("num_nonnulls(account_id, officer_id) = 1", name=op.f("ck_recovery_code_one_holder")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_recovery_code_account_id")),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_recovery_code_officer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
    )
    op.create_index(op.f("ix_recovery_code_account_id"), "recovery_code", ["account_id"], unique=False)
    op.create_index(op.f("ix_recovery_code_officer_id"), "recovery_code", ["officer_id"], unique=False)
    op.create_table(
        "printed_sheet",
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("delivery", sa.Text(), nullable=False),
        sa.Column("printed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("printed_by", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("officer_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("delivery in ('post', 'centre')", name=op.f("ck_printed_sheet_delivery_known")),
        sa.CheckConstraint("num_nonnulls(account_id, officer_id) = 1", name=op.f("ck_printed_sheet_one_holder")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_printed_sheet_account_id")),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_printed_sheet_officer_id")),
        sa.ForeignKeyConstraint(["printed_by"], ["officer.id"], name=op.f("fk_printed_sheet_printed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_printed_sheet")),
    )
    op.create_index(op.f("ix_printed_sheet_account_id"), "printed_sheet", ["account_id"], unique=False)
    op.create_index(op.f("ix_printed_sheet_officer_id"), "printed_sheet", ["officer_id"], unique=False)
    op.create_index("uq_printed_sheet_reference", "printed_sheet", ["reference"], unique=True)
    op.create_table(
        "sheet_code",
        sa.Column("sheet_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["sheet_id"], ["printed_sheet.id"], name=op.f("fk_sheet_code_sheet_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sheet_code")),
        sa.UniqueConstraint("sheet_id", "number", name=op.f("uq_sheet_code_sheet_id_number")),
    )
    op.create_table(
        "passkey_challenge",
        sa.Column("challenge", sa.LargeBinary(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("binding", sa.LargeBinary(), nullable=False),
        sa.Column("holder_id", sa.Uuid(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey_challenge")),
    )
    op.create_index(op.f("ix_passkey_challenge_binding"), "passkey_challenge", ["binding"], unique=False)
    op.create_index(op.f("ix_passkey_challenge_expires_at"), "passkey_challenge", ["expires_at"], unique=False)
    op.create_table(
        "half_sign_in",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("passed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("purpose in ('sign_in', 'reset', 'enrol')", name=op.f("ck_half_sign_in_purpose_known")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_half_sign_in_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_half_sign_in")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_half_sign_in_token_hash")),
    )
    op.create_index(op.f("ix_half_sign_in_account_id"), "half_sign_in", ["account_id"], unique=False)
    op.create_index(op.f("ix_half_sign_in_expires_at"), "half_sign_in", ["expires_at"], unique=False)
    op.create_table(
        "recovery_request",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by", sa.Uuid(), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(confirmed_by is null) or way = 'centre'", name=op.f("ck_recovery_request_confirmed_at_a_centre")
        ),
        sa.CheckConstraint("way in ('waiting', 'centre')", name=op.f("ck_recovery_request_way_known")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_recovery_request_account_id")),
        sa.ForeignKeyConstraint(["confirmed_by"], ["officer.id"], name=op.f("fk_recovery_request_confirmed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_request")),
    )
    op.create_index(
        "uq_recovery_request_open",
        "recovery_request",
        ["account_id"],
        unique=True,
        postgresql_where="cancelled_at is null and completed_at is null",
    )
    op.create_index("uq_recovery_request_reference", "recovery_request", ["reference"], unique=True)


def downgrade() -> None:
    op.drop_table("recovery_request")
    op.drop_table("half_sign_in")
    op.drop_table("passkey_challenge")
    op.drop_table("sheet_code")
    op.drop_table("printed_sheet")
    op.drop_table("recovery_code")
    op.drop_table("authenticator_app")
    op.drop_table("passkey")
    op.drop_column("account", "enrolled_at")
