"""One period of work, study or something else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.domain.histories import KINDS_OF_WORK, KINDS_WITH_PLACE
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.web.applicant.forms.history import PeriodRules, known_period, since_field, until_field
from portal.web.applicant.forms.section import SectionForm
from portal.web.forms import RadiosField, TelField, TextField, TickField, ValidationError
from portal.web.forms.countries import CountryField

TEXTS = ("kind", "occupation", "employer", "street", "city", "region", "postal_code", "country", "phone")


class WorkEntryForm(PeriodRules, SectionForm):
    kind = RadiosField(
        _l("What you did"), choices=KINDS_OF_WORK.items(), missing=_l("Choose what you did in this period")
    )
    since = since_field()
    until = until_field()
    goes_on = TickField(_l("I still do this"))
    occupation = TextField(
        _l("Occupation or field of study"), autocomplete="organization-title", max_length=120, width="two-thirds"
    )
    employer = TextField(_l("Employer or school"), autocomplete="organization", max_length=120, width="two-thirds")
    street = TextField(_l("Street address of the employer or school (if you know it)"), max_length=120)
    city = TextField(_l("City or town"), max_length=80, width="two-thirds")
    region = TextField(_l("Province, territory or state (if you know it)"), max_length=80, width="two-thirds")
    postal_code = TextField(_l("Postal code or ZIP code (if you know it)"), max_length=12, width=10, spellcheck=False)
    country = CountryField(_l("Country"))
    phone = TelField(_l("Phone number of the employer or school (if you know it)"), width=20, autocomplete="off")

    @classmethod
    def known(cls, answers: Mapping[str, Any]) -> dict[str, Any]:
        return {**answers, **known_period(answers)}

    @classmethod
    def suggested(cls, answers: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
        """The first entry is what the applicant does now, most often in the country of residence; an earlier one, of
        which nothing is told, has ended."""
        if not answers:
            return {}
        identity = answers.get("identity", {})
        return {"goes_on": True, **{name: identity[name] for name in ("country",) if identity.get(name)}}

    @property
    def _has_place(self) -> bool:
        return self.kind.data in KINDS_WITH_PLACE

    def validate_occupation(self, field: Any) -> None:
        if not field.data and self._has_place:
            raise ValidationError(_("Enter your occupation or field of study"))

    def validate_employer(self, field: Any) -> None:
        if not field.data and self.kind.data in ("employed", "student"):
            raise ValidationError(_("Enter the name of the employer or school"))

    def validate_city(self, field: Any) -> None:
        if not field.data and self._has_place:
            raise ValidationError(_("Enter the city or town"))

    def validate_country(self, field: Any) -> None:
        if not field.data and self._has_place:
            raise ValidationError(_("Choose a country"))

    def answers(self) -> dict[str, Any]:
        return {**self.period(), **{name: self[name].data for name in TEXTS}}
