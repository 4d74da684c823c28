"""The background questions: each Yes or No, with what happened where the answer is Yes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.domain.questions import BACKGROUND
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.web.applicant.forms.section import SectionForm
from portal.web.forms import TextAreaField, TextField, ValidationError, YesNoField


def details_needed(form: Any, field: Any) -> None:
    """After a Yes: what happened, when and where."""
    question = field.short_name.removesuffix("_details")
    if form[question].data and not field.data:
        raise ValidationError(_("You answered Yes. Say what happened, when and where."))


def _question(number: int) -> Any:
    missing = _l("Answer Yes or No to question %(number)s", number=number + 1)
    return YesNoField(BACKGROUND[number].question, missing=missing)


def when_needed(form: Any, field: Any) -> None:
    """After a Yes: when it was."""
    if form[field.short_name.removesuffix("_when")].data and not field.data:
        raise ValidationError(_("You answered Yes. Say when it was: a year is enough."))


def where_needed(form: Any, field: Any) -> None:
    """After a Yes: where it was."""
    if form[field.short_name.removesuffix("_where")].data and not field.data:
        raise ValidationError(_("You answered Yes. Say in which place and country it was."))


def _when() -> Any:
    return TextField(_l("When"), [when_needed], max_length=60, width=20)


def _where() -> Any:
    return TextField(_l("Place and country"), [where_needed], max_length=120, width="two-thirds")


def _details() -> Any:
    return TextAreaField(
        _l("What happened, when and where, and how it ended"), [details_needed], max_length=4000, rows=4
    )


class BackgroundForm(SectionForm):
    convicted = _question(0)
    convicted_when = _when()
    convicted_where = _where()
    convicted_details = _details()
    waiver = _question(1)
    waiver_when = _when()
    waiver_where = _where()
    waiver_details = _details()
    rehabilitation = _question(2)
    rehabilitation_when = _when()
    rehabilitation_where = _where()
    rehabilitation_details = _details()
    violation = _question(3)
    violation_when = _when()
    violation_where = _where()
    violation_details = _details()

    @classmethod
    def known(cls, answers: Mapping[str, Any]) -> dict[str, Any]:
        given = {question.key: answers[question.key]["answer"] for question in BACKGROUND}
        parts = ("details", "when", "where")
        return given | {
            f"{question.key}_{part}": answers[question.key].get(part, "") for question in BACKGROUND for part in parts
        }

    def answers(self) -> dict[str, Any]:
        return {question.key: self._answer(question.key) for question in BACKGROUND}

    def _answer(self, key: str) -> dict[str, Any]:
        is_yes = bool(self[key].data)
        told = {part: self[f"{key}_{part}"].data if is_yes else "" for part in ("details", "when", "where")}
        return {"answer": is_yes, **told}
