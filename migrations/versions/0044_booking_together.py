"""Linked adults who let each other book their interviews together."""

import sqlalchemy as sa
from alembic import op

revision = "0044_booking_together"
down_revision = "0043_two_part_interviews"

COLUMNS = ("account_lets_book", "other_lets_book")


def upgrade() -> None:
    for name in COLUMNS:
        op.add_column("family_tie", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    for name in COLUMNS:
        op.drop_column("family_tie", name)
