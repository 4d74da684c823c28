"""What a document's zone says beside what was typed, and the answers that its owner confirms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from portal.domain import read_answers
from portal.domain.mrz import MRZ
from portal.domain.read_answers import PASSPORT, ReadAnswer, is_same_name
from portal.i18n import Lazy, format_date
from portal.i18n import lazy_gettext as _l
from portal.web.applicant.forms.section import SectionForm, shown
from portal.web.forms import CheckboxesField, DateField, Form, HiddenField, MonthField, TextField, TickField
from portal.web.forms.choices import ChoiceField

LINES = ("line_1", "line_2", "line_3")
ABOUT_THE_PERSON = ("family_name", "given_names", "birth_on", "sex")
ON_THE_PASSPORT = {"number": "passport_number", "country": "passport_country", "expires_on": "passport_expires_on"}
PROOF_OF = {"resident_card": "pr_card", "other_passport": "passport"}
SAME, EMPTY, DIFFERENT, UNREADABLE = "same", "empty", "different", "unreadable"

Forms = Mapping[str, SectionForm]
Place = tuple[str, str]
"""A section and a field of its form."""


class LineField(TextField):
    """A line of letters for machines, as long as anybody types it."""

    spellcheck = False

    def __init__(self, label: Lazy, **kwargs: Any) -> None:
        capitals = {"autocapitalize": "characters", "autocorrect": "off"}
        super().__init__(label, max_length=200, attributes=capitals, **kwargs)


class ReadingForm(Form):
    """The lines, for whoever types them, and the answers that may be taken over."""

    take = CheckboxesField(_l("Fill in these answers"))
    of = HiddenField()
    line_1 = LineField(_l("Line 1"))
    line_2 = LineField(_l("Line 2"))
    line_3 = LineField(_l("Line 3 (cards only)"))

    @property
    def lines(self) -> list[str]:
        return [str(self[name].data or "") for name in LINES]


@dataclass(frozen=True)
class Offer:
    """An answer of the zone beside what stands in the application, and where it would go."""

    read: ReadAnswer
    typed: str
    state: str
    places: tuple[Place, ...] = ()

    @property
    def can_be_taken(self) -> bool:
        return self.state in (EMPTY, DIFFERENT) and bool(self.places) and self.read.remark is None


def offers(zone: MRZ, kind: str, forms: Forms, day: date) -> list[Offer]:
    """What the zone says, each answer beside what was typed."""
    return [_offer(read, zone, kind, forms) for read in read_answers.answers_in(zone, kind, day)]


def filled(forms: Forms, kind: str, taken: Iterable[Offer]) -> dict[str, dict[str, list[str]]]:
    """What stands in each form that changes once these answers are taken over."""
    changed: dict[str, dict[str, list[str]]] = {}
    for offer in taken:
        for section, name in offer.places:
            raw = changed.setdefault(section, typed_in(forms[section]))
            raw |= _as_typed(forms[section][name], offer.read.value)
    if kind in PROOF_OF and any(offer.read.key in read_answers.ABOUT_THE_PAPER for offer in taken):
        changed["citizenship"][f"kind_{_row(forms['citizenship'], kind)}"] = [PROOF_OF[kind]]
    return changed


def typed_in(form: SectionForm) -> dict[str, list[str]]:
    """Everything that stands in a form, as a browser would send it."""
    return {name: values for field in form for name, values in _as_it_stands(field).items() if any(values)}


def _offer(read: ReadAnswer, zone: MRZ, kind: str, forms: Forms) -> Offer:
    places = tuple(_places(read.key, kind, forms))
    typed = _said(read.key, forms, places)
    if not read.value:
        return Offer(read, typed, UNREADABLE)
    if _is_same(read, zone, kind, forms, places):
        return Offer(read, typed, SAME)
    return Offer(read, typed, DIFFERENT if typed else EMPTY, places)


def _places(key: str, kind: str, forms: Forms) -> Iterable[Place]:
    citizenship = forms["citizenship"]
    if key in ABOUT_THE_PERSON:
        yield "identity", key
        if kind == PASSPORT and key in ("family_name", "given_names"):
            yield "citizenship", f"passport_{key}"
    elif key == "nationality":
        names = (f"citizenship_{number}" for number in (1, 2, 3))
        yield from (("citizenship", name) for name in [name for name in names if not citizenship[name].data][:1])
    elif kind == PASSPORT:
        yield "citizenship", ON_THE_PASSPORT[key]
    elif kind in PROOF_OF and (row := _row(citizenship, kind)):
        yield "citizenship", f"{key}_{row}"


def _row(form: Any, kind: str) -> int:
    """The row of the document among those that prove citizenship: its own, else the first free one; 0 for none."""
    own = [number for number in form.given if form[f"kind_{number}"].data == PROOF_OF[kind]]
    free = [number for number in range(1, form.most + 1) if number not in form.given]
    return next(iter([*own, *free]), 0)


def _said(key: str, forms: Forms, places: tuple[Place, ...]) -> str:
    """What the application says so far, as people read it."""
    if key == "nationality":
        names = [f"citizenship_{number}" for number in (1, 2, 3)]
        return ", ".join(said for name in names if (said := shown(forms["citizenship"][name])))
    if not places:
        return ""
    section, name = places[0]
    field = forms[section][name]
    return format_date(field.data) if isinstance(field.data, date) else shown(field)


def _is_same(read: ReadAnswer, zone: MRZ, kind: str, forms: Forms, places: tuple[Place, ...]) -> bool:
    citizenship: Any = forms["citizenship"]
    if read.key == "nationality":
        return read.value in citizenship.citizenships
    if not places:
        return False
    section, name = places[0]
    field = forms[section][name]
    if read.key in ("family_name", "given_names"):
        return is_same_name(zone, read.key, shown(field))
    if read.key == "country" and kind == PASSPORT:
        return bool(read.value == citizenship.issuer)
    data = field.data.isoformat() if isinstance(field.data, date) else field.data
    return bool(data == read.value)


def _as_typed(field: Any, value: str) -> dict[str, list[str]]:
    if isinstance(field, DateField):
        boxes = field.boxes_of(date.fromisoformat(value))
        return {f"{field.name}-{part}": [typed] for part, typed in boxes.items()}
    return {field.name: [value]}


def _as_it_stands(field: Any) -> dict[str, list[str]]:
    if isinstance(field, DateField | MonthField):
        return {name: [typed] for name, typed in zip(field.names, field.typed.values(), strict=True)}
    if isinstance(field, TickField):
        return {field.name: ["1"] if field.data else []}
    return {field.name: field.chosen if isinstance(field, ChoiceField) else [field.shown]}
