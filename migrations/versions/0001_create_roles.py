"""What each database role may do with the tables to come.

The roles themselves belong to the cluster: the embedded server makes them, an operator makes them elsewhere
(docs/operating.md). Tables are the owner's; web and worker read and write rows and own nothing.
"""

from alembic import op

revision = "0001_create_roles"
down_revision = None

ROLES = "passage_web, passage_worker"


def upgrade() -> None:
    op.execute(f"grant usage on schema public to {ROLES}, passage_sealer")
    op.execute(f"grant select on alembic_version to {ROLES}")  # to know whether they are ready
    op.execute(
        f"alter default privileges in schema public grant select, insert, update, delete on tables to {ROLES}"
    )
    op.execute(f"alter default privileges in schema public grant usage, select on sequences to {ROLES}")
    op.execute(f"alter default privileges in schema public grant execute on functions to {ROLES}")


def downgrade() -> None:
    op.execute(f"alter default privileges in schema public revoke execute on functions from {ROLES}")
    op.execute(f"alter default privileges in schema public revoke usage, select on sequences from {ROLES}")
    op.execute(
        f"alter default privileges in schema public revoke select, insert, update, delete on tables from {ROLES}"
    )
    op.execute(f"revoke select on alembic_version from {ROLES}")
    op.execute(f"revoke select on alembic_version from {ROLES}")
    op.execute(f"revoke usage on schema public from {ROLES}, passage_sealer")
