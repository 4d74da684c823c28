"""How each centre releases its times, from a day on, and up to which day it has released them."""

import sqlalchemy as sa
from alembic import op

revision = "0047_release_rules"
down_revision = "0046_staff_numbers"

CHECKS = {
    "kind_known": "kind in ('rolling', 'weekly', 'monthly')",
    "weekday_when": "(kind = 'rolling') = (weekday is null)",
    "week_when": "(kind = 'monthly') = (week is not null)",
    "day_known": "weekday between 0 and 6 and week between 1 and 4",
    "days_ahead_fit": "days_ahead between 7 and 365",
}


def upgrade() -> None:
    op.create_table(
        "release_rule",
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.Time(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=True),
        sa.Column("week", sa.Integer(), nullable=True),
        sa.Column("days_ahead", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_release_rule_{name}")) for name, rule in CHECKS.items()),
        sa.ForeignKeyConstraint(["centre_id"], ["enrolment_centre.id"], name=op.f("fk_release_rule_centre_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release_rule")),
        sa.UniqueConstraint("centre_id", "valid_from", name=op.f("uq_release_rule_centre_id_valid_from")),
    )
    op.add_column("enrolment_centre", sa.Column("released_until", sa.Date(), nullable=True))
    op.execute(
        "update enrolment_centre centre set released_until = "
        "(select max(slot.local_on) from slot where slot.centre_id = centre.id)"
    )


def downgrade() -> None:
    op.drop_column("enrolment_centre", "released_until")
    op.drop_table("release_rule")
