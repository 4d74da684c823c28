"""A family's pages: answers used again, the consent of other parents, a child held by both, an own account at 18."""

from __future__ import annotations

import uuid

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from portal.db import current_session
from portal.domain.documents import ACCEPT, BY_KEY
from portal.domain.errors import NotFound, NotOpenToThis, RuleViolation
from portal.domain.guardians import RELATIONS, STATES
from portal.domain.lifecycle import Status
from portal.domain.permissions import Permission
from portal.i18n import lazy_gettext as _l
from portal.models import Application, GuardianConsent
from portal.services import documents, family, guardian_consents, guardians, person_links
from portal.services.documents import StoreUnavailable, Upload
from portal.web.access import beyond_own_rows, requires
from portal.web.applicant import applicant
from portal.web.applicant.own import fillable_draft, next_url, own_application, section_page
from portal.web.forms import DateField, EmailField, FileField, Form
from portal.web.guessing import limited
from portal.web.routing import FORM, GET
from portal.web.sessions import current_account


class SameForm(Form):
    """One button, named after the application whose answers are used."""


class AddressForm(Form):
    email = EmailField(_l("Their email address"), missing=_l("Enter their email address"))


class LetterForm(Form):
    upload = FileField(BY_KEY[guardians.LETTER].title, accept=ACCEPT, missing=_l("Choose a file to send"))


class BirthForm(Form):
    born = DateField(
        _l("Your date of birth"), missing=_l("Enter your date of birth"), hint=_l("For example, 27 3 2008")
    )


@section_page("/same/<reference:source>", "/meme/<reference:source>", keys=family.SHARED)
@requires(Permission.APPLICATION_FILL)
def use_same(reference: str, section: str, source: str) -> Response:
    """Answer a section as somebody else of the account did; then the next task."""
    application = fillable_draft(reference, section)
    here = url_for("applicant.edit_section", reference=reference, section=section)
    if not SameForm.from_request().submitted():
        return redirect(here, 303)
    family.use_same(current_session(), application, section, source, by=current_account())
    return redirect(next_url(application, section), 303)


@applicant.page(
    "/applications/<reference:reference>/consents", "/demandes/<reference:reference>/consentements", methods=GET
)
@requires(Permission.APPLICATION_FOLLOW)
def show_consents(reference: str) -> str:
    """Whose consent is needed, and how it stands with each."""
    application = own_application(reference)
    asked = guardian_consents.of_application(current_session(), application)
    return render_template(
        "applicant/show_consents.html",
        application=application,
        consents=[(one, RELATIONS[one.relation], *STATES[one.state], _letter(one)) for one in asked],
        is_waiting=application.status == Status.AWAITING_CONSENT,
    )


@applicant.page(
    "/applications/<reference:reference>/consents/<uuid:consent_id>",
    "/demandes/<reference:reference>/consentements/<uuid:consent_id>",
    methods=FORM,
)
@requires(Permission.APPLICATION_FILL)
@limited("upload")
def ask_for_consent(reference: str, consent_id: uuid.UUID) -> Response | tuple[str, int]:
    """Send the link again, to the same address or another; or send the letter."""
    application = own_application(reference)
    consent = guardian_consents.find(current_session(), application, consent_id)
    if application.status != Status.AWAITING_CONSENT or consent.state != "waiting":
        raise NotOpenToThis(guardians.NOT_ASKED)
    form: AddressForm | LetterForm
    form = (
        AddressForm.from_request(data={"email": consent.email}) if consent.way == "link" else LetterForm.from_request()
    )
    status = None
    if form.submitted():
        status = _asked(form, application, consent)
        if status is None:
            return redirect(url_for("applicant.show_consents", reference=reference), 303)
    page = render_template(
        "applicant/ask_for_consent.html", form=form, application=application, consent=consent, letter=_letter(consent),
        kind=BY_KEY[guardians.LETTER], limits=documents.limits_of(current_session()),
    )  # fmt: skip
    return page, status or form.status


@applicant.page("/family/<uuid:person_id>/own-account", "/famille/<uuid:person_id>/propre-compte", methods=FORM)
@requires(Permission.ACCOUNT_USE)
@limited("upload")
def offer_own_account(person_id: uuid.UUID) -> Response | tuple[str, int]:
    """Invite somebody who came of age to an account of their own."""
    held = family.held(current_session(), current_account(), person_id)
    if held.role != "parent" or not family.is_of_age(held.person):
        raise NotFound(person_id)
    form = AddressForm.from_request()
    if form.submitted():
        by = current_account()
        family.invite_to_own_account(current_session(), by, held.person, form.email.data, by=by)
        return redirect(url_for("applicant.dashboard"), 303)
    name = family.given_name(held.person)
    return render_template("applicant/offer_own_account.html", form=form, name=name), form.status


@applicant.page("/family/own-account/<link>", "/famille/propre-compte/<link>", methods=FORM)
@requires(Permission.ACCOUNT_USE)
@limited("upload")
@beyond_own_rows
def own_account(link: str) -> Response | tuple[str, int]:
    """Take over what was applied for while one was a child. The date of birth says that it is the right person."""
    session, form = current_session(), BirthForm.from_request()
    found = person_links.find(session, "own_account", link)
    if found.used_at is not None:
        raise NotOpenToThis(person_links.USED)
    if form.submitted():
        try:
            family.move_to_own_account(session, link, form.born.data, by=current_account())
            return redirect(url_for("applicant.dashboard"), 303)
        except NotOpenToThis:
            raise
        except RuleViolation as error:
            form.refuse(error.message)
    return render_template("applicant/own_account.html", form=form), form.status


@applicant.page("/family/join/<link>", "/famille/rejoindre/<link>", methods=FORM)
@requires(Permission.ACCOUNT_USE)
@beyond_own_rows
def join_family(link: str) -> Response | tuple[str, int]:
    """Hold a child in an own account too, after having consented."""
    session, form = current_session(), Form.from_request()
    found = person_links.find(session, "manage", link)
    if form.submitted():
        family.join(session, link, by=current_account())
        return redirect(url_for("applicant.dashboard"), 303)
    page = render_template("applicant/join_family.html", form=form, name=family.given_name(found.person))
    return page, form.status


def _letter(consent: GuardianConsent) -> object:
    return documents.find(current_session(), consent.document_id) if consent.document_id else None


def _asked(form: AddressForm | LetterForm, application: Application, consent: GuardianConsent) -> int | None:
    """Do it; where it cannot be done, say why at the field and give the status."""
    session, by = current_session(), current_account()
    if isinstance(form, AddressForm):
        guardians.ask_again(session, consent, form.email.data, by=by)
        return None
    upload = Upload(form.upload.data.filename or "", form.upload.data.stream)
    try:
        document = documents.receive(session, application, guardians.LETTER, upload, by=by)
    except StoreUnavailable as error:
        form.refuse(error.message)
        return 503
    except RuleViolation as error:
        form.refuse(error.message, "upload")
        return 422
    guardians.attach_letter(session, consent, document)
    return None
