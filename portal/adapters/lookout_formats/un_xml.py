"""The consolidated list of the United Nations: CONSOLIDATED_LIST with INDIVIDUALS and ENTITIES."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from lxml import etree

from portal.adapters.lookout_formats.rows import Reading, Unreadable
from portal.adapters.lookout_formats.safe_xml import children, elements, line, name_of, text, texts
from portal.i18n import Lazy as _l

NAMES = ("FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME")
LOW = "low"


def read(files: Sequence[bytes]) -> Reading:
    """The people of the list. Raises Unreadable for broken XML and without the day on which it was made."""
    reading = Reading()
    for element in elements(files[0], "CONSOLIDATED_LIST", "INDIVIDUAL", "ENTITY"):
        if reading.source_on is None:
            _day(reading, element)
        if name_of(element) == "ENTITY":
            reading.not_people += 1
        else:
            _add(reading, element)
    return reading


def _day(reading: Reading, element: etree._Element) -> None:
    root = element.getroottree().getroot()
    try:
        reading.source_on = date.fromisoformat((root.get("dateGenerated") or "")[:10])
    except ValueError as error:
        raise Unreadable(_l("The file does not say of which day it is.")) from error


def _add(reading: Reading, person: etree._Element) -> None:
    aliases = [(text(one, "QUALITY").lower(), text(one, "ALIAS_NAME")) for one in children(person, "INDIVIDUAL_ALIAS")]
    main = " ".join(part for name in NAMES if (part := text(person, name)))
    details: dict[str, Any] = {
        "programs": text(person, "UN_LIST_TYPE"),
        "reference": text(person, "REFERENCE_NUMBER"),
        "citizenship": texts(person, "NATIONALITY", "VALUE"),
        "born_in": [_place(one) for one in children(person, "INDIVIDUAL_PLACE_OF_BIRTH")],
        "weak_names": [name for quality, name in aliases if quality == LOW],
        "documents": [_document(one) for one in children(person, "INDIVIDUAL_DOCUMENT")],
        "remarks": text(person, "COMMENTS1"),
    }
    names = [main, text(person, "NAME_ORIGINAL_SCRIPT"), *(name for quality, name in aliases if quality != LOW)]
    births = [_birth(one) for one in children(person, "INDIVIDUAL_DATE_OF_BIRTH")]
    reading.add(line(person), text(person, "DATAID"), names if main else [], births, details)


def _birth(element: etree._Element) -> str:
    kind = text(element, "TYPE_OF_DATE").upper()
    if first := text(element, "FROM_YEAR"):
        return f"{first} to {text(element, 'TO_YEAR')}"
    told = text(element, "DATE")[:10] or text(element, "YEAR")
    return f"about {told}" if told and kind == "APPROXIMATELY" else told


def _place(element: etree._Element) -> str:
    return ", ".join(part for kind in ("CITY", "STATE_PROVINCE", "COUNTRY") if (part := text(element, kind)))


def _document(element: etree._Element) -> str:
    kinds = ("TYPE_OF_DOCUMENT", "NUMBER", "ISSUING_COUNTRY")
    return " ".join(part for kind in kinds if (part := text(element, kind)))
