"""The audit trail for auditors: search, export, and how far it is sealed."""

from __future__ import annotations

import uuid
from dataclasses import asdict
from datetime import date
from typing import Any

from flask import Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from portal.clock import today
from portal.db import current_session
from portal.domain import references
from portal.domain.permissions import Permission
from portal.i18n import lazy_gettext as _l
from portal.services import audit_exports as services
from portal.services import audit_seals, audit_search
from portal.services.audit_search import Criteria
from portal.web.access import requires
from portal.web.forms import DateField, Form, SelectField, TextField, ValidationError
from portal.web.guessing import limited
from portal.web.officer import officer
from portal.web.routing import FORM, GET, POST
from portal.web.sessions import current_officer
from portal.web.step_up import requires_step_up

Answer = AnyResponse | tuple[str, int]

NOBODY = _l("Nobody has this email address. Check it.")
LAST_DAY = date(2999, 12, 31)
MOST_ROWS = 2**63 - 1
STATES = {"waiting": _l("Being made"), "ready": _l("Ready"), "over": _l("Over")}


class SearchForm(Form):
    """What is typed is sent with the form, never with the address, which then names identifiers only."""

    actor = TextField(_l("Who did it (email address)"), spellcheck=False, autocomplete="off")
    action = TextField(
        _l("Action"), hint=_l("Or how it begins, such as application:view"), spellcheck=False, autocomplete="off"
    )
    reference = TextField(_l("Application (reference)"), spellcheck=False, width=10, autocomplete="off")
    person = TextField(_l("Whose application (email address)"), spellcheck=False, autocomplete="off")
    since = DateField(_l("First day"))
    until = DateField(_l("Last day"))
    whose = SelectField(
        _l("Rows"),
        choices=[("own", _l("Of your agency")), ("shared", _l("Of applicants and the portal"))],
        prompt=_l("All that you may see"),
    )

    def validate_reference(self, field: TextField) -> None:
        """A reference that cannot be one would find nothing."""
        if field.data and references.normalised(field.data) is None:
            raise ValidationError(_l("Check the reference: it looks like P-4K7Q-2M9D"))

    def validate_actor(self, field: TextField) -> None:
        """Somebody must have the address."""
        if field.data and audit_search.actor_with(current_session(), field.data, current_officer()) is None:
            raise ValidationError(NOBODY)

    def validate_person(self, field: TextField) -> None:
        """Somebody must have the address."""
        if field.data and audit_search.account_with(current_session(), field.data) is None:
            raise ValidationError(NOBODY)

    def as_address(self) -> dict[str, Any]:
        """What the address of this search carries."""
        session, by = current_session(), current_officer()
        asked = {
            "actor": audit_search.actor_with(session, self.actor.data, by) if self.actor.data else None,
            "action": self.action.data,
            "reference": references.normalised(self.reference.data or ""),
            "person": audit_search.account_with(session, self.person.data) if self.person.data else None,
            "since": self.since.data,
            "until": self.until.data,
            "whose": self.whose.data,
        }
        return _without_nothing(asked)


@officer.page("/officers/audit", "/agents/journal", methods=FORM)
@requires(Permission.AUDIT_READ)
@limited("search", "GET", "POST")
def audit_trail() -> Answer:
    """The trail in pages, the newest row first; the address holds the search. Each search is recorded."""
    criteria, session, by = _asked(), current_session(), current_officer()
    form = SearchForm.from_request(data={**asdict(criteria), "actor": "", "person": ""})
    if form.submitted():
        return redirect(url_for("officer.audit_trail", **form.as_address()), 303)
    before, after = (_row_number(name) for name in ("before", "after"))
    page = audit_search.page(session, criteria, by, before=before, after=after) if form.status == 200 else None
    address = _without_nothing(asdict(criteria))
    shown = render_template(
        "officer/audit_trail.html",
        search=form,
        criteria=criteria,
        actor=audit_search.name_of(session, criteria.actor, by),
        page=page,
        newer=url_for("officer.audit_trail", **address, after=page.newer) if page and page.newer else None,
        older=url_for("officer.audit_trail", **address, before=page.older) if page and page.older else None,
        export_url=url_for("officer.export_audit_trail", **address),
        seals=audit_seals.state(session),
        verified=audit_seals.last_verification(session),
    )
    return shown, form.status


@officer.page("/officers/audit/export", "/agents/journal/exporter", methods=POST)
@requires(Permission.AUDIT_READ)
@limited("export")
def export_audit_trail() -> AnyResponse:
    """Ask for what the search of the address finds, as CSV. That it was asked for is recorded."""
    if not Form.from_request().submitted():
        abort(400)
    services.ask(current_session(), _asked(), current_officer())
    return redirect(url_for("officer.audit_exports"), 303)


@officer.page("/officers/audit/exports", "/agents/journal/exportations", methods=GET)
@requires(Permission.AUDIT_READ)
def audit_exports() -> str:
    """One's own exports: which are being made, which can be fetched and until when."""
    found = [(one, services.state(one)) for one in services.of_officer(current_session(), current_officer())]
    return render_template("officer/audit_exports.html", exports=found, states=STATES)


@officer.page("/officers/audit/exports/<uuid:export_id>", "/agents/journal/exportations/<uuid:export_id>", methods=GET)
@requires(Permission.AUDIT_READ)
@requires_step_up
def download_audit_export(export_id: uuid.UUID) -> Response:
    """Fetch an export. That it was fetched is recorded before the first byte leaves."""
    parts = services.download(current_session(), export_id, current_officer())
    response = Response(parts, mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="passage-audit-{today().isoformat()}.csv"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _asked() -> Criteria:
    """The search that the address holds; what cannot be read there is not asked."""
    asked = request.args
    return Criteria(
        actor=asked.get("actor", type=uuid.UUID),
        action=asked.get("action", "").replace("\0", ""),
        reference=references.normalised(asked.get("reference", "")) or "",
        person=asked.get("person", type=uuid.UUID),
        since=asked.get("since", type=date.fromisoformat),
        until=asked.get("until", type=_last_day),
        whose=asked.get("whose", "") if asked.get("whose") in ("own", "shared") else "",
    )


def _last_day(written: str) -> date:
    return min(date.fromisoformat(written), LAST_DAY)


def _row_number(name: str) -> int | None:
    number = request.args.get(name, type=int)
    return min(max(number, 0), MOST_ROWS) if number is not None else None


def _without_nothing(asked: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in asked.items() if value}
