"""The language being spoken: gettext, texts translated when read, dates, times and money in English and French."""

from __future__ import annotations

import functools
import gettext as gettext_module
import html
import io
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, tzinfo
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from babel import Locale, dates, numbers
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

LANGUAGES = ("en", "fr")
LOCALES = {"en": "en_CA", "fr": "fr_CA"}
TRANSLATIONS = Path(__file__).parent / "translations"

_language: ContextVar[str] = ContextVar("language", default="en")


def current_language() -> str:
    """The language being spoken now: "en" or "fr"."""
    return _language.get()


def set_language(language: str) -> None:
    """Speak `language` from here on in this context. Raises ValueError for a language that Passage does not speak."""
    if language not in LANGUAGES:
        raise ValueError(f"not a language of Passage: {language!r}")
    _language.set(language)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak `language` inside the block, as a letter or an email does for its reader."""
    before = current_language()
    set_language(language)
    try:
        yield
    finally:
        _language.set(before)


def other_language(language: str | None = None) -> str:
    """The language that is not being spoken."""
    return "fr" if (language or current_language()) == "en" else "en"


@functools.cache
def _catalogue(language: str) -> gettext_module.NullTranslations:
    if language == "en":
        return gettext_module.NullTranslations()
    # Read from the text that translators edit, so that no compiled catalogue can be out of date.
    with (TRANSLATIONS / language / "LC_MESSAGES" / "messages.po").open("rb") as source:
        catalogue = read_po(source, locale=language)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext_module.GNUTranslations(compiled)


def gettext(message: str, /, **values: object) -> str:
    """`message` in the language being spoken, with `%(name)s` filled in from `values`."""
    text = _catalogue(current_language()).gettext(message)
    return text % values if values else text


def ngettext(singular: str, plural: str, num: int, /, **values: object) -> str:
    """The singular or plural text for `num` in the language being spoken; `%(num)s` is filled in."""
    language = current_language()
    text = _catalogue(language).ngettext(singular, plural, num)
    return text % {"num": num, **values}


class Lazy:
    """A text that is translated when it is read, so that tables of rules can carry it."""

    __slots__ = ("message", "values")

    def __init__(self, message: str, /, **values: object) -> None:
        self.message = message
        self.values = values

    def __str__(self) -> str:
        return gettext(self.message, **self.values)

    def __html__(self) -> str:
        return html.escape(str(self))

    def __repr__(self) -> str:
        return f"Lazy({self.message!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Lazy) and (self.message, self.values) == (other.message, other.values)

    def __hash__(self) -> int:
        return hash(self.message)

    def __bool__(self) -> bool:
        return bool(self.message)


lazy_gettext = Lazy


def _locale(language: str | None = None) -> str:
    return LOCALES[language or current_language()]


def _plain_spaces(text: str) -> str:
    # CLDR's narrow no-break space is missing from our typeface; the ordinary no-break space is not.
    return text.replace("\u202f", "\u00a0")


def format_date(day: date) -> str:
    """A date in words: "2 February 2027", « 2 février 2027 », « 1er février 2027 »."""
    return _date_in(current_language(), day)


@functools.lru_cache(maxsize=5000)
def _date_in(language: str, day: date) -> str:
    if language == "en":
        return dates.format_date(day, "d MMMM y", locale="en_CA")
    first = "1er" if day.day == 1 else str(day.day)
    return f"{first} {dates.format_date(day, 'MMMM y', locale='fr_CA')}"


def format_weekday_date(day: date) -> str:
    """A date with its weekday: "Tuesday 2 February 2027", « mardi 2 février 2027 »."""
    return f"{_weekday_in(_locale(), day.weekday())} {format_date(day)}"


@functools.cache
def _weekday_in(locale: str, number: int) -> str:
    return str(dates.get_day_names(locale=locale)[number])


def format_month(month: date) -> str:
    """A month in words, from any of its days: "February 2027"."""
    return dates.format_date(month, "MMMM y", locale=_locale())


def format_time(moment: datetime, zone: str | tzinfo = "UTC") -> str:
    """The time of day of an aware moment in `zone`: "7:42 pm", « 19 h 42 »."""
    local = moment.astimezone(ZoneInfo(zone) if isinstance(zone, str) else zone)
    if current_language() == "fr":
        return f"{local.hour}\u00a0h" + (f"\u00a0{local.minute:02d}" if local.minute else "")
    hour, half = local.hour % 12 or 12, "am" if local.hour < 12 else "pm"
    return f"{hour}:{local.minute:02d}\u00a0{half}"


def format_clock(at: time) -> str:
    """A time of day that is of no day in particular: "9:00 am", « 9 h »."""
    return format_time(datetime.combine(date(2000, 1, 1), at, UTC))


def weekday_name(number: int) -> str:
    """The name of a weekday, Monday = 0, as it stands in a sentence: "Monday", « lundi »."""
    return _weekday_in(_locale(), number)


def format_datetime(moment: datetime, zone: str | tzinfo = "UTC") -> str:
    """Date and time of an aware moment in `zone`, in words."""
    local = moment.astimezone(ZoneInfo(zone) if isinstance(zone, str) else zone)
    return gettext(
        "%(date)s at %(time)s", date=format_date(local.date()), time=format_time(local, local.tzinfo or "UTC")
    )


def zone_name(zone: str, moment: datetime) -> str:
    """The zone in words as it stands at `moment`: "Eastern Standard Time", « heure normale de l’Est »."""
    return _zone_in(_locale(), zone, bool(moment.astimezone(ZoneInfo(zone)).dst()))


@functools.cache
def _zone_in(locale: str, zone: str, is_summer: bool) -> str:
    variant: Literal["daylight", "standard"] = "daylight" if is_summer else "standard"
    return dates.get_timezone_name(ZoneInfo(zone), zone_variant=variant, locale=locale)


def format_money(amount: Decimal, currency: str = "USD") -> str:
    """An amount of money: "US$120.00", « 120,00 $ US »."""
    return _plain_spaces(numbers.format_currency(amount, currency, locale=_locale()))


def format_number(number: int | Decimal) -> str:
    """A number with the language's separators."""
    return _plain_spaces(numbers.format_decimal(number, locale=_locale()))


def country_name(code: str, language: str | None = None) -> str:
    """The name of an ISO 3166 country in the language being spoken; the code itself where Babel knows none."""
    return str(Locale.parse(_locale(language)).territories.get(code, code))


@pass_eval_context
def _in_template(context: EvalContext, message: str, /, **values: object) -> str:
    """`gettext` for templates. Jinja's own takes a third of the time of a page of words."""
    text = _in_markup(current_language(), message) if context.autoescape else gettext(message)
    return text % values if values or "%" in text else text


@functools.cache
def _in_markup(language: str, message: str) -> Markup:
    return Markup(_catalogue(language).gettext(message))  # noqa: S704  # translators write markup


def install(environment: Any) -> None:
    """Give a Jinja environment the gettext functions and the filters for dates, times and money."""
    environment.add_extension("jinja2.ext.i18n")
    environment.install_gettext_callables(
        lambda message: _catalogue(current_language()).gettext(message),
        lambda one, many, num: _catalogue(current_language()).ngettext(one, many, num),
        newstyle=True,
    )
    environment.globals["gettext"] = environment.globals["_"] = _in_template
    environment.filters.update(
        date=format_date, weekday_date=format_weekday_date, month=format_month, time=format_time,
        datetime=format_datetime, clock=format_clock, money=format_money, number=format_number, country=country_name,
    )  # fmt: skip
