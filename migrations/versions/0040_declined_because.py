"""A colleague’s proposal of roles is declined with a reason, which the proposer reads."""

import sqlalchemy as sa
from alembic import op

revision = "0040_declined_because"
down_revision = "0039_corrections_agency"


def upgrade() -> None:
    op.add_column("role_grant", sa.Column("declined_because", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("role_grant", "declined_because")
