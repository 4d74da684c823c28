"""A decision on answers that were changed afterwards no longer counts, and stays on record."""

import sqlalchemy as sa
from alembic import op

revision = "0026_amendments"
down_revision = "0025_family_payments"


def upgrade() -> None:
    op.add_column("agency_decision", sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True))
    op.drop_constraint("uq_agency_decision_application_id_agency_stage", "agency_decision")
    op.create_index(
        "uq_agency_decision_in_force",
        "agency_decision",
        ["application_id", "agency", "stage"],
        unique=True,
        postgresql_where=sa.text("superseded_at is null"),
    )


def downgrade() -> None:
    op.execute("delete from agency_decision where superseded_at is not null")
    op.drop_index("uq_agency_decision_in_force", "agency_decision")
    op.create_unique_constraint(
        "uq_agency_decision_application_id_agency_stage", "agency_decision", ["application_id", "agency", "stage"]
    )
    op.drop_column("agency_decision", "superseded_at")
