"""The vehicles in which somebody crosses the border."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.clock import today
from portal.domain.questions import VEHICLE_OWNERS
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.web.applicant.forms.licence import check_region
from portal.web.applicant.forms.rows import RowsForm, rows
from portal.web.forms import (
    NameField,
    SelectField,
    TelField,
    TextField,
    TickField,
    ValidationError,
    WholeNumberField,
    YesNoField,
)
from portal.web.forms.countries import CountryField

TEXTS = (
    "make",
    "model",
    "year",
    "colour",
    "plate",
    "country",
    "region",
    "vin",
    "owner",
    "owner_name",
    "owner_phone",
    "owner_address",
)


def _text(label: Any, length: int = 40, width: Any = 20) -> Any:
    return lambda: TextField(label, max_length=length, width=width, spellcheck=False)


@rows(
    4,
    make=_text(_l("Make, like Toyota")),
    model=_text(_l("Model, like Corolla")),
    year=lambda: WholeNumberField(_l("Model year"), least=1900, most=2199),
    colour=_text(_l("Colour")),
    plate=_text(_l("Licence plate"), 12, 10),
    country=lambda: CountryField(_l("Country of the plate"), default="CA"),
    region=_text(_l("Province, territory or state of the plate"), 80, "two-thirds"),
    vin=_text(_l("Vehicle identification number (if you have it)"), 17),
    government=lambda: TickField(_l("It has a government plate")),
    owner=lambda: SelectField(_l("Who owns it"), choices=VEHICLE_OWNERS.items(), default="me", prompt=None),
    owner_name=lambda: NameField(_l("Name of the owner (if you do not own it)"), max_length=120),
    owner_phone=lambda: TelField(_l("Phone number of the owner (if you do not own it)"), width=20, autocomplete="off"),
    owner_address=lambda: TextField(_l("Address of the owner (if you do not own it)"), max_length=200),
)
class VehiclesForm(RowsForm):
    has = YesNoField(
        _l("Will you cross the border by car or another vehicle?"),
        missing=_l("Say whether you will cross the border in a vehicle"),
        hint=_l("You can add and remove vehicles later"),
    )
    nothing_given = _l("Enter the vehicle, or say No")
    preset = ("country", "region", "owner", "government")

    @classmethod
    def suggested(cls, answers: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
        """A plate is most often of the country and the province or state of residence."""
        identity = answers.get("identity", {})
        return {f"{name}_1": identity[name] for name in ("country", "region") if identity.get(name)}

    @classmethod
    def known(cls, answers: Mapping[str, Any]) -> dict[str, Any]:
        data: dict[str, Any] = {"has": bool(answers["vehicles"])}
        for number, vehicle in enumerate(answers["vehicles"], start=1):
            data |= {f"{name}_{number}": value for name, value in vehicle.items()}
        return data

    def check_row(self, number: int, row: dict[str, Any]) -> None:
        self.need(number, "make", _("Enter the make of the vehicle"))
        self.need(number, "model", _("Enter the model of the vehicle"))
        self.need(number, "year", _("Enter the model year"))
        self.need(number, "plate", _("Enter the licence plate"))
        self.need(number, "country", _("Choose the country of the plate"))
        if row["year"].data and row["year"].data > today().year + 2:
            self.refuse(_("Check the model year: it is in the future"), f"year_{number}")
        if row["country"].data in ("CA", "US"):
            self.need(number, "region", _("Enter the province, territory or state of the plate"))
            self._check_region(number, row)
        if row["owner"].data != "me":
            self.need(number, "owner_name", _("Enter the name of the owner"))

    def _check_region(self, number: int, row: dict[str, Any]) -> None:
        try:
            if row["region"].data:
                check_region(row["country"].data, row["region"])
        except ValidationError as wrong:
            self.refuse(str(wrong), f"region_{number}")

    def answers(self) -> dict[str, Any]:
        return {"vehicles": [self._answer(self.row(number)) for number in self.given] if self.has.data else []}

    def _answer(self, row: dict[str, Any]) -> dict[str, Any]:
        said = {name: row[name].data for name in TEXTS}
        is_own = said["owner"] == "me"
        plate = str(said["plate"]).upper()
        nobody = dict.fromkeys(("owner_name", "owner_phone", "owner_address"), "") if is_own else {}
        return {**said, "plate": plate, **nobody,
                "government": bool(row["government"].data)}  # fmt: skip
