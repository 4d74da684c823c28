"""Named helpers: they fill in what an account asks them to, and the database shows them nothing else.

A helper at work reads as `helper:` and the account's id. Then applications are found that are drafts, of people for
whom the helper was named, by the account that named them; of these only their sections and documents, less those
about the past that only officers and the applicant know (docs/permissions.md), and never a consent.
"""

import sqlalchemy as sa
from alembic import op

revision = "0052_helpers"
down_revision = "0051_competences"

FUNCTIONS = """
create function viewing_helper() returns uuid language sql stable as
    $$ select case when viewer() like 'helper:%' then substr(viewer(), 8)::uuid end $$;
create function is_helped(of_person uuid, by_account uuid) returns boolean
    language sql stable security definer set search_path = pg_catalog, public as
    $$ select exists (
        select from helper join helper_person on helper_person.helper_id = helper.id
         where helper_person.person_id = of_person and helper.account_id = by_account
           and helper.helper_id = viewing_helper() and helper.accepted_at is not null and helper.ended_at is null) $$;
comment on function is_helped is 'Whether the helper who reads was named by this account for this person.';
revoke execute on function is_helped from public;
grant execute on function viewing_helper(), is_helped(uuid, uuid) to passage_web, passage_worker;
"""
JOINT = "(select viewer()) = 'joint'"
OFFICER = "(select viewer()) in ('CA', 'US')"
ACCOUNT = "(select viewing_account())"
HELPER = "(select viewing_helper())"

NAMED = f"{JOINT} or {ACCOUNT} in (account_id, helper_id) or {HELPER} = helper_id"
POLICIES = {
    "helper": (f"{NAMED} or ({OFFICER} and exists (select from application where account_id = helper.account_id))"),
    "helper_person": "exists (select from helper as above where above.id = helper_person.helper_id)",
}
HELPED = f"{HELPER} is not null and status = 'draft' and is_helped(person_id, account_id)"
OF_HELPED = f"{HELPER} is not null and exists (select from application where application.person_id = person.id)"
NOT_FOR_HELPERS = ("application_version", "consent", "guardian_consent", "correction_request", "payment", "interview",
                   "letter", "event", "enquiry")  # fmt: skip
"""Tables whose rows go by what is found of the application."""
WITHHELD = {
    "section_draft": "section not in ('background', 'consent')",
    "document": "not (array[kind] || serves && array['court_papers', 'pardon_papers', 'consent_letter'])",
}


def upgrade() -> None:
    _tables()
    op.execute(FUNCTIONS)
    for table, condition in POLICIES.items():
        op.execute(f"alter table {table} enable row level security")
        op.execute(
            f"create policy {table}_web on {table} to passage_web using ({condition}) with check ({condition})"
        )
        op.execute(f"create policy {table}_worker on {table} to passage_worker using (true) with check (true)")
    op.execute("revoke delete on helper, helper_person from passage_web, passage_worker")
    op.execute(f"create policy application_helped on application for select to passage_web using ({HELPED})")
    op.execute(f"create policy application_touched on application for update to passage_web using ({HELPED})")
    op.execute(f"create policy person_helped on person for select to passage_web using ({OF_HELPED})")
    for table, condition in {**dict.fromkeys(NOT_FOR_HELPERS, "false"), **WITHHELD}.items():
        op.execute(
            f"create policy {table}_not_for_helpers on {table} as restrictive to passage_web "
            f"using ({HELPER} is null or {condition})"
        )


def _tables() -> None:
    op.create_table(
        "helper",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("helper_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.LargeBinary(), nullable=True),
        sa.Column("email", sa.LargeBinary(), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("account_id <> helper_id", name=op.f("ck_helper_two_accounts")),
        sa.CheckConstraint("(helper_id is null) = (accepted_at is null)", name=op.f("ck_helper_accepted_by_whom")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_helper_account_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_helper_person_id")),
        sa.ForeignKeyConstraint(["helper_id"], ["account.id"], name=op.f("fk_helper_helper_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_helper")),
    )
    for column in ("account_id", "person_id", "helper_id"):
        op.create_index(op.f(f"ix_helper_{column}"), "helper", [column])
    op.create_table(
        "helper_person",
        sa.Column("helper_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["helper_id"], ["helper.id"], name=op.f("fk_helper_person_helper_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_helper_person_person_id")),
        sa.PrimaryKeyConstraint("helper_id", "person_id", name=op.f("pk_helper_person")),
    )
    op.create_index(op.f("ix_helper_person_person_id"), "helper_person", ["person_id"])
    op.add_column("section_draft", sa.Column("filled_by_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_section_draft_filled_by_id"), "section_draft", "helper", ["filled_by_id"], ["id"])
    op.add_column("person_link", sa.Column("helper_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_person_link_helper_id"), "person_link", "helper", ["helper_id"], ["id"])
    op.create_index(op.f("ix_person_link_helper_id"), "person_link", ["helper_id"])
    _purposes("'consent', 'manage', 'own_account', 'tie', 'help'")
    op.create_check_constraint(
        op.f("ck_person_link_about_a_helper"), "person_link", "(purpose = 'help') = (helper_id is not null)"
    )
    op.drop_constraint(op.f("ck_account_person_role_known"), "account_person")
    op.create_check_constraint(
        op.f("ck_account_person_role_known"), "account_person", "role in ('self', 'parent', 'representative')"
    )


def _purposes(known: str) -> None:
    op.drop_constraint(op.f("ck_person_link_purpose_known"), "person_link")
    op.create_check_constraint(op.f("ck_person_link_purpose_known"), "person_link", f"purpose in ({known})")


def downgrade() -> None:
    op.drop_constraint(op.f("ck_account_person_role_known"), "account_person")
    op.create_check_constraint(
        op.f("ck_account_person_role_known"), "account_person", "role in ('self', 'parent', 'representative', 'helper')"
    )
    for table in (*NOT_FOR_HELPERS, *WITHHELD):
        op.execute(f"drop policy {table}_not_for_helpers on {table}")
    op.execute("drop policy person_helped on person")
    op.execute("drop policy application_touched on application; drop policy application_helped on application")
    op.execute("delete from person_link where purpose = 'help'")
    op.drop_constraint(op.f("ck_person_link_about_a_helper"), "person_link")
    _purposes("'consent', 'manage', 'own_account', 'tie'")
    op.drop_column("person_link", "helper_id")
    op.drop_column("section_draft", "filled_by_id")
    op.drop_table("helper_person")
    op.drop_table("helper")
    op.execute("drop function is_helped; drop function viewing_helper")
