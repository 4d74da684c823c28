"""The machine-readable zone of travel documents: ICAO Doc 9303, parts 3 (common rules), 4 (TD3), 5 (TD1), 6 (TD2)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from portal.domain.mrz_states import STATES
from portal.domain.passport_names import mrz_line

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ<"
DIGITS, LETTERS = ALPHABET[:10], ALPHABET[10:36]
WEIGHTS = (7, 3, 1)
TYPED = str.maketrans({"«": "<<", "‹": "<", "＜": "<", "(": "<", "[": "<", "{": "<"})
TO_DIGIT = str.maketrans("OQDUILZASGTB", "000011245678")
TO_LETTER = str.maketrans("01245678", "OIZASGTB")
ALIKE = ("0ODQU", "1ILT7", "2Z", "5S", "8B3", "6G", "4A")
"""Characters that people and readers take for one another."""

Place = tuple[int, int, int]
"""A line, the first column and the column behind the last, from 0."""


@dataclass(frozen=True)
class Layout:
    """Where everything stands in documents of one size."""

    kind: str
    lines: int
    length: int
    places: Mapping[str, Place]
    composite: tuple[Place, ...]


CHECKED = ("number", "birth", "expiry", "optional")
LAYOUTS = (
    Layout(
        "TD3", 2, 44,
        {
            "document": (0, 0, 2), "issuing_state": (0, 2, 5), "names": (0, 5, 44), "number": (1, 0, 9),
            "number_check": (1, 9, 10), "nationality": (1, 10, 13), "birth": (1, 13, 19), "birth_check": (1, 19, 20),
            "sex": (1, 20, 21), "expiry": (1, 21, 27), "expiry_check": (1, 27, 28), "optional": (1, 28, 42),
            "optional_check": (1, 42, 43), "composite_check": (1, 43, 44),
        },
        ((1, 0, 10), (1, 13, 20), (1, 21, 43)),
    ),
    Layout(
        "TD2", 2, 36,
        {
            "document": (0, 0, 2), "issuing_state": (0, 2, 5), "names": (0, 5, 36), "number": (1, 0, 9),
            "number_check": (1, 9, 10), "nationality": (1, 10, 13), "birth": (1, 13, 19), "birth_check": (1, 19, 20),
            "sex": (1, 20, 21), "expiry": (1, 21, 27), "expiry_check": (1, 27, 28), "optional": (1, 28, 35),
            "composite_check": (1, 35, 36),
        },
        ((1, 0, 10), (1, 13, 20), (1, 21, 35)),
    ),
    Layout(
        "TD1", 3, 30,
        {
            "document": (0, 0, 2), "issuing_state": (0, 2, 5), "number": (0, 5, 14), "number_check": (0, 14, 15),
            "optional": (0, 15, 30), "birth": (1, 0, 6), "birth_check": (1, 6, 7), "sex": (1, 7, 8),
            "expiry": (1, 8, 14), "expiry_check": (1, 14, 15), "nationality": (1, 15, 18),
            "optional_2": (1, 18, 29), "composite_check": (1, 29, 30), "names": (2, 0, 30),
        },
        ((0, 5, 30), (1, 0, 7), (1, 8, 15), (1, 18, 29)),
    ),
)  # fmt: skip
BY_KIND = {layout.kind: layout for layout in LAYOUTS}


@dataclass(frozen=True)
class Field:
    """What stands in a field, without fillers, and whether check digits prove it."""

    text: str
    is_verified: bool = False


@dataclass(frozen=True)
class MRZ:
    """A zone that was read: its lines and fields. `is_verified` where every check digit it has is right."""

    kind: str
    lines: tuple[str, ...]
    fields: Mapping[str, Field]
    is_verified: bool
    doubtful: frozenset[tuple[int, int]] = frozenset()

    def __getitem__(self, name: str) -> str:
        return self.fields[name].text

    def is_sure(self, name: str) -> bool:
        """Whether a field may be believed: its check digit proves it, or, where it has none, no letter is in doubt."""
        if name in CHECKED:
            return self.fields[name].is_verified
        return not _touches(self.doubtful, BY_KIND[self.kind], name)

    @property
    def has_room_for_names(self) -> bool:
        """Whether the names end before their field does; else they may be cut off."""
        return text_at(self.lines, BY_KIND[self.kind].places["names"]).endswith("<")

    def born(self, today: date) -> date | None:
        """The day of birth; None where the document does not know it whole."""
        return birth_date(self["birth"], today)

    def expires(self, today: date) -> date | None:
        """The last day of validity."""
        return expiry_date(self["expiry"], today)

    def as_data(self, today: date) -> dict[str, object]:
        """Everything for a program to read: days as ISO 8601, nothing where a day is not known whole."""
        born, expires = self.born(today), self.expires(today)
        return {
            "format": self.kind,
            "document_code": self["document"],
            "issuing_state": self["issuing_state"],
            "surname": self["family_name"],
            "given_names": self["given_names"],
            "number": self["number"],
            "nationality": self["nationality"],
            "birth_date": born.isoformat() if born else None,
            "sex": self["sex"] or None,
            "expiry_date": expires.isoformat() if expires else None,
            "optional": self["optional"] or None,
            "verified": {
                "number": self.fields["number"].is_verified,
                "birth_date": self.fields["birth"].is_verified,
                "expiry_date": self.fields["expiry"].is_verified,
                "optional": self.fields["optional"].is_verified,
                "composite": self.is_verified,
            },
            "lines": list(self.lines),
        }


def check_digit(text: str) -> str:
    """The check digit of a text: weights 7, 3, 1; letters count from 10, fillers as nothing (part 3, 4.9)."""
    total = sum(_value(character) * WEIGHTS[place % 3] for place, character in enumerate(text))
    return str(total % 10)


def read(lines: Sequence[str], doubtful: frozenset[tuple[int, int]] = frozenset()) -> MRZ | None:
    """The zone in two or three lines as they stand; None where they are no such zone.

    `doubtful` names places (line, column) at which the reader was not sure: a field that holds one is never verified.
    """
    layout = layout_of(lines)
    if layout is None or any(set(line) - set(ALPHABET) for line in lines):
        return None
    return _read(layout, tuple(lines), doubtful)


def parse(lines: Sequence[str]) -> MRZ | None:
    """The zone in two or three lines that somebody typed; None where they are no such zone.

    Letters and digits that look alike are told apart by where they stand, and a single error is repaired where the
    check digits leave one way only.
    """
    clean = tuple(typed(line) for line in lines)
    layout = layout_of(clean)
    if layout is None or any(set(line) - set(ALPHABET) for line in clean):
        return None
    return _read(layout, _repaired(layout, _by_class(layout, clean)), frozenset())


def typed(line: str) -> str:
    """A line as the zone prints it, however it was typed: capitals, no spaces, real fillers."""
    return re.sub(r"\s", "", line).upper().translate(TYPED)


def layout_of(lines: Sequence[str]) -> Layout | None:
    """The size of document with lines of this count and length."""
    found = (one for one in LAYOUTS if len(lines) == one.lines and all(len(line) == one.length for line in lines))
    return next(found, None)


def text_at(lines: Sequence[str], place: Place) -> str:
    """What stands at a place."""
    line, start, end = place
    return lines[line][start:end]


def checks(layout: Layout, lines: Sequence[str]) -> dict[str, bool]:
    """For each check digit of the layout, by the field it guards, whether it is right."""
    found = {}
    for name in CHECKED:
        if f"{name}_check" in layout.places:
            text, digit = _guarded(layout, lines, name)
            found[name] = digit == check_digit(text) or (digit == "<" and name == "optional" and not text.strip("<"))
    whole = "".join(text_at(lines, place) for place in layout.composite)
    found["composite"] = text_at(lines, layout.places["composite_check"]) == check_digit(whole)
    return found


def birth_date(text: str, today: date) -> date | None:
    """A birth in YYMMDD: the latest such day that is not after today."""
    return _dated(text, today.year if not _is_after(text, today) else today.year - 1, back=100)


def expiry_date(text: str, today: date) -> date | None:
    """A last day of validity in YYMMDD: the century that brings it nearest to today."""
    return _dated(text, today.year + 49, back=100)


def split_names(text: str) -> tuple[str, str]:
    """The family name and the given names in the field of names; one of them may be empty."""
    family, _, given = text.rstrip("<").partition("<<")
    return _words(family), _words(given)


def compose(
    kind: str, *, document: str, issuing_state: str, family_name: str, given_names: str, number: str,
    nationality: str, birth: str, sex: str, expiry: str, optional: str = "", optional_2: str = "",
) -> tuple[str, ...]:  # fmt: skip
    """The lines of a document with every check digit; names are transliterated and shortened to fit (part 3, 4.6)."""
    layout = BY_KIND[kind]
    grid = [["<"] * layout.length for _ in range(layout.lines)]
    if len(number) > 9 and kind != "TD3":  # the rest moves into the optional data, with its check digit behind it
        optional = number[9:] + check_digit(number) + "<" + optional
    texts = {
        "document": document, "issuing_state": issuing_state, "number": number[:9], "nationality": nationality,
        "birth": birth, "sex": sex, "expiry": expiry, "optional": optional, "optional_2": optional_2,
        "names": fitting_names(family_name, given_names, layout.places["names"][2] - layout.places["names"][1]),
    }  # fmt: skip
    for name, text in texts.items():
        _put(grid, layout.places.get(name), text)
    for name in CHECKED:
        place = layout.places.get(f"{name}_check")
        if place and not (name == "number" and len(number) > 9):
            _put(grid, place, check_digit(text_at(_joined(grid), layout.places[name])))
    whole = "".join(text_at(_joined(grid), place) for place in layout.composite)
    _put(grid, layout.places["composite_check"], check_digit(whole))
    return _joined(grid)


def fitting_names(family_name: str, given_names: str, length: int) -> str:
    """Both names in at most `length` characters; shortened, the last place shows a letter (part 3, 4.6)."""
    whole = mrz_line(family_name, given_names, length=None)
    family, _, given = whole.partition("<<")
    if len(whole) > length and given and len(family) > length - 3:  # room for one letter of the given names
        whole = f"{family[: length - 3].rstrip('<')}<<{given}"
    return whole[:length].rstrip("<")


def _value(character: str) -> int:
    return 0 if character == "<" else ALPHABET.index(character)


def _guarded(layout: Layout, lines: Sequence[str], name: str) -> tuple[str, str]:
    """The text that a check digit guards, and the digit; a long number goes on in the optional data."""
    text, digit = text_at(lines, layout.places[name]), text_at(lines, layout.places[f"{name}_check"])
    if name == "number" and digit == "<" and layout.kind != "TD3":
        rest = text_at(lines, layout.places["optional"]).split("<")[0]
        if len(rest) > 1:
            return text + rest[:-1], rest[-1]
    return text, digit


def _by_class(layout: Layout, lines: Sequence[str]) -> tuple[str, ...]:
    """Letters where only letters stand, digits where only digits do."""
    grid = [list(line) for line in lines]
    for name, place in layout.places.items():
        text = text_at(lines, place)
        if name in ("names", "issuing_state", "nationality"):
            _put(grid, place, text.translate(TO_LETTER))
        elif name in ("birth", "expiry") or name.endswith("_check"):  # a filler stays one
            _put(grid, place, text.translate(TO_DIGIT))
    return _joined(grid)


def _repaired(layout: Layout, lines: tuple[str, ...]) -> tuple[str, ...]:
    """The lines with one character changed, where that alone makes every check digit right, in one way only."""
    right = checks(layout, lines)
    if all(right.values()):
        return lines
    wrong = [name for name, is_right in right.items() if not is_right and name != "composite"]
    if len(wrong) > 1:
        return lines
    found = {changed for changed in _changes(layout, lines, wrong) if all(checks(layout, changed).values())}
    return found.pop() if len(found) == 1 else lines


def _changes(layout: Layout, lines: tuple[str, ...], wrong: list[str]) -> Iterator[tuple[str, ...]]:
    """The lines with one character taken for one that looks alike, in the field whose check digit is wrong."""
    names = [*wrong, *(f"{name}_check" for name in wrong)] if wrong else ["composite_check", "optional", "optional_2"]
    for name in names:
        line, start, end = layout.places.get(name, (0, 0, 0))
        for column in range(start, end):
            character = lines[line][column]
            for other in {other for group in ALIKE if character in group for other in group} - {character}:
                if other in DIGITS or name in ("number", "optional", "optional_2"):
                    changed = lines[line][:column] + other + lines[line][column + 1 :]
                    yield (*lines[:line], changed, *lines[line + 1 :])


def _read(layout: Layout, lines: tuple[str, ...], doubtful: frozenset[tuple[int, int]]) -> MRZ:
    right = checks(layout, lines)
    is_whole = right["composite"] and _names_states(layout, lines)
    fields = {}
    for name in ("document", "issuing_state", "nationality", "sex"):
        fields[name] = Field(text_at(lines, layout.places[name]).replace("<", ""))
    family, given = split_names(text_at(lines, layout.places["names"]))
    fields["family_name"], fields["given_names"] = Field(family), Field(given)
    for name in CHECKED:
        text = _guarded(layout, lines, name)[0] if name == "number" else text_at(lines, layout.places[name])
        is_sure = not _touches(doubtful, layout, name)
        proven = is_whole and right.get(name, True) and is_sure and makes_sense(name, text)
        fields[name] = Field(text.strip("<"), proven)
    is_verified = (
        is_whole
        and all(right.values())
        and all(fields[name].is_verified or (name == "optional" and not fields[name].text) for name in CHECKED)
    )
    return MRZ(layout.kind, lines, fields, is_verified, doubtful)


def _names_states(layout: Layout, lines: tuple[str, ...]) -> bool:
    """Whether states stand where states do: in lines cut off or shifted, a digit in ten is right by chance."""
    return all(text_at(lines, layout.places[name]).rstrip("<") in STATES for name in ("issuing_state", "nationality"))


def _touches(doubtful: frozenset[tuple[int, int]], layout: Layout, name: str) -> bool:
    places = [layout.places[name], layout.places.get(f"{name}_check", (0, 0, 0))]
    return any(line == at and start <= column < end for at, start, end in places for line, column in doubtful)


def makes_sense(name: str, text: str) -> bool:
    """Whether a text can be what its field is for: a day where a day stands, a number that is not empty."""
    if name == "expiry":
        return bool(re.fullmatch(r"\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])", text))
    if name == "birth":  # a part that is not known is filled (part 3, 4.8)
        return bool(re.fullmatch(r"(\d\d|<<)(0[1-9]|1[0-2]|<<|00)(0[1-9]|[12]\d|3[01]|<<|00)", text))
    return name != "number" or bool(text.strip("<"))


def _is_after(text: str, today: date) -> bool:
    return text.isdigit() and len(text) == 6 and text > today.strftime("%y%m%d") and text[:2] == today.strftime("%y")


def _dated(text: str, latest: int, *, back: int) -> date | None:
    """The day that YYMMDD names in the hundred years that end with the year `latest`."""
    if not re.fullmatch(r"\d{6}", text):
        return None
    year = latest - (latest - int(text[:2])) % back
    try:
        return date(year, int(text[2:4]), int(text[4:]))
    except ValueError:
        return None


def _words(text: str) -> str:
    return " ".join(text.replace("<", " ").split())


def _put(grid: list[list[str]], place: Place | None, text: str) -> None:
    if place is not None:
        line, start, end = place
        grid[line][start:end] = list(text[: end - start].ljust(end - start, "<"))


def _joined(grid: list[list[str]]) -> tuple[str, ...]:
    return tuple("".join(line) for line in grid)
