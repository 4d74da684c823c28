"""Past the usual time an applicant can ask an agency, and is answered."""

import sqlalchemy as sa
from alembic import op

revision = "0034_enquiries"
down_revision = "0033_publish_by_two"

VIEWER, ACCOUNT = "(select viewer())", "(select viewing_account())"
APPLICATION = "exists (select from application as above where above.id = application_id)"
SEEN_BY = f"{VIEWER} = 'joint' or agency = {VIEWER} or ({ACCOUNT} is not null and {APPLICATION})"


def upgrade() -> None:
    op.create_table(
        "enquiry",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("agency in ('CA', 'US')", name=op.f("ck_enquiry_agency_known")),
        sa.CheckConstraint("answer in ('goes_on', 'soon', 'waits_for_you')", name=op.f("ck_enquiry_answer_known")),
        sa.CheckConstraint(
            "num_nulls(answer, answered_by, answered_at) in (0, 3)",
            name=op.f("ck_enquiry_answered_by_somebody_at_some_time"),
        ),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_enquiry_application_id")),
        sa.ForeignKeyConstraint(
            ["answered_by", "agency"], ["officer.id", "officer.agency"], name=op.f("fk_enquiry_answered_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enquiry")),
    )
    op.create_index(op.f("ix_enquiry_application_id"), "enquiry", ["application_id"], unique=False)
    op.create_index(
        "uq_enquiry_open",
        "enquiry",
        ["application_id", "agency"],
        unique=True,
        postgresql_where=sa.text("answered_at is null"),
    )
    op.execute("alter table enquiry enable row level security")
    op.execute(f"create policy enquiry_web on enquiry to passage_web using ({SEEN_BY}) with check ({SEEN_BY})")
    op.execute("create policy enquiry_worker on enquiry to passage_worker using (true) with check (true)")


def downgrade() -> None:
    op.drop_table("enquiry")
