"""Row-level security on the ties between adults of a family, and on the times kept for whom a closure hits."""

from alembic import op

revision = "0037_rows_of_families"
down_revision = "0036_hit_confirmations"

OF_INTERVIEW = "exists (select from interview as above where above.id = interview_id)"
POLICIES = {
    "family_tie": "(select viewer()) = 'joint' or (select viewing_account()) in (account_id, other_id)",
    "replacement": OF_INTERVIEW,
}


def upgrade() -> None:
    for table, condition in POLICIES.items():
        op.execute(f"alter table {table} enable row level security")
        op.execute(
            f"create policy {table}_web on {table} to passage_web using ({condition}) with check ({condition})"
        )
        op.execute(f"create policy {table}_worker on {table} to passage_worker using (true) with check (true)")


def downgrade() -> None:
    for table in POLICIES:
        op.execute(f"drop policy {table}_worker on {table}")
        op.execute(f"drop policy {table}_web on {table}")
        op.execute(f"alter table {table} disable row level security")
