"""Drafts are deleted after their time, now that their holders are warned 30 and 7 days before."""

from datetime import date

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0028_warned_drafts"
down_revision = "0027_closures"

FROM = date(2026, 11, 25)
TABLE = sa.table(
    "programme_setting",
    sa.column("name", sa.Text()),
    sa.column("valid_from", sa.Date()),
    sa.column("value", JSONB()),
    sa.column("source", sa.Text()),
)


def upgrade() -> None:
    source = "ours: people are warned 30 and 7 days before (message N4); days: see drafts"
    row = {"name": "retention_drafts", "valid_from": FROM, "value": {"purges": True}, "source": source}
    op.bulk_insert(TABLE, [row])


def downgrade() -> None:
    op.execute(sa.delete(TABLE).where(TABLE.c.name == "retention_drafts", TABLE.c.valid_from == FROM))
