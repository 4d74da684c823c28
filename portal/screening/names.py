"""Names in a form that can be compared: plain letters, without titles, particles counting less."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

from anyascii import anyascii

NORMALISER_VERSION = "1"

TITLES = {"mr", "mrs", "ms", "miss", "dr", "prof", "sir", "madame", "mme", "mlle", "monsieur", "sr", "sra", "jr", "ii"}
PARTICLES = {
    "de", "del", "della", "da", "di", "do", "dos", "du", "des", "la", "le", "les", "van", "von", "der", "den", "ter",
    "el", "al", "bin", "ibn", "bint", "ben", "abu",
}  # fmt: skip
APOSTROPHES = re.compile(r"['’ʼ`´]")
LETTERS = re.compile(r"[a-z0-9]+")
VOWELS = re.compile(r"[aeiouy]")
SILENT = re.compile(r"[aeiouyhw]")
SOUNDS = str.maketrans("bfpvcgjkqsxzdtlmnr", "111122222222334556")
"""Consonants that are heard as one another, by the groups of Soundex."""


@lru_cache(maxsize=20_000)
def tokens(name: str) -> tuple[str, ...]:
    """The parts of `name` in plain lower-case letters: "Mme Élise O’Brien-Roy" gives elise, obrien, roy."""
    plain = anyascii(APOSTROPHES.sub("", name)).casefold()
    return tuple(part for part in LETTERS.findall(APOSTROPHES.sub("", plain)) if part not in TITLES)


def weight(token: str) -> float:
    """How much a part says about a person: particles little, initials less than whole names."""
    if token in PARTICLES:
        return 0.2
    return 0.4 if len(token) == 1 else 1.0


@lru_cache(maxsize=20_000)
def skeleton(token: str) -> str:
    """The consonants of a part with doubles made single, which spelling by ear tends to keep."""
    kept = token[:1] + VOWELS.sub("", token[1:])
    return re.sub(r"(.)\1+", r"\1", kept.replace("ph", "f").replace("ck", "k"))


@lru_cache(maxsize=20_000)
def sound(token: str) -> str:
    """The part as the ear groups its consonants (b and p, d and t, m and n …): doubles made single, vowels left out.

    A vowel at the beginning is kept as one that may be any.
    """
    heard = token.replace("ph", "f")
    beginning = "0" if VOWELS.match(heard.lstrip("hw")) else ""
    return beginning + re.sub(r"(.)\1+", r"\1", SILENT.sub("", heard).translate(SOUNDS))


def joined_neighbours(parts: tuple[str, ...]) -> set[str]:
    """Each two neighbours written as one: jean pierre gives jeanpierre."""
    return {first + second for first, second in pairwise(parts)}


def joined_as(other: tuple[str, ...], parts: tuple[str, ...]) -> tuple[str, ...]:
    """`parts`, with two neighbours joined where `other` has them as one."""
    for i, (first, second) in enumerate(pairwise(parts)):
        if first + second in other:
            return joined_as(other, (*parts[:i], first + second, *parts[i + 2 :]))
    return parts
