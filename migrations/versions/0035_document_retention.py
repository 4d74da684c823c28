"""How long each kind of document is kept after the application's end, where that is less than the person's own time."""

from datetime import date

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0035_document_retention"
down_revision = "0034_enquiries"

FROM = date(2026, 1, 1)
TABLE = sa.table(
    "programme_setting",
    sa.column("name", sa.Text()),
    sa.column("valid_from", sa.Date()),
    sa.column("value", JSONB()),
    sa.column("source", sa.Text()),
)
KINDS = ("other_passport", "residence_proof", "name_papers", "birth_certificate", "custody_papers", "consent_letter",
         "requested_document")  # fmt: skip


def upgrade() -> None:
    source = "Privacy Regulations (Canada), s. 4: two years at least; which kinds then go is ours"
    row = {"name": "retention_documents", "valid_from": FROM, "value": dict.fromkeys(KINDS, 731), "source": source}
    op.bulk_insert(TABLE, [row])


def downgrade() -> None:
    op.execute(sa.delete(TABLE).where(TABLE.c.name == "retention_documents"))
