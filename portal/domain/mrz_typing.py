"""The lines of a passport or card as people type them: what is wrong, by line and place, and what they say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from portal.domain import mrz
from portal.domain.mrz import ALPHABET, BY_KIND, MRZ, Layout
from portal.domain.mrz_states import STATES
from portal.i18n import Lazy as _l

MOST_LINES = 3
SHORTEST = 0.5  # part of a line that must be there before missing signs are filled in
FIELDS = {
    "number": _l("the number of the document"),
    "birth": _l("the date of birth"),
    "expiry": _l("the date of expiry"),
    "optional": _l("the letters and numbers before the last two"),
    "issuing_state": _l("the country that issued the document"),
    "nationality": _l("the nationality"),
}
TOO_FEW = _l("Type every line: a passport has two, a card three")
NOT_A_SIGN = _l(
    "Line %(line)s, place %(place)s: “%(character)s” cannot stand there. "
    "Only the letters A to Z, numbers and the sign < do."
)
TOO_LONG = _l("Line %(line)s has %(length)s letters, numbers and signs. There is room for %(room)s.")
TOO_SHORT = _l("Line %(line)s has %(length)s letters, numbers and signs. It must have %(room)s.")
NOT_PROVEN = _l(
    "Line %(line)s, places %(first)s to %(last)s: %(field)s does not fit the check number behind it. "
    "One of these letters or numbers is wrong."
)
NO_DATE = _l("Line %(line)s, places %(first)s to %(last)s: %(field)s is not a day of the calendar")
NO_STATE = _l("Line %(line)s, places %(first)s to %(last)s: “%(code)s” is not the code of a country")
NOT_TOGETHER = _l(
    "Line %(line)s: the last number proves all the others, and does not fit them. "
    "One letter or number is wrong. Compare each with your document."
)


@dataclass(frozen=True)
class Mistake:
    """What is wrong with a line (from 0), in words that name line and place as people count them."""

    line: int
    message: _l


@dataclass(frozen=True)
class TypedZone:
    """What somebody typed: the zone, where no check digit objects, else what is wrong; and the letters changed."""

    zone: MRZ | None
    mistakes: tuple[Mistake, ...] = ()
    repairs: tuple[tuple[int, int, str, str], ...] = ()
    """Line and place as people count them, the letter that was typed, and the one that the check digits prove."""


def read_typed(lines: Sequence[str]) -> TypedZone:
    """The zone in lines that somebody typed, with as few signs < at the end of a line as they like."""
    clean = [mrz.typed(line) for line in lines]
    while clean and not clean[-1]:
        clean.pop()
    strange = tuple(_strange(clean))
    if strange or not 2 <= len(clean) <= MOST_LINES or not all(clean):
        return TypedZone(None, strange or (Mistake(_first_empty(clean), TOO_FEW),))
    read = [_read(layout, clean) for layout in mrz.LAYOUTS if layout.lines == len(clean)]
    return next((one for one in read if one.zone), _likeliest(read, clean))


def _first_empty(lines: Sequence[str]) -> int:
    return next((number for number, line in enumerate(lines) if not line), min(len(lines), 1))


def _likeliest(read: list[TypedZone], lines: Sequence[str]) -> TypedZone:
    """Of two kinds of documents whose mistakes could be told, the passport, unless its lines are the shorter kind's."""
    is_smaller = all(len(line) <= BY_KIND["TD2"].length for line in lines) and not lines[0].startswith("P")
    return read[-1] if is_smaller else read[0]


def _strange(lines: Sequence[str]) -> Iterator[Mistake]:
    for number, line in enumerate(lines):
        for place, character in enumerate(line):
            if character not in ALPHABET:
                said = _l(NOT_A_SIGN.message, line=number + 1, place=place + 1, character=character)
                yield Mistake(number, said)
                break


def _read(layout: Layout, lines: Sequence[str]) -> TypedZone:
    whole = [_lengthened(layout, number, line) for number, line in enumerate(lines)]
    wrong = tuple(_wrong_lengths(layout, lines, whole))
    zone = None if wrong else mrz.parse(whole)
    if zone is None:
        return TypedZone(None, wrong)
    mistakes, repairs = tuple(_mistakes(layout, zone, lines)), tuple(_repairs(whole, zone))
    if mistakes:
        return TypedZone(None, mistakes)
    # A check digit tells that something is wrong, never where: people do not only take alike letters for one another.
    doubtful = [(row - 1, at - 1) for row, at, old, _new in repairs if not _is_forced(layout, row - 1, at - 1, old)]
    return TypedZone(mrz.read(zone.lines, frozenset(doubtful)), repairs=repairs)


def _is_forced(layout: Layout, line: int, column: int, letter: str) -> bool:
    """Whether what was typed cannot stand there at all: a letter in a date, a digit in a name."""
    name = next(name for name, (row, start, end) in layout.places.items() if row == line and start <= column < end)
    if name in ("birth", "expiry") or name.endswith("_check"):
        return letter not in mrz.DIGITS
    return name in ("names", "issuing_state", "nationality")


def _lengthened(layout: Layout, number: int, line: str) -> str:
    """The line with signs < put in where people leave them out: at its end, or in the gap before its check digits."""
    missing = layout.length - len(line)
    if missing <= 0 or (len(line) < SHORTEST * layout.length and number != layout.places["names"][0]):
        return line
    composite_line, last, _end = layout.places["composite_check"]
    if number != composite_line:
        return line.ljust(layout.length, "<")
    gap = line.rfind("<", 0, last)
    return line[:gap] + "<" * missing + line[gap:] if gap >= 0 else line


def _wrong_lengths(layout: Layout, lines: Sequence[str], whole: Sequence[str]) -> Iterator[Mistake]:
    for number, line in enumerate(whole):
        if len(line) != layout.length:
            text = TOO_LONG if len(line) > layout.length else TOO_SHORT
            said = _l(text.message, line=number + 1, length=len(lines[number]), room=layout.length)
            yield Mistake(number, said)


def _mistakes(layout: Layout, zone: MRZ, lines: Sequence[str]) -> Iterator[Mistake]:
    found = [*_not_proven(layout, zone), *_no_states(layout, zone)]
    for number, line in enumerate(lines):
        here = [one for one in found if one.line == number]
        if here and len(line) < layout.length and number == layout.places["composite_check"][0]:
            said = _l(TOO_SHORT.message, line=number + 1, length=len(line), room=layout.length)
            yield Mistake(number, said)  # where letters are missing, the places of the others mean nothing
        else:
            yield from here


def _not_proven(layout: Layout, zone: MRZ) -> Iterator[Mistake]:
    right = mrz.checks(layout, zone.lines)
    wrong = [name for name, is_right in right.items() if not is_right and name != "composite"]
    for name in wrong:
        yield _at(layout, name, NOT_PROVEN, f"{name}_check")
    for name in ("birth", "expiry"):
        if right[name] and not mrz.makes_sense(name, mrz.text_at(zone.lines, layout.places[name])):
            yield _at(layout, name, NO_DATE)
    if not wrong and not right["composite"]:
        line = layout.places["composite_check"][0]
        yield Mistake(line, _l(NOT_TOGETHER.message, line=line + 1))


def _no_states(layout: Layout, zone: MRZ) -> Iterator[Mistake]:
    for name in ("issuing_state", "nationality"):
        if zone[name] not in STATES:
            yield _at(layout, name, NO_STATE, code=mrz.text_at(zone.lines, layout.places[name]))


def _at(layout: Layout, name: str, text: _l, last_field: str | None = None, **values: str) -> Mistake:
    line, start, end = layout.places[name]
    last = layout.places[last_field][2] if last_field else end
    said = _l(text.message, line=line + 1, first=start + 1, last=last, field=FIELDS[name], **values)
    return Mistake(line, said)


def _repairs(typed: Sequence[str], zone: MRZ) -> Iterator[tuple[int, int, str, str]]:
    for number, (before, after) in enumerate(zip(typed, zone.lines, strict=True), start=1):
        for place, (old, new) in enumerate(zip(before, after, strict=True), start=1):
            if old != new:
                yield number, place, old, new
