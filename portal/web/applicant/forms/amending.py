"""What is asked where something is changed after sending: parts of the application's own forms."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from portal.web.applicant.forms.citizenship import DATES, TEXTS, CitizenshipForm
from portal.web.applicant.forms.identity import IdentityForm
from portal.web.applicant.forms.licence import LicenceForm
from portal.web.applicant.forms.section import SectionForm
from portal.web.applicant.forms.vehicles import VehiclesForm


class ContactForm(IdentityForm):
    """Telephone and mailing address alone."""

    given_names = family_name = suffix = one_name = None  # type: ignore[assignment]
    birth_on = birth_city = birth_country = sex = None  # type: ignore[assignment]
    height = eyes = hair = member_number = None  # type: ignore[assignment]

    @classmethod
    def known(cls, answers: Mapping[str, Any]) -> dict[str, Any]:
        return dict(answers)

    @property
    def envelope(self) -> list[str]:
        return []

    def answers(self) -> dict[str, Any]:
        return {"phone": self._number, **self.address()}


class PassportForm(CitizenshipForm):
    """The passport alone."""

    apply_as = citizenship_1 = citizenship_2 = citizenship_3 = None  # type: ignore[assignment]

    @property
    def given(self) -> list[int]:
        return []

    @property
    def citizenships(self) -> list[str]:
        return []

    @classmethod
    def known(cls, answers: Mapping[str, Any]) -> dict[str, Any]:
        return {**answers, **{name: date.fromisoformat(answers[name]) for name in DATES}}

    def answers(self) -> dict[str, Any]:
        texts = {name: self[name].data for name in TEXTS}
        return {**texts, **{name: self[name].data.isoformat() for name in DATES}}


for _column in CitizenshipForm.columns:
    for _number in range(1, CitizenshipForm.most + 1):
        setattr(PassportForm, f"{_column}_{_number}", None)

AMENDING_FORMS: dict[str, type[SectionForm]] = {
    "contact": ContactForm,
    "passport": PassportForm,
    "licence": LicenceForm,
    "vehicles": VehiclesForm,
}
