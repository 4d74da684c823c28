"""Names, documents and dates in a form that can be compared: scripts, titles, particles, sounds, nicknames, rarity."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from importlib.resources import files

from anyascii import anyascii
from rapidfuzz.distance import OSA

NORMALISER_VERSION = "2"

TITLES = frozenset(
    [
        "mr",
        "mrs",
        "ms",
        "miss",
        "dr",
        "prof",
        "sir",
        "madame",
        "mme",
        "mlle",
        "monsieur",
        "sr",
        "sra",
        "jr",
        "ii",
        "iii",
        "gen",
        "col",
        "eng",
        "haji",
        "hajji",
        "hadji",
        "sheikh",
        "shaykh",
        "shaikh",
        "mullah",
        "maulavi",
        "mawlawi",
        "sayyid",
        "ustad",
        "qari",
        "mufti",
        "ing",
        "lic",
        "capt",
        "maj",
        "lt",
    ]
)
PARTICLES = frozenset(
    [
        "de",
        "del",
        "della",
        "da",
        "di",
        "do",
        "dos",
        "du",
        "des",
        "la",
        "le",
        "les",
        "van",
        "von",
        "der",
        "den",
        "ter",
        "el",
        "al",
        "ul",
        "ur",
        "ad",
        "as",
        "az",
        "ed",
        "bin",
        "ibn",
        "bint",
        "ben",
        "abu",
        "abou",
        "y",
        "e",
        "und",
        "oglu",
        "ould",
    ]
)
SERVANT = frozenset(["abd", "abdul", "abdel", "abdal", "abdol", "abdur", "abder", "abdus", "abdu", "abid"])
ARABIC = {
    "ع": "", "ء": "", "أ": "a", "إ": "i", "آ": "a", "ا": "a", "ؤ": "u", "ئ": "i", "ى": "a", "ة": "a", "ی": "y",
    "ي": "y", "و": "w", "ث": "th", "خ": "kh", "ذ": "dh", "ش": "sh", "غ": "gh", "ظ": "z", "ض": "d", "ط": "t", "ص": "s",
    "ح": "h", "ه": "h", "ق": "q", "ک": "k", "گ": "g", "چ": "ch", "پ": "p", "ژ": "zh", "ھ": "h", "ہ": "h",
}  # fmt: skip
MARKS = re.compile(r"['’ʼ`´‘ʻ\u064b-\u0652\u0640]")
LETTERS = re.compile(r"[a-z0-9]+")
HAN = re.compile(r"([\u3400-\u9fff\uac00-\ud7af])")
ARABIC_LETTER = re.compile(r"[\u0600-\u06ff\ufb50-\ufdff\ufe70-\ufeff]")
SOUNDS = [
    (re.compile(pattern), heard)
    for pattern, heard in (
        ("tsch|tch|tsh", "ch"), ("sch", "sh"), ("dzh|dj|zh", "j"), ("ph", "f"), ("gh", "g"), ("dh", "d"), ("th", "t"),
        ("kh", "k"), ("ck|q|x", "k"), ("c(?!h)", "k"), ("w", "v"), ("(?<=[oe])ff?$", "v"), ("b", "v"), ("z", "s"),
        ("ee", "i"), ("oo|ou", "u"), ("h$", ""), ("(?<=[aeiou])h(?=[^aeiou])", ""), ("iyy?|yy|ij|ye|ie|[iyj]", "e"),
        ("[ou]", "o"), (r"(.)\1+", r"\1"),
    )
]  # fmt: skip
VOWELS = re.compile("[aeiouy]")


def _plain(name: str) -> str:
    if ARABIC_LETTER.search(name):
        name = re.sub(r"(?<!\w)ال(?=\w{3})", "al ", anyascii_arabic(name))
    return MARKS.sub("", anyascii(HAN.sub(r" \1 ", name))).casefold()


def anyascii_arabic(name: str) -> str:
    """Arabic letters as they are written in Latin ones; the article keeps its own form to be set apart."""
    import unicodedata

    plain = unicodedata.normalize("NFKC", name)
    plain = re.sub(r"(?<!\w)ال(?=\w{3})", "al ", MARKS.sub("", plain))
    return "".join(ARABIC.get(letter, letter) for letter in plain)


@lru_cache(maxsize=200_000)
def tokens(name: str) -> tuple[str, ...]:
    """The parts of `name` in plain lower-case letters, titles off, "Abd al-Rahman" and its like made one part."""
    parts = LETTERS.findall(_plain(MARKS.sub("", name)))
    kept = [part for part in parts if part not in TITLES]
    return tuple(_joined_servants(kept if len(kept) >= 2 or not parts else parts))


def _joined_servants(parts: list[str]) -> list[str]:
    joined: list[str] = []
    i = 0
    while i < len(parts):
        part = parts[i]
        if part in SERVANT and i + 1 < len(parts):
            i += 1
            if parts[i] in PARTICLES and i + 1 < len(parts):
                i += 1
            part = "abd" + parts[i]
        joined.append(_servant(part))
        i += 1
    return joined


def _servant(part: str) -> str:
    return (
        re.sub(r"^abd[aeiou](?:l(?=[^l])|(?=[rsnd])(?P<x>[rsnd])(?=(?P=x)))?", "abd", part) if len(part) > 6 else part
    )


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
    return _levels().get(heard(token), 1.0)


def nicknames_of(token: str) -> frozenset[int]:
    """The groups of nicknames that the part belongs to."""
    return _nicknames().get(token, frozenset())


@lru_cache(maxsize=500_000)
def likeness(a: str, b: str) -> float:
    """From 0 to 1, the same both ways: spelling, sound, consonants, nicknames."""
    if a == b:
        return 1.0
    if len(a) == 1 or len(b) == 1:
        return 0.8 if a[0] == b[0] else 0.0
    x, y = heard(a), heard(b)
    if x == y:
        return 0.97
    best = max(OSA.normalized_similarity(a, b), OSA.normalized_similarity(x, y) - 0.02)
    groups = nicknames_of(a)
    if groups and groups & nicknames_of(b):
        best = max(best, 0.92)
    bones = skeleton(a)
    if len(bones) > 2 and bones == skeleton(b):
        best = max(best, 0.88)
    return best


@lru_cache(maxsize=100_000)
def document(number: str) -> str:
    """A document's number in capitals and digits, without leading zeros; shorter than five says nothing."""
    plain = re.sub("[^A-Z0-9]", "", anyascii(number).upper()).lstrip("0")
    return plain if len(plain) >= 5 else ""
