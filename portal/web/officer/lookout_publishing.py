"""Bringing a look-out list, publishing what a colleague brought, letting a draft go, going back to a version."""

from __future__ import annotations

import uuid

from flask import Flask, redirect, render_template, request, request_started, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from portal.adapters.lookout_formats import FORMATS
from portal.db import current_session
from portal.domain.permissions import Permission
from portal.i18n import lazy_gettext as _l
from portal.services import audit, list_publishing
from portal.web.access import can, requires
from portal.web.forms import DateField, FileField, Form, SelectField, TextField, YesNoField
from portal.web.officer import officer, words
from portal.web.officer.case import attempted
from portal.web.officer.lists_in_common import PublishForm, require_pressed
from portal.web.officer.lookout_versions import shown
from portal.web.routing import FORM, POST
from portal.web.sessions import current_officer
from portal.web.step_up import requires_step_up

Answer = Response | tuple[str, int]
LARGEST = 31 * 1024 * 1024
"""Bytes that one sending may have: a little below what the server takes at all. Operators import larger lists."""


class BringListForm(Form):
    name = TextField(_l("Name of the list"), missing=_l("Give the name of the list"), max_length=120)
    kind = SelectField(
        _l("Format"), choices=[(kind, words.FORMATS[kind]) for kind in FORMATS], missing=_l("Choose the format")
    )
    files = FileField(
        _l("Files"),
        hint=_l("For SDN as CSV: the SDN file, then ALT, then ADD, named so. 31 MB together at most."),
        multiple=True,
        accept=".csv,.xml,text/csv,text/xml,application/xml",
        missing=_l("Choose the file"),
    )
    source_on = DateField(
        _l("Day of the list at its source (optional)"), hint=_l("Needed where the file itself does not say it.")
    )
    is_shared = YesNoField(
        _l("May the other agency screen against it too?"),
        hint=_l("It then sees the list, and has hits of its own. Without, it learns nothing of it."),
        missing=_l("Say whether the list is shared"),
    )


@officer.page("/officers/lists/bring", "/agents/listes/apporter", methods=FORM)
@requires(Permission.LIST_IMPORT)
def bring_lookout_list() -> Answer:
    """Bring the files of a new version; a worker reads them, and a colleague publishes."""
    session, by = current_session(), current_officer()
    form = BringListForm.from_request(data={"name": request.args.get("name", "")})
    if form.submitted():
        version = list_publishing.bring(
            session,
            form.name.data,
            by.agency,
            form.kind.data,
            [file.read() for file in in_order(form.files.data)],
            is_shared=form.is_shared.data,
            source_on=form.source_on.data,
            by=by,
        )
        return redirect(url_for("officer.lookout_version", version_id=version.id), 303)
    if request.method == "GET":
        audit.record(session, "lookout_list:list", "lookout_list", by=by)
    return render_template("officer/bring_lookout_list.html", form=form), form.status


def in_order(files: list[FileStorage]) -> list[FileStorage]:
    """SDN, ALT, ADD, whatever order the browser sends them in."""
    order = ("sdn", "alt", "add")
    return sorted(
        files, key=lambda file: order.index(stem) if (stem := (file.filename or "")[:3].lower()) in order else 0
    )


@officer.page(
    "/officers/lists/versions/<uuid:version_id>/publish",
    "/agents/listes/versions/<uuid:version_id>/publier",
    methods=FORM,
)
@requires(Permission.LIST_PUBLISH)
@requires_step_up
def publish_version(version_id: uuid.UUID) -> Answer:
    """Publish what a colleague brought, after a look at what it changes and whom it would hit."""
    session, by = current_session(), current_officer()
    version = list_publishing.find(session, version_id, agency=by.agency)
    form = PublishForm.from_request()
    if form.submitted():
        release = form.release.data or ""
        if attempted(form, lambda: list_publishing.publish(session, version, by=by, release=release)):
            return redirect(url_for("officer.lookout_version", version_id=version.id), 303)
    audit.record(session, "lookout_list:view", version, by=by)
    return render_template("officer/publish_version.html", form=form, **shown(version)), form.status


@officer.page(
    "/officers/lists/versions/<uuid:version_id>/discard",
    "/agents/listes/versions/<uuid:version_id>/abandonner",
    methods=POST,
)
@requires(Permission.LIST_IMPORT)
def discard_version(version_id: uuid.UUID) -> Response:
    """Let a draft go."""
    session, by = current_session(), current_officer()
    version = list_publishing.find(session, version_id, agency=by.agency)
    require_pressed()
    list_publishing.discard(session, version, by=by)
    return redirect(url_for("officer.lookout_list", list_id=version.list_id), 303)


@officer.page(
    "/officers/lists/versions/<uuid:version_id>/bring-back",
    "/agents/listes/versions/<uuid:version_id>/retablir",
    methods=POST,
)
@requires(Permission.LIST_IMPORT)
def bring_back_version(version_id: uuid.UUID) -> Response:
    """Propose the content of an earlier version as the next one."""
    session, by = current_session(), current_officer()
    earlier = list_publishing.find(session, version_id, agency=by.agency)
    require_pressed()
    version = list_publishing.bring_earlier(session, earlier, by=by)
    return redirect(url_for("officer.lookout_version", version_id=version.id), 303)


def _let_lists_be_large(_app: Flask, **_ignored: object) -> None:
    """Before anything reads the form: who may bring lists may send more than others do."""
    if request.endpoint == "officer.bring_lookout_list" and request.method == "POST" and can(Permission.LIST_IMPORT):
        request.max_content_length = LARGEST


@officer.record_once
def _listen(state: object) -> None:
    request_started.connect(_let_lists_be_large, state.app)  # type: ignore[attr-defined]
