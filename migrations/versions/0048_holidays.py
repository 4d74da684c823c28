"""The lists of holidays that a centre keeps: on these days nobody is interviewed there."""

import sqlalchemy as sa
from alembic import op

revision = "0048_holidays"
down_revision = "0047_release_rules"


def upgrade() -> None:
    op.add_column(
        "enrolment_centre",
        sa.Column("holiday_lists", sa.ARRAY(sa.Text()), nullable=False, server_default="{}"),
    )
    op.execute(
        "update enrolment_centre set holiday_lists = "
        "case interview_model when 'two_step' then array['CA'] else array['CA', 'US'] end"
    )


def downgrade() -> None:
    op.drop_column("enrolment_centre", "holiday_lists")
