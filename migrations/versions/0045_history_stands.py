"""What happened stands: no working role changes or deletes it, and an officer's roles come from a grant of two people.

Where a row goes through states, the columns that say how far it is can be written, and no other. The whole table of
what each role may do with each table stands in tests/repository/rights_table.py.
"""

from alembic import op

revision = "0045_history_stands"
down_revision = "0044_booking_together"

WORKING = ("passage_web", "passage_worker")

NEVER_CHANGED = (
    "application_version",
    "payment_notice",
    "programme_setting",
    "retention_report",
    "review_note",
)
CHANGED_IN = {
    "agency_decision": "superseded_at",
    "consent": "withdrawn_at",
    "correction_request": "outcome, answer, decided_at, decided_by, agency",
    "information_request": "due_on, extended_at, answer, document_id, answered_at, closed_at",
    "interview_record": "officer_id, came, documents_seen, biometrics, note, recorded_at",
    "letter": "file_key, sha256, made_at",
    "legal_hold": "lifted_by, lifted_at",
    "lookout_hit": "state, assessed_by, assessed_at, assessment, reasons, evidence, confirmed_by, confirmed_at",
    "membership": "state",
    "payment": "state, checkout_id, checkout_url, payer_id, paid_at, received_cents, refund_id, refunded_at, refunded_by",
    "refusal_proposal": "settled_by, settled_at, is_confirmed",
    "role_grant": "settled_by, settled_at, outcome, declined_because",
}
"""The columns that say how far a row is."""
KEPT_BY_WEB = (
    "account", "account_person", "application", "application_version", "data_export", "document", "document_page",
    "country_list_version", "email_change", "guardian_consent", "interview", "offer", "officer", "officer_invitation",
    "outgoing_message", "person", "review", "screening_run", "sign_in", "waiting_entry",
)  # fmt: skip
KEPT_BY_BOTH = (
    "account", "account_person", "application", "country_list_version", "guardian_consent", "interview", "officer",
    "offer", "officer_invitation", "person", "review", "screening_run", "waiting_entry",
)  # fmt: skip
"""Rows that live on: only the worker deletes, by the schedule, and only what the schedule names."""

FUNCTIONS = """
create function refuse_roles() returns trigger language plpgsql as $$
begin
    if current_user in ('passage_web', 'passage_worker') and (
        (tg_op = 'INSERT' and cardinality(new.roles) > 0)
        or (tg_op = 'UPDATE' and (new.roles, new.agency) is distinct from (old.roles, old.agency))
    ) then
        raise exception 'roles are given by a grant of two administrators' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
create trigger officer_roles_are_granted before insert or update of roles, agency on officer
    for each row execute function refuse_roles();

create function give_roles(granted uuid) returns void
    language plpgsql security definer set search_path = pg_catalog, public as $$
begin
    update officer set roles = given.roles
      from role_grant given
      join officer proposer on proposer.id = given.proposed_by
      join officer granter on granter.id = given.settled_by
     where given.id = granted and officer.id = given.officer_id and given.outcome = 'granted'
       and not exists (select from role_grant later where later.officer_id = given.officer_id
                          and later.outcome = 'granted' and later.settled_at > given.settled_at)
       and 'administrator' = any (proposer.roles) and proposer.activated_at is not null
       and proposer.disabled_at is null
       and 'administrator' = any (granter.roles) and granter.activated_at is not null
       and granter.disabled_at is null;
    if not found then
        raise exception 'no grant of two administrators' using errcode = 'insufficient_privilege';
    end if;
end $$;
comment on function give_roles is 'The only way to other roles: a grant that one administrator proposed and another made.';

create function give_first_roles(first uuid) returns void
    language plpgsql security definer set search_path = pg_catalog, public as $$
begin
    update officer set roles = array['administrator']
     where id = first and activated_at is null and cardinality(roles) = 0 and not exists (
        select from officer other where other.agency = officer.agency and 'administrator' = any (other.roles)
           and other.activated_at is not null);
    if not found then
        raise exception 'the agency has an administrator' using errcode = 'insufficient_privilege';
    end if;
end $$;
comment on function give_first_roles is 'An administrator for an agency that has none yet.';
revoke execute on function give_roles, give_first_roles from public;
grant execute on function give_roles, give_first_roles to passage_web, passage_worker;
"""


def upgrade() -> None:
    roles = ", ".join(WORKING)
    for table in NEVER_CHANGED:
        op.execute(f"revoke update on {table} from {roles}")
    for table, columns in CHANGED_IN.items():
        op.execute(f"revoke update on {table} from {roles}")
        op.execute(f"grant update ({columns}) on {table} to {roles}")
    for table in {*NEVER_CHANGED, *CHANGED_IN, *KEPT_BY_BOTH}:
        op.execute(f"revoke delete on {table} from passage_worker")
    op.execute("grant delete on application_version to passage_worker")  # the answers of who is erased
    for table in {*NEVER_CHANGED, *CHANGED_IN, *KEPT_BY_WEB}:
        op.execute(f"revoke delete on {table} from passage_web")
    op.execute(f"revoke insert on programme_setting from {roles}")
    op.execute("revoke insert on retention_report from passage_web")
    op.execute(FUNCTIONS)


def downgrade() -> None:
    op.execute("drop trigger officer_roles_are_granted on officer")
    op.execute("drop function give_first_roles; drop function give_roles; drop function refuse_roles")
    roles = ", ".join(WORKING)
    for table, columns in CHANGED_IN.items():
        op.execute(f"revoke update ({columns}) on {table} from {roles}")
    for table in {*NEVER_CHANGED, *CHANGED_IN, *KEPT_BY_WEB, *KEPT_BY_BOTH}:
        op.execute(f"grant update, delete on {table} to {roles}")
    op.execute(f"grant insert on programme_setting, retention_report to {roles}")
