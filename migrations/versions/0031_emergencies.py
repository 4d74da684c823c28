"""Emergency access ends by itself, and a second person of the agency judges it afterwards.

Row-level security keeps one agency’s emergencies from the other one and from applicants; the worker ends them.
"""

from datetime import date

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0031_emergencies"
down_revision = "0030_document_marks"

VIEWER = "(select viewer())"
SETTING = sa.table(
    "programme_setting",
    sa.column("name", sa.Text()),
    sa.column("valid_from", sa.Date()),
    sa.column("value", JSONB()),
    sa.column("source", sa.Text()),
)
CHECKS = {
    "agency_known": "agency in ('CA', 'US')",
    "ends_later": "ends_at > began_at",
    "verdict_known": "verdict in ('justified', 'not_justified')",
    "judged_by_somebody": "num_nonnulls(verdict, judged_by, judged_at) in (0, 3)",
    "judged_by_another": "judged_by is null or judged_by <> officer_id",
    "judged_afterwards": "judged_at is null or (ended_at is not null and judged_at >= ended_at)",
}


def upgrade() -> None:
    op.add_column("review", _moment("held_until", nullable=True))
    op.create_table(
        "emergency_access",
        sa.Column("review_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("officer_id", sa.Uuid(), nullable=False),
        sa.Column("held_before", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        _moment("began_at"),
        _moment("ends_at"),
        _moment("ended_at", nullable=True),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.Column("judgement", sa.LargeBinary(), nullable=True),
        sa.Column("judged_by", sa.Uuid(), nullable=True),
        _moment("judged_at", nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_emergency_access_{name}")) for name, rule in CHECKS.items()),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_emergency_access_review_id")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_emergency_access_application_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emergency_access")),
    )
    for column in ("officer_id", "held_before", "judged_by"):
        op.create_foreign_key(
            f"fk_emergency_access_{column}_agency", "emergency_access", "officer", [column, "agency"], ["id", "agency"]
        )
    op.create_index(op.f("ix_emergency_access_application_id"), "emergency_access", ["application_id"])
    op.create_index(
        "uq_emergency_access_open", "emergency_access", ["review_id"], unique=True,
        postgresql_where=sa.text("ended_at is null"),
    )  # fmt: skip
    op.create_index(
        "ix_emergency_access_to_judge", "emergency_access", ["agency", "began_at"],
        postgresql_where=sa.text("judged_at is null"),
    )  # fmt: skip
    of_agency = f"agency = {VIEWER} or {VIEWER} = 'joint'"
    op.execute("alter table emergency_access enable row level security")
    op.execute(
        "create policy emergency_access_web on emergency_access to passage_web "
        f"using ({of_agency}) with check ({of_agency})"
    )
    op.execute(
        "create policy emergency_access_worker on emergency_access to passage_worker using (true) with check (true)"
    )
    op.bulk_insert(
        SETTING,
        [{
            "name": "break_glass", "valid_from": date(2020, 1, 1), "value": {"hours": 4},
            "source": "ours: how long an officer holds what was taken over in an emergency",
        }],
    )  # fmt: skip


def _moment(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def downgrade() -> None:
    op.execute(SETTING.delete().where(SETTING.c.name == "break_glass"))
    op.drop_table("emergency_access")
    op.drop_column("review", "held_until")
