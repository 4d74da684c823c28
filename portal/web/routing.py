"""Bilingual addresses: each page stands under /en/ with an English slug and under /fr/ with a French one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from flask import Blueprint, Flask, g, request, url_for
from werkzeug.routing import BaseConverter, BuildError, ValidationError

from portal.domain import references
from portal.i18n import LANGUAGES, current_language, other_language, set_language

View = TypeVar("View", bound=Callable[..., Any])

GET = ("GET",)
FORM = ("GET", "POST")
POST = ("POST",)


class ReferenceConverter(BaseConverter):
    """An application's reference, however it was typed. Anything else is a 404."""

    regex = r"[^/]{1,40}"

    def to_python(self, value: str) -> str:
        reference = references.normalised(value)
        if reference is None:
            raise ValidationError(value)
        return reference


class Pages(Blueprint):
    """A blueprint whose pages have an address in each language."""

    def page(self, en: str, fr: str, *, methods: Sequence[str] = GET) -> Callable[[View], View]:
        """Put the view under `/en` + `en` and `/fr` + `fr`; its endpoint is its name."""

        def place(view: View) -> View:
            for language, slug in (("en", en), ("fr", fr)):
                self.add_url_rule(
                    f"/{language}{slug}", view.__name__, view, methods=methods, defaults={"language": language}
                )
            return view

        return place


def _speak(endpoint: str | None, values: dict[str, Any] | None) -> None:
    named = values.pop("language", None) if values else None
    set_language(named or language_of_request())
    wanted = request.form.get("switch_lang") if request.method == "POST" else None
    if wanted in LANGUAGES:
        set_language(wanted)
    g.page_values = dict(values or {})


def language_of_request() -> str:
    """The language for an address that names none: by the path, the remembered choice, then the browser's wish."""
    first = request.path.split("/", 2)[1] if "/" in request.path else ""
    if first in LANGUAGES:
        return first
    remembered = request.cookies.get("language")
    if remembered in LANGUAGES:
        return remembered
    return request.accept_languages.best_match(LANGUAGES) or "en"


def values_of_address() -> dict[str, Any]:
    """What the address of this request says, for another address like it."""
    # What url_for itself understands (_scheme, _external, endpoint …) is not for the address bar to say.
    asked = {name: value for name, value in request.args.items() if not name.startswith("_") and name != "endpoint"}
    return {**asked, **(request.view_args or {})}


def other_language_url() -> str:
    """This page in the other language; the home page where there is no such page."""
    language = other_language()
    try:
        return url_for(request.endpoint or "public.home", **{**values_of_address(), "language": language})
    except BuildError:
        return f"/{language}/"


def init_app(app: Flask) -> None:
    """Teach the application its addresses and languages."""
    app.url_map.converters["reference"] = ReferenceConverter
    app.url_map.redirect_defaults = False
    app.url_value_preprocessor(_speak)

    @app.url_defaults
    def name_the_language(endpoint: str, values: dict[str, Any]) -> None:
        if "language" not in values and app.url_map.is_endpoint_expecting(endpoint, "language"):
            values["language"] = current_language()
