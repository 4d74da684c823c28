"""An officer's view of a document: beside what the applicant wrote about it, one page at a time, with a word on it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.db import current_session
from portal.domain.documents import STATES
from portal.domain.permissions import Permission
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.i18n import speaking
from portal.models import Document, DocumentPage, Review
from portal.services import document_marks, document_readings, documents, reviews, viewings
from portal.web.access import requires
from portal.web.forms import RadiosField, TextAreaField
from portal.web.officer import officer, panels
from portal.web.officer.case import attempted, identity, known_of, own_review
from portal.web.officer.review_forms import ReviewForm
from portal.web.page_images import page_image
from portal.web.routing import GET, POST
from portal.web.sessions import current_officer

PAPER = "<reference:reference>/documents/<uuid:document_id>"
ZOOMS = (100, 150, 200, 300)  # per cent of the frame
QUARTER, WHOLE_TURN = 90, 360  # degrees
MARK_TEXTS = {
    "readable": (_l("Readable"), "success"),
    "unreadable": (_l("Unreadable"), "error"),
    "not_needed": (_l("Not needed"), "neutral"),
}
ASK = "ask"
BESIDE = {
    "passport_page": ("identity", "citizenship"),
    "other_passport": ("identity", "citizenship"),
    "resident_card": ("identity", "citizenship"),
    "member_card": ("identity", "citizenship"),
    "residence_proof": ("identity", "addresses"),
    "name_papers": ("identity", "names"),
    "court_papers": ("background",),
    "pardon_papers": ("background",),
    "birth_certificate": ("identity", "guardian"),
    "custody_papers": ("identity", "guardian"),
    "consent_letter": ("identity", "guardian"),
}
"""Which sections of the answers stand beside a kind of document; the identity beside any other."""


class MarkForm(ReviewForm):
    """What the officer says of the document."""

    mark = RadiosField(
        _l("What do you say of this document?"),
        choices=[
            *((key, text) for key, (text, _kind) in MARK_TEXTS.items()),
            (ASK, _l("Unreadable: ask the applicant to send it again"), _l("Your clock stands until the answer.")),
        ],
        missing=_l("Choose what you say of this document"),
    )
    question = TextAreaField(_l("What the applicant reads, if you ask again"), max_length=2000, rows=3)


@dataclass(frozen=True)
class View:
    """How a page is looked at: which one, how large, and turned how far."""

    number: int
    zoom: int
    turn: int

    @classmethod
    def asked(cls, document: Document) -> View:
        """As the address asks, as far as there is such a page, size and turn."""
        number = request.args.get("page", 1, type=int)
        zoom, turn = request.args.get("zoom", ZOOMS[0], type=int), request.args.get("turn", 0, type=int)
        return cls(
            number if 1 <= number <= len(document.pages) else 1,
            zoom if zoom in ZOOMS else ZOOMS[0],
            turn % WHOLE_TURN if turn % QUARTER == 0 else 0,
        )

    def link(self, reference: str, document: Document, **changed: int) -> str:
        """The address of this document, looked at in another way."""
        values: dict[str, Any] = {"page": self.number, "zoom": self.zoom, "turn": self.turn} | changed
        return url_for("officer.show_document", reference=reference, document_id=document.id, **values)


@officer.page(f"/officers/applications/{PAPER}", f"/agents/demandes/{PAPER}", methods=GET)
@requires(Permission.APPLICATION_READ)
def show_document(reference: str, document_id: uuid.UUID) -> ResponseReturnValue:
    """A document beside the data that it proves. Without an assignment a reason is asked first."""
    review, by = own_review(reference), current_officer()
    document = document_marks.find(current_session(), review, document_id)
    if viewings.reason_of(current_session(), review, by) is None:
        return redirect(url_for("officer.give_reason", reference=reference), 303)
    form = MarkForm.from_request(data={"question": _question(review, document)})
    return _page(review, document, form)


@officer.page(f"/officers/applications/{PAPER}/mark", f"/agents/demandes/{PAPER}/marquer", methods=POST)
@requires(Permission.REVIEW_WORK)
def mark_document(reference: str, document_id: uuid.UUID) -> ResponseReturnValue:
    """Keep what the officer says of a document; where another one is wanted, ask for it."""
    review = own_review(reference)
    document = document_marks.find(current_session(), review, document_id)
    form = MarkForm.from_request()
    if form.submitted() and attempted(form, lambda: _act(review, document, form)):
        following = _following(documents.of_review(current_session(), review), document)
        return redirect(_link_of(review, following or document), 303)
    return _page(review, document, form), form.status


@officer.page(f"/officers/applications/{PAPER}/pages/<int(max=999):number>",
              f"/agents/demandes/{PAPER}/pages/<int(max=999):number>", methods=GET)  # fmt: skip
@requires(Permission.APPLICATION_READ)
def show_document_page(reference: str, document_id: uuid.UUID, number: int) -> Response:
    """One page of a document of an application that was sent, turned if the address asks for it."""
    session, by = current_session(), current_officer()
    viewings.check(session, reviews.of_agency(session, reference, by.agency), by)
    page = documents.page_for_officer(session, reference, document_id, number, by=by)
    turn = request.args.get("turn", 0, type=int) % WHOLE_TURN
    return page_image(documents.page_image(page, turn))


def _act(review: Review, document: Document, form: MarkForm) -> None:
    session, by = current_session(), current_officer()
    if form.mark.data == ASK:
        question = form.question.data or _question(review, document)
        document_marks.ask_again(session, review, document, question, by=by)
    else:
        document_marks.put(session, review, document, form.mark.data, by=by)


def _question(review: Review, document: Document) -> str:
    """What the applicant reads when a document is asked for again, in the applicant's language."""
    with speaking(review.application.language):
        return _(
            "We could not read this document: %(document)s. Send it again: flat, in good light, no corner cut.",
            document=panels.title(document),
        )


def _page(review: Review, document: Document, form: MarkForm) -> str:
    session, reference = current_session(), review.application.reference
    view, papers = View.asked(document), documents.of_review(session, review)
    answers = reviews.answers_of(session, review.application)
    sections = BESIDE.get(document.kind, ("identity",))
    marks = document_marks.of_review(session, review)
    page = next((one for one in document.pages if one.number == view.number), None)
    return render_template(
        "officer/show_document.html",
        form=form,
        document=document,
        title=panels.title(document),
        serves=[panels.title_of(kind) for kind in document.serves],
        state=STATES[document.state],
        view=view,
        page=page,
        size=_size(page, view.turn),
        ways=_ways(reference, document, view),
        parts=panels.parts({key: answers[key] for key in sections if key in answers}),
        papers=[(one, panels.title(one), marks.get(one.id)) for one in papers],
        reading=panels.reading(document_readings.comparison(document, answers)),
        mark=marks.get(document.id),
        mark_texts=MARK_TEXTS,
        before=_neighbour(papers, document, -1),
        following=_neighbour(papers, document, 1),
        knows=known_of(review),
        **identity(review, "document"),
    )


def _size(page: DocumentPage | None, turn: int) -> tuple[int, int]:
    if page is None:
        return 0, 0
    return (page.height, page.width) if turn in (QUARTER, WHOLE_TURN - QUARTER) else (page.width, page.height)


def _ways(reference: str, document: Document, view: View) -> dict[str, str | None]:
    """The addresses of the buttons; None where a button has nothing to do."""
    at = ZOOMS.index(view.zoom)
    return {
        "larger": view.link(reference, document, zoom=ZOOMS[at + 1]) if at + 1 < len(ZOOMS) else None,
        "smaller": view.link(reference, document, zoom=ZOOMS[at - 1]) if at else None,
        "left": view.link(reference, document, turn=(view.turn - QUARTER) % WHOLE_TURN),
        "right": view.link(reference, document, turn=(view.turn + QUARTER) % WHOLE_TURN),
        "back": view.link(reference, document, page=view.number - 1) if view.number > 1 else None,
        "on": view.link(reference, document, page=view.number + 1) if view.number < len(document.pages) else None,
    }


def _neighbour(papers: list[Document], document: Document, step: int) -> Document | None:
    at = papers.index(document) + step
    return papers[at] if 0 <= at < len(papers) else None


def _following(papers: list[Document], document: Document) -> Document | None:
    return _neighbour(papers, document, 1)


def _link_of(review: Review, document: Document) -> str:
    return url_for("officer.show_document", reference=review.application.reference, document_id=document.id)
