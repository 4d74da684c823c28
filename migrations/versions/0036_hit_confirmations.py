"""That somebody is the person on a list takes two officers; the evidence and the band of a hit are kept with it."""

import sqlalchemy as sa
from alembic import op

revision = "0036_hit_confirmations"
down_revision = "0035_document_retention"

STATES = "state in ('open', 'same_proposed', 'same', 'not_same', 'cannot_tell')"
STATES_BEFORE = "state in ('open', 'same', 'not_same', 'cannot_tell')"
EVIDENCE = "array['names', 'birth', 'face', 'fingerprints', 'documents', 'places', 'source', 'other']::text[]"
CHECKS = {
    "band_known": "band in ('strong', 'review')",
    "evidence_known": f"evidence <@ {EVIDENCE}",
    "assessed_on_evidence": "(state = 'open') = (cardinality(evidence) = 0)",
    "same_by_two": "(state = 'same') = (confirmed_by is not null)",
    "confirmed_by_another": "confirmed_by is null or confirmed_by <> assessed_by",
    "confirmed_who_and_when": "(confirmed_by is null) = (confirmed_at is null)",
}


def upgrade() -> None:
    op.add_column("lookout_hit", sa.Column("band", sa.Text(), nullable=False, server_default="review"))
    op.add_column("lookout_hit", sa.Column("evidence", sa.ARRAY(sa.Text()), nullable=False, server_default="{}"))
    op.add_column("lookout_hit", sa.Column("confirmed_by", sa.Uuid(), nullable=True))
    op.add_column("lookout_hit", sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True))
    op.drop_constraint("ck_lookout_hit_state_known", "lookout_hit")
    op.execute("update lookout_hit set band = 'strong' where score >= 0.75")
    # What one officer alone had found waits for a second one from now on.
    op.execute("update lookout_hit set state = 'same_proposed' where state = 'same'")
    op.execute("update lookout_hit set evidence = array['other'] where state <> 'open'")
    _check("state_known", STATES)
    for name, rule in CHECKS.items():
        _check(name, rule)
    op.create_foreign_key(
        "fk_lookout_hit_confirmed_by_agency", "lookout_hit", "officer", ["confirmed_by", "agency"], ["id", "agency"]
    )
    for column in ("band", "evidence"):
        op.alter_column("lookout_hit", column, server_default=None)
    op.create_index(
        "ix_lookout_hit_to_confirm", "lookout_hit", ["agency", "assessed_at"],
        postgresql_where=sa.text("state = 'same_proposed'"),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_lookout_hit_to_confirm", "lookout_hit")
    op.drop_constraint("fk_lookout_hit_confirmed_by_agency", "lookout_hit")
    for name in (*CHECKS, "state_known"):
        op.drop_constraint(f"ck_lookout_hit_{name}", "lookout_hit")
    op.execute("update lookout_hit set state = 'same' where state = 'same_proposed'")
    _check("state_known", STATES_BEFORE)
    for column in ("confirmed_at", "confirmed_by", "evidence", "band"):
        op.drop_column("lookout_hit", column)


def _check(name: str, condition: str) -> None:
    op.create_check_constraint(op.f(f"ck_lookout_hit_{name}"), "lookout_hit", condition)
