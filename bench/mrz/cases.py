"""The pictures that the reader of machine-readable zones is measured with: kind and size of damage by number."""

from __future__ import annotations

import string
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.mrz.pictures import Damage, Scene, paint
from portal.domain import mrz

SURNAMES = (
    "Tremblay", "O’Connor", "Müller-Lüdenscheidt", "Nguyễn", "García Márquez", "Łukasiewicz", "Bélanger", "Li",
    "van der Berg", "Þorláksdóttir", "Smith", "Papadopoulos", "Fernández de Córdoba y Álvarez de Toledo", "Singh",
    "Wolfeschlegelsteinhausenbergerdorff", "Ñañez", "Kaur", "Østergård", "Saint-Exupéry", "Ibrahim",
)  # fmt: skip
GIVEN = (
    "Marie-Ève", "John Quentin", "Jürgen", "Ana Sofía", "Zoë", "", "Hubert Blaine", "Mohammed Ali", "Guðrún", "Léa",
    "Maximilian Alexander Konstantin Friedrich", "Bob", "Chloé Anaïs", "Xi", "Kwame",
)  # fmt: skip
STATES = ("CAN", "USA", "MEX", "GBR", "FRA", "D", "IND", "CHN", "UKR", "BRA", "NGA", "JPN", "KOR", "AUS", "XXA", "POL")
DAMAGES = ("none", "turn", "tilt", "blur", "noise", "glare", "jpeg", "together", "together", "together")
MEGAPIXELS = (1.0, 1.0, 2.0, 2.0, 3.0, 5.0, 8.0, 12.0)


@dataclass(frozen=True)
class Case:
    """A picture to be: what its zone says, its font, and how it is damaged."""

    seed: int
    kind: str
    lines: tuple[str, ...]
    font: Path
    name: str
    damage: Damage

    def paint(self, others: Sequence[Path]) -> Scene:
        """The picture."""
        return paint(self.lines, self.font, self.damage, self.seed, others)


def cases(seeds: Sequence[int], main: Sequence[Path], alike: Sequence[Path], *, largest: float = 12) -> Iterator[Case]:
    """A case for each seed, half of them in fonts of `main`; none has more megapixels than `largest`."""
    for seed in seeds:
        rng = np.random.default_rng([seed, 9303])
        kind = str(rng.choice(["TD3", "TD3", "TD2", "TD1"]))
        fonts = main if rng.random() < 0.5 else alike
        name = DAMAGES[seed % len(DAMAGES)]
        pixels = min(float(rng.choice(MEGAPIXELS)), largest)
        damage = _damage(name, pixels, rng)
        yield Case(seed, kind, zone(kind, rng), fonts[int(rng.integers(len(fonts)))], name, damage)


def zone(kind: str, rng: np.random.Generator) -> tuple[str, ...]:
    """The lines of a document of some person."""
    state = str(rng.choice(STATES))
    codes = {"TD3": ["P"], "TD2": ["I", "P", "C"], "TD1": ["I", "C", "CA", "IN"]}[kind]
    return mrz.compose(
        kind,
        document=str(rng.choice(codes)),
        issuing_state=state,
        family_name=str(rng.choice(SURNAMES)),
        given_names=str(rng.choice(GIVEN)),
        number=_number(rng),
        nationality=state if rng.random() < 0.8 else str(rng.choice(STATES)),
        birth=_day(rng, range(100)),
        sex=str(rng.choice(["F", "M", ""])),
        expiry=_day(rng, range(26, 37)),
        optional=_characters(rng, int(rng.integers(3, 9))) if rng.random() < 0.3 else "",
        optional_2=_characters(rng, int(rng.integers(3, 9))) if rng.random() < 0.2 else "",
    )


def _number(rng: np.random.Generator) -> str:
    style = rng.random()
    if style < 0.4:
        return "".join(rng.choice(list(string.ascii_uppercase), 2)) + f"{rng.integers(10**6):06d}"
    return f"{rng.integers(10**9):09d}" if style < 0.75 else _characters(rng, 9)


def _characters(rng: np.random.Generator, count: int) -> str:
    return "".join(rng.choice(list(string.ascii_uppercase + string.digits), count))


def _day(rng: np.random.Generator, years: range) -> str:
    return f"{rng.choice(years):02d}{rng.integers(1, 13):02d}{rng.integers(1, 29):02d}"


def _damage(name: str, pixels: float, rng: np.random.Generator) -> Damage:
    """One kind of damage alone, or all of them at once; up to the largest that is asked for."""
    one = {
        "turn": rng.uniform(-15, 15), "tilt": rng.uniform(5, 20), "blur": rng.uniform(0.5, 2),
        "noise": rng.uniform(8, 25), "glare": rng.uniform(0.05, 0.15), "quality": int(rng.integers(30, 70)),
    }  # fmt: skip
    chosen = list(one) if name == "together" else [{"jpeg": "quality"}.get(name, name)]
    if name == "together":
        chosen = [kind for kind in chosen if rng.random() < 0.7]
    return Damage(
        **{kind: one[kind] for kind in chosen if kind in one},
        megapixels=pixels,
        filled=rng.uniform(0.55, 0.95),
        quarter=int(rng.choice([0, 0, 0, 1, 2, 3])),
    )
