"""Whether a centre is a pilot, whether it takes images of irises, and its notices, each with the day on which it ends."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0050_pilots_and_notices"
down_revision = "0049_late_arrivals"


def upgrade() -> None:
    op.add_column("enrolment_centre", sa.Column("pilot_since", sa.Date(), nullable=True))
    op.add_column("enrolment_centre", sa.Column("iris_capture", sa.Text(), nullable=False, server_default="unknown"))
    op.create_check_constraint(
        op.f("ck_enrolment_centre_iris_known"), "enrolment_centre", "iris_capture in ('yes', 'no', 'unknown')"
    )
    op.add_column("enrolment_centre", sa.Column("notices", JSONB(), nullable=False, server_default="[]"))


def downgrade() -> None:
    op.drop_column("enrolment_centre", "notices")
    op.drop_constraint(op.f("ck_enrolment_centre_iris_known"), "enrolment_centre")
    op.drop_column("enrolment_centre", "iris_capture")
    op.drop_column("enrolment_centre", "pilot_since")
