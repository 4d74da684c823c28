"""Texts for messages and letters, rendered from `templates/` outside any web request."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from portal import i18n
from portal.config import Settings

FOLDER = Path(__file__).parent.parent.parent / "templates"

_settings: Settings | None = None


def configure(settings: Settings) -> None:
    """Take what every text may say: the address of the portal, the agencies' names, whether this is a demonstration."""
    global _settings
    _settings = settings
    environment.cache_clear()


def _given() -> Settings:
    if _settings is None:
        raise RuntimeError("no settings were given: call portal.adapters.configure first")
    return _settings


@functools.cache
def environment() -> Environment:
    """The templates' environment. Raises RuntimeError before `configure` was called."""
    made = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
    i18n.install(made)
    made.globals.update(settings=_given(), agency_name=agency_name)
    return made


def agency_name(agency: str) -> str:
    """What the agency "CA" or "US" is called in the language being spoken."""
    return _given().agency_name(agency, i18n.current_language())


def render(template: str, /, **values: Any) -> str:
    """The template filled in, in the language being spoken."""
    return environment().get_template(template).render(_all(values))


def render_block(template: str, block: str, /, **values: Any) -> str:
    """One block of the template alone, such as a message's subject."""
    found = environment().get_template(template)
    return "".join(found.blocks[block](found.new_context(_all(values)))).strip()


def address(path: str, *, audience: str = "traveller") -> str:
    """The full address of a path of the portal, at the host where its readers ("traveller", "officer") find it."""
    return (_given().officers_origin if audience == "officer" else _given().external_url) + path


def _all(values: dict[str, Any]) -> dict[str, Any]:
    language = i18n.current_language()
    return {"language": language, "other_language": i18n.other_language(language), **values}
