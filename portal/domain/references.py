"""References: P-XXXX-XXXX in Crockford base 32, the last character a check (rulings, section 1)."""

from __future__ import annotations

import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CHECKS = ALPHABET + "*~$=U"
MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1"})


def _check(body: str) -> str:
    value = 0
    for character in body:
        value = value * 32 + ALPHABET.index(character)
    return CHECKS[value % 37]


def new_reference() -> str:
    """A new random reference, drawn again while its check would be one of `*~$=U`."""
    while True:
        body = "".join(secrets.choice(ALPHABET) for _ in range(7))
        check = _check(body)
        if check in ALPHABET:
            return f"P-{body[:4]}-{body[4:]}{check}"


def normalised(text: str) -> str | None:
    """The reference that `text` means, however it was typed; None when it is none or its check is wrong."""
    plain = text.upper().replace("-", "").replace(" ", "").translate(MISREAD)
    if len(plain) != 9 or plain[0] != "P" or any(c not in ALPHABET for c in plain[1:]):
        return None
    if _check(plain[1:8]) != plain[8]:
        return None
    return f"P-{plain[1:5]}-{plain[5:]}"


def masked(reference: str) -> str:
    """The reference as a message may show it: only the last four characters."""
    return f"P-••••-{reference[-4:]}"
