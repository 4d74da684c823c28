"""Families: as what an account acts in an application, the consent of other parents, and the links that reach people."""

import sqlalchemy as sa
from alembic import op

revision = "0021_families"
down_revision = "0020_refunds"


def _moment(name: str, *, nullable: bool = True) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _id(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.Uuid(), nullable=nullable)


def upgrade() -> None:
    op.add_column("application", sa.Column("role", sa.Text(), nullable=False, server_default="self"))
    op.alter_column("application", "role", server_default=None)
    op.create_check_constraint(
        op.f("ck_application_role_known"), "application", "role in ('self', 'parent', 'representative')"
    )
    _consents()
    _links()


def _consents() -> None:
    op.create_table(
        "guardian_consent",
        _id("application_id"),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("relation", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=True),
        sa.Column("email", sa.LargeBinary(), nullable=True),
        sa.Column("signed_name", sa.LargeBinary(), nullable=True),
        sa.Column("evidence", sa.LargeBinary(), nullable=True),
        sa.Column("text_version", sa.Text(), nullable=True),
        _id("document_id", nullable=True),
        _moment("answered_at"),
        _moment("withdrawn_at"),
        _moment("ended_at"),
        _id("id"),
        _moment("created_at", nullable=False),
        sa.CheckConstraint("way in ('link', 'letter')", name=op.f("ck_guardian_consent_way_known")),
        sa.CheckConstraint(
            "state in ('waiting', 'given', 'refused', 'withdrawn')", name=op.f("ck_guardian_consent_state_known")
        ),
        sa.CheckConstraint("language in ('en', 'fr')", name=op.f("ck_guardian_consent_language_known")),
        sa.CheckConstraint(
            "(state = 'waiting') = (answered_at is null)", name=op.f("ck_guardian_consent_answered_when")
        ),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_guardian_consent_application_id")
        ),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_guardian_consent_document_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guardian_consent")),
    )
    op.create_index(op.f("ix_guardian_consent_application_id"), "guardian_consent", ["application_id"])


def _links() -> None:
    op.create_table(
        "person_link",
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        _id("account_id"),
        _id("person_id"),
        _id("consent_id", nullable=True),
        _moment("expires_at", nullable=False),
        _moment("used_at"),
        _id("id"),
        _moment("created_at", nullable=False),
        sa.CheckConstraint(
            "purpose in ('consent', 'manage', 'own_account')", name=op.f("ck_person_link_purpose_known")
        ),
        sa.CheckConstraint(
            "(purpose = 'own_account') = (consent_id is null)", name=op.f("ck_person_link_about_a_consent")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_person_link_account_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_person_link_person_id")),
        sa.ForeignKeyConstraint(["consent_id"], ["guardian_consent.id"], name=op.f("fk_person_link_consent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_person_link_token_hash")),
    )
    for column in ("account_id", "person_id", "consent_id"):
        op.create_index(op.f(f"ix_person_link_{column}"), "person_link", [column])


def downgrade() -> None:
    op.drop_table("person_link")
    op.drop_table("guardian_consent")
    op.drop_constraint("ck_application_role_known", "application")
    op.drop_column("application", "role")
