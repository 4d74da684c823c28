"""How each kind of field becomes markup: parameters for govuk-frontend's macros, in the reader's language."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from portal.i18n import current_language
from portal.i18n import gettext as _
from portal.web.govuk import Typed, TypedMarkup, component

if TYPE_CHECKING:
    from portal.web.forms.choices import Choice
    from portal.web.forms.fields import Field

Params = dict[str, Any]


def _question(field: Field, options: Mapping[str, Any]) -> Params:
    """Identity, hint, error and attributes: what every control has."""
    hint = options.get("hint", field.hint)
    return {
        "id": field.id,
        "name": field.name,
        "classes": _classes(field, options),
        "hint": _text(hint) if hint else None,
        "errorMessage": _error(field),
        "formGroup": {"classes": options.get("group_classes", ""), "attributes": {}},
        "attributes": {**field.attributes, **options.get("attributes", {})},
        "autocomplete": field.autocomplete,
    }


def _text(text: object) -> Params:
    return {"html": text} if isinstance(text, Markup) else {"text": str(text)}


def _error(field: Field) -> Params | None:
    if not field.errors:
        return None
    hidden = Markup('<span class="govuk-visually-hidden">{}</span> {}')
    return {"html": hidden.format(_("Error:"), str(field.errors[0])), "visuallyHiddenText": False}


def _title(field: Field, options: Mapping[str, Any], kind: str) -> Params:
    heading = bool(options.get("heading"))
    size = options.get("size", "l" if heading else "s")
    text = options.get("label", field.label.text)
    hidden = " govuk-visually-hidden" if options.get("hide_label") else ""
    return {**_text(text), "classes": f"govuk-{kind}--{size}{hidden}", "isPageHeading": heading}


def _label(field: Field, options: Mapping[str, Any]) -> Params:
    return _title(field, options, "label")


def _fieldset(field: Field, options: Mapping[str, Any]) -> Params:
    return {"legend": _title(field, options, "fieldset__legend")}


def _classes(field: Field, options: Mapping[str, Any]) -> str:
    width = options.get("width", field.width)
    known = f"govuk-input--width-{width}" if isinstance(width, int) else width and f"govuk-!-width-{width}"
    return " ".join(filter(None, (known, field.classes, options.get("classes"))))


def text_input(field: Any, **options: Any) -> Markup:
    params = _question(field, options) | {
        "label": _label(field, options),
        "type": field.input_type,
        "inputmode": field.input_mode,
        "spellcheck": field.spellcheck,
        "value": Typed(field.shown or ""),
    }
    for affix in ("prefix", "suffix"):
        if affix in options:
            params[affix] = _text(options[affix])
    return component("input", params)


def text_area(field: Any, **options: Any) -> Markup:
    params = _question(field, options) | {
        "label": _label(field, options),
        "rows": options.get("rows", field.rows),
        "spellcheck": field.spellcheck,
        # Line breaks as references: the macros indent what they nest, and must not indent what people typed.
        "value": TypedMarkup(escape(field.shown).replace("\n", Markup("&#10;"))),
    }
    if not field.counts:
        return component("textarea", params)
    return component("character-count", params | {"maxlength": field.max_length} | _count_texts())


def _count_texts() -> Params:
    return {
        "textareaDescriptionText": _("You can enter up to %{count} characters"),
        "charactersUnderLimitText": {
            "one": _("You have %{count} character remaining"),
            "other": _("You have %{count} characters remaining"),
        },
        "charactersAtLimitText": _("You have 0 characters remaining"),
        "charactersOverLimitText": {
            "one": _("You have %{count} character too many"),
            "other": _("You have %{count} characters too many"),
        },
    }


def password_input(field: Any, **options: Any) -> Markup:
    return component(
        "password-input",
        _question(field, options)
        | {
            "label": _label(field, options),
            "showPasswordText": _("Show"),
            "hidePasswordText": _("Hide"),
            "showPasswordAriaLabelText": _("Show password"),
            "hidePasswordAriaLabelText": _("Hide password"),
            "passwordShownAnnouncementText": _("Your password is visible"),
            "passwordHiddenAnnouncementText": _("Your password is hidden"),
        },
    )


def file_upload(field: Any, **options: Any) -> Markup:
    params = _question(field, options) | {"label": _label(field, options), "multiple": field.multiple}
    return component("file-upload", params)


def select(field: Any, **options: Any) -> Markup:
    params = _question(field, options) | {"label": _label(field, options), "items": [{"value": "", "text": ""}]}
    before, _tag, rest = component("select", params).partition("<option")
    _place, _tag, after = rest.partition("</option>")
    return before + _options(tuple(field.options), field.shown) + after


def _options(choices: tuple[Choice, ...], chosen: str) -> Markup:
    value = Markup('value="{}"').format(chosen)
    return _option_list(choices, current_language()).replace(value, value + Markup(" selected"), 1)


@functools.lru_cache(maxsize=100)
def _option_list(choices: tuple[Choice, ...], language: str) -> Markup:
    """The lists of countries are long, and many pages have them."""
    line = Markup('<option value="{}">{}</option>\n')
    return Markup("").join(line.format(choice.value, str(choice.label)) for choice in choices)


def radios(field: Any, **options: Any) -> Markup:
    inline = " govuk-radios--inline" if field.inline and not options.get("reveals") else ""
    return _choice_list("radios", field, inline, _items(field, options), options)


def checkboxes(field: Any, **options: Any) -> Markup:
    return _choice_list("checkboxes", field, "", _items(field, options), options)


def tick(field: Any, **options: Any) -> Markup:
    """One checkbox whose own label is the question."""
    item = {"value": "yes", "id": field.id, "checked": bool(field.data)} | _text(options.get("label", field.label.text))
    params = _question(field, options) | {"idPrefix": field.id, "items": [item]}
    return component("checkboxes", params)


def _choice_list(name: str, field: Field, more: str, items: list[Params], options: Mapping[str, Any]) -> Markup:
    params = _question(field, options) | {
        "idPrefix": field.id,
        "fieldset": _fieldset(field, options),
        "items": items,
    }
    small = f" govuk-{name}--small" if options.get("small") else ""
    params["classes"] += more + small
    # What a choice reveals is shown by the style sheet, with or without scripts.
    return component(name, params).replace(" data-aria-controls=", " data-reveals=")


def _items(field: Any, options: Mapping[str, Any]) -> list[Params]:
    """One entry a choice. `reveals={"yes": [form.other]}` shows further fields below a choice."""
    reveals = options.get("reveals", {})
    items = [_item(choice, field, reveals.get(choice.value)) for choice in field.options]
    if field.none is not None:
        none = _item(field.none, field, None) | {"behaviour": "exclusive"}
        items += [{"divider": _("or")}, none]
    return items


def _item(choice: Choice, field: Any, reveals: Iterable[Field] | None) -> Params:
    item: Params = {"value": choice.value, "checked": choice.value in field.chosen} | _text(choice.label)
    if choice.hint:
        item["hint"] = _text(choice.hint)
    if reveals:
        item["conditional"] = {"html": TypedMarkup(Markup("").join(revealed() for revealed in reveals))}
    return item


def date_boxes(field: Any, **options: Any) -> Markup:
    wrong = field.wrong_parts if field.errors else ()
    items = [
        {
            "name": part,
            "id": f"{field.id}-{part}",
            "label": field.part_label(part),
            "value": Typed(field.typed[part]),
            "classes": f"govuk-input--width-{4 if part == 'year' else 2}"
            + (" govuk-input--error" if part in wrong else ""),
            "autocomplete": field.part_autocomplete(part),
            "inputmode": "numeric",
        }
        for part in field.parts
    ]
    params = _question(field, options) | {
        "namePrefix": field.name,
        "items": items,
        "fieldset": _fieldset(field, options),
    }
    return component("date-input", params)


def hidden(field: Any, **_options: Any) -> Markup:
    return Markup('<input type="hidden" id="{}" name="{}" value="{}">').format(field.id, field.name, field.shown)
