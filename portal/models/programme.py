"""The settings of the programme, each with the date from which it holds and its source."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Date, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base


class ProgrammeSetting(Base):
    """One value of one setting from one date on. Read through `portal.services.programme` only."""

    __tablename__ = "programme_setting"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    valid_from: Mapped[date] = mapped_column(Date, primary_key=True)
    value: Mapped[Any] = mapped_column(JSONB)
    source: Mapped[str] = mapped_column(Text)
