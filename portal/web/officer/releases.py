"""How a centre releases its times, and whose holidays it keeps."""

from __future__ import annotations

from flask import redirect, render_template
from werkzeug.wrappers import Response

from portal.db import current_session
from portal.domain import addresses
from portal.domain.errors import RuleViolation
from portal.domain.permissions import Permission
from portal.domain.public_holidays import FEDERAL
from portal.domain.releases import LONGEST, MONTHLY, ORDINALS, ROLLING, SHORTEST, WEEKLY, Release, in_words
from portal.i18n import country_name
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.models import EnrolmentCentre
from portal.services import audit, capacity
from portal.services import releases as services
from portal.web.access import requires
from portal.web.forms import (
    CheckboxesField,
    DateField,
    Form,
    RadiosField,
    SelectField,
    TimeField,
    ValidationError,
    WholeNumberField,
)
from portal.web.forms.slot_wishes import WEEKDAYS
from portal.web.officer import officer
from portal.web.officer.capacity import back_to, centre_of
from portal.web.routing import FORM
from portal.web.sessions import current_officer


class ReleaseForm(Form):
    kind = RadiosField(
        _l("How often times are released"),
        choices=[
            (ROLLING, _l("Every day"), _l("Each day, one more day can be booked.")),
            (WEEKLY, _l("Once a week")),
            (MONTHLY, _l("Once a month")),
        ],
        missing=_l("Choose how often"),
    )
    weekday = SelectField(
        _l("On which day of the week"), hint=_l("Once a week or once a month only."),
        choices=[(str(number), name) for number, name in enumerate(WEEKDAYS)],
    )  # fmt: skip
    week = SelectField(
        _l("Which one in the month"), hint=_l("Once a month only."),
        choices=[(str(number), name) for number, name in ORDINALS.items()],
    )  # fmt: skip
    at = TimeField(
        _l("At what time"), hint=_l("By the centre’s own clock. For example, 9:00"), missing=_l("Enter the time")
    )
    days_ahead = WholeNumberField(
        _l("For how many days ahead"), least=SHORTEST, most=LONGEST, missing=_l("Enter the number of days")
    )
    valid_from = DateField(_l("From which day on"), missing=_l("Enter from which day on this holds"))

    def validate_weekday(self, field: SelectField) -> None:
        if self.kind.data in (WEEKLY, MONTHLY) and not field.data:
            raise ValidationError(_l("Choose the day of the week"))

    def validate_week(self, field: SelectField) -> None:
        if self.kind.data == MONTHLY and not field.data:
            raise ValidationError(_l("Choose which one in the month"))

    @property
    def rule(self) -> Release:
        """What was typed, as a rule."""
        weekday = None if self.kind.data == ROLLING else int(self.weekday.data)
        week = int(self.week.data) if self.kind.data == MONTHLY else None
        return Release(self.kind.data, self.at.data, self.days_ahead.data, weekday, week, self.valid_from.data)


@officer.page(
    "/officers/centres/<int:centre_number>/release", "/agents/centres/<int:centre_number>/publication", methods=FORM
)
@requires(Permission.CAPACITY_MANAGE)
def release_rule(centre_number: int) -> Response | tuple[str, int]:
    """When times come out at a centre, what is announced, and a new rule from a day on."""
    session, centre, form = current_session(), centre_of(centre_number), ReleaseForm.from_request()
    if form.submitted():
        try:
            services.change(session, centre, form.rule, by=current_officer())
        except RuleViolation as error:
            form.refuse(error.message, "valid_from")
        else:
            return redirect(back_to(centre_number, "released", None), 303)
    else:
        audit.record(session, "capacity:view", centre, by=current_officer())
    page = render_template(
        "officer/release_rule.html",
        form=form,
        centre=centre,
        announced=services.announced(session, [centre])[centre.id],
        rules=[(rule, in_words(rule)) for rule in services.rules(session, [centre])[centre.id]],
    )
    return page, form.status


class HolidaysForm(Form):
    lists = CheckboxesField(
        _l("Whose holidays"), hint=_l("Where officers of both countries sit at one desk, both lists close it.")
    )


@officer.page(
    "/officers/centres/<int:centre_number>/holidays", "/agents/centres/<int:centre_number>/jours-feries", methods=FORM
)
@requires(Permission.CAPACITY_MANAGE)
def holidays(centre_number: int) -> Response | tuple[str, int]:
    """Whose holidays a centre keeps: each country's federal days, those of its province or state."""
    session, centre = current_session(), centre_of(centre_number)
    form = HolidaysForm.from_request(data={"lists": centre.holiday_lists})
    form.lists.choices = _lists_for(centre)
    if form.submitted():
        capacity.keep_holidays(session, centre, form.lists.chosen, by=current_officer())
        return redirect(back_to(centre_number, "holidays", None), 303)
    audit.record(session, "capacity:view", centre, by=current_officer())
    return render_template("officer/holidays.html", form=form, centre=centre), form.status


def _lists_for(centre: EnrolmentCentre) -> list[tuple[str, str]]:
    """The federal lists, and those of the provinces and states that the centre lies in or keeps already."""
    sites = [(centre.country, centre.region)]
    if centre.second_site:
        sites.append((centre.second_site["country"], centre.second_site["region"]))
    regional = dict.fromkeys([f"{country}-{region}" for country, region in sites])
    regional |= dict.fromkeys(code for code in centre.holiday_lists if "-" in code)
    federal = [(code, _("Federal holidays: %(country)s", country=country_name(code))) for code in FEDERAL]
    return federal + [(code, _("Holidays of %(region)s", region=_region(code))) for code in regional]


def _region(code: str) -> str:
    """The name of a province or state whose list is "CA-QC" or the like."""
    country, _separator, region = code.partition("-")
    return addresses.region_name(region, country)
