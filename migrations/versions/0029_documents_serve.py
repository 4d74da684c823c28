"""One file may show several documents: which ones besides the one that it was sent as."""

import sqlalchemy as sa
from alembic import op

revision = "0029_documents_serve"
down_revision = "0028_warned_drafts"


def upgrade() -> None:
    op.add_column("document", sa.Column("serves", sa.ARRAY(sa.Text()), server_default="{}", nullable=False))


def downgrade() -> None:
    op.drop_column("document", "serves")
