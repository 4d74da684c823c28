"""What a document's machine-readable zone says is kept with it, sealed."""

import sqlalchemy as sa
from alembic import op

revision = "0041_document_readings"
down_revision = "0040_declined_because"


def upgrade() -> None:
    op.add_column("document", sa.Column("reading", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("document", "reading")
