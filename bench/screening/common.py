"""Writes common.csv: how little a common name tells, by its sound.

    python -m bench.screening.common LIST.csv [--out FOLDER]

Counted on the name tables of Faker (MIT; the North American ones come from census counts), by the share of travellers,
and on the names of a list. A name that is common in its own language tells little, though few travellers speak it.
"""

from __future__ import annotations

import argparse
import importlib
import math
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from anyascii import anyascii

from portal.commands import screening as files
from portal.screening import normalise

DATA = Path(normalise.__file__).parent / "data"
SHARES = {
    "en_US": 0.36, "en_GB": 0.16, "fr_CA": 0.10, "es_MX": 0.10, "en_IN": 0.07, "zh_CN": 0.06, "pt_BR": 0.02,
    "de_DE": 0.03, "it_IT": 0.02, "pl_PL": 0.02, "ru_RU": 0.015, "vi_VN": 0.02, "ko_KR": 0.015, "fr_FR": 0.01,
}  # fmt: skip
ROMANISED = ("ru_RU", "ko_KR", "zh_CN")
LEAST, BITS, ON_A_LIST = 0.3, 11, 4


def fold_of(person: str) -> int:
    """Which fifth of the listed persons; the first is kept out of the fit."""
    return zlib.crc32(person.encode()) % 5


def main() -> None:
    """Count and write."""
    parser = argparse.ArgumentParser(description="Write how little common names tell.")
    parser.add_argument("list", type=Path)
    parser.add_argument("--out", type=Path, default=DATA)
    given = parser.parse_args()
    share = _of_travellers()
    for sound, part in _of_list(given.list).items():
        share[sound] = max(share[sound], part)
    with (given.out / "common.csv").open("w") as file:
        file.write("sound,weight\n")
        for sound, part in sorted(share.items()):
            told = round(min(1.0, max(LEAST, (-math.log2(part) - 1) / BITS)), 2)
            if told < 1 and len(sound) > 1:
                file.write(f"{sound},{told:.2f}\n")


def _of_travellers() -> Counter[str]:
    found: Counter[str] = Counter()
    total = sum(SHARES.values())
    for locale, share in SHARES.items():
        for sound, part in _of_locale(locale).items():
            found[sound] = max(found[sound], part * math.sqrt(share / total))
    return found


def _of_locale(locale: str) -> Counter[str]:
    """Half of a name's parts are given names, half family names."""
    found: Counter[str] = Counter()
    provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
    romanised = locale in ("zh_CN", "ko_KR")
    given = ["first_romanized_names"] if romanised else []
    given += ["first_names_male+first_names_female", "first_names"]
    family = ["last_romanized_names"] if romanised else []
    family += ["last_names", "last_names_male", "last_names_unisex"]
    for kinds in (given, family):
        for name, part in _first_table(provider, kinds):
            for token in normalise.tokens(anyascii(name) if locale in ROMANISED else name):
                found[normalise.heard(token)] += part / 2
    return found


def _first_table(provider: object, kinds: list[str]) -> Iterator[tuple[str, float]]:
    """The names of the first kind that the locale has, with their shares."""
    for kind in kinds:
        tables = [getattr(provider, each, None) for each in kind.split("+")]
        if all(tables):
            for table in tables:
                shares: dict[str, float] = table if isinstance(table, dict) else dict.fromkeys(table or (), 1.0)
                weights = {name: float(share) for name, share in shares.items()}
                total = sum(weights.values()) * len(tables)
                yield from ((name, weight / total) for name, weight in weights.items())
            return


def _of_list(path: Path) -> dict[str, float]:
    counted = Counter(
        normalise.heard(token) for row in files.rows_of(path) for token in normalise.tokens(row["primary_name"])
    )
    total = counted.total()
    return {sound: 2 * number / total for sound, number in counted.items() if number >= ON_A_LIST}


if __name__ == "__main__":
    main()
