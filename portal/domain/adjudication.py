"""What two agencies' decisions mean together, and the reasons for which an agency may refuse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from portal.domain import AGENCIES
from portal.i18n import Lazy as _l


class Stage(StrEnum):
    """An agency decides twice: after its review, and after the interview."""

    REVIEW = "review"
    FINAL = "final"


class Outcome(StrEnum):
    """What an agency decides."""

    CLEARED = "cleared"
    REFUSED = "refused"


class JointOutcome(StrEnum):
    """What the decisions of both mean: both must clear, either refuses (domain facts, 1.2 [V])."""

    OPEN = "open"
    CLEARED = "cleared"
    REFUSED = "refused"


def joint_outcome(decisions: Mapping[str, str]) -> JointOutcome:
    """The joint outcome of one stage, from the outcome of each agency that has decided."""
    if Outcome.REFUSED in decisions.values():
        return JointOutcome.REFUSED
    if all(decisions.get(agency) == Outcome.CLEARED for agency in AGENCIES):
        return JointOutcome.CLEARED
    return JointOutcome.OPEN


@dataclass(frozen=True)
class RefusalReason:
    """A reason with its public text, the rule it rests on for each agency, and the stages at which it may be given."""

    code: str
    label: _l
    public_text: _l
    rules: Mapping[str, _l]
    stages: frozenset[Stage] = frozenset(Stage)


_CA = _l("Presentation of Persons (2003) Regulations, SOR/2003-323, sections 5 and 6.1")
_US = _l("Title 8 of the Code of Federal Regulations, section 235.12(b)(2), used as a guide")


def _reason(code: str, label: _l, public_text: _l, ca: _l = _CA, us: _l = _US) -> RefusalReason:
    return RefusalReason(code, label, public_text, {"CA": ca, "US": us})


REFUSAL_REASONS = (
    _reason(
        "untrue_information",
        _l("Untrue or incomplete information"),
        _l("Information in your application was not true, not accurate or not complete."),
        ca=_l("Presentation of Persons (2003) Regulations, SOR/2003-323, paragraph 5(1)(e)"),
    ),
    _reason(
        "criminal_history",
        _l("Conviction or pending charge"),
        _l("You have a criminal conviction or a pending criminal charge that the rules of the programme do not allow."),
        ca=_l("Presentation of Persons (2003) Regulations, SOR/2003-323, paragraph 5(1)(b)"),
    ),
    _reason(
        "border_violation",
        _l("Customs, immigration or agriculture violation"),
        _l("You have broken a customs, immigration or agriculture law."),
        ca=_l("Presentation of Persons (2003) Regulations, SOR/2003-323, paragraphs 5(1)(b) and (c)"),
    ),
    _reason(
        "inadmissible",
        _l("Inadmissible"),
        _l("The immigration law of the country does not allow you to enter it."),
        ca=_l("Presentation of Persons (2003) Regulations, SOR/2003-323, paragraph 5(1)(c)"),
    ),
    _reason(
        "residence",
        _l("Residence"),
        _l("You have not lived only in Canada or the United States for the last three years, as the rules ask of you."),
        ca=_l("Presentation of Persons (2003) Regulations, SOR/2003-323, paragraph 5(1)(f)"),
    ),
    _reason(
        "identity",
        _l("Identity or documents not established"),
        _l("We could not establish your identity or your citizenship from the documents that you showed."),
        ca=_l("Presentation of Persons (2003) Regulations, SOR/2003-323, paragraphs 5(1)(a) and (e)"),
    ),
    _reason(
        "not_low_risk",
        _l("Not established as low risk"),
        _l("We could not establish that you meet the low-risk requirement of the programme."),
        ca=_l("Presentation of Persons (2003) Regulations, SOR/2003-323, paragraph 5(1)(b)"),
    ),
)  # fmt: skip


def refusal_reason(code: str) -> RefusalReason:
    """The reason with this code. Raises KeyError when there is none."""
    for reason in REFUSAL_REASONS:
        if reason.code == code:
            return reason
    raise KeyError(code)
