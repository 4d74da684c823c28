"""Country lists: what a country asks of each nationality at entry, in versions that a second person publishes."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, LargeBinary, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.accounts import AGENCY, of_the_agency
from portal.models.base import Base, Identified


class CountryListVersion(Identified, Base):
    """One version of the list of the agency's country. Once published it never changes; it holds from a day on."""

    __tablename__ = "country_list_version"
    __table_args__ = (
        CheckConstraint(AGENCY, name="agency_known"),
        UniqueConstraint("agency", "number"),
        Index("ix_country_list_version_holds", "agency", "valid_from", "number"),
        CheckConstraint("state in ('unfit', 'ready', 'published', 'discarded')", name="state_known"),
        CheckConstraint(
            "(state = 'published') = (published_at is not null) and (state = 'published') = (number is not null)",
            name="numbered_when_published",
        ),
        CheckConstraint("(state in ('ready', 'published')) <= (num_nulls(sha256, rules) = 0)", name="ready_is_whole"),
        CheckConstraint("(remark_en = '') = (remark_fr = '')", name="remark_in_both"),
        CheckConstraint("published_by <> imported_by", name="published_by_another"),
        CheckConstraint("(published_at is null) = (published_by is null)", name="published_by_somebody"),
        of_the_agency("imported_by"),
        of_the_agency("published_by"),
    )

    agency: Mapped[str] = mapped_column(Text)
    number: Mapped[int | None]
    state: Mapped[str] = mapped_column(Text)
    valid_from: Mapped[date] = mapped_column(Date)
    remark_en: Mapped[str] = mapped_column(Text, default="")
    """What the publisher wants said wherever the list is shown; in both languages or in neither."""
    remark_fr: Mapped[str] = mapped_column(Text, default="")
    rules: Mapped[dict[str, dict[str, Any]] | None] = mapped_column(JSONB(none_as_null=True))
    """Each nationality with its rule, as `portal.domain.entry_rules.Rule` writes it; None where the file is unfit."""
    sha256: Mapped[bytes | None] = mapped_column(LargeBinary)
    copied_from: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("country_list_version.id"))
    base_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("country_list_version.id"))
    """The version that it was compared with: what holds on its first day."""
    problem: Mapped[dict[str, str] | None] = mapped_column(JSONB)
    """Why the file cannot be read as a whole, in each language."""
    errors: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    """Every unfit line: its number, nationality, and the problem in each language."""
    imported_by: Mapped[uuid.UUID | None]
    """None for the operator."""
    imported_at: Mapped[datetime]
    published_by: Mapped[uuid.UUID | None]
    published_at: Mapped[datetime | None]
    release: Mapped[str | None] = mapped_column(Text)
    """Why more than a tenth of the nationalities may go, in the words of who published it."""
