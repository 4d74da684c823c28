"""What a password must be while it is the only thing that protects an account (NIST SP 800-63B-4, 3.1.1)."""

from __future__ import annotations

import re
import unicodedata

from portal.domain.common_passwords import COMMON
from portal.i18n import Lazy as _l

SHORTEST = 15
LONGEST = 256
OUR_NAMES = ("passage", "nexus", "trustedtraveller", "voyageurdignedeconfiance")
LEAST_OWN_CHARACTERS = 5
"""So many different characters must be left once everything that is guessed first is taken out."""

TOO_SHORT = _l("Your password must have at least %(least)s characters", least=SHORTEST)
TOO_LONG = _l("Your password must have at most %(most)s characters", most=LONGEST)
TOO_COMMON = _l("This password is easy to guess. Use a few words that do not belong together.")
TOO_CLOSE = _l("Your password must not be made of your email address or of the name of this service")


def trouble_with(password: str, *, email: str) -> _l | None:
    """What is wrong with `password` for the holder of `email`, as a sentence; None when it is good.

    Any character is allowed, spaces too; nothing is asked about kinds of characters.
    """
    if len(password) < SHORTEST:
        return TOO_SHORT
    if len(password) > LONGEST:
        return TOO_LONG
    plain = _plain(password)
    if _left_after(plain, _own_words(email)) < LEAST_OWN_CHARACTERS:
        return TOO_CLOSE
    if _left_after(plain, _own_words(email) | COMMON) < LEAST_OWN_CHARACTERS:
        return TOO_COMMON
    return None


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in letters if character.isalnum() or not character.isascii())


def _own_words(email: str) -> frozenset[str]:
    name, _, host = email.casefold().partition("@")
    parts = re.split(r"[^\w]+", f"{name} {host}")
    return frozenset({_plain(part) for part in (name, *parts) if len(part) > 3} | set(OUR_NAMES))


def _left_after(plain: str, words: frozenset[str]) -> int:
    for word in sorted(words, key=len, reverse=True):
        plain = plain.replace(word, "")
    return len(set(plain))
