"""Seals over the audit trail, and what searching the trail goes by.

The sealer may read the trail, read seals and add new ones. Nobody changes or removes a seal, the owner neither.
"""

from datetime import date

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0014_audit_seals"
down_revision = "0013_step_up"

UNUSUAL_LOOKING = {
    "without_assignment": 5,
    "odd_hours": 3,
    "odd_from_hour": 21,
    "odd_until_hour": 6,
    "zone": "America/Toronto",
    "opened": 40,
    "acted_percent": 10,
}
SETTINGS = sa.table(
    "programme_setting",
    sa.column("name", sa.Text()),
    sa.column("valid_from", sa.Date()),
    sa.column("value", JSONB()),
    sa.column("source", sa.Text()),
)


def upgrade() -> None:
    op.create_table(
        "audit_seal",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_id", sa.BigInteger(), nullable=False),
        sa.Column("last_id", sa.BigInteger(), nullable=False),
        sa.Column("leaves", sa.LargeBinary(), nullable=False),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("first_id <= last_id", name=op.f("ck_audit_seal_in_order")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_seal")),
        sa.UniqueConstraint("previous", name=op.f("uq_audit_seal_previous")),
    )
    op.execute("alter table audit_seal alter column leaves set storage external")  # hashes do not compress
    op.execute(
        "create trigger audit_seal_is_append_only before update or delete or truncate on audit_seal "
        "for each statement execute function refuse_change()"
    )
    op.execute("revoke insert, update, delete, truncate on audit_seal from passage_web, passage_worker")
    op.execute("grant select, insert on audit_seal to passage_sealer")
    op.create_index("ix_audit_entry_actor_id_id", "audit_entry", ["actor_id", "id"], unique=False)
    op.create_index("ix_audit_entry_action_id", "audit_entry", ["action", "id"], unique=False)
    op.create_index("ix_audit_entry_at", "audit_entry", ["at"], unique=False)
    op.bulk_insert(
        SETTINGS,
        [
            {
                "name": "unusual_looking",
                "valid_from": date(2003, 1, 1),
                "value": UNUSUAL_LOOKING,
                "source": "ours: from which counts in a week on a supervisor is told of an officer's looking",
            }
        ],
    )


def downgrade() -> None:
    op.execute(SETTINGS.delete().where(SETTINGS.c.name == "unusual_looking"))
    op.drop_index("ix_audit_entry_at", table_name="audit_entry")
    op.drop_index("ix_audit_entry_action_id", table_name="audit_entry")
    op.drop_index("ix_audit_entry_actor_id_id", table_name="audit_entry")
    op.drop_table("audit_seal")
