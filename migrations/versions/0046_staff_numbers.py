"""Whoever decides has a staff number, written in one way only, so that one person has one sign-in.

Officers from before without one get a mark that begins with NONE; an administrator ends their access and invites them
anew with their number (docs/officers.md).
"""

from alembic import op

revision = "0046_staff_numbers"
down_revision = "0045_history_stands"

DECIDES = "roles && array['officer','supervisor']::text[]"


def upgrade() -> None:
    op.execute(
        "update officer set staff_number = nullif(upper(regexp_replace(staff_number, '[^0-9A-Za-z]', '', 'g')), '')"
    )
    op.execute(
        "update officer set staff_number = 'NONE' || upper(replace(id::text, '-', '')) "
        f"where staff_number is null and {DECIDES}"
    )
    op.create_check_constraint(
        op.f("ck_officer_staff_number_written_one_way"), "officer", "staff_number ~ '^[0-9A-Z]+$'"
    )
    op.create_check_constraint(
        op.f("ck_officer_staff_number_of_who_decides"), "officer", f"staff_number is not null or not ({DECIDES})"
    )


def downgrade() -> None:
    op.drop_constraint("ck_officer_staff_number_of_who_decides", "officer")
    op.drop_constraint("ck_officer_staff_number_written_one_way", "officer")
    op.execute("update officer set staff_number = null where staff_number like 'NONE%'")
