"""The country lists of both agencies: bringing a version, its dry run, publishing a colleague’s, going back."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from flask import Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from portal.adapters import country_list_csv
from portal.clock import today
from portal.db import current_session
from portal.domain.entry_rules import LABELS, Table, compared
from portal.domain.permissions import Permission
from portal.i18n import current_language
from portal.i18n import lazy_gettext as _l
from portal.models import CountryListVersion
from portal.services import audit, case_files, country_lists
from portal.services.country_lists import Brought
from portal.web.access import requires
from portal.web.forms import DateField, FileField, Form, TextAreaField
from portal.web.officer import officer, words
from portal.web.officer.case import attempted
from portal.web.officer.lists_in_common import SHOWN, PublishForm, csv_file, errors_file, require_pressed
from portal.web.routing import FORM, GET, POST
from portal.web.sessions import current_officer
from portal.web.step_up import requires_step_up

Answer = AnyResponse | tuple[str, int]
VERSION = ("/officers/country-lists/<uuid:country_list_id>", "/agents/listes-de-pays/<uuid:country_list_id>")


class BringCountryListForm(Form):
    file = FileField(
        _l("File"),
        hint=_l(
            "CSV with the columns nationality, requirement, if_resident, stay_days, condition_en, condition_fr, source."
        ),
        accept=".csv,text/csv",
        missing=_l("Choose the file"),
    )
    valid_from = DateField(
        _l("It holds from this day on"),
        hint=_l("Today or later. Until then the list of before holds."),
        missing=_l("Give the day from which the list holds"),
    )
    remark_en = TextAreaField(
        _l("Remark in English (optional)"),
        hint=_l("It is shown to everybody, wherever the list is."),
        max_length=500,
        rows=2,
    )
    remark_fr = TextAreaField(
        _l("Remark in French (optional)"), hint=_l("Needed where there is one in English."), max_length=500, rows=2
    )

    @property
    def with_it(self) -> Brought:
        """What was told beside the file."""
        first_day: date = self.valid_from.data
        return Brought(first_day, (self.remark_en.data or "").strip(), (self.remark_fr.data or "").strip())


@officer.page("/officers/country-lists", "/agents/listes-de-pays", methods=GET)
@requires(Permission.COUNTRY_LIST_READ)
def country_lists_page() -> str:
    """What holds today in each country, the versions of both, and the own drafts."""
    session, by = current_session(), current_officer()
    audit.record(session, "country_list:list", "country_list_version", by=by)
    tables = country_lists.tables(session, today())
    every = compared(tables)
    return render_template(
        "officer/country_lists_page.html",
        versions=country_lists.versions(session, agency=by.agency),
        holding={agency: country_lists.holding(session, agency, today()) for agency in tables},
        tables=tables,
        differ=sum(row.differs for row in every),
        words=words,
    )


@officer.page("/officers/country-lists/bring", "/agents/listes-de-pays/apporter", methods=FORM)
@requires(Permission.COUNTRY_LIST_IMPORT)
def bring_country_list() -> Answer:
    """Bring the next version of the own country's list; a colleague publishes it."""
    session, by = current_session(), current_officer()
    form = BringCountryListForm.from_request(data={"valid_from": today()})
    if form.submitted():
        made: list[CountryListVersion] = []
        content = form.file.data.read(country_list_csv.LARGEST + 1)
        if attempted(form, lambda: made.append(country_lists.bring(session, by.agency, content, form.with_it, by=by))):
            return _to(made[0])
    if request.method == "GET":
        audit.record(session, "country_list:list", "country_list_version", by=by)
    return render_template("officer/bring_country_list.html", form=form), form.status


@officer.page(*VERSION, methods=GET)
@requires(Permission.COUNTRY_LIST_READ)
def country_list_version(country_list_id: uuid.UUID) -> str:
    """A version: from when it holds, what it changes, what is wrong with it."""
    version = _found(country_list_id)
    audit.record(current_session(), "country_list:view", version, by=current_officer())
    return render_template("officer/country_list_version.html", **_shown(version))


@officer.page(f"{VERSION[0]}/publish", f"{VERSION[1]}/publier", methods=FORM)
@requires(Permission.COUNTRY_LIST_PUBLISH)
@requires_step_up
def publish_country_list(country_list_id: uuid.UUID) -> Answer:
    """Publish what a colleague brought, after a look at what it changes."""
    session, by, version = current_session(), current_officer(), _found(country_list_id)
    form = PublishForm.from_request()
    if form.submitted():
        release = form.release.data or ""
        if attempted(form, lambda: country_lists.publish(session, version, by=by, release=release)):
            return _to(version)
    audit.record(session, "country_list:view", version, by=by)
    return render_template("officer/publish_country_list.html", form=form, **_shown(version)), form.status


@officer.page(f"{VERSION[0]}/discard", f"{VERSION[1]}/abandonner", methods=POST)
@requires(Permission.COUNTRY_LIST_IMPORT)
def discard_country_list(country_list_id: uuid.UUID) -> AnyResponse:
    """Let a draft go."""
    version = _confirmed(country_list_id)
    country_lists.discard(current_session(), version, by=current_officer())
    return redirect(url_for("officer.country_lists_page"), 303)


@officer.page(f"{VERSION[0]}/bring-back", f"{VERSION[1]}/retablir", methods=POST)
@requires(Permission.COUNTRY_LIST_IMPORT)
def bring_back_country_list(country_list_id: uuid.UUID) -> AnyResponse:
    """Propose what an earlier version says, from today on."""
    return _to(country_lists.bring_earlier(current_session(), _confirmed(country_list_id), by=current_officer()))


@officer.page(f"{VERSION[0]}/file", f"{VERSION[1]}/fichier", methods=GET)
@requires(Permission.COUNTRY_LIST_READ)
def country_list_file(country_list_id: uuid.UUID) -> Response:
    """A version as a file that can be brought again; of an unfit one, every error."""
    session, by, version = current_session(), current_officer(), _found(country_list_id)
    audit.record(session, "country_list:view", version, by=by, errors=len(version.errors))
    if version.errors:
        return errors_file([(one["line"], one["entry"], one[current_language()]) for one in version.errors])
    name = f"country-list-{version.agency}-{version.number or 'draft'}.csv"
    return csv_file(country_list_csv.written(country_lists.rules_of(version)), name)


def _found(country_list_id: uuid.UUID) -> CountryListVersion:
    return country_lists.find(current_session(), country_list_id, agency=current_officer().agency)


def _confirmed(country_list_id: uuid.UUID) -> CountryListVersion:
    """The version that a button was pressed for, on our own page."""
    version = _found(country_list_id)
    require_pressed()
    return version


def _to(version: CountryListVersion) -> AnyResponse:
    return redirect(url_for("officer.country_list_version", country_list_id=version.id), 303)


def _shown(version: CountryListVersion) -> dict[str, Any]:
    session, by = current_session(), current_officer()
    is_own = version.agency == by.agency
    people = {one for one in (version.imported_by, version.published_by) if one and is_own}
    holds = country_lists.holding(session, version.agency, today())
    return {
        "version": version,
        "remarks": {version.agency: Table({}, version.remark_en, version.remark_fr)},
        "is_own": is_own,
        "holds": holds is not None and holds.id == version.id,
        "base": country_lists.base_of(session, version),
        "names": case_files.officer_names(session, people),
        "changes": country_lists.changes(session, version) if version.rules else [],
        "errors": [(one["line"], one["entry"], one[current_language()]) for one in version.errors[:SHOWN]],
        "error_count": len(version.errors),
        "problem": (version.problem or {}).get(current_language()),
        "needs_release": version.state == "ready" and country_lists.needs_release(session, version),
        "labels": LABELS,
        "words": words,
        "me": by,
    }
