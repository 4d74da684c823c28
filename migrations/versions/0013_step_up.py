"""Sessions: the factor shown last, the rights they began with, none revived once ended; forms kept meanwhile."""

import sqlalchemy as sa
from alembic import op

revision = "0013_step_up"
down_revision = "0012_factors"


def upgrade() -> None:
    op.add_column("sign_in", sa.Column("proved_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("sign_in", sa.Column("rights", sa.ARRAY(sa.Text()), nullable=True))
    op.create_table(
        "kept_form",
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("officer_id", sa.Uuid(), nullable=True),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("num_nonnulls(account_id, officer_id) = 1", name=op.f("ck_kept_form_one_person")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_kept_form_account_id")),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_kept_form_officer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_form")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_kept_form_token_hash")),
    )
    op.create_index(op.f("ix_kept_form_account_id"), "kept_form", ["account_id"], unique=False)
    op.create_index(op.f("ix_kept_form_officer_id"), "kept_form", ["officer_id"], unique=False)
    # The guarded statements of the portal never do this; whatever else writes is refused by the database itself.
    op.execute(
        """
        create function refuse_revival() returns trigger language plpgsql as $$
        begin
            raise exception 'an ended session stays ended' using errcode = 'insufficient_privilege';
        end $$
        """
    )
    op.execute(
        "create trigger sign_in_stays_ended before update on sign_in for each row "
        "when (old.ended_at is not null and (new.ended_at is null or new.seen_at <> old.seen_at "
        "or new.token_hash <> old.token_hash)) execute function refuse_revival()"
    )


def downgrade() -> None:
    op.execute("drop trigger sign_in_stays_ended on sign_in")
    op.execute("drop function refuse_revival()")
    op.drop_table("kept_form")
    op.drop_column("sign_in", "rights")
    op.drop_column("sign_in", "proved_at")
