"""The programme's settings as they hold today, each with the day from which it holds and its source.

Codes of sources are those of the regulations (SOR/2003-323) and of the agencies' public pages. "practice" is what
the real programme is seen to do; "ours" is a decision of Passage.
"""

from datetime import date

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0011_programme_settings"
down_revision = "0010_create_queue"

BEGINNING = date(2003, 1, 1)
NEW_FEE = date(2024, 10, 1)

SETTINGS = (
    # fees in cents of the currency
    (
        "fee",
        BEGINNING,
        {"currency": "USD", "adult_cents": 5000, "minor_cents": 0, "minor_with_parent_cents": 0},
        "practice before 1 October 2024: US$50, children free",
    ),
    (
        "fee",
        NEW_FEE,
        {"currency": "USD", "adult_cents": 12000, "minor_cents": 12000, "minor_with_parent_cents": 0},
        "SOR/2003-323, section 24: US$120; under 18 nothing where a parent or guardian is or is applying to be a member",
    ),
    ("replacement_card", BEGINNING, {"currency": "USD", "cents": 2500}, "practice: US$25 for a replacement card"),
    (
        "validity",
        BEGINNING,
        {"years": 5, "until": "birthday"},
        "practice: to the birthday that follows five years from issue (SOR/2003-323, section 10: five years from issue)",
    ),
    (
        "travel_history",
        BEGINNING,
        {"years": 5, "except": ["CA", "MX", "US"]},
        "practice: countries other than Canada, the United States and Mexico",
    ),
    ("sexes", BEGINNING, ["F", "M", "X"], "ours: as the travel document has it"),
    (
        "uploads",
        BEGINNING,
        {"bytes": 15_000_000, "pages": 30, "pixels": 60_000_000, "files": 40},
        "ours: limits of one file, and files that one person may send",
    ),
    (
        "slots",
        BEGINNING,
        {"minutes": 15, "days_ahead": 180, "release": {"weekday": 0, "week": 1, "hour": 9}},
        "practice: 15 minutes, released on the first Monday of the month at 9:00 of the centre",
    ),
    ("hold", BEGINNING, {"minutes": 10, "extensions": 5}, "ours: a place held while it is being booked or swapped"),
    (
        "offer",
        BEGINNING,
        {"soon_hours": 48, "soon_minutes": 30, "later_minutes": 720, "quiet_from": 22, "quiet_until": 8},
        "ours: how long an offered place is held",
    ),
    (
        "interview_deadline",
        BEGINNING,
        {"days": 730, "reminders": [90, 30, 7]},
        "practice: 730 days from conditional approval",
    ),
    ("interview_reminders", BEGINNING, {"days": [7, 1]}, "ours: days before the interview"),
    ("missed_interviews", BEGINNING, {"repeats": 1}, "ours: one missed interview may be repeated"),
    ("drafts", BEGINNING, {"days": 90, "warnings": [30, 7]}, "ours: kept so long after the last change"),
    ("information_request", BEGINNING, {"days": 30, "extensions": 1}, "ours: days to answer, extendable once"),
    (
        "recourse",
        BEGINNING,
        {"CA": {"days": 90, "law_days": 30}, "US": {"days": 30, "law_days": 30}},
        "the longer of the published limits: Canada publishes 90 days (SOR/2003-323, section 23: 30 days); "
        "the United States publishes none for this programme, Global Entry's is 30 days",
    ),
    (
        "renewal",
        BEGINNING,
        {"opens_days": 364, "reminders": [364, 180, 60, 14]},
        "practice: opens 364 days before the membership ends",
    ),
)  # fmt: skip

TABLE = sa.table(
    "programme_setting",
    sa.column("name", sa.Text()),
    sa.column("valid_from", sa.Date()),
    sa.column("value", JSONB()),
    sa.column("source", sa.Text()),
)


def upgrade() -> None:
    rows = [
        {"name": name, "valid_from": valid_from, "value": value, "source": source}
        for name, valid_from, value, source in SETTINGS
    ]
    op.bulk_insert(TABLE, rows)


def downgrade() -> None:
    for name, valid_from, _, _ in SETTINGS:
        op.execute(TABLE.delete().where(TABLE.c.name == name, TABLE.c.valid_from == valid_from))
