"""The countries visited in the last five years, all on one page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.domain import countries
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.web.applicant.forms.section import SectionForm
from portal.web.forms import CheckboxesField, TickField, ValidationError


class TravelForm(SectionForm):
    nowhere = TickField(_l("None: I visited no other country in the last five years"))
    visited = CheckboxesField(_l("Countries visited"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.visited.choices = countries.travelled()

    @classmethod
    def known(cls, answers: Mapping[str, Any]) -> dict[str, Any]:
        return {"nowhere": answers["none"], "visited": answers["countries"]}

    @property
    def groups(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """The countries by first letter, for the page."""
        return countries.by_first_letter(countries.travelled())

    def validate_nowhere(self, field: Any) -> None:
        if field.data and self.visited.data:
            raise ValidationError(_("You said None and chose countries. Keep one of the two."))
        if not field.data and not self.visited.data:
            raise ValidationError(_("Choose each country that you visited, or say None"))

    def answers(self) -> dict[str, Any]:
        return {"countries": sorted(self.visited.data), "none": bool(self.nowhere.data)}
