"""How long each centre waits for who is late, what whoever comes later does, and how late somebody was."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0049_late_arrivals"
down_revision = "0048_holidays"

SETTING = {"counts_as_missed": False}
SOURCE = "ours: who came, but later than the centre allows, chooses another time, and it is no missed interview"


def upgrade() -> None:
    op.add_column("enrolment_centre", sa.Column("late_rule", sa.Text(), nullable=False, server_default="rebook"))
    op.add_column("enrolment_centre", sa.Column("late_minutes", sa.Integer(), nullable=False, server_default="15"))
    op.create_check_constraint(
        op.f("ck_enrolment_centre_late_rule_known"), "enrolment_centre",
        "late_rule in ('rebook', 'call') and late_minutes between 0 and 120",
    )  # fmt: skip
    op.add_column("interview_part", sa.Column("minutes_late", sa.Integer(), nullable=True))
    op.create_check_constraint(op.f("ck_interview_part_late_fit"), "interview_part", "minutes_late between 1 and 1440")
    op.execute(
        sa.text(
            "insert into programme_setting (name, valid_from, value, source) "
            "values ('late_arrivals', '2003-01-01', cast(:value as jsonb), :source)"
        ).bindparams(value=json.dumps(SETTING), source=SOURCE)
    )


def downgrade() -> None:
    op.execute("delete from programme_setting where name = 'late_arrivals'")
    op.drop_constraint(op.f("ck_interview_part_late_fit"), "interview_part")
    op.drop_column("interview_part", "minutes_late")
    op.drop_constraint(op.f("ck_enrolment_centre_late_rule_known"), "enrolment_centre")
    op.drop_column("enrolment_centre", "late_minutes")
    op.drop_column("enrolment_centre", "late_rule")
