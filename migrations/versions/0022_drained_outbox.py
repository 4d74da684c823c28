"""The worker drains the outbox by itself: a message says when it is due, and no job stands for it any more."""

import sqlalchemy as sa
from alembic import op

revision = "0022_drained_outbox"
down_revision = "0021_families"

OPEN = sa.text("sent_at is null and failed_at is null")


def upgrade() -> None:
    op.add_column("outgoing_message", sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("update outgoing_message set due_at = created_at")
    op.alter_column("outgoing_message", "due_at", nullable=False)
    op.drop_index("ix_outgoing_message_open", "outgoing_message")
    op.create_index("ix_outgoing_message_open", "outgoing_message", ["due_at"], postgresql_where=OPEN)
    op.execute("delete from procrastinate_jobs where task_name = 'send_message' and status = 'todo'")


def downgrade() -> None:
    # What is open then is queued by the sweep of that version.
    op.drop_index("ix_outgoing_message_open", "outgoing_message")
    op.create_index("ix_outgoing_message_open", "outgoing_message", ["created_at"], postgresql_where=OPEN)
    op.drop_column("outgoing_message", "due_at")
