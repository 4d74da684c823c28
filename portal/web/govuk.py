"""The accessible markup of form controls and page parts: govuk-frontend's macros, called from Python and templates."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Iterator, Mapping
from typing import Any

from flask import Flask
from jinja2 import ChainableUndefined, Environment, PackageLoader, PrefixLoader
from markupsafe import Markup, escape

# The macros read parameters that nobody gave, which our own templates may not do: hence a room of their own.
_environment = Environment(
    loader=PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
    autoescape=True,
    undefined=ChainableUndefined,
    auto_reload=False,
)


class Typed(str):
    """A parameter that is one reader’s own, as what was typed: put into the markup afterwards, and never kept."""


class TypedMarkup(Markup):
    """The same, as markup."""


_KEPT_AT_MOST = 2000
_HOLE = secrets.token_hex(8)
_kept: dict[object, Markup] = {}


def component(name: str, params: Mapping[str, Any]) -> Markup:
    """The markup of one component, as `component("tag", {"text": "New"})`, with govuk-frontend's own parameters.

    The macros would take most of the time of a page, so what they made is kept for whoever asks for the same again.
    """
    if params.get("errorMessage"):  # it may say what was typed
        return _make(name, params)
    typed: list[str] = []
    key = (name, _frozen(params, typed))
    markup = _kept.get(key)
    if markup is None:
        if len(_kept) >= _KEPT_AT_MOST:
            _kept.clear()
        markup = _kept[key] = _make(name, _with_holes(params, itertools.count()))
    for number, text in enumerate(typed):
        markup = markup.replace(f"{_HOLE}{number}.", escape(text))
    return markup


def _frozen(value: Any, typed: list[str]) -> object:
    """`value` as a key; what is typed is left out, and added to `typed`."""
    if isinstance(value, (Typed, TypedMarkup)):
        typed.append(value)
        return (Typed, bool(value))
    if isinstance(value, Mapping):
        return tuple((name, _frozen(part, typed)) for name, part in value.items())
    if isinstance(value, (list, tuple)):
        return tuple(_frozen(part, typed) for part in value)
    return (type(value), value)


def _with_holes(value: Any, numbers: Iterator[int]) -> Any:
    if isinstance(value, (Typed, TypedMarkup)):
        hole = f"{_HOLE}{next(numbers)}."
        return hole if value else ""
    if isinstance(value, Mapping):
        return {name: _with_holes(part, numbers) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_with_holes(part, numbers) for part in value]
    return value


def _make(name: str, params: Mapping[str, Any]) -> Markup:
    template = _environment.get_template(f"govuk_frontend_jinja/components/{name}/macro.html")
    macro = getattr(template.module, "govuk" + "".join(word.capitalize() for word in name.split("-")))
    markup: Markup = macro(params).strip()
    return markup


def init_app(app: Flask) -> None:
    """Let templates call `govuk(name, parameters)`."""
    app.jinja_env.globals["govuk"] = component
