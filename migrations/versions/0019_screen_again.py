"""An application is screened again whenever a list has a new version: many runs, one of them the newest."""

import sqlalchemy as sa
from alembic import op

revision = "0019_screen_again"
down_revision = "0018_role_grants"

ONE_A_VERSION = "uq_screening_run_application_id_agency_version_number"


def upgrade() -> None:
    op.add_column("screening_run", sa.Column("is_newest", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.alter_column("screening_run", "is_newest", server_default=None)
    op.execute(
        """
        update screening_run set is_newest = false
        where exists (
            select from screening_run as later
            where later.application_id = screening_run.application_id and later.agency = screening_run.agency
              and later.version_number > screening_run.version_number
        )
        """
    )
    op.drop_constraint(ONE_A_VERSION, "screening_run")
    op.create_index(
        "uq_screening_run_newest",
        "screening_run",
        ["application_id", "agency"],
        unique=True,
        postgresql_where=sa.text("is_newest"),
    )


def downgrade() -> None:
    op.drop_index("uq_screening_run_newest", "screening_run")
    # Before, there was one run for each version of the answers: of several, the latest stays.
    older = """
        select id from screening_run as run where exists (
            select from screening_run as later
            where later.application_id = run.application_id and later.agency = run.agency
              and later.version_number = run.version_number
              and (later.is_newest, later.started_at, later.id) > (run.is_newest, run.started_at, run.id)
        )
    """
    op.execute(f"delete from lookout_hit where run_id in ({older})")
    op.execute(f"delete from screening_run where id in ({older})")
    op.create_unique_constraint(op.f(ONE_A_VERSION), "screening_run", ["application_id", "agency", "version_number"])
    op.drop_column("screening_run", "is_newest")
