"""What is matched: a person's profile, an entry of a list, and a match between the two."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from portal.screening.reasons import Reason


@dataclass(frozen=True)
class Profile:
    """What is matched of a person. `documents` are numbers as printed; countries are two letters, in lower case.

    `given_names` are those of the first name, where it is known which they are.
    """

    names: tuple[str, ...]
    birth_on: date | None
    documents: tuple[str, ...] = ()
    birth_place: str = ""
    citizenships: tuple[str, ...] = ()
    sex: str = ""
    given_names: str = ""


@dataclass(frozen=True)
class Entry:
    """What is matched of a list's entry: strong names first and weak ones apart; "1975", "1975-04" or "1975-04-12".

    `person_key` joins the entries that the lists say are one person; without one the entry stands for itself.
    """

    key: str
    names: tuple[str, ...]
    birth_dates: tuple[str, ...] = ()
    weak_names: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    birth_places: tuple[str, ...] = ()
    citizenships: tuple[str, ...] = ()
    sex: str = ""
    person_key: str = ""

    @property
    def person(self) -> str:
        """Who the entry is about, as far as the lists tell."""
        return self.person_key or self.key


@dataclass(frozen=True)
class Match:
    """An entry that a person resembles at least as much as the threshold asks, with every reason."""

    entry: Entry
    score: float
    reasons: tuple[Reason, ...]
    band: str = "review"
