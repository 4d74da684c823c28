"""Look-out lists: their versions, from the upload over the draft to publication, and the entries of each."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Date, ForeignKey, ForeignKeyConstraint, LargeBinary, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.accounts import AGENCY, of_the_agency
from portal.models.base import Base, Identified


class LookoutList(Identified, Base):
    """A look-out list of one agency, and whether its hits may be shared with the other."""

    __tablename__ = "lookout_list"
    __table_args__ = (
        CheckConstraint(AGENCY, name="agency_known"),
        UniqueConstraint("agency", "name"),
        UniqueConstraint("id", "agency"),
    )

    name: Mapped[str] = mapped_column(Text)
    agency: Mapped[str] = mapped_column(Text)
    is_shared: Mapped[bool]


class LookoutListVersion(Identified, Base):
    """One version of a list: uploaded, read into a draft, published by a second person. Then it never changes."""

    __tablename__ = "lookout_list_version"
    __table_args__ = (
        UniqueConstraint("list_id", "number"),
        ForeignKeyConstraint(["list_id", "agency"], ["lookout_list.id", "lookout_list.agency"]),
        CheckConstraint("state in ('waiting', 'unfit', 'ready', 'published', 'discarded')", name="state_known"),
        CheckConstraint(
            "(state = 'published') = (published_at is not null) and (state = 'published') = (number is not null)",
            name="numbered_when_published",
        ),
        CheckConstraint(
            "state not in ('ready', 'published') or num_nulls(sha256, entry_count, source_on) = 0",
            name="ready_is_whole",
        ),
        CheckConstraint("published_by <> imported_by", name="published_by_another"),
        CheckConstraint(
            "published_at is null or published_by is not null or imported_at is null", name="published_by_somebody"
        ),
        of_the_agency("imported_by"),
        of_the_agency("published_by"),
    )

    list_id: Mapped[uuid.UUID]
    agency: Mapped[str] = mapped_column(Text)
    number: Mapped[int | None]
    state: Mapped[str] = mapped_column(Text, default="waiting")
    kind: Mapped[str] = mapped_column(Text)
    """The format of its files, or "earlier" for the content of an earlier version."""
    is_shared: Mapped[bool]
    """What its publication says of the list."""
    sha256: Mapped[bytes | None] = mapped_column(LargeBinary)
    entry_count: Mapped[int | None]
    not_people: Mapped[int] = mapped_column(default=0)
    source_on: Mapped[date | None] = mapped_column(Date)
    copied_from: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("lookout_list_version.id"))
    base_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("lookout_list_version.id"))
    """The version that it was compared with when it was read."""
    change: Mapped[dict[str, list[str]] | None] = mapped_column(JSONB)
    """The numbers of the entries added, changed and removed, against the base."""
    problem: Mapped[dict[str, str] | None] = mapped_column(JSONB)
    """Why the files cannot be read as a whole, in each language."""
    errors: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    """Every unfit entry: line, entry, and the problem in each language."""
    imported_by: Mapped[uuid.UUID | None]
    """None for the operator. None with `imported_at`: published before two persons were asked for."""
    imported_at: Mapped[datetime | None]
    published_by: Mapped[uuid.UUID | None]
    published_at: Mapped[datetime | None]
    release: Mapped[str | None] = mapped_column(Text)
    """Why more than a tenth of the entries may go, in the words of who published it."""

    lookout_list: Mapped[LookoutList] = relationship(lazy="joined", innerjoin=True)


class LookoutUpload(Base):
    """A file of a version that waits to be read; gone once it was."""

    __tablename__ = "lookout_upload"

    version_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("lookout_list_version.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class LookoutEntry(Identified, Base):
    """One entry of one version: names (the first is the main one), birth dates as the list gives them, and more."""

    __tablename__ = "lookout_entry"
    __table_args__ = (UniqueConstraint("version_id", "entry_key"),)

    version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("lookout_list_version.id"))
    entry_key: Mapped[str] = mapped_column(Text)
    names: Mapped[list[str]] = mapped_column(JSONB)
    birth_dates: Mapped[list[str]] = mapped_column(JSONB)
    details: Mapped[dict[str, Any]] = mapped_column(JSONB)

    version: Mapped[LookoutListVersion] = relationship()
