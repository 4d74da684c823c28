"""Who applies for somebody else, how it stands with the other parent, and whose consent is needed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from types import SimpleNamespace
from typing import Any

from portal.clock import today
from portal.domain.guardians import BASES, CUSTODY, DETAILS_NEEDED, RELATIONS, TOGETHER, WAYS
from portal.domain.questions import SEXES
from portal.domain.sections import REPRESENTATIVE, age_on
from portal.i18n import current_language
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.web.applicant.forms.identity import check_name
from portal.web.applicant.forms.rows import RowsForm, rows
from portal.web.forms import (
    DateField,
    EmailField,
    NameField,
    RadiosField,
    SelectField,
    TelField,
    TextAreaField,
    TextField,
    TickField,
    ValidationError,
)
from portal.web.forms.countries import CountryField
from portal.web.sessions import current_account

LANGUAGES = (("en", "English"), ("fr", "Français"))
OWN = ("given_names", "family_name", "birth_city", "birth_country", "sex", "phone")
MEMBERSHIP = re.compile(r"\d{9}")


@rows(
    3,
    name=lambda: NameField(_l("Full name"), [check_name], max_length=200, hint=_l("As in their passport or licence")),
    relation=lambda: SelectField(_l("Relation to the child"), choices=RELATIONS.items(), default="parent", prompt=None),
    way=lambda: RadiosField(_l("How they consent"), choices=WAYS.items(), default="link"),
    email=lambda: EmailField(_l("Their email address"), hint=_l("For the link only. We do not show it to anybody.")),
    language=lambda: RadiosField(_l("Language of the link"), choices=LANGUAGES, inline=True, default="en"),
)
class GuardianForm(RowsForm):
    given_names = NameField(
        _l("Your given names"), [check_name], missing=_l("Enter your given names"), max_length=100
    )  # fmt: skip
    family_name = NameField(_l("Your family name"), [check_name], max_length=100)
    birth_on = DateField(
        _l("Your date of birth"), missing=_l("Enter your date of birth"), hint=_l("For example, 27 3 1986")
    )
    birth_city = TextField(
        _l("City or town where you were born"), missing=_l("Enter the city or town where you were born"),
        max_length=80, width="two-thirds",
    )  # fmt: skip
    birth_country = CountryField(
        _l("Country where you were born"), missing=_l("Choose the country where you were born")
    )
    sex = RadiosField(
        _l("Your sex"), hint=_l("As your passport shows it"), choices=SEXES.items(),
        missing=_l("Choose the letter that your passport shows"),
    )  # fmt: skip
    phone = TelField(_l("Your phone number"), missing=_l("Enter a phone number"), width=20)
    relation = RadiosField(_l("You are the child’s"), choices=RELATIONS.items())
    membership_number = TextField(
        _l("Your membership number (if you are a member)"), hint=_l("The nine numbers on your card"), width=10
    )
    custody = RadiosField(_l("How does it stand with the other parent?"), choices=CUSTODY.items())
    basis = RadiosField(_l("Why may you apply for this person?"), choices=BASES.items())
    details = TextAreaField(
        _l("More about it"), max_length=1000, rows=3,
        hint=_l("For a court order: the court, its date and what it allows. For an unknown parent: what you tried."),
    )  # fmt: skip
    protects = TickField(
        _l("For safety, keep our address from the other parent"),
        hint=_l("Officers see this mark. Nobody tells the other parent where you live."),
    )

    nothing_given = _l("Enter the name of the other parent or guardian")
    preset = ("relation", "way", "language")

    @property
    def has(self) -> Any:
        """The rows count where another parent must consent."""
        return SimpleNamespace(data=self.custody.data == TOGETHER and not self.is_representative)

    @property
    def is_representative(self) -> bool:
        """Whether an adult is represented: then nothing is asked about custody."""
        return self.about.role == REPRESENTATIVE

    @classmethod
    def known(cls, answers: Mapping[str, Any]) -> dict[str, Any]:
        data: dict[str, Any] = {**answers, "birth_on": date.fromisoformat(answers["birth_on"])}
        for number, other in enumerate(answers["others"], start=1):
            data |= {f"{name}_{number}": other[name] for name in cls.columns}
        return data

    @classmethod
    def suggested(cls, answers: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
        holder = answers.get("holder", {})
        known = {name: holder[name] for name in OWN if holder.get(name)}
        if holder.get("birth_on"):
            known["birth_on"] = date.fromisoformat(holder["birth_on"])
        return known | {f"language_{number}": current_language() for number in range(1, cls.most + 1)}

    def validate_birth_on(self, field: Any) -> None:
        if field.data and field.data > today():
            raise ValidationError(_("Your date of birth must be in the past"))
        if field.data and age_on(field.data, today()) < 16 and not self.is_representative:
            raise ValidationError(_("Check the year of your birth"))

    def validate_membership_number(self, field: Any) -> None:
        if field.data and not MEMBERSHIP.fullmatch(re.sub(r"[\s-]", "", field.data)):
            raise ValidationError(_("A membership number has nine numbers"))

    def validate_relation(self, field: Any) -> None:
        if not field.data and not self.is_representative:
            raise ValidationError(_("Choose what you are to the child"))

    def validate_custody(self, field: Any) -> None:
        if not field.data and not self.is_representative:
            raise ValidationError(_("Choose how it stands with the other parent"))

    def validate_basis(self, field: Any) -> None:
        if not field.data and self.is_representative:
            raise ValidationError(_("Choose why you may apply for this person"))

    def validate_details(self, field: Any) -> None:
        if not field.data and not self.is_representative and self.custody.data in DETAILS_NEEDED:
            raise ValidationError(_("Say more: what the court order allows, or what you did to find the other parent"))

    def check_row(self, number: int, row: dict[str, Any]) -> None:
        self.need(number, "name", _("Enter the name of the other parent or guardian"))
        if row["way"].data != "letter":
            self.need(number, "email", _("Enter their email address, or choose a letter"))
            if row["email"].data.casefold() == (current_account().email or "").casefold():
                self.refuse(_("This is your own email address. Enter theirs."), f"email_{number}")

    def answers(self) -> dict[str, Any]:
        is_representative = self.is_representative
        return {
            **{name: self[name].data for name in OWN},
            "birth_on": self.birth_on.data.isoformat(),
            "membership_number": re.sub(r"[\s-]", "", self.membership_number.data),
            "relation": "representative" if is_representative else self.relation.data,
            "custody": None if is_representative else self.custody.data,
            "basis": self.basis.data if is_representative else None,
            "details": self.details.data,
            "protects": bool(self.protects.data) and not is_representative,
            "others": [self._other(self.row(number)) for number in self.given] if self.has.data else [],
        }

    def _other(self, row: dict[str, Any]) -> dict[str, Any]:
        is_letter = row["way"].data == "letter"
        return {
            "name": row["name"].data,
            "relation": row["relation"].data or "parent",
            "way": "letter" if is_letter else "link",
            "email": "" if is_letter else row["email"].data,
            "language": row["language"].data or current_language(),
        }
