"""Row-level security on whatever holds a person's or an application's data: own rows, or those of one's agency.

`app.viewer` is an agency, an account's id, "joint" (the portal itself), or nothing: then nothing is found. The worker
acts for everybody, and the sealer reads the whole trail. A policy that looks into another table sees there what that
table's own policy shows, so the rule of the application holds for all that hangs on it. Which tables have no policy,
and why, stands in tests/repository/rows_table.py.
"""

from alembic import op

revision = "0024_rows_by_viewer"
down_revision = "0023_waiting_list"

FUNCTIONS = """
create function viewer() returns text language sql stable as
    $$ select coalesce(nullif(current_setting('app.viewer', true), ''), 'nobody') $$;
create function viewing_account() returns uuid language sql stable as
    $$ select case when length(viewer()) = 36 then viewer()::uuid end $$;
create function is_review_over(of_application uuid, of_agency text) returns boolean
    language sql stable security definer set search_path = pg_catalog, public as
    $$ select state in ('finished', 'not_needed') from review
        where application_id = of_application and agency = of_agency $$;
comment on function is_review_over is 'All that one agency knows of the other''s review: finished or not.';
revoke execute on function is_review_over from public;
"""
# Each is asked once for a statement, not once for a row.
VIEWER, ACCOUNT = "(select viewer())", "(select viewing_account())"
JOINT = f"{VIEWER} = 'joint'"
OFFICER = f"{VIEWER} in ('CA', 'US')"
OWN_AGENCY = f"agency = {VIEWER}"
ACTS_FOR = f"select person_id from account_person where account_id = {ACCOUNT} and until is null"


def _through(table: str, column: str) -> str:
    return f"exists (select from {table} as above where above.id = {column})"


OF_APPLICATION = _through("application", "application_id")
BY_AGENCY = f"{JOINT} or {OWN_AGENCY}"
ITS_AGENCY_OR_OWN = f"{BY_AGENCY} or ({ACCOUNT} is not null and {OF_APPLICATION})"
"""What one agency does with an application: that agency's officers, and the traveller whose application it is."""

POLICIES = {
    "application": (
        f"{JOINT} or ({OFFICER} and submitted_at is not null) or account_id = {ACCOUNT}"
    ),
    "application_version": OF_APPLICATION,
    "section_draft": f"{JOINT} or (not {OFFICER} and {OF_APPLICATION})",
    "document": OF_APPLICATION,
    "document_page": _through("document", "document_id"),
    "consent": OF_APPLICATION,
    "guardian_consent": OF_APPLICATION,
    "correction_request": OF_APPLICATION,
    "payment": OF_APPLICATION,
    "interview": OF_APPLICATION,
    "interview_part": _through("interview", "interview_id"),
    "hold": _through("interview", "interview_id"),
    "offer": _through("interview", "interview_id"),
    "waiting_entry": _through("interview", "interview_id"),
    "review": ITS_AGENCY_OR_OWN,
    "information_request": ITS_AGENCY_OR_OWN,
    "letter": f"{OF_APPLICATION} and (not {OFFICER} or agency is null or {OWN_AGENCY})",
    "event": f"{OF_APPLICATION} and (not {OFFICER} or agency is null or {OWN_AGENCY})",
    "review_note": BY_AGENCY,
    "refusal_proposal": BY_AGENCY,
    "agency_decision": BY_AGENCY,
    "lookout_hit": BY_AGENCY,
    "interview_record": BY_AGENCY,
    "screening_run": BY_AGENCY,
    "legal_hold": BY_AGENCY,
    "role_grant": BY_AGENCY,
    "lookout_list": f"{BY_AGENCY} or ({OFFICER} and is_shared)",
    "lookout_list_version": _through("lookout_list", "list_id"),
    "lookout_entry": _through("lookout_list_version", "version_id"),
    "account_person": f"{JOINT} or {OFFICER} or account_id = {ACCOUNT}",
    "person_index": f"{JOINT} or {OFFICER} or person_id in ({ACTS_FOR})",
    "screening_profile": f"{JOINT} or {OFFICER} or person_id in ({ACTS_FOR})",
    "membership": f"{JOINT} or person_id in ({ACTS_FOR}) or ({OFFICER} and {OF_APPLICATION})",
    "data_export": f"{JOINT} or account_id = {ACCOUNT}",
    "email_change": f"{JOINT} or account_id = {ACCOUNT}",
}
FOUND_AND_ADDED = {
    "person": (
        f"{JOINT} or id in ({ACTS_FOR}) or ({OFFICER} and exists (select from application where person_id = person.id))",
        f"{JOINT} or {ACCOUNT} is not null",  # a person comes before the line that says who acts for them
    ),
    "outgoing_message": (
        f"{JOINT} or account_id = {ACCOUNT} "
        f"or ({OFFICER} and officer_id in (select id from officer where {OWN_AGENCY}))",
        "true",  # whoever is at the door may cause a message
    ),
    "audit_entry": (
        f"{JOINT} or ({OFFICER} and (agency is null or {OWN_AGENCY})) "
        f"or ({ACCOUNT} is not null and (actor_id = {ACCOUNT} or {OF_APPLICATION}))",
        "true",  # and leaves a row, whoever it is
    ),
}
"""Where what may be added differs from what is found."""
BEFORE = ("review_note", "refusal_proposal", "agency_decision", "lookout_hit", "interview_record", "screening_run",
          "information_request", "legal_hold")  # fmt: skip


def upgrade() -> None:
    op.execute(FUNCTIONS)
    op.execute(
        "grant execute on function viewer(), viewing_account(), is_review_over(uuid, text) "
        "to passage_web, passage_worker"
    )
    for table in BEFORE:
        _unguard(table)
    for table, condition in POLICIES.items():
        _guard(table, condition, condition)
    for table, (found, added) in FOUND_AND_ADDED.items():
        _guard(table, found, f"({found}) or {added}")
    op.execute("create policy audit_entry_sealer on audit_entry for select to passage_sealer using (true)")
    op.create_index("ix_application_person_id", "application", ["person_id"])


def downgrade() -> None:
    op.drop_index("ix_application_person_id", "application")
    op.execute("drop policy audit_entry_sealer on audit_entry")
    for table in POLICIES | FOUND_AND_ADDED:
        _unguard(table)
    viewer = "coalesce(nullif(current_setting('app.viewer', true), ''), 'applicant')"
    for table in BEFORE:
        others = {"information_request": ("joint", "applicant")}.get(table, ("joint",))
        condition = " or ".join((f"agency = {viewer}", *(f"{viewer} = '{other}'" for other in others)))
        _guard(table, condition, condition)
    op.execute("drop function is_review_over; drop function viewing_account; drop function viewer")


def _guard(table: str, found: str, added: str) -> None:
    op.execute(f"alter table {table} enable row level security")
    op.execute(f"create policy {table}_web on {table} to passage_web using ({found}) with check ({added})")
    op.execute(f"create policy {table}_worker on {table} to passage_worker using (true) with check (true)")


def _unguard(table: str) -> None:
    op.execute(f"drop policy {table}_web on {table}")
    op.execute(f"drop policy {table}_worker on {table}")
    op.execute(f"alter table {table} disable row level security")
