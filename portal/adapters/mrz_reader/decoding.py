"""From likelihoods to lines: the likeliest text of a zone of which every check digit is right, and how sure it is.

A zone has up to five check digits. A text is searched that satisfies all of them at once, letter by letter over the
two sums (of the field, of the whole) that the digits stand for: the best text, and for each letter by how much the
best text with another letter there is less likely.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from portal.adapters.mrz_reader.strips import Array
from portal.domain import mrz
from portal.domain.mrz import ALPHABET, CHECKED, WEIGHTS, Layout
from portal.domain.mrz_states import STATES

IMPOSSIBLE = -1e6
HOPELESS = -12.0  # log-likelihood below which a symbol is not tried
MOST_TRIED = 10  # symbols for one cell
UNKNOWN_STATE = -5.0  # what a code of no known state costs
MOST_REPAIRS = 2  # letters that the check digits may overrule
MOST_LOSS = 7.0  # log-likelihood that they may cost together
MOST_DOUBTFUL = 0.2  # part of the guarded letters
MARGIN = 3.0  # log-likelihood by which a letter must lead to be heard
SAFE = 6.0  # log-likelihood by which each letter must lead to be verified: check digits miss one wrong text in ten

MOSTLY_DIGITS = 0.6  # part of a number
RATHER_ZERO = 5.0  # log-likelihood

FILLER, ZERO, OSCAR = (ALPHABET.index(symbol) for symbol in "<0O")
STATE_CODES = np.array([[ALPHABET.index(letter) for letter in code.ljust(3, "<")] for code in sorted(STATES)])
VALUES = np.array([0 if symbol == "<" else number for number, symbol in enumerate(ALPHABET)])

Cell = tuple[int, int]
"""A line and a column, from 0."""


@dataclass(frozen=True)
class Decoded:
    """The text of a zone, the cells that are not sure, and how likely it all is for a letter."""

    layout: Layout
    lines: tuple[str, ...]
    doubtful: frozenset[Cell]
    likelihood: float


def decode(layout: Layout, likely: Sequence[Array]) -> Decoded:
    """The likeliest text: by the check digits where they can be satisfied, by the letters alone where they cannot."""
    likely = [line + _allowed(layout, row) for row, line in enumerate(likely)]
    _expect_zeros(layout, likely)
    grid = [line.argmax(1) for line in likely]
    _put_codes(layout, likely, grid)
    _put_names(layout, likely, grid)
    doubtful = _put_guarded(layout, likely, grid)
    lines = tuple("".join(ALPHABET[number] for number in row) for row in grid)
    mean = float(np.mean([line[np.arange(len(row)), row].mean() for line, row in zip(likely, grid, strict=True)]))
    return Decoded(layout, lines, frozenset(doubtful), mean)


# --- what may stand where ----------------------------------------------------------------------------------------

DIGITS, LETTERS = mrz.DIGITS, mrz.LETTERS
MAY_STAND = {
    "document": LETTERS + "<", "issuing_state": LETTERS + "<", "nationality": LETTERS + "<", "names": LETTERS + "<",
    "sex": "MFX<", "birth": DIGITS + "<", "expiry": DIGITS, "number_check": DIGITS + "<", "birth_check": DIGITS,
    "expiry_check": DIGITS, "optional_check": DIGITS + "<", "composite_check": DIGITS,
}  # fmt: skip
FIRST_OF_DATE = {2: "01<", 4: "0123<"}
FIRST_OF_DOCUMENT = {"TD3": "PV", "TD2": "ACIPV", "TD1": "ACI"}


def _allowed(layout: Layout, row: int) -> Array:
    """Nought where a symbol may stand in the line, IMPOSSIBLE where it may not."""
    allowed = np.zeros((layout.length, len(ALPHABET)), np.float32)
    for name, (line, start, end) in layout.places.items():
        for column in range(start, end) if line == row else ():
            allowed[column] = _only(_symbols(layout, name, column - start))
    return allowed


def _symbols(layout: Layout, name: str, offset: int) -> str:
    if name == "document" and offset == 0:
        return FIRST_OF_DOCUMENT[layout.kind]
    if name in ("birth", "expiry") and offset in FIRST_OF_DATE:
        return FIRST_OF_DATE[offset] if name == "birth" else FIRST_OF_DATE[offset].rstrip("<")
    return MAY_STAND.get(name, ALPHABET)


def _only(symbols: str) -> Array:
    return np.array([0.0 if symbol in symbols else IMPOSSIBLE for symbol in ALPHABET], np.float32)


def _expect_zeros(layout: Layout, likely: Sequence[Array]) -> None:
    """In a number made of digits but for a letter or two, what could be 0 or O is rather 0."""
    line, start, end = layout.places["number"]
    cells = likely[line][start:end]
    seen = [int(number) for number in cells.argmax(1) if number not in (ZERO, OSCAR, FILLER)]
    if sum(number < 10 for number in seen) >= MOSTLY_DIGITS * len(seen):
        cells[:, OSCAR] -= RATHER_ZERO


# --- codes and names ---------------------------------------------------------------------------------------------


def _put_codes(layout: Layout, likely: Sequence[Array], grid: list[np.ndarray]) -> None:
    """States by the codes that there are, unless the letters say clearly another."""
    for name in ("issuing_state", "nationality"):
        line, start, end = layout.places[name]
        cells = likely[line][start:end]
        scores = cells[np.arange(3), STATE_CODES].sum(1)
        if scores.max() > cells.max(1).sum() + UNKNOWN_STATE:
            grid[line][start:end] = STATE_CODES[scores.argmax()]


def _put_names(layout: Layout, likely: Sequence[Array], grid: list[np.ndarray]) -> None:
    """Names begin with a letter, and three fillers end them: nothing but fillers follows."""
    line, start, end = layout.places["names"]
    cells = likely[line][start:end]
    letters, letter = cells[:, :FILLER].max(1), cells[:, :FILLER].argmax(1)
    best, came = np.array([0.0, IMPOSSIBLE, IMPOSSIBLE, IMPOSSIBLE]), []  # fillers just before: none, 1, 2, at an end
    for column in range(end - start):
        filler = cells[column, FILLER] if column else IMPOSSIBLE
        from_end = 3 if best[3] > best[2] else 2
        came.append((int(best[:3].argmax()), 0, 1, from_end))
        best = np.array([best[:3].max() + letters[column], best[0] + filler, best[1] + filler, best[from_end] + filler])
    state = int(best.argmax())
    for column in range(end - start - 1, -1, -1):
        grid[line][start + column] = letter[column] if state == 0 else FILLER
        state = came[column][state]


# --- check digits ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """A cell that the composite check digit covers: its weights in the sums of its field and of the whole."""

    cell: Cell
    own: int
    whole: int
    is_check: bool
    begins: bool


def _put_guarded(layout: Layout, likely: Sequence[Array], grid: list[np.ndarray]) -> set[Cell]:
    """Write the likeliest text that satisfies every check digit. Returns the cells that are not sure."""
    steps = _steps(layout, _is_long_number(layout, grid))
    cells = [likely[step.cell[0]][step.cell[1]] for step in steps]
    leads = _leads(steps, cells)
    best = [int(lead.argmax()) for lead in leads]
    plain = [int(cell.argmax()) for cell in cells]
    repairs = sum(one != other for one, other in zip(best, plain, strict=True))
    loss = sum(float(cell[one] - cell[other]) for cell, one, other in zip(cells, plain, best, strict=True))
    if max(float(lead.max()) for lead in leads) < IMPOSSIBLE / 2 or repairs > MOST_REPAIRS or loss > MOST_LOSS:
        return {step.cell for step in steps}
    doubtful, unsafe = set(), set(_unproven_zeros(steps, cells, best))
    for step, cell, lead, number in zip(steps, cells, leads, best, strict=True):
        grid[step.cell[0]][step.cell[1]] = number
        other = int(np.argpartition(lead, -2)[-2])
        ahead = lead[number] - lead[other]
        if ahead < MARGIN:
            doubtful.add(step.cell)
        if ahead < (SAFE if ahead < cell[number] - cell[other] + 1 else 2 * SAFE):  # by itself, or with another cell
            unsafe.add(step.cell)
    # Where so much is doubtful, the digits that agree may do so by chance.
    return unsafe if len(doubtful) <= MOST_DOUBTFUL * len(steps) else {step.cell for step in steps}


def _unproven_zeros(steps: list[Step], cells: list[Array], best: list[int]) -> Iterator[Cell]:
    """The 0 and O of a field of which some may be the other, and no check digit would notice.

    A typeface in which they look alike deceives a reader in each of them at once, and then it is sure of them: with the
    weights 7 and 3 two such mistakes leave the sum as it was.
    """
    field: list[tuple[Step, int]] = []
    for step, cell, number in [*zip(steps, cells, best, strict=True), (steps[0], cells[0], 0)]:
        if step.begins:
            if any(_may_cancel([sign * by(one) for one, sign in field]) for by in (_own, _whole)):
                yield from (one.cell for one, _ in field)
            field = []
        if number in (ZERO, OSCAR) and min(cell[ZERO], cell[OSCAR]) > IMPOSSIBLE / 2:
            field.append((step, 1 if number == ZERO else -1))


def _own(step: Step) -> int:
    return step.own


def _whole(step: Step) -> int:
    return step.whole


def _may_cancel(weights: list[int]) -> bool:
    """Whether some of the 0 and O, taken for one another at these weights, leave the sum modulo 10 as it was."""
    sums: set[int] = set()
    for weight in weights:
        sums |= {(before + (OSCAR - ZERO) * weight) % 10 for before in (0, *sums)}
    return 0 in sums


def _is_long_number(layout: Layout, grid: list[np.ndarray]) -> bool:
    """Whether the number goes on in the optional data, where a card has a filler for its check digit."""
    line, column, _ = layout.places["number_check"]
    return layout.kind != "TD3" and grid[line][column] == FILLER


def _steps(layout: Layout, is_long: bool) -> list[Step]:
    checks = {layout.places[f"{name}_check"][:2] for name in CHECKED if f"{name}_check" in layout.places}
    if is_long:  # guarded by a digit whose place the number's length decides: by the composite one alone here
        checks.discard(layout.places["number_check"][:2])
    begins = {place[:2] for name, place in layout.places.items() if not name.endswith("_check")}
    steps: list[Step] = []
    own = 0
    for line, start, end in layout.composite:
        for column in range(start, end):
            cell = (line, column)
            own = 0 if cell in begins else own
            steps.append(Step(cell, WEIGHTS[own % 3], WEIGHTS[len(steps) % 3], cell in checks, cell in begins))
            own += 1
    last = layout.places["composite_check"][:2]
    return [*steps, Step(last, 0, 0, True, False)]


def _leads(steps: list[Step], cells: list[Array]) -> list[Array]:
    """For each cell and symbol, the log-likelihood of the best whole text with it that satisfies every check digit."""
    tried = [_tried(cell) for cell in cells]
    start = np.full((10, 10), IMPOSSIBLE)
    start[0, 0] = 0
    before = [start]
    for step, cell, symbols in zip(steps, cells, tried, strict=True):
        options = [_forward(before[-1], step, symbol) + cell[symbol] for symbol in symbols]
        before.append(np.max(options, 0))
    after = np.zeros((10, 10))
    leads = []
    for number in range(len(steps) - 1, -1, -1):
        step, cell, symbols = steps[number], cells[number], tried[number]
        lead = np.full(len(ALPHABET), 2 * IMPOSSIBLE, np.float32)
        options = []
        for symbol in symbols:
            behind = _backward(after, step, symbol) + cell[symbol]
            lead[symbol] = (before[number] + behind).max()
            options.append(behind)
        after = np.max(options, 0)
        leads.append(lead)
    return leads[::-1]


def _tried(cell: Array) -> list[int]:
    order = np.argsort(-cell)[:MOST_TRIED]
    return [int(symbol) for symbol in order if cell[symbol] > HOPELESS] or [int(order[0])]


def _forward(before: np.ndarray, step: Step, symbol: int) -> np.ndarray:
    """The sums (of the field, of the whole) after a symbol: a check digit must be what its sum says."""
    value = int(VALUES[symbol])
    if step.own == 0:  # the composite check digit: only the whole counts
        after = np.full_like(before, IMPOSSIBLE)
        after[:, value] = before[:, value]
        return after
    if step.is_check:
        after = np.full_like(before, IMPOSSIBLE)
        after[0] = np.roll(before[value], value * step.whole)
        return after
    if step.begins:
        before = _begun(before)
    return np.roll(before, (value * step.own, value * step.whole), (0, 1))


def _backward(after: np.ndarray, step: Step, symbol: int) -> np.ndarray:
    """The same, from behind."""
    value = int(VALUES[symbol])
    if step.own == 0:
        before = np.full_like(after, IMPOSSIBLE)
        before[:, value] = after[:, value]
        return before
    if step.is_check:
        before = np.full_like(after, IMPOSSIBLE)
        before[value] = np.roll(after[0], -value * step.whole)
        return before
    before = np.roll(after, (-value * step.own, -value * step.whole), (0, 1))
    return np.repeat(before[:1], 10, 0) if step.begins else before


def _begun(before: np.ndarray) -> np.ndarray:
    """A new field begins: its own sum is nought, whatever an unguarded field before it came to."""
    fresh = np.full_like(before, IMPOSSIBLE)
    fresh[0] = before.max(0)
    return fresh
