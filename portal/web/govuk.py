"""The accessible markup of form controls and page parts: govuk-frontend's macros, called from Python and templates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask
from jinja2 import ChainableUndefined, Environment, PackageLoader, PrefixLoader
from markupsafe import Markup

# The macros read parameters that nobody gave, which our own templates may not do: hence a room of their own.
_environment = Environment(
    loader=PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
    autoescape=True,
    undefined=ChainableUndefined,
    auto_reload=False,
)


def component(name: str, params: Mapping[str, Any]) -> Markup:
    """The markup of one component, as `component("tag", {"text": "New"})`, with govuk-frontend's own parameters."""
    template = _environment.get_template(f"govuk_frontend_jinja/components/{name}/macro.html")
    macro = getattr(template.module, "govuk" + "".join(word.capitalize() for word in name.split("-")))
    markup: Markup = macro(params).strip()
    return markup


def init_app(app: Flask) -> None:
    """Let templates call `govuk(name, parameters)`."""
    app.jinja_env.globals["govuk"] = component
