"""The panels of a case file as templates show them: answers, documents, notes, history."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import url_for

from portal.domain import answers as answers_in_words
from portal.domain import passport_comparison, sections
from portal.domain.documents import BY_KEY
from portal.domain.guardians import IDENTITY_PAPERS, RELATIONS, STATES
from portal.domain.passport_comparison import Compared
from portal.domain.questions import BACKGROUND
from portal.domain.read_answers import PASSPORT
from portal.domain.sections import SECTIONS
from portal.i18n import Lazy as _l
from portal.i18n import format_datetime
from portal.models import Document, DocumentPage, Event, GuardianConsent, ReviewNote
from portal.services import helped
from portal.web.officer.words import EVENTS

Names = Mapping[uuid.UUID, str]


@dataclass(frozen=True)
class Part:
    """One section of the answers: its title and rows of label, text, and whether an officer should look twice."""

    title: str
    rows: list[tuple[str, str, bool]]
    has_masked_number: bool
    """A number is masked that may be shown, with a reason and a proof."""


def parts(answers: Mapping[str, Any]) -> list[Part]:
    """Every section that was answered, in the order of the application; the passport number masked."""
    shown = answers_in_words.with_masked_numbers(answers)
    return [
        Part(str(section.title), _rows(section.key, shown[section.key]), section.key == "citizenship")
        for section in SECTIONS
        if section.key in answers and section.key != "uploads"
    ]


def _rows(section: str, answers: Mapping[str, Any]) -> list[tuple[str, str, bool]]:
    rows = answers_in_words.in_words(section, answers)
    return [(row.label, row.text, _deserves_a_look(section, answers, n)) for n, row in enumerate(rows)]


def _deserves_a_look(section: str, answers: Mapping[str, Any], row: int) -> bool:
    if section == "background":
        return bool(answers[BACKGROUND[row].key]["answer"])
    return section in ("addresses", "work") and row >= len(answers.get("entries", ()))


def guardians(consents: list[GuardianConsent]) -> list[tuple[GuardianConsent, str, str, str, str]]:
    """Each consent of another parent with its relation, its state and colour, and the document that was named."""
    return [
        (
            one,
            str(RELATIONS[one.relation]),
            str(STATES[one.state][0]),
            STATES[one.state][1],
            str(IDENTITY_PAPERS[one.evidence["kind"]]) if one.evidence else "",
        )
        for one in consents
    ]


@dataclass(frozen=True)
class Viewer:
    """One page of one document, and the ways to the others."""

    document: Document
    title: str
    page: DocumentPage | None
    links: list[dict[str, Any]]


def title(document: Document) -> str:
    """What kind of document it is."""
    return title_of(document.kind)


def title_of(kind: str) -> str:
    """How a kind of document is called."""
    return str(BY_KEY[kind].title)


def viewer(reference: str, papers: list[Document], document_id: str | None, number: int) -> Viewer | None:
    """The document that was chosen, or the passport, or the first that can be read; None where there is none."""
    chosen = [paper for paper in papers if str(paper.id) == document_id]
    ready = sorted((paper for paper in papers if paper.state == "ready"), key=lambda one: not one.shows(PASSPORT))
    document = next(iter(chosen or ready or papers), None)
    if document is None:
        return None
    pages = document.pages if document.state == "ready" else []
    page = next((page for page in pages if page.number == number), next(iter(pages), None))
    links = [
        {
            "href": url_for("officer.show_review", reference=reference, document=document.id, page=one.number),
            "label": one.number,
            "current": one is page,
        }
        for one in pages
    ]
    return Viewer(document, title(document), page, links)


COMPARISONS = {
    passport_comparison.EQUAL: (_l("Same"), "success"),
    passport_comparison.DIFFERENT: (_l("Different"), "attention"),
    passport_comparison.UNREADABLE: (_l("Unreadable"), "neutral"),
}


def reading(compared: list[Compared]) -> list[dict[str, str]]:
    """What the document's machine-readable zone says beside the answers, line by line."""
    return [
        {
            "label": str(passport_comparison.LABELS[one.field]),
            "text": str(COMPARISONS[one.state][0]),
            "kind": COMPARISONS[one.state][1],
            "read": one.read,
        }
        for one in compared
    ]


def notes(written: list[ReviewNote], names: Names) -> list[dict[str, str]]:
    """Notes as the list of notes shows them."""
    return [
        {
            "author": names.get(note.officer_id, ""),
            "when": format_datetime(note.written_at),
            "text": note.text or "",
        }
        for note in written
    ]


def history(events: list[Event], names: Names, helpers: Names) -> list[dict[str, str]]:
    """Events as the timeline shows them; an officer's name only for the own agency's events, a helper's with what they
    filled in."""
    return [
        {
            "title": str(EVENTS[event.name]),
            "state": "done",
            "when": format_datetime(event.at),
            "detail": _helped(event, helpers) or _officer_of(event, names),
        }
        for event in events
    ]


def _officer_of(event: Event, names: Names) -> str:
    return names.get(event.actor_id, "") if event.actor_id and event.agency else ""


def _helped(event: Event, helpers: Names) -> str:
    about = helped.helper_of(event)
    name = helpers.get(about, "") if about else ""
    titles = [str(sections.BY_KEY[key].title) for key in event.facts.get("sections", ())] if name else []
    return f"{name}: {'; '.join(titles)}" if titles else name
