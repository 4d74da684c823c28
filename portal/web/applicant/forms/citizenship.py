"""Citizenship, and the passport with which the applicant travels."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from types import SimpleNamespace
from typing import Any

from portal.clock import today
from portal.domain import countries, passport_names
from portal.domain.questions import CITIZENSHIP_NEEDED, CITIZENSHIP_STATUSES, PROOF_NEEDED, PROOFS
from portal.i18n import format_date
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.web.applicant.forms.identity import check_name
from portal.web.applicant.forms.rows import RowsForm, rows
from portal.web.forms import DateField, NameField, RadiosField, SelectField, TextField, ValidationError
from portal.web.forms.countries import NationalityField

LONGEST_YEARS = 15
CITIZENSHIPS = ("citizenship_1", "citizenship_2", "citizenship_3")
TEXTS = ("passport_number", "passport_country", "passport_given_names", "passport_family_name")
DATES = ("passport_issued_on", "passport_expires_on")


class PassportNumberField(TextField):
    """The number of a passport; spaces, hyphens and small letters do not matter."""

    spellcheck = False

    def parse(self, typed: str) -> str:
        return re.sub(r"[\s\-–]", "", typed).upper()

    def check(self) -> None:
        super().check()
        if not re.fullmatch(r"[A-Z0-9]{4,15}", self.data):
            raise ValueError(_l("A passport number has 4 to 15 letters and numbers, like AB123456"))


@rows(
    6,
    kind=lambda: SelectField(_l("What kind of document"), choices=PROOFS.items()),
    number=lambda: TextField(_l("Its number"), max_length=40, width=20, spellcheck=False),
    country=lambda: NationalityField(_l("Country that issued the document")),
    expires_on=lambda: DateField(_l("It expires on (if it does)")),
    name=lambda: NameField(_l("The name on it (if it differs)"), [check_name], max_length=200),
)
class CitizenshipForm(RowsForm):
    apply_as = RadiosField(
        _l("You apply as"), choices=CITIZENSHIP_STATUSES.items(), missing=_l("Choose what you apply as")
    )
    citizenship_1 = NationalityField(
        _l("Country of citizenship"), hint=_l("You may leave it as it is if you said above of which country")
    )
    citizenship_2 = NationalityField(_l("Second citizenship (if you have one)"))
    citizenship_3 = NationalityField(_l("Third citizenship (if you have one)"))
    passport_number = PassportNumberField(
        _l("Passport number"), missing=_l("Enter your passport number"), hint=_l("For example, AB123456"), width=20
    )
    passport_country = NationalityField(
        _l("Country that issued the passport"),
        hint=_l("You may leave it as it is if you are a citizen of it"),
    )
    passport_issued_on = DateField(
        _l("Issued on"), missing=_l("Enter the date on which the passport was issued"),
        hint=_l("For example, 27 3 2021"),
    )  # fmt: skip
    passport_expires_on = DateField(
        _l("Expires on"), missing=_l("Enter the date on which the passport expires"),
        hint=_l("For example, 27 3 2031"),
    )  # fmt: skip
    passport_given_names = NameField(_l("Given names on the passport"), [check_name], max_length=100)
    passport_family_name = NameField(_l("Family name on the passport"), [check_name], max_length=100)

    nothing_given = ""

    @property
    def has(self) -> Any:
        """The rows count as soon as something stands in one."""
        return SimpleNamespace(data=bool(self.given))

    @classmethod
    def suggested(cls, answers: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
        identity = answers.get("identity", {})
        return {f"passport_{name}": identity.get(name, "") for name in ("given_names", "family_name")}

    @classmethod
    def known(cls, answers: Mapping[str, Any]) -> dict[str, Any]:
        held = dict(zip(CITIZENSHIPS, answers["citizenships"], strict=False))
        dates = {name: date.fromisoformat(answers[name]) for name in DATES}
        return {**answers, "apply_as": answers["status"], **held, **dates, **cls._known_proofs(answers)}

    @classmethod
    def _known_proofs(cls, answers: Mapping[str, Any]) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for number, proof in enumerate(answers.get("proofs", ()), start=1):
            expires = date.fromisoformat(proof["expires_on"]) if proof.get("expires_on") else None
            data |= {f"{name}_{number}": value for name, value in {**proof, "expires_on": expires}.items()}
        return data

    def validate(self, extra_validators: Any = None) -> bool:
        """Every field and row, and the document on which the status rests."""
        is_fit = super().validate(extra_validators)
        status = self.apply_as.data if self.apply_as else None
        kind, sentence = PROOF_NEEDED.get(status or "", (None, None))
        if kind and kind not in [self[f"kind_{number}"].data for number in self.given]:
            self.refuse(str(sentence), "kind_1")
        return bool(is_fit and not self.problems)

    def check_row(self, number: int, row: dict[str, Any]) -> None:
        self.need(number, "kind", _("Choose what kind of document it is"))
        self.need(number, "number", _("Enter the number of the document"))
        self.need(number, "country", _("Choose the country that issued the document"))
        if row["expires_on"].data and row["expires_on"].data < today():
            self.refuse(_("This document has expired. Enter one that is in force."), f"expires_on_{number}")

    def _proof(self, row: dict[str, Any]) -> dict[str, Any]:
        expires = row["expires_on"].data
        texts = {name: row[name].data for name in ("kind", "number", "country", "name")}
        return {**texts, "expires_on": expires.isoformat() if expires else None}

    @property
    def citizenships(self) -> list[str]:
        """The countries that were chosen, each once; where none was, the one that the status names."""
        chosen = list(dict.fromkeys(self[name].data for name in CITIZENSHIPS if self[name].data))
        needed = CITIZENSHIP_NEEDED.get(self.apply_as.data)
        return chosen or ([needed] if needed else [])

    @property
    def issuer(self) -> str:
        """The country of the passport: the one that was chosen, else that of the first citizenship."""
        return self.passport_country.data or next(iter(self.citizenships), "")

    def validate_passport_country(self, _field: Any) -> None:
        if not self.issuer:
            raise ValidationError(_("Choose the country that issued the passport"))

    def validate_citizenship_1(self, field: Any) -> None:
        needed = CITIZENSHIP_NEEDED.get(self.apply_as.data)
        if not self.citizenships:
            raise ValidationError(_("Choose a country of citizenship"))
        if field.data and needed and needed not in self.citizenships:
            raise ValidationError(
                _("You apply as a citizen of %(country)s. Choose it here too.", country=countries.name(needed))
            )

    def validate_passport_issued_on(self, field: Any) -> None:
        if field.data and field.data > today():
            raise ValidationError(_("The date of issue cannot be in the future"))
        if field.data and self.about.born and field.data <= self.about.born:
            born = format_date(self.about.born)
            raise ValidationError(_("The date of issue must be after your birth on %(date)s", date=born))

    def validate_passport_expires_on(self, field: Any) -> None:
        issued = self.passport_issued_on.data
        if field.data and issued and field.data <= issued:
            raise ValidationError(_("The passport must expire after the day on which it was issued"))
        if field.data and field.data < today():
            raise ValidationError(_("This passport has expired. Enter one that is still in force."))
        if field.data and issued and field.data.year - issued.year > LONGEST_YEARS:
            raise ValidationError(_("Check both years: no passport lasts longer than %(num)s years", num=LONGEST_YEARS))

    def validate_passport_family_name(self, field: Any) -> None:
        if not field.data and not self.passport_given_names.data:
            raise ValidationError(_("Enter the name that is printed on the passport"))

    @property
    def mrz_line(self) -> str:
        """The names as the passport's two bottom lines would print them."""
        return passport_names.mrz_line(self.passport_family_name.data or "", self.passport_given_names.data or "")

    def answers(self) -> dict[str, Any]:
        return {
            "status": self.apply_as.data,
            "citizenships": self.citizenships,
            **{name: self[name].data for name in TEXTS},
            "passport_country": self.issuer,
            **{name: self[name].data.isoformat() for name in DATES},
            "proofs": [self._proof(self.row(number)) for number in self.given],
        }
