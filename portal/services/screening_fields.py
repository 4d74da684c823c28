"""What is matched of an applicant's answers and of a list's entry: names, birth, documents, places, citizenships."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

from babel import Locale

from portal import screening as matching
from portal.models import LookoutEntry

NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9./-]{3,}[A-Za-z0-9]")
A_DATE = re.compile(r"\d{4}-\d{2}-\d{2}|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}")
PUBLISHERS_NAMES = {
    "burma": "mm", "iran (islamic republic of)": "ir", "korea, north": "kp",
    "democratic people's republic of korea": "kp",
    "north korea": "kp", "korea, south": "kr", "russian federation": "ru", "syrian arab republic": "sy",
    "libyan arab jamahiriya": "ly", "congo, democratic republic of the": "cd", "democratic republic of the congo": "cd",
    "cote d ivoire": "ci", "bosnia and herzegovina": "ba", "united states of america": "us", "turkey": "tr",
    "united republic of tanzania": "tz", "palestinian": "ps", "west bank": "ps", "gaza": "ps",
}  # fmt: skip


def block_of(answers: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """What is matched of an applicant, to be kept sealed."""
    identity, citizenship = answers["identity"], answers.get("citizenship") or {}
    place = (identity.get("birth_city"), _in_english(identity.get("birth_country") or ""))
    return {
        "names": _names(answers),
        "given_names": identity.get("given_names") or "",
        "birth_on": identity["birth_on"],
        "documents": [number] if (number := citizenship.get("passport_number")) else [],
        "birth_place": ", ".join(part for part in place if part),
        "citizenships": [code.lower() for code in citizenship.get("citizenships") or []],
    }


def _names(answers: Mapping[str, Mapping[str, Any]]) -> list[str]:
    identity, citizenship = answers["identity"], answers.get("citizenship") or {}
    pairs = [
        (identity.get("given_names"), identity.get("family_name")),
        (citizenship.get("passport_given_names"), citizenship.get("passport_family_name")),
        *((row.get("given_names"), row.get("family_name")) for row in (answers.get("names") or {}).get("names") or []),
    ]
    found = [" ".join(part for part in pair if part) for pair in pairs]
    return list(dict.fromkeys(name for name in found if name))


def profile_of(block: Mapping[str, Any]) -> matching.Profile:
    """The person of a block; one that was written before there were documents has none."""
    return matching.Profile(
        names=tuple(block["names"]),
        birth_on=date.fromisoformat(block["birth_on"]),
        documents=tuple(block.get("documents", ())),
        birth_place=block.get("birth_place", ""),
        citizenships=tuple(block.get("citizenships", ())),
        given_names=block.get("given_names", ""),
    )


def entry_of(row: LookoutEntry) -> matching.Entry:
    """The entry of a list's row, with what its details say in whatever way its publisher writes it."""
    details = row.details
    numbers = [number for text in _texts(details, "documents") for number in numbers_in(text)]
    countries = [code for text in _texts(details, "citizenship") if (code := country_code(text))]
    return matching.Entry(
        key=str(row.id),
        names=tuple(row.names),
        birth_dates=tuple(row.birth_dates),
        weak_names=tuple(_texts(details, "weak_names")),
        documents=tuple(dict.fromkeys(numbers)),
        birth_places=tuple(_texts(details, "born_in")),
        citizenships=tuple(dict.fromkeys(countries)),
    )


def _texts(details: Mapping[str, Any], key: str) -> list[str]:
    value = details.get(key) or []
    return [text for text in (value if isinstance(value, list) else [str(value)]) if text]


def numbers_in(text: str) -> list[str]:
    """The numbers in a line such as "Passport A1234567 (Iran) expires 2009-07-14": with a digit, and no date."""
    found = NUMBER.findall(A_DATE.sub(" ", text))
    return [number for number in found if sum(letter.isdigit() for letter in number) >= 3]


def country_code(text: str) -> str:
    """Two small letters for a country's code or English name; nothing for what is not known."""
    plain = text.strip().casefold()
    return plain if len(plain) == 2 else _codes().get(plain, PUBLISHERS_NAMES.get(plain, ""))


@cache
def _codes() -> dict[str, str]:
    territories = Locale.parse("en").territories.items()
    return {name.casefold(): code.lower() for code, name in territories if len(code) == 2}


def _in_english(code: str) -> str:
    return str(Locale.parse("en").territories.get(code.upper(), "")) if code else ""
