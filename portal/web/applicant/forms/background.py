"""The background questions: each Yes or No, with what happened where the answer is Yes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.domain.questions import BACKGROUND
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.web.applicant.forms.section import SectionForm
from portal.web.forms import TextAreaField, ValidationError, YesNoField


def details_needed(form: Any, field: Any) -> None:
    """After a Yes: what happened, when and where."""
    question = field.short_name.removesuffix("_details")
    if form[question].data and not field.data:
        raise ValidationError(_("You answered Yes. Say what happened, when and where."))


def _question(number: int) -> Any:
    missing = _l("Answer Yes or No to question %(number)s", number=number + 1)
    return YesNoField(BACKGROUND[number].question, missing=missing)


def _details() -> Any:
    return TextAreaField(
        _l("What happened, when and where, and how it ended"), [details_needed], max_length=4000, rows=4
    )


class BackgroundForm(SectionForm):
    convicted = _question(0)
    convicted_details = _details()
    waiver = _question(1)
    waiver_details = _details()
    rehabilitation = _question(2)
    rehabilitation_details = _details()
    violation = _question(3)
    violation_details = _details()

    @classmethod
    def known(cls, answers: Mapping[str, Any]) -> dict[str, Any]:
        given = {question.key: answers[question.key]["answer"] for question in BACKGROUND}
        return given | {f"{question.key}_details": answers[question.key]["details"] for question in BACKGROUND}

    def answers(self) -> dict[str, Any]:
        return {question.key: self._answer(question.key) for question in BACKGROUND}

    def _answer(self, key: str) -> dict[str, Any]:
        is_yes = bool(self[key].data)
        return {"answer": is_yes, "details": self[f"{key}_details"].data if is_yes else ""}
