"""One’s own data: changes of address, exports, corrections, closing, the retention schedule, legal hold.

Row-level security keeps one agency’s legal holds from the other one and from applicants; the worker, which purges,
sees all of them.
"""

from datetime import date

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0016_own_data"
down_revision = "0015_key_rotation"

BEGINNING = date(2020, 1, 1)
LAW = "Privacy Regulations (Canada), section 4: at least two years after the last use"
VIEWER = "coalesce(nullif(current_setting('app.viewer', true), ''), 'applicant')"

SETTINGS = (
    ("email_change", {"hours": 72}, "ours: the cooling time of a change of address"),
    ("retention_exports", {"days": 7}, "ours: a copy of one’s data can be fetched for a week"),
    ("retention_refused_documents", {"days": 30}, "ours: files that could not be used"),
    ("retention_drafts", {"purges": False}, "ours: off until people are warned 30 and 7 days before; days: see drafts"),
    ("retention_closed_applications", {"days": 731}, LAW),
    ("retention_withdrawn_applications", {"days": 731}, LAW),
    (
        "retention_memberships",
        {"days": 1096},
        "assumption of ours, not confirmed: three years after the end, as DHS/CBP-002 is remembered",
    ),
    ("retention_closed_accounts", {"days": 7}, "ours: until the last message has been sent and read"),
    ("retention_messages", {"days": 731}, "assumption of ours: as long as what they are about"),
    ("retention_sign_ins", {"days": 365}, "assumption of ours: when and from which device an account was used"),
    ("retention_email_changes", {"days": 731}, "assumption of ours: as long as messages"),
    ("retention_form_effects", {"days": 7}, "ours: no session lasts as long"),
    ("retention_attempts", {"days": 2}, "ours: longer than the longest window in which tries are counted"),
    ("retention_codes", {"days": 2}, "ours: longer than any code works"),
)  # fmt: skip

TABLE = sa.table(
    "programme_setting",
    sa.column("name", sa.Text()),
    sa.column("valid_from", sa.Date()),
    sa.column("value", JSONB()),
    sa.column("source", sa.Text()),
)


def _moment(name: str, *, nullable: bool = True) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _of_account(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f(f"fk_{table}_account_id"))


def _key(table: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}"))


def upgrade() -> None:
    op.add_column("account", _moment("closed_at"))
    _email_changes()
    _exports()
    _corrections()
    _holds()
    op.create_table(
        "retention_report",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        _moment("at", nullable=False),
        sa.Column("counts", JSONB(), nullable=False),
        _key("retention_report"),
    )
    op.bulk_insert(
        TABLE,
        [{"name": name, "valid_from": BEGINNING, "value": value, "source": source} for name, value, source in SETTINGS],
    )


def _email_changes() -> None:
    op.create_table(
        "email_change",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.LargeBinary(), nullable=True),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        _moment("asked_at", nullable=False),
        _moment("code_expires_at", nullable=False),
        _moment("proved_at"),
        _moment("lands_at"),
        _moment("ended_at"),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "outcome in ('done', 'cancelled', 'replaced', 'taken')", name=op.f("ck_email_change_outcome_known")
        ),
        sa.CheckConstraint(
            "(ended_at is null) = (outcome is null)", name=op.f("ck_email_change_ended_with_an_outcome")
        ),
        sa.CheckConstraint("(proved_at is null) = (lands_at is null)", name=op.f("ck_email_change_lands_once_proved")),
        _of_account("email_change"),
        _key("email_change"),
    )
    op.create_index(op.f("ix_email_change_account_id"), "email_change", ["account_id"])
    op.create_index(
        "uq_email_change_open",
        "email_change",
        ["account_id"],
        unique=True,
        postgresql_where=sa.text("ended_at is null"),
    )


def _exports() -> None:
    op.create_table(
        "data_export",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        _moment("asked_at", nullable=False),
        _moment("made_at"),
        _moment("until"),
        sa.Column("file_key", sa.Text(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        _moment("forgotten_at"),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("language in ('en', 'fr')", name=op.f("ck_data_export_language_known")),
        sa.CheckConstraint(
            "(file_key is not null) = (made_at is not null and forgotten_at is null)",
            name=op.f("ck_data_export_a_file_while_it_is_kept"),
        ),
        sa.CheckConstraint("(made_at is null) = (until is null)", name=op.f("ck_data_export_kept_until_a_moment")),
        _of_account("data_export"),
        _key("data_export"),
        sa.UniqueConstraint("file_key", name=op.f("uq_data_export_file_key")),
    )
    op.create_index(op.f("ix_data_export_account_id"), "data_export", ["account_id"])
    op.create_index(
        "uq_data_export_waiting",
        "data_export",
        ["account_id"],
        unique=True,
        postgresql_where=sa.text("made_at is null and forgotten_at is null"),
    )


def _corrections() -> None:
    op.create_table(
        "correction_request",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("section", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("wrong", sa.LargeBinary(), nullable=True),
        sa.Column("right", sa.LargeBinary(), nullable=True),
        _moment("asked_at", nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        _moment("decided_at"),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("language in ('en', 'fr')", name=op.f("ck_correction_request_language_known")),
        sa.CheckConstraint("outcome in ('accepted', 'refused')", name=op.f("ck_correction_request_outcome_known")),
        sa.CheckConstraint(
            "num_nonnulls(outcome, decided_at, decided_by) in (0, 3)",
            name=op.f("ck_correction_request_decided_by_somebody_at_some_time"),
        ),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_correction_request_application_id")
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["officer.id"], name=op.f("fk_correction_request_decided_by")),
        _key("correction_request"),
    )
    op.create_index(op.f("ix_correction_request_application_id"), "correction_request", ["application_id"])
    op.create_index(
        "ix_correction_request_open",
        "correction_request",
        ["asked_at"],
        postgresql_where=sa.text("outcome is null"),
    )


def _holds() -> None:
    op.create_table(
        "legal_hold",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("placed_by", sa.Uuid(), nullable=False),
        _moment("placed_at", nullable=False),
        sa.Column("lifted_by", sa.Uuid(), nullable=True),
        _moment("lifted_at"),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("agency in ('CA', 'US')", name=op.f("ck_legal_hold_agency_known")),
        sa.CheckConstraint("(lifted_at is null) = (lifted_by is null)", name=op.f("ck_legal_hold_lifted_by_somebody")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_legal_hold_person_id")),
        sa.ForeignKeyConstraint(["placed_by"], ["officer.id"], name=op.f("fk_legal_hold_placed_by")),
        sa.ForeignKeyConstraint(["lifted_by"], ["officer.id"], name=op.f("fk_legal_hold_lifted_by")),
        _key("legal_hold"),
    )
    op.create_index(op.f("ix_legal_hold_person_id"), "legal_hold", ["person_id"])
    op.create_index(
        "uq_legal_hold_open",
        "legal_hold",
        ["person_id", "agency"],
        unique=True,
        postgresql_where=sa.text("lifted_at is null"),
    )
    of_agency = f"agency = {VIEWER} or {VIEWER} = 'joint'"
    op.execute("alter table legal_hold enable row level security")
    op.execute(f"create policy legal_hold_web on legal_hold to passage_web using ({of_agency}) with check ({of_agency})")
    op.execute("create policy legal_hold_worker on legal_hold to passage_worker using (true) with check (true)")


def downgrade() -> None:
    for name, _value, _source in SETTINGS:
        op.execute(TABLE.delete().where(TABLE.c.name == name))
    op.drop_table("retention_report")
    op.drop_table("legal_hold")
    op.drop_table("correction_request")
    op.drop_table("data_export")
    op.drop_table("email_change")
    op.drop_column("account", "closed_at")
