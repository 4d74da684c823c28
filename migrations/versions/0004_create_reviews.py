"""Reviews, questions, notes, proposals and decisions of the agencies."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004_create_reviews"
down_revision = "0003_create_applications"


def upgrade() -> None:
    op.create_table(
        "review",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("officer_id", sa.Uuid(), nullable=True),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_seconds", sa.Integer(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("agency in ('CA', 'US')", name=op.f("ck_review_agency_known")),
        sa.CheckConstraint(
            "state in ('waiting', 'in_review', 'awaiting_applicant', 'refusal_proposed', 'finished', 'not_needed')",
            name=op.f("ck_review_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_review_application_id")
        ),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_review_officer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
        sa.UniqueConstraint("application_id", "agency", name=op.f("uq_review_application_id_agency")),
    )
    op.create_index(
        "ix_review_agency_state_opened_at", "review", ["agency", "state", "opened_at"], unique=False
    )
    op.create_index(op.f("ix_review_officer_id"), "review", ["officer_id"], unique=False)
    op.create_table(
        "information_request",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("question", sa.LargeBinary(), nullable=True),
        sa.Column("wants_document", sa.Boolean(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("extended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("agency in ('CA', 'US')", name=op.f("ck_information_request_agency_known")),
        sa.CheckConstraint("language in ('en', 'fr')", name=op.f("ck_information_request_language_known")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_information_request_application_id")
        ),
        sa.ForeignKeyConstraint(["asked_by"], ["officer.id"], name=op.f("fk_information_request_asked_by")),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_information_request_document_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_information_request")),
    )
    op.create_index(
        op.f("ix_information_request_application_id"), "information_request", ["application_id"], unique=False
    )
    op.create_table(
        "review_note",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("officer_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("agency in ('CA', 'US')", name=op.f("ck_review_note_agency_known")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_review_note_application_id")
        ),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_review_note_officer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_note")),
    )
    op.create_index(op.f("ix_review_note_application_id"), "review_note", ["application_id"], unique=False)
    op.create_table(
        "refusal_proposal",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("version_number", sa.Integer(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_confirmed", sa.Boolean(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("agency in ('CA', 'US')", name=op.f("ck_refusal_proposal_agency_known")),
        sa.CheckConstraint("stage in ('review', 'final')", name=op.f("ck_refusal_proposal_stage_known")),
        sa.CheckConstraint(
            "(settled_by is null) = (settled_at is null)",
            name=op.f("ck_refusal_proposal_settled_who_and_when"),
        ),
        sa.CheckConstraint(
            "settled_by is null or settled_by <> proposed_by",
            name=op.f("ck_refusal_proposal_settled_by_another"),
        ),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_refusal_proposal_application_id")
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["officer.id"], name=op.f("fk_refusal_proposal_proposed_by")
        ),
        sa.ForeignKeyConstraint(["settled_by"], ["officer.id"], name=op.f("fk_refusal_proposal_settled_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refusal_proposal")),
    )
    op.create_index(
        "uq_refusal_proposal_open",
        "refusal_proposal",
        ["application_id", "agency", "stage"],
        unique=True,
        postgresql_where="settled_at is null",
    )
    op.create_table(
        "agency_decision",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("version_number", sa.Integer(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by", sa.Uuid(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(outcome = 'refused') = (reason is not null) and (outcome = 'refused') = (confirmed_by is not null)",
            name=op.f("ck_agency_decision_refusal_has_reason_and_confirmation"),
        ),
        sa.CheckConstraint("agency in ('CA', 'US')", name=op.f("ck_agency_decision_agency_known")),
        sa.CheckConstraint(
            "outcome in ('cleared', 'refused')", name=op.f("ck_agency_decision_outcome_known")
        ),
        sa.CheckConstraint("stage in ('review', 'final')", name=op.f("ck_agency_decision_stage_known")),
        sa.CheckConstraint(
            "(confirmed_by is null) = (confirmed_at is null)",
            name=op.f("ck_agency_decision_confirmed_who_and_when"),
        ),
        sa.CheckConstraint(
            "confirmed_by is null or confirmed_by <> decided_by",
            name=op.f("ck_agency_decision_confirmed_by_another"),
        ),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_agency_decision_application_id")
        ),
        sa.ForeignKeyConstraint(
            ["confirmed_by"], ["officer.id"], name=op.f("fk_agency_decision_confirmed_by")
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["officer.id"], name=op.f("fk_agency_decision_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency_decision")),
        sa.UniqueConstraint(
            "application_id", "agency", "stage", name=op.f("uq_agency_decision_application_id_agency_stage")
        ),
    )


def downgrade() -> None:
    op.drop_table("agency_decision")
    op.drop_table("refusal_proposal")
    op.drop_table("review_note")
    op.drop_table("information_request")
    op.drop_table("review")
