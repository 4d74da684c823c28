"""One address in the history."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.i18n import lazy_gettext as _l
from portal.web.applicant.forms.history import PeriodRules, known_period, since_field, until_field
from portal.web.applicant.forms.places import (
    ADDRESS,
    AddressRules,
    city_field,
    country_field,
    postal_code_field,
    region_field,
    street_field,
    unit_field,
)
from portal.web.applicant.forms.section import SectionForm
from portal.web.forms import TickField


class AddressEntryForm(PeriodRules, AddressRules, SectionForm):
    since = since_field()
    until = until_field()
    goes_on = TickField(_l("I live here now"))
    country = country_field(default="CA")
    street = street_field()
    unit = unit_field()
    city = city_field()
    region = region_field()
    postal_code = postal_code_field()

    @classmethod
    def known(cls, answers: Mapping[str, Any]) -> dict[str, Any]:
        return {**answers, **known_period(answers)}

    @classmethod
    def suggested(cls, answers: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
        identity = answers.get("identity", {})
        known = {name: identity[name] for name in ADDRESS if name in identity}
        return {**known, "goes_on": True} if known else {}

    def answers(self) -> dict[str, Any]:
        return {**self.period(), **self.address()}
