"""Public matchers on the same pairs: rapidfuzz, and nomenklatura where `pip install -e .[bench]` has installed it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

from rapidfuzz import fuzz

from portal.commands import screening as files
from portal.screening import compare

Row = dict[str, str]
Score = Callable[[Row], float]


def scorers() -> Iterator[tuple[str, Score]]:
    """Each matcher by its name; what is not installed is named and left out."""
    yield "ours", lambda row: compare(files.profile_of(row, "q_"), files.paired_entry_of(row)).score
    yield "rapidfuzz token_set", _token_set
    yield "rapidfuzz token_set with a rule for dates", _token_set_and_date
    try:
        yield "nomenklatura logic-v2", _nomenklatura()
    except ImportError:
        print('{"matcher": "nomenklatura logic-v2", "left_out": "it is not installed: pip install -e .[bench]"}')


def _names(row: Row) -> tuple[list[str], list[str]]:
    ours = [row["q_name"], *filter(None, row["q_other_names"].split("|"))]
    theirs = [row["l_name"], *filter(None, f"{row['l_aliases']}|{row['l_original_script']}".split("|"))]
    return ours, theirs


def _token_set(row: Row) -> float:
    pairs = itertools.product(*_names(row))
    return max(fuzz.token_set_ratio(a.lower(), b.lower()) for a, b in pairs) / 100


def _token_set_and_date(row: Row) -> float:
    """15 points more for the same date, 15 less where even the years differ."""
    score, dates = _token_set(row), [day for day in row["l_dobs"].split("|") if day]
    if row["q_dob"] in dates:
        return score + 0.15
    years = {day[:4] for day in dates}
    return score - 0.15 if years and row["q_dob"] and row["q_dob"][:4] not in years else score


def _nomenklatura() -> Score:
    from followthemoney import model
    from nomenklatura.matching import get_algorithm

    algorithm = get_algorithm("logic-v2")
    assert algorithm is not None
    config, number = algorithm.default_config(), itertools.count()

    def person(fields: dict[str, list[str]]) -> Any:
        # Its cache of names goes by the id: each record has one of its own.
        return model.get_proxy({"id": f"p{next(number)}", "schema": "Person", "properties": fields}, cleaned=False)

    def score(row: Row) -> float:
        ours, theirs = _names(row)
        documents = [
            [part.split(":")[1] for part in row[key].split("|") if ":" in part]
            for key in ("q_documents", "l_documents")
        ]
        one = person({"name": ours, "birthDate": [row["q_dob"]], "idNumber": documents[0], **_places(row, "q_")})
        other = person(
            {"name": theirs, "birthDate": row["l_dobs"].split("|"), "idNumber": documents[1], **_places(row, "l_")}
        )
        return float(algorithm.compare(one, other, config).score)

    return score


def _places(row: Row, prefix: str) -> dict[str, list[str]]:
    return {"birthPlace": [row[prefix + "pob"]], "nationality": row[prefix + "citizenship"].split("|")}
