"""What officers are trained for, so that an application is offered first to who is."""

import sqlalchemy as sa
from alembic import op

revision = "0051_competences"
down_revision = "0050_pilots_and_notices"


def upgrade() -> None:
    kind = sa.ARRAY(sa.Text())
    op.add_column("officer", sa.Column("competences", kind, nullable=False, server_default="{}"))
    op.alter_column("officer", "competences", server_default=None)
    op.create_check_constraint(
        op.f("ck_officer_competences_known"), "officer", "competences <@ array['minors','hits']::text[]"
    )


def downgrade() -> None:
    op.drop_column("officer", "competences")
