"""Name, birth, contact and mailing address."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import phonenumbers

from portal.clock import today
from portal.domain import addresses, heights, passport_names
from portal.domain.questions import EYES, HAIR, SEXES
from portal.domain.sections import age_on
from portal.i18n import format_date
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
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
from portal.web.forms import (
    DateField,
    NameField,
    RadiosField,
    SelectField,
    TelField,
    TextField,
    TickField,
    ValidationError,
)
from portal.web.forms.countries import CountryField

OLDEST = 130
MEMBER_NUMBER = re.compile(r"\d{9}")


def check_name(_form: Any, field: Any) -> None:
    """A name as passports carry them: letters of any Latin alphabet, hyphens, apostrophes, spaces."""
    if character := passport_names.unusual_character(field.data):
        raise ValidationError(_("A name cannot have “%(character)s” in it. Check the name.", character=character))
    if not passport_names.is_latin(field.data):
        raise ValidationError(_("Type the name in the letters of your passport’s name lines, from A to Z"))


def _in_full(typed: str, country: str) -> str | None:
    """A phone number with its country code; None where it cannot be one."""
    try:
        number = phonenumbers.parse(typed, country)
    except phonenumbers.NumberParseException:
        return None
    is_possible = phonenumbers.is_possible_number(number)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if is_possible else None


class PhoneField(TelField):
    """A phone number that its form checks, because the country of the address says how to read it."""

    def check(self) -> None:
        TextField.check(self)


class HeightField(TextField):
    """A height in either measure. `.data` is what was typed; `centimetres` what it means."""

    spellcheck = False

    @property
    def centimetres(self) -> int | None:
        return heights.centimetres(str(self.data or ""))

    def check(self) -> None:
        super().check()
        if self.centimetres is None:
            raise ValueError(_l("Enter a height like 170, or 5 ft 7"))


class IdentityForm(AddressRules, SectionForm):
    given_names = NameField(
        _l("Given names"), [check_name], hint=_l("All of them, in the order of your passport"),
        autocomplete="given-name", max_length=100,
    )  # fmt: skip
    family_name = NameField(_l("Family name"), [check_name], autocomplete="family-name", max_length=100)
    suffix = NameField(
        _l("Suffix (if your passport has one)"), hint=_l("For example, Jr or III"), max_length=20, width=10
    )
    one_name = TickField(_l("My passport shows one name only"))
    birth_on = DateField(
        _l("Date of birth"), missing=_l("Enter your date of birth"), hint=_l("For example, 27 3 1986"),
        autocomplete="bday",
    )  # fmt: skip
    birth_city = TextField(
        _l("City or town of birth"), missing=_l("Enter the city or town where you were born"), max_length=80,
        width="two-thirds",
    )  # fmt: skip
    birth_country = CountryField(_l("Country of birth"), missing=_l("Choose the country where you were born"))
    sex = RadiosField(
        _l("Sex"), hint=_l("As your passport shows it"), choices=SEXES.items(),
        missing=_l("Choose the letter that your passport shows"),
    )  # fmt: skip
    height = HeightField(
        _l("Height (optional)"),
        hint=_l("In centimetres, or in feet and inches: 170, or 5 ft 7"),
        max_length=20,
        width=10,
    )
    eyes = SelectField(_l("Colour of your eyes (optional)"), choices=EYES.items())
    hair = SelectField(_l("Colour of your hair (optional)"), choices=HAIR.items())
    member_number = TextField(
        _l("Earlier membership number (if you had one)"), hint=_l("The nine numbers on the card"),
        max_length=20, width=10,
        spellcheck=False,
    )  # fmt: skip
    phone = PhoneField(
        _l("Phone number"), missing=_l("Enter a phone number"), width=20,
        hint=_l("With the area code. Outside Canada and the United States, begin with + and the country code."),
    )  # fmt: skip
    country = country_field(default="CA")
    street = street_field()
    unit = unit_field()
    city = city_field()
    region = region_field()
    postal_code = postal_code_field()

    _read: tuple[str, str] | None = None
    _known_number: str | None = None

    @classmethod
    def suggested(cls, answers: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
        """A child's address and telephone are the parent's, until somebody says otherwise."""
        holder = answers.get("holder", {})
        return {name: holder[name] for name in (*ADDRESS, "phone") if holder.get(name)}

    @classmethod
    def known(cls, answers: Mapping[str, Any]) -> dict[str, Any]:
        is_single = not (answers.get("given_names") and answers.get("family_name"))
        return {**answers, "birth_on": date.fromisoformat(answers["birth_on"]), "one_name": is_single}

    def validate_given_names(self, field: Any) -> None:
        if not field.data and not (self.one_name.data and self.family_name.data):
            raise ValidationError(_("Enter your given names, or say below that your passport shows one name only"))

    def validate_family_name(self, field: Any) -> None:
        if not field.data and not (self.one_name.data and self.given_names.data):
            raise ValidationError(_("Enter your family name, or say below that your passport shows one name only"))

    def validate_one_name(self, field: Any) -> None:
        if field.data and self.given_names.data and self.family_name.data:
            raise ValidationError(_("You entered two names. Clear the tick, or leave one of the names empty."))

    def validate_birth_on(self, field: Any) -> None:
        if field.data and field.data > today():
            raise ValidationError(_("Your date of birth must be in the past"))
        if field.data and age_on(field.data, today()) > OLDEST:
            raise ValidationError(_("Check the year of your birth: it is more than 130 years ago"))
        issued = self.about.passport_issued_on()
        if field.data and issued and field.data >= issued:
            raise ValidationError(
                _(
                    "Your passport was issued on %(date)s, before this birth. Check both dates.",
                    date=format_date(issued),
                )
            )

    def validate_member_number(self, field: Any) -> None:
        if field.data and not MEMBER_NUMBER.fullmatch(re.sub(r"[\s-]", "", field.data)):
            raise ValidationError(_("A membership number has nine numbers"))

    def validate_phone(self, field: Any) -> None:
        if field.data and self._number is None:
            raise ValidationError(_("Enter a phone number with its area code, like 613-555-0123 or +44 20 7946 0000"))

    @property
    def _number(self) -> str | None:
        if self._read != (typed := (self.phone.data, self.country.data or "CA")):
            self._read, self._known_number = typed, _in_full(*typed)
        return self._known_number

    @property
    def mrz_line(self) -> str:
        """The names as the passport's two bottom lines would print them; empty while there are none."""
        return passport_names.mrz_line(self.family_name.data or "", self.given_names.data or "")

    @property
    def envelope(self) -> list[str]:
        """The address as it will be printed on the envelope; nothing while there is no street."""
        name = " ".join(part for part in (self.given_names.data, self.family_name.data) if part)
        return addresses.envelope(name, self.address()) if self.street.data else []

    def answers(self) -> dict[str, Any]:
        names = ("given_names", "family_name", "suffix", "birth_city", "birth_country", "sex", "eyes", "hair")
        return {
            **{name: self[name].data for name in names},
            "height": self.height.centimetres,
            "member_number": re.sub(r"[\s-]", "", self.member_number.data or ""),
            "birth_on": self.birth_on.data.isoformat(),
            "phone": self._number,
            **self.address(),
        }
