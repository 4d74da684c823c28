"""Questions about where: countries to choose from, postal addresses, and the checks that go with them."""

from __future__ import annotations

from typing import Any

from portal.domain import addresses
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.web.forms import TextField, ValidationError
from portal.web.forms.countries import CountryField

ADDRESS = ("country", "street", "unit", "city", "region", "postal_code")


def country_field(**kwargs: Any) -> Any:
    return CountryField(_l("Country"), missing=_l("Choose a country"), autocomplete="country", **kwargs)


def street_field() -> Any:
    return TextField(
        _l("Street address"), missing=_l("Enter the street address"), autocomplete="address-line1", max_length=120
    )


def unit_field() -> Any:
    return TextField(_l("Apartment or unit (if there is one)"), autocomplete="address-line2", max_length=40, width=10)


def city_field() -> Any:
    return TextField(
        _l("City or town"), missing=_l("Enter the city or town"), autocomplete="address-level2", max_length=80,
        width="two-thirds",
    )  # fmt: skip


def region_field() -> Any:
    return TextField(
        _l("Province, territory or state"), hint=_l("For example, Ontario or NY"), autocomplete="address-level1",
        max_length=80, width="two-thirds",
    )  # fmt: skip


def postal_code_field() -> Any:
    return TextField(
        _l("Postal code or ZIP code"), hint=_l("For example, K1A 0B1 or 14201"), autocomplete="postal-code",
        max_length=12, width=10, spellcheck=False,
    )  # fmt: skip


class AddressRules:
    """The checks of a form with the six fields of an address."""

    def validate_region(self, field: Any) -> None:
        country = self.country.data  # type: ignore[attr-defined]
        if country not in ("CA", "US"):
            return
        if not field.data:
            raise ValidationError(_("Enter the province or territory") if country == "CA" else _("Enter the state"))
        code = addresses.region_code(field.data, country)
        if code is None and country == "CA":
            raise ValidationError(_("Enter a province or territory of Canada, like Ontario or QC"))
        if code is None:
            raise ValidationError(_("Enter a state of the United States, like New York or WA"))
        field.data = code

    def validate_postal_code(self, field: Any) -> None:
        country, region = self.country.data, self.region.data  # type: ignore[attr-defined]
        if not field.data and country not in ("CA", "US"):
            return
        code = addresses.tidy_postal_code(field.data, country)
        if code is None:
            raise ValidationError(_code_wanted(country))
        if not addresses.postal_code_fits(code, region, country):
            raise ValidationError(_elsewhere(code, region, country))
        field.data = code

    def address(self) -> dict[str, str]:
        """The address, for the answers."""
        return {name: self[name].data for name in ADDRESS}  # type: ignore[index]


def _code_wanted(country: str) -> str:
    if country == "CA":
        return _("Enter a Canadian postal code, like K1A 0B1")
    if country == "US":
        return _("Enter a ZIP code with 5 numbers, like 14201, or with 9")
    return _("Enter a postal code of at most 12 letters and numbers, or leave it empty")


def _elsewhere(code: str, region: str, country: str) -> str:
    place = addresses.region_name(region, country)
    return _("%(code)s is not a postal code of %(place)s. Check both.", code=code, place=place)
