"""Sign-in elsewhere: linked identities of travellers and officers, and the questions on their way."""

import sqlalchemy as sa
from alembic import op

revision = "0017_identities"
down_revision = "0016_own_data"


def upgrade() -> None:
    op.create_table(
        "linked_identity",
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("subject_hash", sa.LargeBinary(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("officer_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("num_nonnulls(account_id, officer_id) = 1", name=op.f("ck_linked_identity_one_holder")),
        sa.CheckConstraint("provider in ('national', 'CA', 'US')", name=op.f("ck_linked_identity_provider_known")),
        sa.CheckConstraint(
            "(provider = 'national') = (account_id is not null)",
            name=op.f("ck_linked_identity_provider_of_the_audience"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_linked_identity_account_id")),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_linked_identity_officer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_linked_identity")),
        sa.UniqueConstraint("account_id", "provider", name=op.f("uq_linked_identity_account_id_provider")),
        sa.UniqueConstraint("officer_id", "provider", name=op.f("uq_linked_identity_officer_id_provider")),
        sa.UniqueConstraint("subject_hash", name=op.f("uq_linked_identity_subject_hash")),
    )
    op.create_index(op.f("ix_linked_identity_account_id"), "linked_identity", ["account_id"])
    op.create_index(op.f("ix_linked_identity_officer_id"), "linked_identity", ["officer_id"])
    op.create_table(
        "provider_question",
        sa.Column("state_hash", sa.LargeBinary(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("binding", sa.LargeBinary(), nullable=False),
        sa.Column("holder_id", sa.Uuid(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("purpose in ('sign_in', 'link', 'prove')", name=op.f("ck_provider_question_purpose_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_question")),
        sa.UniqueConstraint("state_hash", name=op.f("uq_provider_question_state_hash")),
    )
    op.create_index(op.f("ix_provider_question_expires_at"), "provider_question", ["expires_at"])


def downgrade() -> None:
    op.drop_table("provider_question")
    op.drop_table("linked_identity")
