"""One country out of all."""

from __future__ import annotations

from typing import Any

from portal.domain import countries
from portal.web.forms.choices import SelectField
from portal.web.forms.fields import Text


class CountryField(SelectField):
    """One country out of all; Canada and the United States stand first."""

    listing = staticmethod(countries.everywhere)

    def __init__(self, label: Text, *args: Any, **kwargs: Any) -> None:
        first = [(code, countries.name(code)) for code in ("CA", "US")]
        rest = [(code, name) for code, name in self.listing() if code not in ("CA", "US")]
        super().__init__(label, *args, choices=[*first, *rest], **kwargs)


class NationalityField(CountryField):
    """A country, or what else a passport can name."""

    listing = staticmethod(countries.nationalities)
