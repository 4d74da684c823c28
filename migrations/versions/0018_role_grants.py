"""Roles by two people; one sign-in for each member of staff; whoever acts for an agency belongs to it."""

import sqlalchemy as sa
from alembic import op

revision = "0018_role_grants"
down_revision = "0017_identities"

OF_THE_AGENCY = (
    ("refusal_proposal", "proposed_by"),
    ("refusal_proposal", "settled_by"),
    ("agency_decision", "decided_by"),
    ("agency_decision", "confirmed_by"),
    ("review", "officer_id"),
    ("review_note", "officer_id"),
    ("information_request", "asked_by"),
    ("interview_record", "officer_id"),
    ("lookout_hit", "assessed_by"),
    ("legal_hold", "placed_by"),
    ("legal_hold", "lifted_by"),
)
KNOWN = "roles <@ array['officer','supervisor','administrator','auditor']::text[]"


def upgrade() -> None:
    op.add_column("officer", sa.Column("languages", sa.ARRAY(sa.Text()), nullable=False, server_default="{}"))
    op.alter_column("officer", "languages", server_default=None)
    op.add_column("officer", sa.Column("staff_number", sa.Text(), nullable=True))
    op.drop_constraint("ck_officer_roles_known", "officer")
    _check("officer", "roles_known", KNOWN)
    _check("officer", "active_with_a_role", "activated_at is null or cardinality(roles) > 0")
    _check("officer", "languages_known", "languages <@ array['en','fr']::text[]")
    op.create_unique_constraint("uq_officer_id_agency", "officer", ["id", "agency"])
    op.create_index(
        "uq_officer_staff_number", "officer", ["agency", "staff_number"], unique=True,
        postgresql_where=sa.text("disabled_at is null"),
    )
    for table, column in OF_THE_AGENCY:
        op.drop_constraint(f"fk_{table}_{column}", table)
        op.create_foreign_key(f"fk_{table}_{column}_agency", table, "officer", [column, "agency"], ["id", "agency"])
    op.create_table(
        "role_grant",
        sa.Column("officer_id", sa.Uuid(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("roles", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grant")),
    )
    _check("role_grant", "agency_known", "agency in ('CA', 'US')")
    _check("role_grant", "roles_known", f"{KNOWN} and cardinality(roles) > 0")
    _check("role_grant", "outcome_known", "outcome in ('granted', 'declined', 'replaced')")
    _check("role_grant", "settled_when", "(outcome is null) = (settled_at is null)")
    _check("role_grant", "not_for_oneself", "proposed_by <> officer_id")
    _check(
        "role_grant", "granted_by_another",
        "outcome is distinct from 'granted' "
        "or (settled_by is not null and settled_by <> proposed_by and settled_by <> officer_id)",
    )
    for column in ("officer_id", "proposed_by", "settled_by"):
        op.create_foreign_key(
            f"fk_role_grant_{column}_agency", "role_grant", "officer", [column, "agency"], ["id", "agency"]
        )
    op.create_index(op.f("ix_role_grant_officer_id"), "role_grant", ["officer_id"])
    op.create_index(
        "uq_role_grant_open", "role_grant", ["officer_id"], unique=True,
        postgresql_where=sa.text("settled_at is null"),
    )


def downgrade() -> None:
    op.drop_table("role_grant")
    for table, column in OF_THE_AGENCY:
        op.drop_constraint(f"fk_{table}_{column}_agency", table)
        op.create_foreign_key(f"fk_{table}_{column}", table, "officer", [column], ["id"])
    op.drop_index("uq_officer_staff_number", "officer")
    op.drop_constraint("uq_officer_id_agency", "officer")
    for name in ("languages_known", "active_with_a_role", "roles_known"):
        op.drop_constraint(f"ck_officer_{name}", "officer")
    _check("officer", "roles_known", f"{KNOWN} and cardinality(roles) > 0")
    op.drop_column("officer", "staff_number")
    op.drop_column("officer", "languages")


def _check(table: str, name: str, condition: str) -> None:
    op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition)
