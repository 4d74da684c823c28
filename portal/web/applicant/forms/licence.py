"""The driver's licence, and what it allows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from portal.clock import today
from portal.domain import addresses
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.web.applicant.forms.section import SectionForm
from portal.web.forms import DateField, NameField, TextField, TickField, ValidationError, YesNoField
from portal.web.forms.countries import CountryField

TEXTS = ("number", "country", "region", "name")
KINDS = ("enhanced", "commercial", "hazardous")


def check_region(country: str, field: Any) -> None:
    """A province or a state that exists; its code takes the place of what was typed."""
    code = addresses.region_code(field.data, country)
    if code is None:
        raise ValidationError(_("Enter a province of Canada or a state of the United States, like Ontario or NY"))
    field.data = code


class LicenceForm(SectionForm):
    has = YesNoField(
        _l("Do you have a driver’s licence?"), missing=_l("Say whether you have a driver’s licence"), inline=False
    )
    number = TextField(_l("Licence number"), max_length=30, width=20, spellcheck=False)
    country = CountryField(_l("Country that issued it"), default="CA")
    region = TextField(
        _l("Province, territory or state"), hint=_l("For example, Ontario or NY"), max_length=80, width="two-thirds"
    )
    expires_on = DateField(_l("Licence expires on"), hint=_l("For example, 27 3 2031"))
    name = NameField(_l("The name on the licence"), hint=_l("Exactly as it is printed"), max_length=200)
    enhanced = TickField(_l("It is an enhanced licence, which proves citizenship"))
    commercial = TickField(_l("It is a commercial licence"))
    hazardous = TickField(_l("It allows hazardous goods"))

    @classmethod
    def suggested(cls, answers: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
        identity = answers.get("identity", {})
        name = " ".join(identity[part] for part in ("given_names", "family_name") if identity.get(part))
        known = {key: identity[key] for key in ("country", "region") if identity.get(key)}
        return {**known, "name": name}

    @classmethod
    def known(cls, answers: Mapping[str, Any]) -> dict[str, Any]:
        expires = answers.get("expires_on")
        return {**answers, "expires_on": date.fromisoformat(expires) if expires else None}

    def validate_number(self, field: Any) -> None:
        self._need(field, _("Enter the number of your licence"))

    def validate_country(self, field: Any) -> None:
        self._need(field, _("Choose the country that issued the licence"))

    def validate_region(self, field: Any) -> None:
        if self.has.data and self.country.data in ("CA", "US"):
            self._need(field, _("Enter the province, territory or state that issued the licence"))
            check_region(self.country.data, field)

    def validate_expires_on(self, field: Any) -> None:
        self._need(field, _("Enter the date on which your licence expires"))
        if self.has.data and field.data and field.data < today():
            raise ValidationError(_("This licence has expired. Enter one that is in force, or say No."))

    def validate_name(self, field: Any) -> None:
        self._need(field, _("Enter the name that is printed on the licence"))

    def _need(self, field: Any, sentence: str) -> None:
        if self.has.data and not field.data:
            raise ValidationError(sentence)

    def answers(self) -> dict[str, Any]:
        if not self.has.data:
            return {"has": False}
        return {
            "has": True,
            **{name: self[name].data for name in TEXTS},
            **{name: bool(self[name].data) for name in KINDS},
            "expires_on": self.expires_on.data.isoformat(),
        }
