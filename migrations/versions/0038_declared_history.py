"""The declared-history rules as they hold, each with its citation."""

from datetime import date

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0038_declared_history"
down_revision = "0037_rows_of_families"

BEGINNING = date(2003, 1, 1)
TABLE = sa.table(
    "programme_setting",
    sa.column("name", sa.Text()),
    sa.column("valid_from", sa.Date()),
    sa.column("value", JSONB()),
    sa.column("source", sa.Text()),
)
CHARACTER = "SOR/2003-323, s. 5(1)(b): good character; CBSA: conviction or pending charge without a pardon"
INADMISSIBLE = "SOR/2003-323, s. 5(1)(c): not inadmissible"
TRUE = "SOR/2003-323, s. 5(1)(e): true, accurate and complete information"
VIOLATION = "CBSA: customs, immigration or agriculture violation; SOR/2003-323, s. 22"
GUIDE = "8 CFR 235.12(b)(2), used as a guide: "
RULES = [
    {"key": "ca-offence", "agency": "CA", "declaration": "convicted", "ground": "offence", "pardon": "ends_it",
     "outcome": "review", "citation": CHARACTER},
    {"key": "ca-rehabilitation", "agency": "CA", "declaration": "rehabilitation", "ground": "rehabilitation",
     "pardon": "is_it", "outcome": "review", "citation": INADMISSIBLE},
    {"key": "ca-violation", "agency": "CA", "declaration": "violation", "ground": "violation", "pardon": "none",
     "outcome": "review", "citation": VIOLATION},
    {"key": "ca-contradiction", "agency": "CA", "declaration": "contradiction", "ground": "contradiction",
     "pardon": "none", "outcome": "recommend_refusal", "citation": TRUE},
    {"key": "us-offence", "agency": "US", "declaration": "convicted", "ground": "offence", "pardon": "counts_anyway",
     "outcome": "review", "citation": GUIDE + "arrest, conviction, pending charge or warrant"},
    {"key": "us-waiver", "agency": "US", "declaration": "waiver", "ground": "waiver", "pardon": "none",
     "outcome": "recommend_refusal", "citation": GUIDE + "inadmissible, or ever granted a waiver or parole"},
    {"key": "us-violation", "agency": "US", "declaration": "violation", "ground": "violation", "pardon": "none",
     "outcome": "review", "citation": GUIDE + "customs, immigration or agriculture violation in any country"},
    {"key": "us-contradiction", "agency": "US", "declaration": "contradiction", "ground": "contradiction",
     "pardon": "none", "outcome": "recommend_refusal", "citation": GUIDE + "false or incomplete information"},
]  # fmt: skip


def upgrade() -> None:
    source = "each rule names its own; none of them looks back only so many years"
    row = {"name": "declared_history", "valid_from": BEGINNING, "value": RULES, "source": source}
    op.bulk_insert(TABLE, [row])


def downgrade() -> None:
    op.execute(TABLE.delete().where(TABLE.c.name == "declared_history"))
