"""Who may apply: the rules of both countries in plain words, asked before anything personal is known.

Nothing here refuses anybody. A reason says what an officer will look at, and where the rule stands; whoever reads
it can still apply. Only the two agencies decide.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from portal.domain.entry_rules import EntryPaper, Tables, papers
from portal.i18n import Lazy as _l

ADULT_AGE = 18


class Standing(StrEnum):
    """What somebody is to the two countries."""

    CITIZEN_CA = "citizen_ca"
    CITIZEN_US = "citizen_us"
    RESIDENT_CA = "resident_ca"
    RESIDENT_US = "resident_us"
    VIAJERO = "viajero"
    OTHER = "other"
    UNSURE = "unsure"


class Residence(StrEnum):
    """Where somebody lived during the last three years; asked of permanent residents only."""

    HERE = "here"
    SERVICE = "service"
    ELSEWHERE = "elsewhere"
    UNSURE = "unsure"
    NOT_RESIDENT = "not_resident"


class Past(StrEnum):
    """What happened before that the agencies look at."""

    OFFENCE = "offence"
    CHARGE = "charge"
    VIOLATION = "violation"
    INADMISSIBLE = "inadmissible"
    REHABILITATED = "rehabilitated"
    REFUSED = "refused"
    UNSURE = "unsure"


class Verdict(StrEnum):
    """What the result page says first."""

    CAN_APPLY = "can_apply"
    MAY_NOT = "may_not"
    PARENT_APPLIES = "parent_applies"


US_RULE = _l("Title 8 of the Code of Federal Regulations (United States), section 235.12(b)(2), used as a guide")


def _law(section: _l) -> _l:
    return _l("Presentation of Persons (2003) Regulations (Canada), %(section)s", section=section)


PERMANENT_RESIDENTS = (Standing.RESIDENT_CA, Standing.RESIDENT_US)


@dataclass(frozen=True)
class Reason:
    """Why somebody may not be able to take part: what the rule is, what it means for them, and where it stands."""

    code: str
    title: _l
    text: _l
    source: _l


REASONS = {
    reason.code: reason
    for reason in (
        Reason(
            "standing",
            _l("Citizenship or residence"),
            _l(
                "Members are citizens or permanent residents of Canada or the United States. Citizens of Mexico can"
                " take part if they are members of Viajero Confiable."
            ),
            _law(_l("section 5(1)(a)")),
        ),
        Reason(
            "standing_unsure",
            _l("Citizenship or residence"),
            _l(
                "You must be a citizen or a permanent resident of Canada or the United States. Your passport or your"
                " resident card says which you are."
            ),
            _law(_l("section 5(1)(a)")),
        ),
        Reason(
            "residence",
            _l("The last three years"),
            _l(
                "Permanent residents must have lived only in Canada or the United States for three years before they"
                " apply, and until the decision. You can apply once three years have passed."
            ),
            _law(_l("section 5(1)(f)")),
        ),
        Reason(
            "residence_unsure",
            _l("The last three years"),
            _l(
                "Permanent residents must have lived only in Canada or the United States for three years. Holidays"
                " elsewhere do not matter. Years of living elsewhere do."
            ),
            _law(_l("section 5(1)(f)")),
        ),
        Reason(
            "offence",
            _l("Convictions"),
            _l(
                "A conviction can lead to a refusal, in either country. Canada does not count an offence for which you"
                " hold a pardon or a record suspension. The United States asks about it all the same."
            ),
            _law(_l("section 5(1)(b)")),
        ),
        Reason(
            "charge",
            _l("Charges and investigations"),
            _l(
                "A pending charge or an investigation can lead to a refusal. It can be better to wait until the"
                " case is closed."
            ),
            US_RULE,
        ),
        Reason(
            "violation",
            _l("Customs, immigration or agriculture rules"),
            _l(
                "A penalty or a seizure at the border can lead to a refusal, even a small one. The agencies look at"
                " what happened and how long ago it was."
            ),
            US_RULE,
        ),
        Reason(
            "inadmissible",
            _l("Entry to Canada or the United States"),
            _l(
                "You must be allowed to enter both countries. Somebody who was refused entry, or who needs a"
                " special permission to enter, can usually not take part."
            ),
            _law(_l("section 5(1)(c)")),
        ),
        Reason(
            "rehabilitated",
            _l("Rehabilitation, a pardon or a waiver"),
            _l(
                "Rehabilitation approved by Canada, a pardon or a record suspension speaks for you in Canada. The"
                " United States asks about the offence all the same, and about every waiver, even one that has ended."
            ),
            US_RULE,
        ),
        Reason(
            "refused",
            _l("An earlier refusal"),
            _l(
                "You can apply again after a refusal or a lost membership. Say so in your application, and say what"
                " has changed since."
            ),
            _law(_l("section 22")),
        ),
        Reason(
            "past_unsure",
            _l("Your past"),
            _l(
                "If you are not sure what is on record about you, ask for your records before you pay. The fee is"
                " not refunded after a refusal."
            ),
            _law(_l("section 5(1)(e)")),
        ),
    )
}


@dataclass(frozen=True)
class Answers:
    """What the page asks. Nothing in it says who somebody is."""

    standing: Standing
    residence: Residence
    is_adult: bool
    past: frozenset[Past]
    nationality: str | None = None
    """The passport's country, where somebody named it: it tells what to have at the border, and decides nothing."""


@dataclass(frozen=True)
class Outcome:
    """What the answers mean. `reasons` are points an officer will look at; never a decision."""

    verdict: Verdict
    reasons: tuple[Reason, ...]


WHO_ELSE = (
    _l("A parent or a guardian applies for somebody under 18. Every other parent or guardian consents."),
    _l("A legal representative applies for an adult who cannot apply alone."),
    _l("Every other adult applies alone, from an own account. Members of one family can pay for each other."),
)
"""Who may apply for somebody else (SOR/2003-323, section 7(2) and (2.1))."""


def outcome(answers: Answers) -> Outcome:
    """What `answers` mean under the rules of both countries."""
    codes = _standing_codes(answers) + _past_codes(answers)
    reasons = tuple(REASONS[code] for code in codes)
    if not answers.is_adult:
        return Outcome(Verdict.PARENT_APPLIES, reasons)
    return Outcome(Verdict.MAY_NOT if reasons else Verdict.CAN_APPLY, reasons)


def _standing_codes(answers: Answers) -> list[str]:
    if answers.standing is Standing.OTHER:
        return ["standing"]
    if answers.standing is Standing.UNSURE:
        return ["standing_unsure"]
    if answers.standing not in PERMANENT_RESIDENTS:
        return []
    by_residence = {Residence.ELSEWHERE: ["residence"], Residence.UNSURE: ["residence_unsure"]}
    return by_residence.get(answers.residence, [])


def _past_codes(answers: Answers) -> list[str]:
    return ["past_unsure" if past is Past.UNSURE else past.value for past in Past if past in answers.past]


PROOF_OF_STANDING = {
    Standing.CITIZEN_CA: _l(
        "Your passport. Without one: your birth certificate or citizenship certificate, and an identity card with"
        " your photo."
    ),
    Standing.CITIZEN_US: _l(
        "Your passport. Without one: your birth, citizenship or naturalization certificate, and an identity card"
        " with your photo."
    ),
    Standing.RESIDENT_CA: _l(
        "Your passport, and your permanent resident card or your record of landing (proof of permanent residence)."
    ),
    Standing.RESIDENT_US: _l("Your passport, and your permanent resident card."),
    Standing.VIAJERO: _l("Your Mexican passport, and your Viajero Confiable membership number."),
}
CITIZENSHIPS = {Standing.CITIZEN_CA: "CA", Standing.CITIZEN_US: "US", Standing.VIAJERO: "MX"}
"""What the first answer says of somebody's citizenship."""


def entry_papers(answers: Answers, country_lists: Tables) -> tuple[EntryPaper, ...]:
    """Which visas and authorizations the answers mean by the countries' lists; no reason to refuse anybody."""
    known = (CITIZENSHIPS.get(answers.standing), answers.nationality)
    return tuple(papers(country_lists, {one for one in known if one}, answers.standing))


ANY_PROOF = _l("Your passport, and your resident card if you have one.")


def documents_to_prepare(answers: Answers) -> tuple[_l, ...]:
    """The checklist: what to have at hand for the application and to bring to the interview."""
    always = (
        PROOF_OF_STANDING.get(answers.standing, ANY_PROOF),
        _l("Proof of your address: a driver’s licence, or a bill or a bank statement with your address."),
        _l("Your addresses of the last five years, with the month and year of each move."),
        _l("Your work and studies of the last five years, with dates and addresses."),
        _l("The countries you visited in the last five years."),
    )
    return always + _documents_of_a_minor(answers) + _documents_of_the_past(answers)


def _documents_of_a_minor(answers: Answers) -> tuple[_l, ...]:
    if answers.is_adult:
        return ()
    return (
        _l("For a child: the birth certificate, and a parent’s identity document."),
        _l("For a child: the consent of every other parent or guardian, and any court order on custody."),
    )


def _documents_of_the_past(answers: Answers) -> tuple[_l, ...]:
    if Past.REHABILITATED in answers.past and not answers.past & {Past.OFFENCE, Past.CHARGE}:
        return (_l("The decision on your rehabilitation, pardon or waiver, and the court papers."),)
    if not answers.past & {Past.OFFENCE, Past.CHARGE}:
        return ()
    return (_l("Court papers for every arrest or conviction, and any pardon or record suspension."),)
