"""Fields in which people choose: radios, checkboxes, one checkbox, a list, yes or no."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from portal.i18n import lazy_gettext as _l
from portal.web.forms import rendering
from portal.web.forms.fields import Field, Text

CHOOSE = _l("Choose")


class Choice(NamedTuple):
    """A value and what people read for it."""

    value: str
    label: Text
    hint: Text | None = None


class Options(tuple[Choice, ...]):
    """Choices that many fields share. They are made once, with what stands before a choice, and taken as they are."""


Choices = Iterable[tuple[str, Text] | tuple[str, Text, Text | None]]


class ChoiceField(Field):
    """One of several. `.data` is the chosen value, "" for none. `field.choices` may be set by the view."""

    def __init__(
        self,
        label: Text,
        validators: Sequence[Callable[..., Any]] = (),
        *,
        choices: Choices = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(label, validators, **kwargs)
        self.choices = choices

    @property
    def choices(self) -> Choices:
        return self.options

    @choices.setter
    def choices(self, choices: Choices) -> None:
        self.options: Sequence[Choice] = [Choice(*choice) for choice in choices]

    @property
    def shown(self) -> str:
        return "" if self.data is None else str(self.data)

    @property
    def chosen(self) -> list[str]:
        return [self.shown] if self.shown else []

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = valuelist[0] if valuelist else ""

    def check(self) -> None:
        if not set(self.chosen) <= {choice.value for choice in self.options}:
            self.data = ""
            raise ValueError(_l("Choose one of the answers shown for “%(label)s”", label=self.label.text))


class RadiosField(ChoiceField):
    """One of a few, all in view; a third element of a choice is its hint."""

    widget = staticmethod(rendering.radios)
    none: Choice | None = None

    def __init__(self, *args: Any, inline: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.inline = inline


class YesNoField(RadiosField):
    """Yes or no. `.data` is True, False or None."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"inline": True, "choices": [("yes", _l("Yes")), ("no", _l("No"))], **kwargs})

    @property
    def shown(self) -> str:
        return {True: "yes", False: "no"}.get(self.data, "")

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = {"yes": True, "no": False}.get(valuelist[0]) if valuelist else None


class SelectField(ChoiceField):
    """One of many, in a list that opens; `prompt` is what it says before a choice."""

    widget = staticmethod(rendering.select)

    def __init__(self, *args: Any, prompt: Text | None = CHOOSE, **kwargs: Any) -> None:
        self.prompt = prompt
        super().__init__(*args, **kwargs)

    @property
    def choices(self) -> Choices:
        return self.options

    @choices.setter
    def choices(self, choices: Choices) -> None:
        if isinstance(choices, Options):
            self.options = choices
            return
        first = [] if self.prompt is None else [Choice("", self.prompt)]
        self.options = [*first, *(Choice(*choice) for choice in choices)]


class CheckboxesField(ChoiceField):
    """Any of several. `.data` is a list of values. `none=("none", "None of these")` excludes all the others."""

    widget = staticmethod(rendering.checkboxes)

    def __init__(self, *args: Any, none: tuple[str, Text] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.none = Choice(*none) if none else None

    @property
    def chosen(self) -> list[str]:
        return list(self.data or ())

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = list(dict.fromkeys(valuelist))

    def check(self) -> None:
        none = self.none.value if self.none else None
        if none in self.data and len(self.data) > 1:
            raise ValueError(_l("Choose “%(none)s” alone, or choose the others", none=self.none and self.none.label))
        if not set(self.data) <= {choice.value for choice in self.options} | {none}:
            self.data = []
            raise ValueError(_l("Choose one of the answers shown for “%(label)s”", label=self.label.text))


class TickField(Field):
    """One checkbox, as for a consent. `.data` is True or False; with `missing` it has to be ticked."""

    widget = staticmethod(rendering.tick)

    @property
    def is_empty(self) -> bool:
        return not self.data

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = bool(valuelist)
