"""Whoever answers a correction is an officer of the agency that the row names."""

import sqlalchemy as sa
from alembic import op

revision = "0039_corrections_agency"
down_revision = "0038_declared_history"

DECIDED = "ck_correction_request_decided_by_somebody_at_some_time"


def upgrade() -> None:
    op.add_column("correction_request", sa.Column("agency", sa.Text(), nullable=True))
    op.execute("update correction_request set agency = officer.agency from officer where officer.id = decided_by")
    _check("num_nonnulls(outcome, decided_at, decided_by, agency) in (0, 4)")
    op.create_check_constraint(
        op.f("ck_correction_request_agency_known"), "correction_request", "agency in ('CA', 'US')"
    )
    op.drop_constraint("fk_correction_request_decided_by", "correction_request")
    op.create_foreign_key(
        "fk_correction_request_decided_by_agency", "correction_request", "officer",
        ["decided_by", "agency"], ["id", "agency"],
    )  # fmt: skip


def downgrade() -> None:
    op.drop_constraint("fk_correction_request_decided_by_agency", "correction_request")
    op.create_foreign_key(
        "fk_correction_request_decided_by", "correction_request", "officer", ["decided_by"], ["id"]
    )
    _check("num_nonnulls(outcome, decided_at, decided_by) in (0, 3)")
    op.drop_constraint("ck_correction_request_agency_known", "correction_request")
    op.drop_column("correction_request", "agency")


def _check(condition: str) -> None:
    op.drop_constraint(DECIDED, "correction_request")
    op.create_check_constraint(op.f(DECIDED), "correction_request", condition)
