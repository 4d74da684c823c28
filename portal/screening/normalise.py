"""Names, documents and dates in a form that can be compared: titles, particles, sounds, nicknames, rarity."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from importlib.resources import files

import numpy as np
from anyascii import anyascii
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA

from portal.screening.scripts import plain

NORMALISER_VERSION = "3"

TITLE_WORDS = """
    mr mrs ms miss dr prof sir madame mme mlle monsieur sr sra jr ii iii gen general col colonel eng engineer haji hajji
    hadji hajj haj alhaj sheikh shaykh shaikh sheik cheikh mullah mulla maulavi mawlawi maulana sayyid ustad ustaz qari
    kari mufti ing lic capt captain maj major lt brigadier original script
"""
TITLES = frozenset(TITLE_WORDS.split())
"""Left out where two parts remain without them."""
PARTICLE_WORDS = """
    de del della da di do dos du des la le les van von der den ter el al ul ur bn ad as az es ed bin ibn bint ben abu
    abou abd y e und oglu ogly ould uld
"""
PARTICLES = frozenset(PARTICLE_WORDS.split())
SERVANT = frozenset(["abd", "abdul", "abdel", "abdal", "abdol", "abdur", "abder", "abdus", "abdu", "abdoul"])
LONGEST = 40
LETTERS = re.compile(r"[a-z0-9]+")
SERVANT_OF_GOD = re.compile(r"^abd[aeou]?ll?ah?$")
SERVANT_OF = re.compile(r"^abd(?:[aeou]|ou)?(?:l(?=[^l])|(?P<x>[rsndt])(?=(?P=x)))?(?=[b-z]{1,2}[aeiouy]|[aeiou][b-z])")
OF_GOD = re.compile(r"^(?P<name>[a-z]{4,}?)(?:[uoa]ll?ah|[uo]lla)$")
OF_FAITH = re.compile(r"^(?P<name>[a-z]{3,}?)(?:(?:[aeiu]|ou)(?:dd|ld)(?:in|een)|[aeiou]ddine|oudine)$")
FAITH = re.compile(r"^(?:[aeu]|ou)?[dl]?d(?:in|een|ine|n)$")
PATRONYMIC = re.compile(r"(?:[oe]vich|[oe]vych|[oe]vna|[iy]vna|[iy]chna|ovitch|evitch|yovich)$")
SOUNDS = [
    (re.compile(pattern), heard)
    for pattern, heard in (
        ("tsch|tch|tsh", "ch"), ("sch", "sh"), ("^x|^hs", "s"), ("x", "ks"),
        ("^j|dzh|dj|zh|(?<=[aeiou])j(?=[aeiou])", "J"),
        ("ph", "f"), ("gh", "g"), ("dh", "d"), ("th", "t"), ("kh", "k"), ("ck|q", "k"), ("c(?!h)", "k"), ("w", "v"),
        ("(?<=[oe])ff?$", "v"), ("b", "v"), ("z", "s"), ("ee", "i"), ("oo|ou", "u"),
        ("(?<=[aeiou])h(?=[^aeiou]|$)", ""),
        ("iyy?|yy|ij|ye|ie|[iyj]", "e"), ("[ou]", "o"), (r"(.)\1+", r"\1"),
    )
]  # fmt: skip
VOWELS = re.compile("[aeiouy]")
SAME_CONSONANTS = 0.88


@lru_cache(maxsize=100_000)
def tokens(name: str) -> tuple[str, ...]:
    """The parts of `name` in plain lower-case letters, titles off, "Abd al-Rahman" and its like in one form."""
    parts = [part[:LONGEST] for part in LETTERS.findall(plain(name))]
    kept = [part for part in parts if part not in TITLES]
    return tuple(_in_one_form(kept if len(kept) >= 2 or not parts else parts))


def _in_one_form(parts: list[str]) -> list[str]:
    """Both "abd al rahman" and "abdurrahman" as abd rahman, "habibullah" as habib allah, "nooruddin" as noor din."""
    formed: list[str] = []
    for part in parts:
        servant = formed and formed[-1] == "abd"
        if servant and part in PARTICLES:
            continue
        if servant and part == "allah":
            formed[-1] = "abdallah"
            continue
        formed.extend(("abd",) if part in SERVANT else _compound(part))
    return formed


@lru_cache(maxsize=100_000)
def _compound(part: str) -> tuple[str, ...]:
    if SERVANT_OF_GOD.match(part):
        return ("abdallah",)
    if len(part) > 6 and (found := SERVANT_OF.match(part)):
        return "abd", part[found.end() :]
    if FAITH.match(part):
        return ("din",)
    if len(part) > 6 and (found := OF_GOD.match(part)):
        return found["name"], "allah"
    if len(part) > 6 and (found := OF_FAITH.match(part)):
        return found["name"], "din"
    return (part,)


@lru_cache(maxsize=200_000)
def heard(token: str) -> str:
    """The part as it sounds, whatever way it was spelled: Yevgeniy and Evgeny, Sharif and Shareef become one."""
    for pattern, sound in SOUNDS:
        token = pattern.sub(sound, token)
    return token


@lru_cache(maxsize=200_000)
def skeleton(token: str) -> str:
    """The consonants of the sound."""
    sound = heard(token)
    return re.sub(r"(.)\1+", r"\1", VOWELS.sub("", sound).replace("h", ""))


@cache
def _nicknames() -> dict[str, frozenset[int]]:
    groups: dict[str, set[int]] = {}
    lines = files("portal.screening").joinpath("data/nicknames.txt").read_text("utf-8").splitlines()
    for number, line in enumerate(line for line in lines if line and not line.startswith("#")):
        for name in line.split():
            groups.setdefault(name, set()).add(number)
    return {name: frozenset(numbers) for name, numbers in groups.items()}


@cache
def _levels() -> dict[str, float]:
    lines = files("portal.screening").joinpath("data/common.csv").read_text("utf-8").splitlines()
    return {word: float(level) for word, level in (line.split(",") for line in lines[1:])}


@lru_cache(maxsize=200_000)
def weight(token: str) -> float:
    """How much a part tells about a person, from 0 to 1: particles and initials little, common names less than rare."""
    if token in PARTICLES:
        return 0.1
    if len(token) == 1:
        return 0.2
    if token in ("allah", "din"):
        return 0.3
    told = _levels().get(heard(token), 1.0)
    return min(told, 0.6) if PATRONYMIC.search(token) else told


def nicknames_of(token: str) -> frozenset[int]:
    """The groups of nicknames that the part belongs to."""
    return _nicknames().get(token, frozenset())


@lru_cache(maxsize=100_000)
def likeness(a: str, b: str) -> float:
    """From 0 to 1, the same both ways: spelling, sound, consonants, nicknames."""
    if a == b:
        return 1.0
    if len(a) == 1 or len(b) == 1:
        return 0.8 if a[0] == b[0] else 0.0
    x, y = heard(a), heard(b)
    if x == y:
        return 0.97
    return max(OSA.normalized_similarity(a, b), OSA.normalized_similarity(x, y) - 0.02, _otherwise(a, b))


def _otherwise(a: str, b: str) -> float:
    """The likeness of two parts that are not spelled alike: by nicknames and by consonants."""
    groups = nicknames_of(a)
    best = 0.92 if groups and groups & nicknames_of(b) else 0.0
    bones, others = skeleton(a), skeleton(b)
    if is_bare(a) or is_bare(b):
        return max(best, _bare_likeness(bones, others))
    return max(best, SAME_CONSONANTS) if len(bones) > 2 and bones == others else best


def are_alike(ours: Sequence[str], theirs: Sequence[str], least: float) -> NDArray[np.bool_]:
    """Of each two parts, whether their likeness is at least `least`: one answer for many, to be asked once."""
    alike = _spelled_alike(ours, theirs, least)
    rest = np.flatnonzero(~alike)
    our_sounds, their_sounds = ([heard(side[at]) for at in rest.tolist()] for side in (ours, theirs))
    alike[rest] = _spelled_alike(our_sounds, their_sounds, least + 0.02 - 1e-9)
    for at in np.flatnonzero(~alike).tolist():
        (a, bones), (b, others) = _told_otherwise(ours[at]), _told_otherwise(theirs[at])
        if bones is None or others is None or (a and a & b):
            alike[at] = _otherwise(ours[at], theirs[at]) >= least
        else:
            alike[at] = bones == others and len(bones) > 2 and least <= SAME_CONSONANTS
    return alike


@lru_cache(maxsize=100_000)
def _told_otherwise(token: str) -> tuple[frozenset[int], str | None]:
    """The nicknames' groups, and the consonants: None where these are all that was written, and may be alike too."""
    return nicknames_of(token), None if is_bare(token) else skeleton(token)


def _spelled_alike(ours: Sequence[str], theirs: Sequence[str], least: float) -> NDArray[np.bool_]:
    found = process.cpdist(ours, theirs, scorer=OSA.normalized_similarity, dtype=np.float64)
    return np.asarray(found >= least)


def _bare_likeness(bones: str, others: str) -> float:
    if bones == others:
        return 0.93 if len(bones) > 2 else 0.85 if len(bones) == 2 else 0.75
    return OSA.normalized_similarity(bones, others) - 0.02 if min(len(bones), len(others)) > 2 else 0.0


@lru_cache(maxsize=100_000)
def is_bare(token: str) -> bool:
    """Whether only consonants were written, as in Arabic."""
    return len(token) > 1 and not VOWELS.search(token[1:].rstrip("aiy"))


@lru_cache(maxsize=100_000)
def document(number: str) -> str:
    """A document's number in capitals and digits, without leading zeros; shorter than five says nothing."""
    plain_number = re.sub("[^A-Z0-9]", "", anyascii(number).upper()).lstrip("0")
    return plain_number if len(plain_number) >= 5 else ""
