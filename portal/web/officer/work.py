"""An officer's own work and the agency's queue."""

from __future__ import annotations

from typing import Any

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.db import current_session
from portal.domain.permissions import Permission
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.i18n import ngettext
from portal.services import (
    corrections,
    hit_confirmations,
    interview_outcomes,
    lateness,
    member_hits,
    reviews,
    worklists,
)
from portal.services.worklists import VIEWS, Line, days_old
from portal.web.access import can, requires
from portal.web.forms import Form, SelectField
from portal.web.officer import officer
from portal.web.officer.case import shown_name
from portal.web.officer.finding import FindForm
from portal.web.officer.words import QUEUE_SENTENCES, QUEUE_VIEWS, REVIEW_STATES
from portal.web.routing import GET, POST
from portal.web.sessions import current_officer


class QueueForm(Form):
    view = SelectField(_l("Show"), choices=list(QUEUE_VIEWS.items()), prompt=None)


@officer.page("/officers/work", "/agents/travail", methods=GET)
@requires(Permission.OFFICER_USE)
def my_work() -> str:
    """What there is to do: counts, the officer's reviews, refusals that wait for a second officer."""
    by = current_officer()
    if not can(Permission.REVIEW_WORK):
        return render_template("officer/my_work.html", counts=None)
    session = current_session()
    return render_template(
        "officer/my_work.html",
        counts=worklists.counts(session, by),
        member_hits=member_hits.count(session, by.agency),
        enquiries=lateness.waiting(session, by),
        mine=rows(worklists.page(session, "mine", by).lines),
        to_confirm=rows(worklists.page(session, "to_confirm", by).lines),
        after_interview=interview_outcomes.to_settle(session, by),
        hits_to_confirm=hit_confirmations.waiting(session, by),
        corrections=corrections.waiting(session, by),
        nothing_to_take="nothing" in request.args,
    )


@officer.page("/officers/queue", "/agents/file", methods=GET)
@requires(Permission.REVIEW_WORK)
def queue() -> str:
    """The agency's reviews in pages, the oldest first; the address holds the state."""
    form = QueueForm.from_query()
    view = form.view.data if form.view.data in VIEWS else "waiting"
    form.view.data = view
    page = worklists.page(
        current_session(),
        view,
        current_officer(),
        before=request.args.get("before"),
        after=request.args.get("after"),
    )
    return render_template(
        "officer/queue.html",
        form=form,
        finder=FindForm(),
        view=view,
        sentence=QUEUE_SENTENCES[view],
        rows=rows(page.lines),
        page=page,
        previous=_neighbour(view, before=page.before),
        next=_neighbour(view, after=page.after),
    )


def _neighbour(view: str, *, before: str | None = None, after: str | None = None) -> str | None:
    return url_for("officer.queue", view=view, before=before, after=after) if before or after else None


def rows(lines: Any) -> list[dict[str, Any]]:
    """Lines of a worklist as the table shows them."""
    return [_row(line) for line in lines]


def _row(line: Line) -> dict[str, Any]:
    reference = line.review.application.reference
    age = days_old(line.review)
    state = REVIEW_STATES[line.review.state]
    return {
        "href": url_for("officer.show_review", reference=reference),
        "reference": reference,
        "cells": (
            shown_name(line.review),
            ngettext("%(num)s day", "%(num)s days", age),
            _("Finished") if line.is_other_finished else _("Not finished"),
            str(state),
            line.holder or "–",
        ),
    }


@officer.page("/officers/queue/next", "/agents/file/suivante", methods=POST)
@requires(Permission.REVIEW_WORK)
def take_next() -> Response:
    """Take the application that has waited longest and that nobody else is taking."""
    if not Form.from_request().submitted():
        abort(400)
    review = reviews.take_next(current_session(), current_officer())
    if review is None:
        return redirect(url_for("officer.my_work", nothing=1), 303)
    return redirect(url_for("officer.show_review", reference=review.application.reference), 303)
