"""What each agency's officers say of a document, for their own agency's eyes."""

import sqlalchemy as sa
from alembic import op

revision = "0030_document_marks"
down_revision = "0029_documents_serve"

MINE = "(select viewer()) = 'joint' or agency = (select viewer())"


def upgrade() -> None:
    op.create_table(
        "document_mark",
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("officer_id", sa.Uuid(), nullable=False),
        sa.Column("marked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("mark in ('readable', 'unreadable', 'not_needed')", name=op.f("ck_document_mark_mark_known")),
        sa.CheckConstraint("agency in ('CA', 'US')", name=op.f("ck_document_mark_agency_known")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_document_mark_document_id_document")),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_document_mark_officer_id_officer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_mark")),
        sa.UniqueConstraint("document_id", "agency", name=op.f("uq_document_mark_document_id_agency")),
    )
    op.execute("alter table document_mark enable row level security")
    op.execute(f"create policy document_mark_web on document_mark to passage_web using ({MINE}) with check ({MINE})")
    op.execute("create policy document_mark_worker on document_mark to passage_worker using (true) with check (true)")


def downgrade() -> None:
    op.drop_table("document_mark")
