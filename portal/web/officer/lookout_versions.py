"""Look-out lists, their versions, what each changed, and the runs over many people: by owner and sharing rule."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Response, render_template

from portal.db import current_session
from portal.domain.permissions import Permission
from portal.i18n import current_language
from portal.models import LookoutListVersion
from portal.services import audit, case_files, list_publishing, lookout_lists, member_screening, screening, sweeps
from portal.services import list_reading as reading
from portal.web.access import requires
from portal.web.officer import officer, words
from portal.web.officer.lists_in_common import SHOWN, errors_file
from portal.web.routing import GET
from portal.web.sessions import current_officer


@officer.page("/officers/lists", "/agents/listes", methods=GET)
@requires(Permission.LIST_READ)
def lookout_lists_page() -> str:
    """Every list that the agency may see, with its newest version and its drafts."""
    session, by = current_session(), current_officer()
    audit.record(session, "lookout_list:list", "lookout_list", by=by)
    return render_template(
        "officer/lookout_lists_page.html",
        lists=reading.lists(session, by.agency),
        standing=screening.standing(session, by.agency),
        members=member_screening.standing(session, by.agency),
        words=words,
        agency=by.agency,
    )


@officer.page("/officers/lists/<uuid:list_id>", "/agents/listes/<uuid:list_id>", methods=GET)
@requires(Permission.LIST_READ)
def lookout_list(list_id: uuid.UUID) -> str:
    """A list's versions, the newest first."""
    session, by = current_session(), current_officer()
    found = reading.find_list(session, list_id, agency=by.agency)
    audit.record(session, "lookout_list:view", found, by=by)
    return render_template(
        "officer/lookout_list.html",
        found=found,
        versions=reading.versions_of(session, found, agency=by.agency),
        words=words,
        agency=by.agency,
    )


@officer.page("/officers/lists/versions/<uuid:version_id>", "/agents/listes/versions/<uuid:version_id>", methods=GET)
@requires(Permission.LIST_READ)
def lookout_version(version_id: uuid.UUID) -> str:
    """A version: where it comes from, what it changes, what is wrong with it, whom it would hit."""
    session, by = current_session(), current_officer()
    version = list_publishing.find(session, version_id, agency=by.agency)
    audit.record(session, "lookout_list:view", version, by=by)
    return render_template("officer/lookout_version.html", **shown(version))


def shown(version: LookoutListVersion) -> dict[str, Any]:
    """What the pages about a version show of it."""
    session, by = current_session(), current_officer()
    is_own = version.agency == by.agency
    people = {one for one in (version.imported_by, version.published_by) if one and is_own}
    dry_run = list_publishing.dry_run_of(session, version) if is_own else None
    return {
        "version": version,
        "is_own": is_own,
        "names": case_files.officer_names(session, people),
        "changes": [
            (kind, *reading.entries(session, version, kind, SHOWN)) for kind in ("added", "changed", "removed")
        ],
        "errors": [(one["line"], one["entry"], one[current_language()]) for one in version.errors[:SHOWN]],
        "error_count": len(version.errors),
        "problem": (version.problem or {}).get(current_language()),
        "dry_run": dry_run,
        "progress": sweeps.progress(session, dry_run) if dry_run else None,
        "needs_release": version.state == "ready" and list_publishing.needs_release(session, version),
        "is_newest": _is_newest(version),
        "words": words,
        "me": by,
    }


def _is_newest(version: LookoutListVersion) -> bool:
    newest = lookout_lists.newest(current_session(), version.list_id)
    return newest is not None and newest.id == version.id


@officer.page(
    "/officers/lists/versions/<uuid:version_id>/errors",
    "/agents/listes/versions/<uuid:version_id>/erreurs",
    methods=GET,
)
@requires(Permission.LIST_READ)
def lookout_errors(version_id: uuid.UUID) -> Response:
    """Every unfit entry of a version as CSV, in the language of the page."""
    session, by = current_session(), current_officer()
    version = list_publishing.find(session, version_id, agency=by.agency)
    audit.record(session, "lookout_list:view", version, by=by, errors=len(version.errors))
    rows = [(one["line"], one["entry"], one[current_language()]) for one in version.errors]
    return errors_file(rows)


@officer.page("/officers/lists/runs", "/agents/listes/recherches", methods=GET)
@requires(Permission.LIST_READ)
def screening_runs() -> str:
    """The agency's own runs over many people: how far each is, against which lists, with which matcher."""
    session, by = current_session(), current_officer()
    audit.record(session, "screening_sweep:list", "screening_sweep", by=by)
    found = sweeps.latest(session, by.agency, ("members", "audit", "dry_run"), limit=30)
    return render_template(
        "officer/screening_runs.html",
        runs=[
            (run, sweeps.progress(session, run), lookout_lists.versions(session, run.list_versions)) for run in found
        ],
        standing=screening.standing(session, by.agency),
        members=member_screening.standing(session, by.agency),
        words=words,
    )
