"""What an application asks where the answer is a choice, and what counts for each country."""

from __future__ import annotations

from dataclasses import dataclass

from portal.i18n import Lazy as _l

SEXES = {"F": _l("F – female"), "M": _l("M – male"), "X": _l("X – another or unspecified")}
"""As the passport has it (rulings, section 3)."""

CITIZENSHIP_STATUSES = {
    "citizen_ca": _l("Citizen of Canada"),
    "citizen_us": _l("Citizen of the United States"),
    "resident_ca": _l("Permanent resident of Canada"),
    "resident_us": _l("Permanent resident of the United States"),
    "viajero": _l("Citizen of Mexico and member of Viajero Confiable"),
}

CITIZENSHIP_NEEDED = {"citizen_ca": "CA", "citizen_us": "US", "viajero": "MX"}
"""The citizenship that a status rests on."""


@dataclass(frozen=True)
class BackgroundQuestion:
    """A declaration: the question, and what each country wants to hear of."""

    key: str
    question: _l
    canada: _l
    united_states: _l
    short: _l
    """Its name in a summary."""


BACKGROUND = (
    BackgroundQuestion(
        "convicted",
        _l("Have you ever been arrested for, charged with or convicted of an offence, in any country?"),
        _l("Leave out offences for which you have a pardon or a record suspension."),
        _l("Say Yes even if the record was expunged or sealed, or if you were only arrested."),
        _l("Arrests, charges and convictions"),
    ),
    BackgroundQuestion(
        "waiver",
        _l("Have you ever been given a waiver of inadmissibility by the United States?"),
        _l("Canada does not ask this question. It receives your answer."),
        _l("Any waiver counts, even one that has ended."),
        _l("Waiver of inadmissibility"),
    ),
    BackgroundQuestion(
        "rehabilitation",
        _l("Has Canada ever approved your rehabilitation because of a past offence?"),
        _l("An individual approval counts. Rehabilitation by the passing of time does not."),
        _l("The United States does not ask this question. It receives your answer."),
        _l("Rehabilitation"),
    ),
    BackgroundQuestion(
        "violation",
        _l("Have you ever broken a customs, immigration or agriculture law, in any country?"),
        _l("A penalty or a seizure counts, even if you paid at once or got the goods back."),
        _l("A penalty, a seizure or a refusal of entry counts, at any border."),
        _l("Customs, immigration and agriculture laws"),
    ),
)
"""Records of youth courts are not demanded (rulings, section 3)."""

KINDS_OF_NAMES = {
    "birth": _l("Name at birth"),
    "marriage": _l("Name before or during a marriage"),
    "legal": _l("Name before a legal change"),
    "also": _l("Another name in use"),
}

VEHICLE_OWNERS = {
    "me": _l("I own it"),
    "person": _l("Another person owns it"),
    "business": _l("A business or an office owns it"),
}

EYES = {
    "brown": _l("Brown"),
    "blue": _l("Blue"),
    "green": _l("Green"),
    "hazel": _l("Hazel"),
    "grey": _l("Grey"),
    "black": _l("Black"),
    "other": _l("Another colour, or two colours"),
}

HAIR = {
    "black": _l("Black"),
    "brown": _l("Brown"),
    "blond": _l("Blond"),
    "red": _l("Red"),
    "grey": _l("Grey or white"),
    "none": _l("None"),
    "other": _l("Another colour"),
}

PROOFS = {
    "pr_card": _l("Permanent resident card"),
    "citizenship": _l("Citizenship certificate or card"),
    "naturalization": _l("Naturalization certificate"),
    "birth": _l("Birth certificate"),
    "status": _l("Certificate of Indian Status"),
    "border_crossing": _l("Border crossing card"),
    "permit": _l("Work or study permit, or visa"),
    "passport": _l("Another passport"),
    "viajero": _l("Viajero Confiable membership"),
}
"""Documents beside the passport that prove citizenship or residence (domain-facts, section 3)."""

PROOF_NEEDED = {
    "resident_ca": ("pr_card", _l("Enter your permanent resident card")),
    "resident_us": ("pr_card", _l("Enter your permanent resident card")),
    "viajero": ("viajero", _l("Enter your Viajero Confiable membership")),
}
"""What a status rests on beside a citizenship, and what to say where it is missing."""

PASSPORT_MONTHS = 6
"""A passport that expires sooner gets a warning, not a refusal."""
