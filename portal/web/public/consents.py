"""The consent of another parent or guardian: a page behind a mailed link, for somebody without an account.

It shows the child's given name and the programme, nothing else (rulings, section 2).
"""

from __future__ import annotations

from flask import make_response, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.clock import today
from portal.db import current_session, separate_session
from portal.domain.errors import NotFound, NotOpenToThis, RuleViolation
from portal.domain.guardians import IDENTITY_PAPERS
from portal.domain.lifecycle import CLOSED_STATUSES
from portal.domain.permissions import Permission
from portal.domain.sections import age_on
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.models import Account, PersonLink
from portal.services import family, guardians, person_links
from portal.services.guardians import Answer
from portal.web import guessing
from portal.web.access import beyond_own_rows, requires
from portal.web.forms import (
    DateField,
    Form,
    NameField,
    RadiosField,
    SelectField,
    TextField,
    TickField,
    ValidationError,
)
from portal.web.forms.countries import CountryField
from portal.web.public import public
from portal.web.routing import FORM, GET

Answered = Response | str | tuple[str, int]


class ConsentToChildForm(Form):
    decision = RadiosField(
        _l("Do you consent?"),
        choices=[("yes", _l("I consent to this application")), ("no", _l("I do not consent"))],
        missing=_l("Choose whether you consent"),
    )
    signed_name = NameField(
        _l("Your full name, as a signature"), missing=_l("Sign with your full name"), max_length=200,
        hint=_l("As in your passport or licence"), autocomplete="name",
    )  # fmt: skip
    born = DateField(
        _l("Your date of birth"), missing=_l("Enter your date of birth"), hint=_l("For example, 27 3 1986"),
        autocomplete="bday",
    )  # fmt: skip
    paper = SelectField(
        _l("Document that shows who you are"), choices=IDENTITY_PAPERS.items(), missing=_l("Choose a document")
    )
    number = TextField(
        _l("Number of the document"), missing=_l("Enter the number of the document"), max_length=40, width=20,
        spellcheck=False,
    )  # fmt: skip
    country = CountryField(_l("Country that issued it"), missing=_l("Choose the country that issued it"), default="CA")
    is_true = TickField(
        _l("What I say here is true. I am a parent or a guardian of this child."),
        missing=_l("Tick the box if it is true"),
    )

    def validate_born(self, field: DateField) -> None:
        if field.data and (field.data > today() or not 14 <= age_on(field.data, today()) <= 130):
            raise ValidationError(_("Check the year of your birth"))

    def answer(self) -> Answer:
        return Answer(
            consents=self.decision.data == "yes",
            signed_name=self.signed_name.data,
            paper=self.paper.data,
            number=self.number.data,
            country=self.country.data,
            born=self.born.data,
        )


class WithdrawConsentForm(Form):
    sure = TickField(_l("I withdraw my consent"), missing=_l("Tick the box if you withdraw your consent"))


@public.page("/consent/<link>", "/consentement/<link>", methods=FORM)
@requires(Permission.PUBLIC)
@beyond_own_rows
def give_consent(link: str) -> Answered:
    """Read what is asked, say yes or no, and by which document one is who one is. The link works once."""
    try:
        found = _found("consent", link)
        if found.used_at is not None:
            _note_used_again(found)
            raise NotOpenToThis(person_links.USED)
    except NotOpenToThis as error:
        return _ended(error.message)
    if refused := _refuse_asker(found):
        return refused
    form = ConsentToChildForm.from_request()
    if form.submitted() and guessing.may_try(form, guessing.source_claim("consent_source")):
        answered = _answered(link, found, form)
        if answered is not None:
            return answered
    page = render_template("public/give_consent.html", form=form, name=family.given_name(found.person))
    return guessing.answer(page, form)


@public.page("/consent/given/<link>", "/consentement/donne/<link>", methods=FORM)
@requires(Permission.PUBLIC)
@beyond_own_rows
def kept_consent(link: str) -> Answered:
    """What was consented to, and the way to take it back."""
    try:
        found = _found("manage", link)
        form = WithdrawConsentForm.from_request()
        if found.used_at is None and form.submitted():
            guardians.withdraw(current_session(), link)
            return redirect(url_for("public.kept_consent", link=link), 303)
    except NotOpenToThis as error:
        return _ended(error.message)
    consent = found.consent
    if consent is None:
        raise NotFound
    page = render_template(
        "public/kept_consent.html",
        form=form,
        consent=consent,
        link=link,
        name=family.given_name(found.person),
        is_over=consent.application.status in CLOSED_STATUSES,
    )
    return page, form.status


@public.page("/consent/refused", "/consentement/refuse", methods=GET)
@requires(Permission.PUBLIC)
def refused_consent() -> str:
    """After a No: what happens now."""
    return render_template("public/refused_consent.html")


def _found(purpose: str, link: str) -> PersonLink:
    """The link; a forged one is a 404, and counts as a try by where it comes from."""
    if not person_links.is_signed(purpose, link):
        if not guessing.must_wait("consent_source"):
            with separate_session() as session:
                guardians.note_forged_link(session)
        raise NotFound
    return person_links.find(current_session(), purpose, link)


def _note_used_again(found: PersonLink) -> None:
    """A second answer leaves a line; who only opens the page again, as from a bookmark, does nothing wrong."""
    if request.method == "POST" and not guessing.must_wait("consent_source"):
        with separate_session() as session:
            guardians.note_used_again(session, found)


def _signed_in() -> Account | None:
    person = current_user.person if current_user.is_authenticated else None
    return person if isinstance(person, Account) else None


def _refuse_asker(found: PersonLink) -> Answered | None:
    by = _signed_in()
    try:
        guardians.check_person(found, by)
    except RuleViolation as error:
        if by is not None:
            with separate_session() as session:
                guardians.note_wrong_person(session, found, by)
        return _page(error.message, 403)
    return None


def _answered(link: str, found: PersonLink, form: ConsentToChildForm) -> Answered | None:
    try:
        token = guardians.answer(current_session(), link, form.answer(), signed_in=_signed_in())
    except NotOpenToThis as error:
        return _ended(error.message)
    except RuleViolation as error:
        form.refuse(error.message, "signed_name")
        with separate_session() as session:
            guardians.note_wrong_name(session, found)
        return None
    return redirect(url_for("public.kept_consent", link=token) if token else url_for("public.refused_consent"), 303)


def _ended(message: object) -> Response:
    return _page(message, 410)


def _page(message: object, status: int) -> Response:
    return make_response(render_template("public/consent_link_ended.html", message=message), status)
