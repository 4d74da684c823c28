"""The keys by which parts of names find each other: spelling but for one letter, sound, consonants, nicknames."""

from __future__ import annotations

from functools import lru_cache
from zlib import crc32

from portal.screening import normalise


def telling(parts: tuple[str, ...]) -> list[str]:
    """The parts by which somebody may be found: no particles, no initials."""
    return [part for part in dict.fromkeys(parts) if len(part) > 1 and part not in normalise.PARTICLES]


def _numbers(keys: set[str]) -> list[int]:
    return [crc32(key.encode()) for key in keys]


def _but_one(text: str) -> set[str]:
    return {text[:i] + text[i + 1 :] for i in range(len(text))} if len(text) > 3 else set()


def kept_under(part: str) -> list[int]:
    """The keys under which a part is kept."""
    bones = normalise.skeleton(part)
    keys = _spelling(part)
    if len(bones) >= 2:
        keys.add(f"~{bones}")
        if normalise.is_bare(part):
            keys.add(f"^{bones}")
    return _numbers(keys)


def looked_up(part: str) -> list[int]:
    """The keys under which a part's likes are kept: two consonants are enough only where vowels were not written."""
    bones = normalise.skeleton(part)
    keys = _spelling(part)
    if len(bones) > 2 or (len(bones) == 2 and normalise.is_bare(part)):
        keys.add(f"~{bones}")
    elif len(bones) == 2:
        keys.add(f"^{bones}")
    return _numbers(keys)


def _spelling(part: str) -> set[str]:
    sound = normalise.heard(part)
    keys = {part, f"={sound}", *_but_one(part), *(f"={text}" for text in _but_one(sound))}
    return keys | {f"#{group}" for group in normalise.nicknames_of(part)}


def of_joined(first: str, second: str) -> int:
    """The key of two neighbours written as one: their consonants."""
    bones, others = normalise.skeleton(first), normalise.skeleton(second)
    return crc32(f"~{bones}{others[1:] if bones[-1:] == others[:1] else others}".encode())


def of_halves(part: str) -> list[tuple[int, int]]:
    """The keys of every two parts that `part` may be when written as one."""
    text = part.encode()
    return [(crc32(text[:i]), crc32(text[i:])) for i in range(3, len(text) - 2)]


@lru_cache(maxsize=50_000)
def of_document(text: str) -> tuple[int, ...]:
    """The keys of a document's number: itself, and but for one character. None where it says nothing."""
    number = normalise.document(text)
    return tuple(_numbers({number, *_but_one(number)})) if number else ()
