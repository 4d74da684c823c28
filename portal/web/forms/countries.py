"""One country out of all."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from portal.domain import countries
from portal.i18n import current_language, speaking
from portal.web.forms.choices import CHOOSE, Choice, Options, SelectField
from portal.web.forms.fields import Text


class CountryField(SelectField):
    """One country out of all; Canada and the United States stand first."""

    listing = staticmethod(countries.everywhere)

    def __init__(self, label: Text, *args: Any, **kwargs: Any) -> None:
        super().__init__(label, *args, choices=_options(self.listing, current_language()), **kwargs)


class NationalityField(CountryField):
    """A country, or what else a passport can name."""

    listing = staticmethod(countries.nationalities)


@functools.cache
def _options(listing: Callable[[], countries.Listing], language: str) -> Options:
    """The list in the language being spoken: 250 choices, which a page with three such questions would make anew."""
    with speaking(language):
        first = [Choice(code, countries.name(code)) for code in ("CA", "US")]
        rest = [Choice(code, name) for code, name in listing() if code not in ("CA", "US")]
    return Options([Choice("", CHOOSE), *first, *rest])
