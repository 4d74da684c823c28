"""The page of a history: nothing to type, and complete only when no month is left unexplained."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from portal.clock import today
from portal.domain.months import Month
from portal.i18n import format_date
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.web.applicant.forms.section import SectionForm
from portal.web.forms import MonthField, TickField, ValidationError


class HistoryForm(SectionForm):
    """The Continue button below a list of entries."""

    def answers(self) -> dict[str, Any]:
        return {}


def since_field() -> Any:
    return MonthField(_l("From"), missing=_l("Enter the month and year when it began"), hint=_l("For example, 3 2021"))


def until_field() -> Any:
    return MonthField(_l("To"), hint=_l("Leave this empty if it still goes on"))


class PeriodRules:
    """The checks of an entry with a beginning and an end, in months."""

    since: Any
    until: Any
    goes_on: TickField
    about: Any

    def validate_since(self, field: Any) -> None:
        if field.data and field.data > Month.of(today()):
            raise ValidationError(_("It cannot begin in the future"))
        born: date | None = self.about.born
        if field.data and born and field.data < Month.of(born):
            raise ValidationError(_("It cannot begin before your birth on %(date)s", date=format_date(born)))

    def validate_until(self, field: Any) -> None:
        if field.data and self.goes_on.data:
            raise ValidationError(_("Enter an end, or say that it still goes on: not both"))
        if not field.data and not self.goes_on.data:
            raise ValidationError(_("Enter the month and year when it ended, or say that it still goes on"))
        if field.data and self.since.data and field.data < self.since.data:
            raise ValidationError(_("It cannot end before it began"))
        if field.data and field.data > Month.of(today()):
            raise ValidationError(_("It cannot end in the future. If it still goes on, say so below."))

    def period(self) -> dict[str, str | None]:
        """The beginning and the end, for the answers."""
        return {"from": str(self.since.data), "to": str(self.until.data) if self.until.data else None}


def known_period(answers: Mapping[str, Any]) -> dict[str, Any]:
    """`data=` for the three fields, from the answers of an entry."""
    until = Month.parse(answers["to"]) if answers.get("to") else None
    return {"since": Month.parse(answers["from"]), "until": until, "goes_on": until is None}
