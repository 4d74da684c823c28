"""Fields in which people write: text, email, telephone, password, code, number, and what all fields share."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import time
from typing import Any

import phonenumbers
import wtforms
from markupsafe import Markup
from wtforms.validators import StopValidation

from portal.i18n import Lazy
from portal.i18n import lazy_gettext as _l
from portal.web.forms import rendering, text

Text = str | Lazy

EMAIL = re.compile(r"[^\s@<>,;:\"()\[\]\\]+@(?:[^\s@.<>,;:\"()\[\]\\]+\.)+[^\s@.<>,;:\"()\[\]\\]{2,}")


class Field(wtforms.Field):
    """What every field takes: label, hint, what to say when the answer is `missing` (otherwise optional), width."""

    classes = ""
    autocomplete: str | None = None
    secret = False

    def __init__(
        self,
        label: Text,
        validators: Sequence[Callable[..., Any]] = (),
        *,
        hint: Text | Markup | None = None,
        missing: Text | None = None,
        autocomplete: str | None = None,
        width: int | str | None = None,
        attributes: Mapping[str, str] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(label, validators, **kwargs)
        self.hint = hint
        self.missing = missing
        self.autocomplete = autocomplete or self.autocomplete
        self.width = width
        self.attributes = dict(attributes or {})

    @property
    def names(self) -> list[str]:
        """The names of its controls, as the browser sends them."""
        return [self.name]

    @property
    def focus_id(self) -> str:
        """The control that the error summary leads to."""
        return str(self.id)

    @property
    def is_empty(self) -> bool:
        return self.data is None or self.data == "" or self.data == []

    def pre_validate(self, _form: wtforms.Form) -> None:
        if self.process_errors:
            raise StopValidation()
        if self.is_empty and self.missing:
            raise StopValidation(self.missing)
        if not self.is_empty:
            try:
                self.check()
            except ValueError as wrong:
                raise StopValidation(wrong.args[0]) from wrong

    def check(self) -> None:
        """Refuse an answer that is there but cannot be right, by raising ValueError with a sentence."""


class TextField(Field):
    """One line. `.data` is a str, "" when nothing was typed."""

    widget = staticmethod(rendering.text_input)
    input_type = "text"
    input_mode: str | None = None
    spellcheck: bool | None = None
    many_lines = False

    def __init__(
        self,
        label: Text,
        validators: Sequence[Callable[..., Any]] = (),
        *,
        max_length: int = 200,
        **kwargs: Any,
    ) -> None:
        self.spellcheck = kwargs.pop("spellcheck", self.spellcheck)
        self.max_length = max_length
        super().__init__(label, validators, **kwargs)

    @property
    def shown(self) -> str:
        """What stands in the box: as typed, without the characters that nobody can see."""
        return text.without_hidden(self.raw_data[0] if self.raw_data else str(self.data or ""))

    def process_formdata(self, valuelist: list[str]) -> None:
        typed = valuelist[0] if valuelist else ""
        self.data = self.parse(text.normalise(text.without_hidden(typed), many_lines=self.many_lines))
        if text.has_hidden(typed):
            raise ValueError(
                _l(
                    "“%(label)s” had a hidden character. We took it out. Check the answer.",
                    label=self.label.text,
                )
            )

    def parse(self, typed: str) -> str:
        return typed

    def check(self) -> None:
        length = len(self.data)
        if length > self.max_length:
            raise ValueError(
                _l(
                    "“%(label)s” must have %(max)s characters or fewer. It has %(length)s.",
                    label=self.label.text,
                    max=self.max_length,
                    length=length,
                )
            )


class NameField(TextField):
    """A name, which no spelling checker should judge."""

    spellcheck = False


class TextAreaField(TextField):
    """Many lines. With `max_length`, the page counts the characters that remain."""

    widget = staticmethod(rendering.text_area)
    many_lines = True

    def __init__(
        self,
        label: Text,
        validators: Sequence[Callable[..., Any]] = (),
        *,
        max_length: int | None = None,
        rows: int = 5,
        **kwargs: Any,
    ) -> None:
        super().__init__(label, validators, max_length=max_length or 5000, **kwargs)
        self.counts = max_length is not None
        self.rows = rows


class EmailField(TextField):
    input_type = "email"
    spellcheck = False
    autocomplete = "email"

    def check(self) -> None:
        super().check()
        if not EMAIL.fullmatch(self.data) or len(self.data) > 254:
            raise ValueError(_l("Enter an email address like name@example.com"))


class TelField(TextField):
    """A telephone number in any usual form; without a country code it is read as Canadian or American."""

    input_type = "tel"
    autocomplete = "tel"

    def check(self) -> None:
        super().check()
        try:
            possible = phonenumbers.is_possible_number(phonenumbers.parse(self.data, "CA"))
        except phonenumbers.NumberParseException:
            possible = False
        if not possible:
            raise ValueError(_l("Enter a phone number with its area code, like 613-555-0123 or +44 20 7946 0000"))


class PasswordField(TextField):
    """A password: never trimmed, never shown again."""

    widget = staticmethod(rendering.password_input)
    autocomplete = "current-password"
    secret = True

    @property
    def shown(self) -> str:
        return ""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = text.without_hidden(valuelist[0]) if valuelist else ""


class CodeField(TextField):
    """A code of a few numbers, sent by mail or shown by an app; spaces and hyphens do not matter."""

    input_mode = "numeric"
    spellcheck = False
    autocomplete = "one-time-code"
    classes = "govuk-input--extra-letter-spacing"
    secret = True

    def __init__(
        self, label: Text, validators: Sequence[Callable[..., Any]] = (), *, digits: int = 6, **kwargs: Any
    ) -> None:
        super().__init__(label, validators, **{"width": 10, **kwargs})
        self.digits = digits

    def parse(self, typed: str) -> str:
        return re.sub(r"[\s\-–]", "", typed)

    def check(self) -> None:
        if not (self.data.isascii() and self.data.isdigit() and len(self.data) == self.digits):
            raise ValueError(_l("The code has %(digits)s numbers. Check it and type it again.", digits=self.digits))


class WholeNumberField(TextField):
    """A whole number. `.data` is an int or None."""

    input_mode = "numeric"
    spellcheck = False

    def __init__(
        self,
        label: Text,
        validators: Sequence[Callable[..., Any]] = (),
        *,
        least: int = 0,
        most: int = 999_999,
        **kwargs: Any,
    ) -> None:
        super().__init__(label, validators, **{"width": 4, **kwargs})
        self.least, self.most = least, most

    @property
    def shown(self) -> str:
        return super().shown if self.raw_data or self.data is None else str(self.data)

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata(valuelist)
        typed, self.data = re.sub(r"\s", "", self.data), None
        if not typed:
            return
        if typed.isdecimal() and len(typed) < 10 and self.least <= int(typed) <= self.most:
            self.data = int(typed)
        else:
            raise ValueError(
                _l(
                    "“%(label)s” must be a number from %(least)s to %(most)s",
                    label=self.label.text,
                    least=self.least,
                    most=self.most,
                )
            )

    def check(self) -> None:
        """The range was checked when the number was read."""


class TimeField(TextField):
    """A time of day, as people write it: 9:30, 14 h 30, 1430. `.data` is a time or None."""

    spellcheck = False
    written = re.compile(r"(\d{1,2})(?:\s*[:hH.]\s*(\d{2})?|(\d{2}))?")

    def __init__(self, label: Text, validators: Sequence[Callable[..., Any]] = (), **kwargs: Any) -> None:
        super().__init__(label, validators, **{"width": 5, **kwargs})

    @property
    def shown(self) -> str:
        return super().shown if self.raw_data or self.data is None else f"{self.data:%H:%M}"

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata(valuelist)
        typed, self.data = self.data.strip(), None
        if not typed:
            return
        parts = self.written.fullmatch(typed)
        hour, minute = (int(parts[1]), int(parts[2] or parts[3] or 0)) if parts else (24, 0)
        if hour > 23 or minute > 59:
            raise ValueError(_l("“%(label)s” must be a time, such as 9:30 or 14:00", label=self.label.text))
        self.data = time(hour, minute)

    def check(self) -> None:
        """The time was checked when it was read."""


class HiddenField(TextField):
    """A value that the page carries along; never a secret, never trusted."""

    widget = staticmethod(rendering.hidden)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__("", **kwargs)
