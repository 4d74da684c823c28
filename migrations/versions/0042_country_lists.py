"""What each country asks of a nationality at entry stands in versions that a second person publishes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0042_country_lists"
down_revision = "0041_document_readings"

VIEWER = "(select viewer())"
OWN = f"{VIEWER} = 'joint' or agency = {VIEWER}"
CHECKS = {
    "agency_known": "agency in ('CA', 'US')",
    "state_known": "state in ('unfit', 'ready', 'published', 'discarded')",
    "numbered_when_published": (
        "(state = 'published') = (published_at is not null) and (state = 'published') = (number is not null)"
    ),
    "ready_is_whole": "(state in ('ready', 'published')) <= (num_nulls(sha256, rules) = 0)",
    "remark_in_both": "(remark_en = '') = (remark_fr = '')",
    "published_by_another": "published_by <> imported_by",
    "published_by_somebody": "(published_at is null) = (published_by is null)",
}
TABLE = "country_list_version"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("remark_en", sa.Text(), nullable=False),
        sa.Column("remark_fr", sa.Text(), nullable=False),
        sa.Column("rules", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("sha256", sa.LargeBinary(), nullable=True),
        sa.Column("copied_from", sa.Uuid(), nullable=True),
        sa.Column("base_id", sa.Uuid(), nullable=True),
        sa.Column("problem", postgresql.JSONB(), nullable=True),
        sa.Column("errors", postgresql.JSONB(), nullable=False),
        sa.Column("imported_by", sa.Uuid(), nullable=True),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.Uuid(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("release", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        *(
            sa.CheckConstraint(condition, name=op.f(f"ck_country_list_version_{name}"))
            for name, condition in CHECKS.items()
        ),
        *(
            sa.ForeignKeyConstraint([name], [f"{TABLE}.id"], name=op.f(f"fk_country_list_version_{name}"))
            for name in ("copied_from", "base_id")
        ),
        *(
            sa.ForeignKeyConstraint(
                [name, "agency"], ["officer.id", "officer.agency"], name=op.f(f"fk_country_list_version_{name}")
            )
            for name in ("imported_by", "published_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_country_list_version")),
        sa.UniqueConstraint("agency", "number", name=op.f("uq_country_list_version_agency_number")),
    )
    op.create_index("ix_country_list_version_holds", TABLE, ["agency", "valid_from", "number"])
    op.execute(
        """
        create function refuse_published_country_list() returns trigger language plpgsql as $$
        begin
            raise exception 'a published country list never changes' using errcode = 'insufficient_privilege';
        end $$
        """
    )
    op.execute(
        f"create trigger country_list_never_changes before update or delete on {TABLE} for each row "
        "when (old.state = 'published') execute function refuse_published_country_list()"
    )
    op.execute(f"alter table {TABLE} enable row level security")
    op.execute(
        f"create policy {TABLE}_web on {TABLE} to passage_web "
        f"using (state = 'published' or {OWN}) with check ({OWN})"
    )
    op.execute(f"create policy {TABLE}_worker on {TABLE} to passage_worker using (true) with check (true)")


def downgrade() -> None:
    op.drop_table(TABLE)
    op.execute("drop function refuse_published_country_list()")
