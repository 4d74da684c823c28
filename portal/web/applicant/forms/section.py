"""What the forms of all sections share: the version they were opened with, and what else is known of the applicant."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import request

from portal.web.forms import CheckboxesField, DateField, Form, MonthField
from portal.web.forms.choices import ChoiceField, TickField


@dataclass(frozen=True)
class About:
    """The applicant, as far as the application says."""

    born: date | None = None
    given_names: str = ""
    family_name: str = ""
    role: str = "self"
    """As what the account acts for the applicant."""
    signer: str = ""
    """The full name of whoever signs, where it is not the applicant."""
    needs_assent: bool = False
    """Whether the person must agree too: a child of 14 or more, or a represented adult who asked for it."""
    passport_issued_on: Callable[[], date | None] = lambda: None
    """Opened only by the form that asks: what other sections say is sealed."""

    @property
    def full_name(self) -> str:
        return " ".join(part for part in (self.given_names, self.family_name) if part)

    @property
    def signing_name(self) -> str:
        """The name with which this application is signed."""
        return self.full_name if self.role == "self" else self.signer


class SectionForm(Form):
    """A form whose typed text is kept as a draft. `seq` is the draft's version that the page was made from."""

    about = About()
    seq = 0

    @classmethod
    def known(cls, answers: Mapping[str, Any]) -> dict[str, Any]:
        """`data=` for the form from answers that were kept before."""
        return dict(answers)

    @classmethod
    def suggested(cls, answers: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
        """`data=` for the first opening, from the answers of other sections, so that nothing is asked twice."""
        return {}

    def answers(self) -> dict[str, Any]:
        """What the form says, once it validates, as the application keeps it."""
        raise NotImplementedError

    def fit_answers(self) -> dict[str, Any] | None:
        """What the typed text says where all of it is fit, else None. Shows no error: people may still be typing."""
        if self._judged and not self.problems:
            return self.answers()
        return self.answers_if(self.raw)

    def answers_if(self, raw: Mapping[str, Any]) -> dict[str, Any] | None:
        """What the form would say if this were typed, where all of it is fit, else None."""
        twin = type(self).from_typed(raw)
        twin.about = self.about
        return twin.answers() if twin.validate() else None

    @property
    def sent_seq(self) -> int | None:
        """The version that the sent form was made from, or that its sender chose to replace."""
        sent = request.form.get("overwrite") or request.form.get("seq", "")
        return int(sent) if sent.isdecimal() and len(sent) < 10 else 0

    def _hidden_values(self) -> Iterator[tuple[str, str]]:
        yield from super()._hidden_values()
        yield "seq", str(self.seq)


def in_words(form: Form) -> list[tuple[str, str]]:
    """Every question of the form with what stands there now, fit or not."""
    return [(str(field.label.text), shown(field)) for field in form]


def shown(field: Any) -> str:
    """What stands in a field, as people read it."""
    if isinstance(field, DateField | MonthField):
        return " ".join(typed for typed in field.typed.values() if typed)
    if isinstance(field, TickField):
        return "✓" if field.data else ""
    if isinstance(field, ChoiceField):
        labels = {choice.value: str(choice.label) for choice in field.options}
        if isinstance(field, CheckboxesField) and field.none:
            labels[field.none.value] = str(field.none.label)
        return ", ".join(labels.get(value, value) for value in field.chosen)
    return str(getattr(field, "shown", ""))
