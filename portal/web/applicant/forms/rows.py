"""A question with a list: Yes or No, then rows of the same fields. One page without JavaScript; a button adds a row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from flask import request

from portal.i18n import gettext as _
from portal.web.applicant.forms.section import SectionForm
from portal.web.forms import DateField, MonthField, SelectField

FormType = TypeVar("FormType", bound="type[RowsForm]")


def rows(most: int, **fields: Callable[[], Any]) -> Callable[[FormType], FormType]:
    """Give a form `most` rows of `fields`: row 2 of `make` is the field `make_2`."""

    def add(form: FormType) -> FormType:
        form.most, form.columns = most, tuple(fields)
        for number in range(1, most + 1):
            for name, make in fields.items():
                setattr(form, f"{name}_{number}", make())
        return form

    return add


class RowsForm(SectionForm):
    """The rows count only after a Yes in the field `has`. A row in which nothing stands does not count."""

    has: Any
    most: ClassVar[int] = 0
    columns: ClassVar[tuple[str, ...]] = ()
    nothing_given: ClassVar[Any] = ""
    preset: ClassVar[tuple[str, ...]] = ("country",)
    """Columns that are filled in from the start, and so say nothing."""

    @property
    def adding(self) -> bool:
        """The reader asked for one more row."""
        return bool(self.trusted and "add_row" in request.form)

    def submitted(self) -> bool:
        """Whether to act: never while a row is being added."""
        return not self.adding and bool(super().submitted())

    def row(self, number: int) -> dict[str, Any]:
        """The fields of a row by their names without the number."""
        return {name: self[f"{name}_{number}"] for name in self.columns}

    @property
    def given(self) -> list[int]:
        """The numbers of the rows in which something stands."""
        return [number for number in range(1, self.most + 1) if self._is_given(number)]

    @property
    def shown_rows(self) -> list[int]:
        """The numbers of the rows on the page: the last given, one more where it was asked for."""
        last = max(self.given, default=0)
        return list(range(1, min(self.most, max(1, last + (1 if self.adding else 0))) + 1))

    @property
    def can_add(self) -> bool:
        """Whether there is room for one more row."""
        return len(self.shown_rows) < self.most

    def validate(self, extra_validators: Any = None) -> bool:
        """Every field, then every row that counts."""
        is_fit = super().validate(extra_validators)
        if not self.has.data:
            return bool(is_fit)
        if not self.given:
            self.refuse(str(self.nothing_given), f"{self.columns[0]}_1")
        for number in self.given:
            self.check_row(number, self.row(number))
        return bool(is_fit and not self.problems)

    def check_row(self, number: int, row: dict[str, Any]) -> None:
        """Refuse what cannot be in a row."""

    def need(self, number: int, name: str, sentence: str) -> None:
        """Refuse a row without this answer."""
        field = self[f"{name}_{number}"]
        if field.is_empty and not field.errors:
            self.refuse(_("%(sentence)s (number %(number)s in the list)", sentence=sentence, number=number), field.name)

    def _is_given(self, number: int) -> bool:
        columns = (self[f"{name}_{number}"] for name in self.columns if name not in self.preset)
        return any(_is_typed(field) for field in columns)


def _is_typed(field: Any) -> bool:
    if isinstance(field, MonthField | DateField):
        return any(field.typed.values())
    if isinstance(field, SelectField):
        return bool(field.data)
    return bool(getattr(field, "shown", "") or field.data)
