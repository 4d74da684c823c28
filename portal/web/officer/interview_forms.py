"""The forms of the interview: which day to list, what to record, what to decide."""

from __future__ import annotations

import re
from typing import Any

from portal.domain.adjudication import REFUSAL_REASONS, Stage
from portal.domain.interviews import BIOMETRICS, DOCUMENTS
from portal.i18n import lazy_gettext as _l
from portal.models import InterviewRecord
from portal.services.interview_records import Biometric
from portal.web.forms import (
    CheckboxesField,
    DateField,
    Form,
    RadiosField,
    SelectField,
    TextAreaField,
    TextField,
    ValidationError,
    WholeNumberField,
    YesNoField,
)

REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9/-]{3,63}")
PARTS = ("reference", "quality", "device")
REASONS = tuple((reason.code, reason.label) for reason in REFUSAL_REASONS if Stage.FINAL in reason.stages)


class DayFilter(Form):
    """Which interviews to list."""

    centre = SelectField(_l("Enrolment centre"), prompt=_l("All centres"))
    day = DateField(_l("Date"))


def _outcome() -> RadiosField:
    return RadiosField(
        _l("Outcome for your agency"),
        choices=[
            ("approve", _l("Approve")),
            ("refuse", _l("Propose a refusal"), _l("Another officer of your agency must confirm it.")),
            ("later", _l("Decide later")),
        ],
        missing=_l("Choose the outcome for your agency"),
    )


def _reason() -> SelectField:
    return SelectField(_l("Reason"), choices=REASONS, hint=_l("The applicant reads the public text of this reason."))


def _refusal_note() -> TextAreaField:
    return TextAreaField(_l("Note for the officer who confirms"), max_length=2000, rows=3)


class OutcomeForm(Form):
    """What the agency decides after the interview."""

    outcome, reason, refusal_note = _outcome(), _reason(), _refusal_note()

    def validate_reason(self, field: SelectField) -> None:
        if self.outcome.data == "refuse" and not field.data:
            raise ValidationError(_l("Choose a reason for the refusal"))

    def validate_refusal_note(self, field: TextAreaField) -> None:
        if self.outcome.data == "refuse" and not field.data:
            raise ValidationError(_l("Write why you propose a refusal"))


def _reference() -> TextField:
    return TextField(_l("Reference in your system"), max_length=64, width=10, spellcheck=False)


def _quality() -> WholeNumberField:
    return WholeNumberField(_l("Quality, 0 to 100"), most=100)


def _device() -> TextField:
    return TextField(_l("Station"), max_length=60, width=5, spellcheck=False)


class RecordInterviewForm(OutcomeForm):
    """Who came, what was seen and captured, and the outcome."""

    came = YesNoField(_l("Did the applicant come?"), missing=_l("Choose whether the applicant came"))
    minutes_late = WholeNumberField(_l("Minutes late"), hint=_l("Only if the applicant was late."), least=1, most=1440)
    documents_seen = CheckboxesField(_l("Documents that you saw"), choices=tuple(DOCUMENTS.items()))
    fingerprints_reference, fingerprints_quality, fingerprints_device = _reference(), _quality(), _device()
    face_reference, face_quality, face_device = _reference(), _quality(), _device()
    iris_reference, iris_quality, iris_device = _reference(), _quality(), _device()
    note = TextAreaField(_l("Note for colleagues of your agency"), max_length=2000, rows=4)
    # Again, so that they come last, as on the page.
    outcome, reason, refusal_note = _outcome(), _reason(), _refusal_note()

    @classmethod
    def shown(cls, row: InterviewRecord | None) -> dict[str, Any]:
        """What was recorded before, for a correction."""
        if row is None:
            return {}
        captured = {f"{one['kind']}_{name}": one[name] for one in row.biometrics for name in PARTS}
        return {"came": row.came, "documents_seen": row.documents_seen, "note": row.note or "", **captured}

    def validate(self, extra_validators: Any = None) -> bool:
        if self.came.data is False and not self.outcome.data:
            self.outcome.data = "later"
        is_good = bool(super().validate(extra_validators))
        for kind in BIOMETRICS:
            is_good = self._check_capture(kind) and is_good
        if self.came.data is False and self.outcome.data == "approve":
            self.refuse(_l("You cannot approve somebody who did not come"), "outcome")
            is_good = False
        return is_good

    def _check_capture(self, kind: str) -> bool:
        boxes = [self[f"{kind}_{name}"] for name in PARTS]
        if all(box.is_empty for box in boxes):
            return True
        for box in boxes:
            if box.is_empty and not box.errors:
                box.errors = [_l("Fill in all three boxes of a capture, or none")]
        reference = boxes[0]
        if reference.data and not REFERENCE.fullmatch(reference.data):
            reference.errors = [_l("A reference has 4 to 64 letters, digits, hyphens or slashes")]
        return not any(box.errors for box in boxes)

    @property
    def captures(self) -> list[Biometric]:
        """The captures that were filled in."""
        return [
            Biometric(kind, *(self[f"{kind}_{name}"].data for name in PARTS))
            for kind in BIOMETRICS
            if self[f"{kind}_reference"].data
        ]


class SettleRefusalForm(Form):
    """A second officer confirms a refusal or sends it back."""

    settlement = RadiosField(
        _l("Do you confirm the refusal?"),
        choices=[
            ("confirm", _l("Confirm"), _l("Your agency refuses. The application is not approved.")),
            ("send_back", _l("Send it back"), _l("Your agency decides again.")),
        ],
        missing=_l("Choose whether you confirm the refusal"),
    )
