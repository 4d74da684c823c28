"""Consent to what both countries do with the application, signed with the name on it."""

from __future__ import annotations

from typing import Any

from portal.domain.consent import TEXT_VERSION, is_signature_of
from portal.i18n import current_language
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.web.applicant.forms.section import SectionForm
from portal.web.forms import NameField, TickField, ValidationError


class ConsentForm(SectionForm):
    agreed = TickField(
        _l("I have read both notices. What I said is true and complete. I consent."),
        missing=_l("Tick the box if you consent. Without your consent there is no application."),
    )
    signed_name = NameField(
        _l("Your full name, as a signature"), missing=_l("Sign with your full name"), autocomplete="off", max_length=200
    )

    assented = TickField(_l("I am the person in this application. I agree that it is made for me."))
    assented_name = NameField(_l("The full name of this person, as a signature"), autocomplete="off", max_length=200)

    def validate_signed_name(self, field: Any) -> None:
        if field.data and not is_signature_of(field.data, self.about.signing_name):
            raise ValidationError(
                _("Sign with the name on your application: %(name)s", name=self.about.signing_name or "–")
            )

    def validate_assented(self, field: Any) -> None:
        if self.about.needs_assent and not field.data:
            raise ValidationError(_("%(name)s must agree too, and tick the box", name=self.about.given_names))

    def validate_assented_name(self, field: Any) -> None:
        if self.about.needs_assent and not is_signature_of(field.data, self.about.full_name):
            raise ValidationError(_("%(name)s signs here with this full name", name=self.about.full_name))

    def answers(self) -> dict[str, Any]:
        signed = {"signed_name": self.signed_name.data, "text_version": TEXT_VERSION, "language": current_language()}
        return signed | ({"assented_name": self.assented_name.data} if self.about.needs_assent else {})
