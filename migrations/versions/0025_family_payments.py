"""One checkout for several applications, who pays, and adults of two accounts who are linked as a family."""

import sqlalchemy as sa
from alembic import op

revision = "0025_family_payments"
down_revision = "0024_rows_by_viewer"

PURPOSES_BEFORE = "purpose in ('consent', 'manage', 'own_account')"
PURPOSES = "purpose in ('consent', 'manage', 'own_account', 'tie')"


def upgrade() -> None:
    op.drop_constraint("uq_payment_checkout_id", "payment")
    op.create_index(op.f("ix_payment_checkout_id"), "payment", ["checkout_id"])
    op.add_column("payment", sa.Column("payer_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_payment_payer_id"), "payment", "account", ["payer_id"], ["id"])
    _purposes(PURPOSES, "(purpose in ('consent', 'manage')) = (consent_id is not null)")
    op.create_table(
        "family_tie",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("account_id <> other_id", name=op.f("ck_family_tie_two_accounts")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_family_tie_account_id")),
        sa.ForeignKeyConstraint(["other_id"], ["account.id"], name=op.f("fk_family_tie_other_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_family_tie")),
    )
    op.create_index(op.f("ix_family_tie_account_id"), "family_tie", ["account_id"])
    op.create_index(op.f("ix_family_tie_other_id"), "family_tie", ["other_id"])


def downgrade() -> None:
    op.drop_table("family_tie")
    op.execute("delete from person_link where purpose = 'tie'")
    _purposes(PURPOSES_BEFORE, "(purpose = 'own_account') = (consent_id is null)")
    op.drop_constraint(op.f("fk_payment_payer_id"), "payment", type_="foreignkey")
    op.drop_column("payment", "payer_id")
    op.drop_index(op.f("ix_payment_checkout_id"), "payment")
    op.create_unique_constraint("uq_payment_checkout_id", "payment", ["checkout_id"])


def _purposes(known: str, about: str) -> None:
    op.drop_constraint(op.f("ck_person_link_purpose_known"), "person_link")
    op.create_check_constraint(op.f("ck_person_link_purpose_known"), "person_link", known)
    op.drop_constraint(op.f("ck_person_link_about_a_consent"), "person_link")
    op.create_check_constraint(op.f("ck_person_link_about_a_consent"), "person_link", about)
