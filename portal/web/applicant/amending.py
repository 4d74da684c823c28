"""Changing something after sending: telephone, address, passport, licence, vehicles, by oneself until the decision."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from portal.db import current_session
from portal.domain import answers as words
from portal.domain.amendments import AMENDABLE
from portal.domain.errors import NotOpenToThis
from portal.domain.permissions import Permission
from portal.services import amendments, reviews
from portal.web.access import requires
from portal.web.applicant import applicant
from portal.web.applicant.forms.amending import AMENDING_FORMS
from portal.web.applicant.forms.section import About, SectionForm
from portal.web.applicant.own import own_application
from portal.web.routing import FORM
from portal.web.sessions import current_account

PARTS = {
    "contact": {"en": "contact", "fr": "coordonnees"},
    "passport": {"en": "passport", "fr": "passeport"},
    "licence": {"en": "licence", "fr": "permis"},
    "vehicles": {"en": "vehicles", "fr": "vehicules"},
}


def change_details(reference: str, part: str) -> Response | tuple[str, int]:
    """One part of what was sent, to change; both countries see the difference."""
    application, amendable = own_application(reference), AMENDABLE[part]
    if not amendments.can_amend(application):
        raise NotOpenToThis(amendments.TOO_LATE)
    answers = reviews.answers_of(current_session(), application)
    if amendable.section not in answers:
        raise NotOpenToThis(amendments.TOO_LATE)
    form = _form(part, answers)
    if form.submitted():
        changed = amendments.amend(current_session(), application, amendable, form.answers(), by=current_account())
        return redirect(
            url_for("applicant.show_application", reference=reference, changed="yes" if changed else "no"), 303
        )
    page = render_template("applicant/change_details.html", form=form, application=application, part=amendable)
    return page, form.status


def _form(part: str, answers: dict[str, dict[str, object]]) -> SectionForm:
    kind, identity = AMENDING_FORMS[part], answers.get("identity", {})
    form = kind.from_request(data=kind.known(answers[AMENDABLE[part].section]))
    given, family = (str(identity.get(name) or "") for name in ("given_names", "family_name"))
    form.about = About(born=words.birth_of(identity), given_names=given, family_name=family)
    return form


change_details = requires(Permission.APPLICATION_FILL)(change_details)
for _part, _slugs in PARTS.items():
    for _language, _root, _verb in (("en", "applications", "change"), ("fr", "demandes", "modifier")):
        applicant.add_url_rule(
            f"/{_language}/{_root}/<reference:reference>/{_verb}/{_slugs[_language]}",
            "change_details",
            change_details,
            methods=FORM,
            defaults={"language": _language, "part": _part},
        )
