"""What officers write on a review: reasons, questions, notes, proposals, decisions."""

from __future__ import annotations

from typing import TypeVar

from markupsafe import Markup

from portal.domain.adjudication import REFUSAL_REASONS, Stage
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.i18n import speaking
from portal.web.forms import Form, HiddenField, RadiosField, TextAreaField, TickField, ValidationError

OnReview = TypeVar("OnReview", bound="ReviewForm")


class GiveReasonForm(Form):
    kind = RadiosField(
        _l("What kind of reason is it?"),
        choices=[
            ("question", _l("To answer a question about the application")),
            ("cover", _l("To stand in for a colleague")),
            ("investigation", _l("For an investigation"), _l("The applicant is not told of these.")),
        ],
    )
    reason = TextAreaField(
        _l("Reason"),
        hint=_l("The reason is kept with your name. It holds for 8 hours."),
        missing=_l("Say why you need to look at this application"),
        max_length=300,
        rows=3,
    )


class ReviewForm(Form):
    """A form on a review: it remembers which state of the review its page shows."""

    seen = HiddenField()


class AskForm(ReviewForm):
    question = TextAreaField(
        _l("Question"), missing=_l("Write the question in the applicant’s language"), max_length=2000, rows=6
    )
    wants_document = TickField(_l("The applicant must send a document"))


class ClearForm(ReviewForm):
    """Nothing to fill in: sending it is the decision."""


class ProposeRefusalForm(ReviewForm):
    reason = RadiosField(_l("Reason"), missing=_l("Choose the reason"))
    note = TextAreaField(
        _l("Note for your colleagues"),
        hint=_l("What you found, and where. The applicant and the other agency never see it."),
        missing=_l("Write what you found"),
        max_length=4000,
        rows=5,
    )


class ConfirmRefusalForm(ReviewForm):
    decision = RadiosField(
        _l("Your decision"),
        choices=[
            ("confirm", _l("Confirm the refusal"), _l("Your agency refuses. The applicant gets a letter.")),
            ("send_back", _l("Send back"), _l("Your colleague goes on with the review.")),
        ],
        missing=_l("Choose what you decide"),
    )
    note = TextAreaField(_l("Note, when you send back"), max_length=4000, rows=4)

    def validate_note(self, field: TextAreaField) -> None:
        """Whoever sends a proposal back says why."""
        if self.decision.data == "send_back" and not field.data:
            raise ValidationError(_("Write why you send it back"))


class AddNoteForm(Form):
    text = TextAreaField(
        _l("Note"),
        hint=_l("Only officers of your agency read it. It cannot be changed afterwards."),
        missing=_l("Write the note"),
        max_length=4000,
        rows=6,
    )


def refusal_choices(stage: Stage) -> list[tuple[str, str, Markup]]:
    """The reasons that may be given at this stage, each with its public text in both languages."""
    return [
        (reason.code, str(reason.label), in_both_languages(reason.public_text))
        for reason in REFUSAL_REASONS
        if stage in reason.stages
    ]


def in_both_languages(text: object) -> Markup:
    """The text in English and in French, each line marked with its language."""
    lines = []
    for language in ("en", "fr"):
        with speaking(language):
            lines.append(Markup('<span lang="{}-CA">{}</span>').format(language, str(text)))
    return Markup("<br>").join(lines)
