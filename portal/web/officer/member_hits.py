"""Hits of members, found by a later version of a list: a task for any officer of the agency."""

from __future__ import annotations

import uuid

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from portal.db import current_session
from portal.domain.permissions import Permission
from portal.i18n import format_date
from portal.services import audit, case_files, member_hits, screening
from portal.web.access import requires
from portal.web.officer import officer, words
from portal.web.officer.case import attempted
from portal.web.officer.hits import AssessHitForm, about_hit
from portal.web.routing import FORM, GET
from portal.web.sessions import current_officer


@officer.page("/officers/members/hits", "/agents/membres/correspondances", methods=GET)
@requires(Permission.HIT_ASSESS)
def hits_of_members() -> str:
    """The hits that wait, the closest first; by membership number, so that a list of names is not needed."""
    session, by = current_session(), current_officer()
    audit.record(session, "hit:list", "lookout_hit", by=by)
    rows = [
        {
            "href": url_for("officer.assess_member_hit", hit_id=hit.id),
            "reference": member_hits.find(session, hit.id, agency=by.agency)[1].number,
            "cells": (hit.entry.version.lookout_list.name, hit.entry.entry_key, format_date(hit.run.started_at.date())),
        }
        for hit in member_hits.waiting(session, by.agency)
    ]
    return render_template("officer/hits_of_members.html", rows=rows, count=member_hits.count(session, by.agency))


@officer.page("/officers/members/hits/<uuid:hit_id>", "/agents/membres/correspondances/<uuid:hit_id>", methods=FORM)
@requires(Permission.HIT_ASSESS)
def assess_member_hit(hit_id: uuid.UUID) -> Response | tuple[str, int]:
    """Compare the member with the entry, and say what was found. The membership stays as it is."""
    session, by = current_session(), current_officer()
    hit, membership = member_hits.find(session, hit_id, agency=by.agency)
    form = AssessHitForm.from_request()
    if form.submitted():
        verdict, text = form.verdict.data, form.assessment.data
        evidence = form.evidence.chosen
        if attempted(form, lambda: screening.assess_hit(session, hit, verdict, text, by, evidence=evidence)):
            return redirect(url_for("officer.hits_of_members"), 303)
    member_hits.look(session, hit, by=by)
    page = render_template(
        "officer/assess_member_hit.html",
        form=form,
        membership=membership,
        words=words,
        names=case_files.officer_names(session, {one for one in (hit.assessed_by, hit.confirmed_by) if one}),
        **about_hit(hit),
    )
    return page, form.status
