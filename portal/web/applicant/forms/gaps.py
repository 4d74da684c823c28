"""Why nothing covers some months of a history."""

from __future__ import annotations

from typing import Any

from portal.domain.histories import GAP_REASONS, REASONS_FOR
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.web.applicant.forms.section import SectionForm
from portal.web.forms import RadiosField, TextAreaField, ValidationError


class GapForm(SectionForm):
    reason = RadiosField(_l("What happened in this time?"), missing=_l("Choose what happened in this time"))
    text = TextAreaField(_l("More about it"), max_length=500, rows=3, hint=_l("Needed for another reason only"))

    section = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reason.choices = [(code, GAP_REASONS[code]) for code in REASONS_FOR[self.section]]

    def validate_text(self, field: Any) -> None:
        if self.reason.data == "other" and not field.data:
            raise ValidationError(_("Say in a few words what happened"))

    def answers(self) -> dict[str, Any]:
        return {"reason": self.reason.data, "text": self.text.data}


class AddressGapForm(GapForm):
    section = "addresses"


class WorkGapForm(GapForm):
    section = "work"
