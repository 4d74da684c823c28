"""A family waits for earlier times together, and is offered consecutive places together."""

import sqlalchemy as sa
from alembic import op

revision = "0053_families_wait"
down_revision = "0052_helpers"


def upgrade() -> None:
    op.add_column("waiting_entry", sa.Column("party_id", sa.Uuid(), nullable=True))
    op.create_index(
        "ix_waiting_entry_party_id", "waiting_entry", ["party_id"], postgresql_where=sa.text("party_id is not null")
    )
    op.add_column("offer", sa.Column("party_id", sa.Uuid(), nullable=True))
    op.create_index("ix_offer_party_id", "offer", ["party_id"], postgresql_where=sa.text("party_id is not null"))


def downgrade() -> None:
    op.drop_index("ix_offer_party_id", "offer")
    op.drop_column("offer", "party_id")
    op.drop_index("ix_waiting_entry_party_id", "waiting_entry")
    op.drop_column("waiting_entry", "party_id")
