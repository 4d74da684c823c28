"""Other names: at birth, before a marriage or a legal change, and any other name in use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.clock import today
from portal.domain.months import Month
from portal.domain.questions import KINDS_OF_NAMES
from portal.i18n import format_date
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.web.applicant.forms.identity import check_name
from portal.web.applicant.forms.rows import RowsForm, rows
from portal.web.forms import MonthField, NameField, SelectField, YesNoField


@rows(
    6,
    kind=lambda: SelectField(_l("What kind of name"), choices=KINDS_OF_NAMES.items()),
    given=lambda: NameField(_l("Given names"), [check_name], max_length=100),
    family=lambda: NameField(_l("Family name"), [check_name], max_length=100),
    since=lambda: MonthField(_l("Used from (if you know it)")),
    until=lambda: MonthField(_l("Used until (if you know it)")),
)
class NamesForm(RowsForm):
    has = YesNoField(_l("Have you ever used another name?"), missing=_l("Say whether you have ever used another name"))
    nothing_given = _l("Enter the other name, or say No")

    @classmethod
    def known(cls, answers: Mapping[str, Any]) -> dict[str, Any]:
        data: dict[str, Any] = {"has": bool(answers["names"])}
        for number, name in enumerate(answers["names"], start=1):
            months = {part: Month.parse(name[key]) for part, key in (("since", "from"), ("until", "to")) if name[key]}
            texts = {"kind": name["kind"], "given": name["given_names"], "family": name["family_name"]}
            data |= {f"{part}_{number}": value for part, value in {**texts, **months}.items()}
        return data

    def check_row(self, number: int, row: dict[str, Any]) -> None:
        self.need(number, "kind", _("Choose what kind of name it is"))
        if not row["given"].data:
            self.need(number, "family", _("Enter the name"))
        self._check_period(number, row["since"].data, row["until"].data)

    def _check_period(self, number: int, since: Month | None, until: Month | None) -> None:
        born, latest = self.about.born, Month.of(today())
        if since and since > latest:
            self.refuse(_("It cannot begin in the future"), f"since_{number}")
        if since and born and since < Month.of(born):
            self.refuse(_("It cannot begin before your birth on %(date)s", date=format_date(born)), f"since_{number}")
        if since and until and until < since:
            self.refuse(_("It cannot end before it began"), f"until_{number}")
        elif until and until > latest:
            sentence = _("It cannot end in the future. If you still use the name, leave this empty.")
            self.refuse(sentence, f"until_{number}")

    def answers(self) -> dict[str, Any]:
        return {"names": [self._answer(number) for number in self.given] if self.has.data else []}

    def _answer(self, number: int) -> dict[str, Any]:
        row = self.row(number)
        texts = {"kind": row["kind"].data, "given_names": row["given"].data, "family_name": row["family"].data}
        return {**texts, "from": _month(row["since"]), "to": _month(row["until"])}


def _month(field: Any) -> str | None:
    return str(field.data) if field.data else None
