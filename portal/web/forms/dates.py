"""Dates and months, asked for in boxes; an impossible one keeps what was typed and says what is wrong."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, ClassVar

from babel import Locale
from wtforms.utils import unset_value

from portal.domain.months import Month
from portal.i18n import LANGUAGES, format_month
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.web.forms import rendering, text
from portal.web.forms.fields import Field, Text

YEARS = range(1850, 2201)
PART_LABELS = {"day": _l("Day"), "month": _l("Month"), "year": _l("Year")}
PART_MISSING = {
    "day": _l("“%(label)s” must include a day"),
    "month": _l("“%(label)s” must include a month"),
    "year": _l("“%(label)s” must include a year"),
}


def _month_names() -> dict[str, int]:
    names: dict[str, int] = {}
    for language in LANGUAGES:
        for width in ("wide", "abbreviated"):
            months = Locale.parse(f"{language}_CA").months["format"][width]
            names |= {name.casefold().rstrip("."): number for number, name in months.items()}
    return names


MONTH_NAMES = _month_names()


class _WrongPart(ValueError):
    """A sentence about one box."""

    def __init__(self, part: str, message: object) -> None:
        super().__init__(message)
        self.part = part


class _BoxesField(Field):
    parts: ClassVar[tuple[str, ...]]
    widget = staticmethod(rendering.date_boxes)

    def __init__(self, label: Text, validators: Sequence[Callable[..., Any]] = (), **kwargs: Any) -> None:
        self.typed = dict.fromkeys(self.parts, "")
        self.wrong_parts: tuple[str, ...] = self.parts
        super().__init__(label, validators, **kwargs)

    @property
    def names(self) -> list[str]:
        return [f"{self.name}-{part}" for part in self.parts]

    @property
    def focus_id(self) -> str:
        return f"{self.id}-{self.wrong_parts[0]}"

    def part_label(self, part: str) -> str:
        return str(PART_LABELS[part])

    def part_autocomplete(self, part: str) -> str | None:
        """`autocomplete="bday"` asks for the person's own date of birth; nothing else is filled in by browsers."""
        return f"bday-{part}" if self.autocomplete == "bday" else None

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        super().process(None, data, extra_filters)
        if formdata is None:
            self.typed |= self.boxes_of(self.data) if self.data else {}
            return
        self.raw_data = [text.without_hidden(formdata.get(name, "")) for name in self.names]
        self.typed = dict(zip(self.parts, self.raw_data, strict=True))
        self.data = None
        try:
            self.data = self.read({part: text.normalise(typed) for part, typed in self.typed.items()})
        except _WrongPart as wrong:
            self.wrong_parts = (wrong.part,)
            self.process_errors = (*self.process_errors, wrong.args[0])

    def read(self, typed: dict[str, str]) -> Any:
        if not any(typed.values()):
            return None
        for part in self.parts:
            if not typed[part]:
                message = PART_MISSING[part].message
                raise _WrongPart(part, _l(message, label=self.label.text))
        return self.assemble(typed)

    def boxes_of(self, data: Any) -> dict[str, str]:
        raise NotImplementedError

    def assemble(self, typed: dict[str, str]) -> Any:
        raise NotImplementedError


class DateField(_BoxesField):
    """Day, month and year. `.data` is a date or None."""

    parts = ("day", "month", "year")

    def boxes_of(self, data: date) -> dict[str, str]:
        return {"day": str(data.day), "month": str(data.month), "year": str(data.year)}

    def assemble(self, typed: dict[str, str]) -> date:
        year, month = _year(typed["year"]), _month(typed["month"])
        last = calendar.monthrange(year, month)[1]
        day = int(typed["day"]) if typed["day"].isdecimal() and len(typed["day"]) < 3 else 0
        if day < 1 or day > 31:
            raise _WrongPart("day", _l("The day must be a number from 1 to 31"))
        if day > last:
            name = format_month(date(year, month, 1))
            raise _WrongPart(
                "day", _("There are only %(days)s days in %(month)s. Check the day.", days=last, month=name)
            )
        return date(year, month, day)


class MonthField(_BoxesField):
    """Month and year, as for an address or a job. `.data` is a Month or None."""

    parts = ("month", "year")

    def boxes_of(self, data: Month) -> dict[str, str]:
        return {"month": str(data.month), "year": str(data.year)}

    def assemble(self, typed: dict[str, str]) -> Month:
        month = _month(typed["month"])
        return Month(year=_year(typed["year"]), month=month)


def _month(typed: str) -> int:
    number = MONTH_NAMES.get(typed.casefold().rstrip("."))
    if number is None and typed.isdecimal() and len(typed) < 3:
        number = int(typed)
    if number is None or not 1 <= number <= 12:
        raise _WrongPart("month", _l("The month must be a number from 1 to 12, or its name"))
    return number


def _year(typed: str) -> int:
    if not (typed.isdecimal() and len(typed) == 4 and int(typed) in YEARS):
        raise _WrongPart("year", _l("The year must have 4 numbers, like 1986"))
    return int(typed)
