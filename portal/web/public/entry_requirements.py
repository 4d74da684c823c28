"""What each of the two countries asks of a nationality at entry, and where they differ; also as a file."""

from __future__ import annotations

import csv
import io
from datetime import date

from flask import Response, render_template, request

from portal.clock import today
from portal.db import current_session
from portal.domain import countries
from portal.domain.entry_rules import LABELS, TWO_COUNTRIES, Compared, Requirement, Rule, compared
from portal.domain.permissions import Permission
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.services import country_lists
from portal.web.access import requires
from portal.web.context import agency_name
from portal.web.forms import CheckboxesField, DateField, Form, SelectField, TextField
from portal.web.public import public
from portal.web.routing import GET

BYTE_ORDER_MARK = "\ufeff"


class RequirementsFilter(Form):
    nationality = TextField(_l("Nationality"), hint=_l("A part of its name is enough."), max_length=80)
    requirement = SelectField(
        _l("What one of the two countries asks for"),
        prompt=_l("Anything"),
        choices=[(one, LABELS[one]) for one in Requirement if one is not Requirement.CITIZEN],
    )
    only = CheckboxesField(_l("Which nationalities"), choices=[("differ", _l("Only where the two countries differ"))])
    on = DateField(_l("On this day (optional)"), hint=_l("A list that holds from a later day can be read now."))

    @property
    def day(self) -> date:
        """The day whose lists are asked for."""
        return self.on.data or today()

    def fits(self, row: Compared) -> bool:
        """Whether the nationality is asked for."""
        wanted = countries.sorting_key(self.nationality.data or "")
        named = countries.sorting_key(row.name)
        asked = {rule.requirement for rule in (row.ca, row.us) if rule}
        return (
            wanted in named
            and (not self.requirement.data or self.requirement.data in asked)
            and (not self.only.chosen or row.differs)
        )


@public.page("/entry-requirements", "/conditions-d-entree", methods=GET)
@requires(Permission.PUBLIC)
def entry_requirements() -> tuple[str, int]:
    """Both lists side by side, filtered, with what is remarked on each and from when it holds."""
    form, rows, every = _asked()
    held = [country_lists.holding(current_session(), agency, form.day) for agency in TWO_COUNTRIES]
    page = render_template(
        "public/entry_requirements.html",
        form=form,
        rows=rows,
        counted=[len(every), sum(row.differs for row in every)],
        held=[version for version in held if version],
        tables=country_lists.tables(current_session(), form.day),
        labels=LABELS,
        file_values=request.args.to_dict(flat=False),
    )
    return page, form.status


@public.page("/entry-requirements/file", "/conditions-d-entree/fichier", methods=GET)
@requires(Permission.PUBLIC)
def entry_requirements_file() -> Response:
    """The same rows as CSV, in the language of the page; what is remarked on the lists stands on each line."""
    form, rows, _every = _asked()
    file = io.StringIO()
    lines = csv.writer(file)
    both = [agency_name(agency) for agency in TWO_COUNTRIES]
    lines.writerow([_("Code"), _("Nationality"), *(_heads(both)), _("Do they differ?"), _("Remark")])
    tables = country_lists.tables(current_session(), form.day)
    remarks = " ".join(dict.fromkeys(table.remark for table in tables.values() if table.remark))
    for row in rows:
        told = [text for rule in (row.ca, row.us) for text in _in_cells(rule)]
        differ = _("Yes") if row.differs else _("No")
        lines.writerow([row.nationality, row.name, *told, differ, remarks])
    response = Response(BYTE_ORDER_MARK + file.getvalue(), mimetype="text/csv")
    name = f"entry-requirements-{form.day.isoformat()}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _asked() -> tuple[RequirementsFilter, list[Compared], list[Compared]]:
    form = RequirementsFilter.from_query()
    is_fit = form.validate() if request.args else True
    every = compared(country_lists.tables(current_session(), form.day)) if is_fit else []
    return form, [row for row in every if form.fits(row)], every


def _heads(names: list[str]) -> list[str]:
    parts = (_("Requirement"), _("For residents of the other country"), _("Days"), _("Condition"), _("Source"))
    return [f"{name}: {part}" for name in names for part in parts]


def _in_cells(rule: Rule | None) -> list[str]:
    if rule is None:
        return ["", "", "", "", ""]
    resident = str(LABELS[rule.if_resident]) if rule.if_resident else ""
    return [str(LABELS[rule.requirement]), resident, str(rule.stay_days or ""), rule.condition, rule.source]
