"""Invents a large look-out list: entries with aliases, dates of birth of every kind, documents; the seed is kept.

    python -m bench.screening.invent LIST.csv [--entries 50000] [--seed 7]

The names are drawn from the tables of Faker (MIT): no entry is about anybody. The columns are those that
`portal screening match` reads.
"""

from __future__ import annotations

import argparse
import csv
import random
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path

from anyascii import anyascii
from faker import Faker

from bench.screening.common import SHARES
from portal.screening import Profile

LOCALES = {
    "ru_RU": 20, "es_CO": 14, "fa_IR": 10, "ar_AA": 14, "zh_CN": 8, "uk_UA": 8, "tr_TR": 6, "en_US": 6, "fr_FR": 4,
    "it_IT": 4, "ko_KR": 3, "sw": 3,
}  # fmt: skip
COUNTRIES = {
    "ru_RU": "ru", "es_CO": "co", "fa_IR": "ir", "ar_AA": "sy", "zh_CN": "cn", "uk_UA": "ua", "tr_TR": "tr",
    "en_US": "us", "fr_FR": "fr", "it_IT": "it", "ko_KR": "kp", "sw": "ke",
}  # fmt: skip
COLUMNS = (
    "entry_id source program primary_name given_names family_name aliases weak_aliases original_script dobs dob_approx"
    " pob citizenship gender documents person_key"
)
POOL = 6000
UNDATED, YEAR_ONLY, SEVERAL = 0.13, 0.15, 0.05


def rows(count: int, seed: int) -> Iterator[dict[str, str]]:
    """`count` entries; the same for the same seed."""
    chance = random.Random(seed)
    pools = {locale: _pool(locale, seed) for locale in LOCALES}
    for number in range(count):
        locale = chance.choices(list(LOCALES), list(LOCALES.values()))[0]
        given, family, places = pools[locale]
        first, last = chance.choice(given), chance.choice(family)
        if chance.random() < 0.45:
            first += f" {chance.choice(given)}"
        country = COUNTRIES[locale]
        yield dict.fromkeys(COLUMNS.split(), "") | {
            "entry_id": f"INV-{number}",
            "source": "INVENTED",
            "primary_name": f"{first} {last.upper()}",
            "given_names": first,
            "family_name": last.upper(),
            "aliases": "|".join(_alias(chance, first, last, given) for _ in range(chance.choice((0, 0, 1, 1, 2, 4)))),
            "dobs": "|".join(_dates(chance)),
            "dob_approx": "0",
            "pob": chance.choice(places) if chance.random() < 0.5 else "",
            "citizenship": country if chance.random() < 0.6 else "",
            "documents": f"passport:{_document(chance)}:{country}" if chance.random() < 0.4 else "",
            "person_key": f"P-INV-{number}",
        }


def _pool(locale: str, seed: int) -> tuple[list[str], list[str], list[str]]:
    faker = Faker(locale)
    faker.seed_instance(seed)
    given = [anyascii(faker.first_name()).title() for _ in range(POOL)]
    family = [anyascii(faker.last_name()).title() for _ in range(POOL)]
    return given, family, [anyascii(faker.city()) for _ in range(500)]


def _alias(chance: random.Random, first: str, last: str, given: list[str]) -> str:
    kind = chance.random()
    if kind < 0.3:
        return f"{first.split()[0]} {last.upper()}"
    if kind < 0.5:
        return f"{first} {chance.choice(given)} {last.upper()}"
    letters = list(f"{first} {last}")
    at = chance.randrange(1, len(letters))
    letters[at] = chance.choice("aeioulrnst") if letters[at] != " " else " "
    return "".join(letters)


def _dates(chance: random.Random) -> list[str]:
    kind = chance.random()
    if kind < UNDATED:
        return []
    day = f"{chance.randrange(1938, 2000)}-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}"
    if kind < UNDATED + YEAR_ONLY:
        return [day[:4]]
    return [day, str(int(day[:4]) - 1)] if kind < UNDATED + YEAR_ONLY + SEVERAL else [day]


def _document(chance: random.Random) -> str:
    return chance.choice("ABCEGHKPX") + "".join(chance.choice("0123456789") for _ in range(8))


def travellers(count: int, seed: int, alike: bool = False) -> Iterator[tuple[str, Profile]]:
    """Invented people with the origin of their names; `count` of each origin where `alike`, else `count` in all."""
    chance = random.Random(seed)
    pools = {locale: _pool(locale, seed) for locale in SHARES}
    origins: Iterable[str] = chance.choices(list(SHARES), list(SHARES.values()), k=0 if alike else count)
    if alike:
        origins = (locale for locale in SHARES for _number in range(count))
    for origin in origins:
        given, family, places = pools[origin]
        first, last = chance.choice(given), chance.choice(family)
        if chance.random() < 0.45:
            first += f" {chance.choice(given)}"
        born = date(1940, 1, 1) + timedelta(days=int(66 * 365 * chance.betavariate(2, 2)))
        country = "ca" if chance.random() < 0.35 else "us"
        yield (
            origin,
            Profile((f"{first} {last}",), born, (_document(chance),), chance.choice(places), (country,), "", first),
        )


def write(path: Path, count: int, seed: int) -> None:
    """The list as a file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS.split())
        writer.writeheader()
        writer.writerows(rows(count, seed))


def main() -> None:
    """Write one."""
    parser = argparse.ArgumentParser(description="Invent a look-out list.")
    parser.add_argument("list", type=Path)
    parser.add_argument("--entries", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    write(given.list, given.entries, given.seed)


if __name__ == "__main__":
    main()
