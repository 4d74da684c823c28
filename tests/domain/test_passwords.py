"""Which passwords are good enough to stand alone."""

from __future__ import annotations

import pytest

from portal.domain.passwords import TOO_CLOSE, TOO_COMMON, TOO_LONG, TOO_SHORT, trouble_with

EMAIL = "elise.tremblay@courriel.example.org"


@pytest.mark.parametrize(
    "password",
    [
        "quatre moineaux lisent",
        "correct horse battery staple",
        "éclair-ñandú-Ω-жук!",
        "x7#Lq!9vT2$mZ8&k",
        "grüne Wolken am Fluss",
        "q" + "wvutsrponmlkjih" * 16,
    ],
)
def test_a_good_password_passes(password: str) -> None:
    assert trouble_with(password, email=EMAIL) is None


@pytest.mark.parametrize(
    ("password", "trouble"),
    [
        ("fourteen chars", TOO_SHORT),
        ("a" * 257, TOO_LONG),
        ("passwordpassword", TOO_COMMON),
        ("Password 12345678", TOO_COMMON),
        ("qwertyuiopasdfghjkl", TOO_COMMON),
        ("123456789012345", TOO_COMMON),
        ("motdepasse1234567890", TOO_COMMON),
        ("abababababababab", TOO_CLOSE),
        ("Tremblay.Elise.2026", TOO_CLOSE),
        ("passage passage passage", TOO_CLOSE),
    ],
)
def test_a_weak_password_is_refused_with_its_reason(password: str, trouble: object) -> None:
    assert trouble_with(password, email=EMAIL) == trouble
