"""Which documents an application needs, derived from its answers; each line with the reason why it is there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from portal.domain import countries
from portal.domain.consent import SIGNING_AGE
from portal.domain.documents import BY_KEY, DocumentType
from portal.domain.entry_rules import IN_A_SENTENCE, EntryPaper, Tables, papers
from portal.i18n import Lazy as _l

Answers = Mapping[str, Any]

RESIDENTS = ("resident_ca", "resident_us")
CHANGED_NAMES = ("marriage", "legal")

PASSPORT = "passport_page"
WHY_FOR_ENTRY = {
    "CA": _l("Canada asks for %(paper)s with this citizenship: %(nationality)s.%(remark)s"),
    "US": _l("The United States asks for %(paper)s with this citizenship: %(nationality)s.%(remark)s"),
}


@dataclass(frozen=True)
class Line:
    """One kind of document that somebody is asked for. Without it, where it `is_needed`, nothing can be sent."""

    kind: DocumentType
    why: _l
    is_needed: bool = True


def lines(
    answers: Mapping[str, Answers | None], age: int | None, country_lists: Tables | None = None
) -> tuple[Line, ...]:
    """The checklist for these answers, by section, of somebody of this age; what is unknown yet asks for nothing.

    `country_lists`: what each country asks of a nationality at entry. What they add is never needed to send an
    application: being admitted is not being eligible, and a list may change while somebody fills in.
    Source: domain-facts, section 3 (proof of citizenship and residence, minors' papers, papers about one's history).
    """
    return (
        Line(BY_KEY[PASSPORT], _l("Everybody sends it.")),
        *_of_citizenship(answers.get("citizenship") or {}),
        *_of_entry(answers.get("citizenship") or {}, country_lists or {}),
        *_of_a_minor(age),
        *_of_background(answers.get("background") or {}),
        *_of_names(answers.get("names") or {}),
        *_of_membership(answers.get("identity") or {}),
        Line(
            BY_KEY["residence_proof"],
            _l("Officers ask for it at the interview. If you send it now, they can read it before."),
            is_needed=False,
        ),
    )


def needed(answers: Mapping[str, Answers | None], age: int | None) -> set[str]:
    """The kinds of documents without which the application cannot be sent."""
    return {line.kind.key for line in lines(answers, age) if line.is_needed}


def _of_citizenship(citizenship: Answers) -> Iterator[Line]:
    if citizenship.get("status") in RESIDENTS:
        yield Line(BY_KEY["resident_card"], _l("You apply as a permanent resident."))
    if len(citizenship.get("citizenships", ())) > 1:
        why = _l("You have more than one citizenship. Some centres ask to see every passport.")
        yield Line(BY_KEY["other_passport"], why, is_needed=False)


def _of_entry(citizenship: Answers, country_lists: Tables) -> Iterator[Line]:
    held = citizenship.get("citizenships", ())
    for paper in papers(country_lists, held, citizenship.get("status")):
        yield Line(BY_KEY[f"entry_{paper.country.lower()}"], _why_for_entry(paper), is_needed=False)


def _why_for_entry(paper: EntryPaper) -> _l:
    said = {"paper": str(IN_A_SENTENCE[paper.requirement]), "nationality": countries.name(paper.nationality)}
    remark = f" {paper.table.remark}" if paper.table.remark else ""
    return _l(WHY_FOR_ENTRY[paper.country].message, remark=remark, **said)


def _of_a_minor(age: int | None) -> Iterator[Line]:
    if age is None or age >= SIGNING_AGE:
        return
    why = _l("The applicant is under 18. Officers compare it with the parents’ papers at the interview.")
    yield Line(BY_KEY["birth_certificate"], why, is_needed=False)
    why = _l("Where a court or an agreement says who decides for the child.")
    yield Line(BY_KEY["custody_papers"], why, is_needed=False)


def _of_background(background: Answers) -> Iterator[Line]:
    if _says_yes(background, "convicted"):
        yield Line(BY_KEY["court_papers"], _l("You told us of an arrest, a charge or a conviction."))
    if _says_yes(background, "waiver") or _says_yes(background, "rehabilitation"):
        yield Line(BY_KEY["pardon_papers"], _l("You told us of a waiver or a rehabilitation."))


def _says_yes(background: Answers, question: str) -> bool:
    return bool((background.get(question) or {}).get("answer"))


def _of_names(names: Answers) -> Iterator[Line]:
    if any(name["kind"] in CHANGED_NAMES for name in names.get("names", ())):
        why = _l("You had another name before. Officers compare it with your papers at the interview.")
        yield Line(BY_KEY["name_papers"], why, is_needed=False)


def _of_membership(identity: Answers) -> Iterator[Line]:
    if identity.get("member_number"):
        why = _l("You had a membership before. Its card can fill in your name and birth.")
        yield Line(BY_KEY["member_card"], why, is_needed=False)
