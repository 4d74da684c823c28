"""Whether somebody can apply: a few plain questions, answered on the spot. Nothing is stored."""

from __future__ import annotations

from flask import render_template, request

from portal.clock import today
from portal.db import current_session
from portal.domain.eligibility import (
    PERMANENT_RESIDENTS,
    WHO_ELSE,
    Answers,
    Past,
    Residence,
    Standing,
    documents_to_prepare,
    entry_papers,
    outcome,
)
from portal.domain.entry_rules import LABELS
from portal.domain.permissions import Permission
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.services import country_lists
from portal.web.access import requires
from portal.web.forms import CheckboxesField, Form, RadiosField, ValidationError
from portal.web.forms.countries import NationalityField
from portal.web.public import public
from portal.web.routing import FORM


class EligibilityForm(Form):
    standing = RadiosField(
        _l("Which of these are you?"),
        choices=[
            (Standing.CITIZEN_CA, _l("Citizen of Canada")),
            (Standing.CITIZEN_US, _l("Citizen of the United States")),
            (Standing.RESIDENT_CA, _l("Permanent resident of Canada")),
            (Standing.RESIDENT_US, _l("Lawful permanent resident of the United States")),
            (Standing.VIAJERO, _l("Citizen of Mexico, member of Viajero Confiable")),
            (Standing.OTHER, _l("None of these")),
            (Standing.UNSURE, _l("I am not sure")),
        ],
        hint=_l("If more than one is true, choose the first."),
        missing=_l("Choose which of these you are"),
    )
    residence = RadiosField(
        _l("Where did you live during the last three years?"),
        choices=[
            (Residence.NOT_RESIDENT, _l("I am not a permanent resident"), _l("Go on to the next question.")),
            (Residence.HERE, _l("Only in Canada or the United States")),
            (
                Residence.SERVICE,
                _l("Elsewhere, with the armed forces or in diplomatic service"),
                _l("For Canada or the United States, or as the family of somebody who served"),
            ),
            (Residence.ELSEWHERE, _l("Also in another country")),
            (Residence.UNSURE, _l("I am not sure")),
        ],
        hint=_l("Only for permanent residents. Holidays do not count as living somewhere."),
    )
    age = RadiosField(
        _l("How old is the person who wants to become a member?"),
        choices=[("adult", _l("18 or older")), ("minor", _l("Under 18"))],
        missing=_l("Choose an age"),
    )
    past = CheckboxesField(
        _l("Did any of this happen, in any country?"),
        choices=[
            (
                Past.OFFENCE,
                _l("A conviction for an offence"),
                _l("Driving while impaired is one. Canada leaves out pardoned offences. The United States does not."),
            ),
            (Past.CHARGE, _l("A charge or an investigation that is not closed")),
            (
                Past.VIOLATION,
                _l("Customs, immigration or agriculture rules were broken"),
                _l("For example goods that were not declared, or a penalty at a border"),
            ),
            (
                Past.INADMISSIBLE,
                _l("Entry to Canada or the United States was refused"),
                _l("Or a waiver or a special permission was needed to enter"),
            ),
            (
                Past.REHABILITATED,
                _l("Rehabilitation, a pardon or a waiver was granted"),
                _l("By Canada or by the United States, for something that happened before"),
            ),
            (Past.REFUSED, _l("A trusted traveller membership was refused or taken away")),
            (Past.UNSURE, _l("I am not sure")),
        ],
        none=("none", _l("None of these")),
        hint=_l("We do not store your answer. A yes is not a refusal."),
        missing=_l("Choose what happened, or “None of these”"),
    )

    nationality = NationalityField(
        _l("Which country’s passport do you travel with? (optional)"),
        hint=_l("Only to tell you what to have at the border, beside the passport. Your nationality decides nothing."),
    )

    def validate_residence(self, field: RadiosField) -> None:
        """Permanent residents must answer; for everybody else the question does not matter."""
        if self.standing.data in PERMANENT_RESIDENTS and field.data in (None, "", Residence.NOT_RESIDENT):
            raise ValidationError(_("Choose where you lived: you said that you are a permanent resident"))

    @property
    def answers(self) -> Answers:
        return Answers(
            standing=Standing(self.standing.data),
            residence=Residence(self.residence.data or Residence.NOT_RESIDENT),
            is_adult=self.age.data == "adult",
            past=frozenset(Past(value) for value in self.past.data if value != "none"),
            nationality=self.nationality.data or None,
        )


@public.page("/eligibility", "/admissibilite", methods=FORM)
@requires(Permission.PUBLIC)
def eligibility() -> str | tuple[str, int]:
    """Ask, and say at once what the answers mean."""
    form = EligibilityForm.from_request()
    if _wants_result(form):
        tables = country_lists.tables(current_session(), today())
        return render_template(
            "public/eligibility_result.html",
            form=form,
            entry=entry_papers(form.answers, tables),
            tables=tables,
            labels=LABELS,
            outcome=outcome(form.answers),
            documents=documents_to_prepare(form.answers),
            who_else=WHO_ELSE,
        )
    return render_template("public/eligibility.html", form=form), form.status


def _wants_result(form: EligibilityForm) -> bool:
    # The language switch on the result page sends the answers along, to be read again in the other language.
    if "change" in request.form:
        return False
    at_result = form.wanted_language is not None and "result" in request.form
    return bool(form.validate()) if at_result else form.submitted()
