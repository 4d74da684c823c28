"""The waiting list for earlier times, and what was offered to whom."""

import sqlalchemy as sa
from alembic import op

revision = "0023_waiting_list"
down_revision = "0022_drained_outbox"

NOT_OFFERED, OFFERED = sa.text("purpose <> 'offer'"), sa.text("purpose = 'offer'")


def upgrade() -> None:
    op.create_table(
        "waiting_entry",
        sa.Column("interview_id", sa.Uuid(), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("centre_ids", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=True),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("weekdays", sa.ARRAY(sa.Integer()), nullable=False),
        sa.Column("from_time", sa.Time(), nullable=True),
        sa.Column("until_time", sa.Time(), nullable=True),
        sa.Column("modes", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("notice_hours", sa.Integer(), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("language in ('en', 'fr')", name=op.f("ck_waiting_entry_language_known")),
        sa.CheckConstraint("notice_hours between 2 and 720", name=op.f("ck_waiting_entry_notice_fit")),
        sa.ForeignKeyConstraint(["interview_id"], ["interview.id"], name=op.f("fk_waiting_entry_interview_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiting_entry")),
        sa.UniqueConstraint("interview_id", name=op.f("uq_waiting_entry_interview_id")),
    )
    op.create_index(
        "ix_waiting_entry_order", "waiting_entry", ["approved_at", "created_at", "id"],
        postgresql_where=sa.text("stopped_at is null"),
    )  # fmt: skip
    op.create_table(
        "offer",
        sa.Column("interview_id", sa.Uuid(), nullable=False),
        sa.Column("slot_id", sa.Uuid(), nullable=False),
        sa.Column("place_id", sa.Uuid(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state in ('open', 'accepted', 'declined', 'lapsed', 'withdrawn')", name=op.f("ck_offer_state_known")
        ),
        sa.CheckConstraint("(state = 'open') = (settled_at is null)", name=op.f("ck_offer_settled_when")),
        sa.ForeignKeyConstraint(["interview_id"], ["interview.id"], name=op.f("fk_offer_interview_id")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_offer_place_id")),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f("fk_offer_slot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer")),
        sa.UniqueConstraint("interview_id", "slot_id", name=op.f("uq_offer_interview_id_slot_id")),
    )
    for column in ("interview_id", "place_id"):
        op.create_index(
            f"uq_offer_open_{column}", "offer", [column], unique=True, postgresql_where=sa.text("state = 'open'")
        )
    op.create_index("ix_offer_until", "offer", ["until"], postgresql_where=sa.text("state = 'open'"))
    op.drop_constraint("uq_hold_interview_id", "hold")
    op.create_index("uq_hold_interview_id", "hold", ["interview_id"], unique=True, postgresql_where=NOT_OFFERED)
    op.create_index("uq_hold_offered", "hold", ["interview_id"], unique=True, postgresql_where=OFFERED)


def downgrade() -> None:
    op.drop_index("uq_hold_offered", "hold")
    offered = "select id from hold where purpose = 'offer'"
    op.execute(f"update place set hold_id = null, held_until = null where hold_id in ({offered})")
    op.execute("delete from hold where purpose = 'offer'")
    op.drop_index("uq_hold_interview_id", "hold")
    op.create_unique_constraint("uq_hold_interview_id", "hold", ["interview_id"])
    op.drop_table("offer")
    op.drop_table("waiting_entry")
