"""The case file of an application, and what the officer who holds it does with it."""

from __future__ import annotations

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.db import current_session
from portal.domain.adjudication import Stage, refusal_reason
from portal.domain.permissions import Permission
from portal.models import Review
from portal.screening import in_words
from portal.services import break_glass, case_files, information_requests, reviews, viewings
from portal.web.access import requires
from portal.web.forms import Form
from portal.web.officer import officer, words
from portal.web.officer.case import attempted, emergency_of, file_of, identity, own_review
from portal.web.officer.review_forms import (
    AddNoteForm,
    AskForm,
    ClearForm,
    ConfirmRefusalForm,
    GiveReasonForm,
    OnReview,
    ProposeRefusalForm,
    in_both_languages,
    refusal_choices,
)
from portal.web.routing import FORM, GET, POST
from portal.web.sessions import current_officer
from portal.web.step_up import requires_step_up

Answer = Response | str | tuple[str, int]

FILE = ("/officers/applications/<reference:reference>", "/agents/demandes/<reference:reference>")


def _under_file(en: str, fr: str) -> tuple[str, str]:
    return FILE[0] + en, FILE[1] + fr


def _back_to_file(reference: str) -> Response:
    return redirect(url_for("officer.show_review", reference=reference), 303)


@officer.page(*FILE, methods=GET)
@requires(Permission.APPLICATION_READ)
def show_review(reference: str) -> Answer:
    """The case file. Each look at it leaves a row in the audit trail; without an assignment a reason is asked first."""
    review, by = own_review(reference), current_officer()
    if viewings.reason_of(current_session(), review, by) is None:
        return redirect(url_for("officer.give_reason", reference=reference), 303)
    page = request.args.get("page", 1, type=int)
    return render_template(
        "officer/show_review.html",
        words=words,
        in_words=in_words,
        can_break=break_glass.can_break(review, by),
        is_own_emergency=bool(reviews.emergency_until(review)) and reviews.holds(review, by),
        **identity(review, "application"),
        **file_of(review, request.args.get("document"), page),
    )


@officer.page(*_under_file("/reason", "/motif"), methods=FORM)
@requires(Permission.APPLICATION_READ)
def give_reason(reference: str) -> Answer:
    """Ask an officer who is not assigned why they need to look."""
    review, form = own_review(reference), GiveReasonForm.from_request()
    if form.submitted():
        viewings.give_reason(current_session(), review, form.reason.data, current_officer(), kind=form.kind.data)
        return _back_to_file(reference)
    can_take = review.state == "waiting"
    emergency = emergency_of(review)
    page = render_template("officer/give_reason.html", form=form, review=review, can_take=can_take, emergency=emergency)
    return page, form.status


@officer.page(*_under_file("/take", "/prendre"), methods=POST)
@requires(Permission.REVIEW_WORK)
def take(reference: str) -> Answer:
    """Take the application, unless somebody was faster."""
    _require_sent()
    reviews.take(current_session(), own_review(reference), current_officer())
    return _back_to_file(reference)


@officer.page(*_under_file("/give-back", "/rendre"), methods=POST)
@requires(Permission.REVIEW_WORK)
def give_back(reference: str) -> Answer:
    """Put the application back into the queue."""
    _require_sent()
    reviews.give_back(current_session(), own_review(reference), current_officer())
    return redirect(url_for("officer.my_work"), 303)


def _require_sent() -> None:
    if not Form.from_request().submitted():
        abort(400)


def _opened(form: OnReview, review: Review) -> OnReview:
    if not form.seen.data:
        form.seen.data = str(review.revision)
    return form


@officer.page(*_under_file("/ask", "/question"), methods=FORM)
@requires(Permission.REVIEW_WORK)
def ask(reference: str) -> Answer:
    """Ask the applicant a question, in the applicant's language."""
    review, by, session = own_review(reference), current_officer(), current_session()
    form = _opened(AskForm.from_request(), review)
    if form.submitted():
        reviews.unchanged(review, form.seen.data)
        information_requests.ask(
            session, review, question=form.question.data, wants_document=form.wants_document.data, by=by
        )
        return _back_to_file(reference)
    due_on = information_requests.last_day(session)
    return render_template("officer/ask.html", form=form, due_on=due_on, **identity(review)), form.status


@officer.page(*_under_file("/clear", "/favorable"), methods=FORM)
@requires(Permission.REVIEW_WORK)
@requires_step_up
def clear(reference: str) -> Answer:
    """Clear the application for the officer's agency."""
    review, by, session = own_review(reference), current_officer(), current_session()
    form = _opened(ClearForm.from_request(), review)
    if form.submitted():
        reviews.unchanged(review, form.seen.data)
        if attempted(form, lambda: reviews.clear(session, review, by)):
            return redirect(url_for("officer.my_work"), 303)
    return render_template("officer/clear.html", form=form, **identity(review)), form.status


@officer.page(*_under_file("/refuse", "/refuser"), methods=FORM)
@requires(Permission.REVIEW_WORK)
@requires_step_up
def propose_refusal(reference: str) -> Answer:
    """Propose to refuse; a second officer of the agency decides."""
    review, by, session = own_review(reference), current_officer(), current_session()
    form = _opened(ProposeRefusalForm.from_request(), review)
    form.reason.choices = refusal_choices(Stage.REVIEW)
    if form.submitted():
        reviews.unchanged(review, form.seen.data)
        reviews.propose_refusal(session, review, reason=form.reason.data, note=form.note.data, by=by)
        return _back_to_file(reference)
    return render_template("officer/propose_refusal.html", form=form, **identity(review)), form.status


@officer.page(*_under_file("/confirm-refusal", "/confirmer-refus"), methods=FORM)
@requires(Permission.REFUSAL_CONFIRM)
@requires_step_up
def confirm_refusal(reference: str) -> Answer:
    """Confirm a colleague's refusal, or send it back."""
    review, by, session = own_review(reference), current_officer(), current_session()
    viewings.check(session, review, by)
    form = _opened(ConfirmRefusalForm.from_request(), review)
    if form.submitted():
        reviews.unchanged(review, form.seen.data)
        if attempted(form, lambda: _settle(review, form)):
            return redirect(url_for("officer.my_work"), 303)
    proposal = reviews.proposal_of(session, review)
    page = render_template(
        "officer/confirm_refusal.html",
        form=form,
        proposal=proposal,
        reason=refusal_reason(proposal.reason) if proposal else None,
        names=case_files.officer_names(session, {proposal.proposed_by} if proposal else set()),
        both_languages=in_both_languages,
        **identity(review, "proposal"),
    )
    return page, form.status


def _settle(review: Review, form: ConfirmRefusalForm) -> None:
    session, by = current_session(), current_officer()
    if form.decision.data == "confirm":
        reviews.confirm_refusal(session, review, by)
    else:
        reviews.send_back(session, review, note=form.note.data, by=by)


@officer.page(*_under_file("/note", "/note"), methods=FORM)
@requires(Permission.REVIEW_WORK)
def add_note(reference: str) -> Answer:
    """Write a note for colleagues of the same agency."""
    review, by, session = own_review(reference), current_officer(), current_session()
    viewings.check(session, review, by)
    form = AddNoteForm.from_request()
    if form.submitted():
        reviews.add_note(session, review, form.text.data, by)
        return _back_to_file(reference)
    return render_template("officer/add_note.html", form=form, **identity(review)), form.status
