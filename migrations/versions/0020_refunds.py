"""A payment that was not due goes back: what came, who gave it back, when, and the company's own name for it."""

import sqlalchemy as sa
from alembic import op

revision = "0020_refunds"
down_revision = "0019_screen_again"

STATES_BEFORE = "state in ('started', 'paid', 'expired', 'failed', 'to_refund')"
STATES = "state in ('started', 'paid', 'expired', 'failed', 'to_refund', 'refunding', 'refunded')"


def upgrade() -> None:
    op.add_column("payment", sa.Column("received_cents", sa.Integer(), nullable=True))
    op.add_column("payment", sa.Column("refund_id", sa.Text(), nullable=True))
    op.add_column("payment", sa.Column("refunded_by", sa.Uuid(), nullable=True))
    op.add_column("payment", sa.Column("refunded_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("update payment set received_cents = amount_cents where state = 'to_refund'")
    op.create_unique_constraint(op.f("uq_payment_refund_id"), "payment", ["refund_id"])
    op.create_foreign_key(op.f("fk_payment_refunded_by"), "payment", "officer", ["refunded_by"], ["id"])
    op.drop_constraint(op.f("ck_payment_state_known"), "payment")
    op.create_check_constraint(op.f("ck_payment_state_known"), "payment", STATES)
    op.create_check_constraint(
        op.f("ck_payment_refunded_when"), "payment", "(state = 'refunded') = (refunded_at is not null)"
    )
    op.create_index(
        "ix_payment_to_refund",
        "payment",
        ["paid_at"],
        postgresql_where=sa.text("state in ('to_refund', 'refunding')"),
    )


def downgrade() -> None:
    op.drop_index("ix_payment_to_refund", "payment")
    op.drop_constraint(op.f("ck_payment_refunded_when"), "payment")
    op.execute("update payment set state = 'to_refund' where state in ('refunding', 'refunded')")
    op.drop_constraint(op.f("ck_payment_state_known"), "payment")
    op.create_check_constraint(op.f("ck_payment_state_known"), "payment", STATES_BEFORE)
    op.drop_constraint(op.f("fk_payment_refunded_by"), "payment", type_="foreignkey")
    op.drop_constraint(op.f("uq_payment_refund_id"), "payment", type_="unique")
    for column in ("refunded_at", "refunded_by", "refund_id", "received_cents"):
        op.drop_column("payment", column)
