"""Interviews in two parts: the other side of a split centre, halves that are booked together, parts that follow."""

import sqlalchemy as sa
from alembic import op

revision = "0043_two_part_interviews"
down_revision = "0042_country_lists"

BOTH_HALVES = """
create function refuse_half_a_booking() returns trigger language plpgsql security definer as $$
begin
    if exists (
        select from place first join place second on second.second_of_id = first.id
        where first.id = coalesce(new.second_of_id, new.id)
          and (first.interview_part_id is null) <> (second.interview_part_id is null)
    ) then
        raise exception 'half an interview at place %', new.id using errcode = 'check_violation';
    end if;
    return null;
end $$;
create constraint trigger both_halves after update of interview_part_id on place
    deferrable initially deferred for each row when (new.is_half) execute function refuse_half_a_booking();
"""


def upgrade() -> None:
    op.add_column("enrolment_centre", sa.Column("second_of_id", sa.Uuid(), nullable=True))
    op.add_column("enrolment_centre", sa.Column("travel_minutes", sa.Integer(), nullable=True))
    op.create_foreign_key(
        op.f("fk_enrolment_centre_second_of_id"), "enrolment_centre", "enrolment_centre", ["second_of_id"], ["id"]
    )
    op.create_unique_constraint(op.f("uq_enrolment_centre_second_of_id"), "enrolment_centre", ["second_of_id"])
    op.create_check_constraint(
        op.f("ck_enrolment_centre_second_site_has_a_way"),
        "enrolment_centre",
        "(second_of_id is null) = (travel_minutes is null)",
    )
    op.add_column("place", sa.Column("second_of_id", sa.Uuid(), nullable=True))
    op.add_column("place", sa.Column("is_half", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_foreign_key(op.f("fk_place_second_of_id"), "place", "place", ["second_of_id"], ["id"])
    op.create_index(
        "uq_place_second_of_id", "place", ["second_of_id"], unique=True,
        postgresql_where=sa.text("second_of_id is not null"),
    )  # fmt: skip
    op.create_check_constraint(
        op.f("ck_place_second_never_alone"),
        "place",
        "second_of_id is null or (hold_id is null and closure_id is null and held_until >= '9999-01-01')",
    )
    op.add_column("interview_part", sa.Column("follows_id", sa.Uuid(), nullable=True))
    op.add_column("interview_part", sa.Column("centre_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_interview_part_follows_id"), "interview_part", "interview_part", ["follows_id"], ["id"]
    )
    op.create_foreign_key(
        op.f("fk_interview_part_centre_id"), "interview_part", "enrolment_centre", ["centre_id"], ["id"]
    )
    op.create_index(
        "uq_interview_part_follows_id", "interview_part", ["follows_id"], unique=True,
        postgresql_where=sa.text("follows_id is not null"),
    )  # fmt: skip
    op.create_check_constraint(
        op.f("ck_interview_part_one_agency_follows"), "interview_part", "follows_id is null or agency <> 'both'"
    )
    op.execute(BOTH_HALVES)


def downgrade() -> None:
    op.execute("drop trigger both_halves on place")
    op.execute("drop function refuse_half_a_booking")
    op.execute("delete from interview_part where follows_id is not null")
    op.drop_constraint(op.f("ck_interview_part_one_agency_follows"), "interview_part")
    op.drop_index("uq_interview_part_follows_id", "interview_part")
    op.drop_constraint(op.f("fk_interview_part_centre_id"), "interview_part", type_="foreignkey")
    op.drop_constraint(op.f("fk_interview_part_follows_id"), "interview_part", type_="foreignkey")
    op.drop_column("interview_part", "centre_id")
    op.drop_column("interview_part", "follows_id")
    op.execute("delete from place where second_of_id is not null")
    op.drop_constraint(op.f("ck_place_second_never_alone"), "place")
    op.drop_index("uq_place_second_of_id", "place")
    op.drop_constraint(op.f("fk_place_second_of_id"), "place", type_="foreignkey")
    op.drop_column("place", "is_half")
    op.drop_column("place", "second_of_id")
    op.drop_constraint(op.f("ck_enrolment_centre_second_site_has_a_way"), "enrolment_centre")
    op.drop_constraint(op.f("uq_enrolment_centre_second_of_id"), "enrolment_centre")
    op.drop_constraint(op.f("fk_enrolment_centre_second_of_id"), "enrolment_centre", type_="foreignkey")
    op.drop_column("enrolment_centre", "travel_minutes")
    op.drop_column("enrolment_centre", "second_of_id")
