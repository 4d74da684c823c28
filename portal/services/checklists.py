"""The document checklist of an application: each line with what was sent for it, and where that stands."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.clock import today
from portal.domain.checklist import Line, lines
from portal.domain.errors import NotFound
from portal.models import Application, Document
from portal.services import country_lists, documents, sections


@dataclass(frozen=True)
class CheckedLine:
    """One line, and the files that show it, oldest first."""

    line: Line
    papers: tuple[Document, ...]

    @property
    def state(self) -> str:
        """Where the line stands, by what its reader has to do: mend, wait, send, or nothing."""
        states = [paper.state for paper in self.papers]
        if not states:
            return "missing" if self.line.is_needed else "optional"
        if "refused" in states:
            return "refused"
        return "checking" if set(states) & set(documents.WAITING) else "ready"

    @property
    def is_done(self) -> bool:
        """Whether nothing of it keeps the application from being sent."""
        return not self.line.is_needed or any(paper.state == "ready" for paper in self.papers)


def of(session: Session, application: Application) -> list[CheckedLine]:
    """The checklist, in its order; what was sent for a line that is asked no longer stays out of it."""
    drafts = sections.drafts_of(session, application)
    answers = {name: draft.answers for name, draft in drafts.items()}
    papers = documents.of_application(session, application)
    return [
        CheckedLine(line, tuple(paper for paper in papers if paper.shows(line.kind.key)))
        for line in lines(answers, sections.age_of(drafts), country_lists.tables(session, today()))
    ]


def line_of(session: Session, application: Application, kind: str) -> CheckedLine:
    """The line of this kind of document. Raises NotFound where the checklist has none, and nothing was sent for it."""
    found = next((one for one in of(session, application) if one.line.kind.key == kind), None)
    if found is None:
        raise NotFound(kind)
    return found


def to_reuse(session: Session, application: Application, kind: str) -> list[Document]:
    """Readable files of the checklist that do not show this kind yet, and might."""
    papers = documents.of_application(session, application)
    return [one for one in papers if one.state == "ready" and one.kind not in documents.APART and not one.shows(kind)]
