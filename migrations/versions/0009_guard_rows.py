"""Row-level security for what belongs to one agency, and append-only history.

The setting `app.viewer` says for whom a transaction of the web role reads: CA, US, applicant (when nothing is said)
or joint, which only the code that puts both agencies' decisions together uses. The worker acts for both agencies.
"""

from alembic import op

revision = "0009_guard_rows"
down_revision = "0008_create_history"

VIEWER = "coalesce(nullif(current_setting('app.viewer', true), ''), 'applicant')"
OF_AGENCY = (
    "review_note",
    "refusal_proposal",
    "agency_decision",
    "lookout_hit",
    "interview_record",
    "screening_run",
)
OF_AGENCY_AND_APPLICANT = ("information_request",)
APPEND_ONLY = ("event", "audit_entry")


def upgrade() -> None:
    for table in OF_AGENCY:
        _guard(table, f"agency = {VIEWER} or {VIEWER} = 'joint'")
    for table in OF_AGENCY_AND_APPLICANT:
        _guard(table, f"agency = {VIEWER} or {VIEWER} in ('joint', 'applicant')")
    op.execute(
        """
        create function refuse_change() returns trigger language plpgsql as $$
        begin
            raise exception 'table % is append-only', tg_table_name using errcode = 'insufficient_privilege';
        end $$
        """
    )
    for table in APPEND_ONLY:
        op.execute(
            f"create trigger {table}_is_append_only before update or delete or truncate on {table} "
            "for each statement execute function refuse_change()"
        )
        op.execute(f"revoke update, delete, truncate on {table} from passage_web, passage_worker")
    op.execute("grant select on audit_entry to passage_sealer")


def downgrade() -> None:
    op.execute("revoke select on audit_entry from passage_sealer")
    for table in APPEND_ONLY:
        op.execute(f"grant update, delete on {table} to passage_web, passage_worker")
        op.execute(f"drop trigger {table}_is_append_only on {table}")
    op.execute("drop function refuse_change()")
    for table in OF_AGENCY + OF_AGENCY_AND_APPLICANT:
        op.execute(f"drop policy {table}_web on {table}")
        op.execute(f"drop policy {table}_worker on {table}")
        op.execute(f"alter table {table} disable row level security")


def _guard(table: str, condition: str) -> None:
    op.execute(f"alter table {table} enable row level security")
    op.execute(
        f"create policy {table}_web on {table} to passage_web using ({condition}) with check ({condition})"
    )
    op.execute(f"create policy {table}_worker on {table} to passage_worker using (true) with check (true)")
