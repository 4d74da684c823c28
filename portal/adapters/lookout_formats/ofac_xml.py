"""The SDN list as XML: sdnList with its publication day and one sdnEntry for each person, body or ship."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from lxml import etree

from portal.adapters.lookout_formats.rows import Reading, Unreadable
from portal.adapters.lookout_formats.safe_xml import children, elements, line, name_of, text, texts
from portal.i18n import Lazy as _l


def read(files: Sequence[bytes]) -> Reading:
    """The people of the list. Raises Unreadable where fewer entries stand in the file than it says it has."""
    reading, told, count = Reading(), "", 0
    for element in elements(files[0], "sdnList", "publshInformation", "sdnEntry"):
        if name_of(element) == "publshInformation":
            told = text(element, "Record_Count")
            _day(reading, text(element, "Publish_Date"))
        else:
            count += 1
            _add(reading, element)
    if told and told != str(count):
        raise Unreadable(_l("The file says it has %(told)s entries, and has %(count)s.", told=told, count=count))
    return reading


def _day(reading: Reading, told: str) -> None:
    try:
        reading.source_on = datetime.strptime(told, "%m/%d/%Y").date()  # noqa: DTZ007 - a day has no zone
    except ValueError as error:
        raise Unreadable(_l("The file does not say of which day it is.")) from error


def _add(reading: Reading, entry: etree._Element) -> None:
    if text(entry, "sdnType").lower() != "individual":
        reading.not_people += 1
        return
    aliases = [(text(one, "category").lower(), _name(one)) for one in children(entry, "akaList", "aka")]
    details: dict[str, Any] = {
        "programs": ", ".join(texts(entry, "programList", "program")),
        "citizenship": [
            *texts(entry, "citizenshipList", "citizenship", "country"),
            *texts(entry, "nationalityList", "nationality", "country"),
        ],
        "born_in": texts(entry, "placeOfBirthList", "placeOfBirthItem", "placeOfBirth"),
        "weak_names": [name for category, name in aliases if category == "weak"],
        "documents": [_document(one) for one in children(entry, "idList", "id")],
        "lives_in": texts(entry, "addressList", "address", "country"),
        "remarks": text(entry, "remarks"),
    }
    names = [_name(entry), *(name for category, name in aliases if category != "weak")]
    births = texts(entry, "dateOfBirthList", "dateOfBirthItem", "dateOfBirth")
    reading.add(line(entry), text(entry, "uid"), names if names[0] else [], births, details)


def _name(element: etree._Element) -> str:
    return ", ".join(part for part in (text(element, "lastName"), text(element, "firstName")) if part)


def _document(element: etree._Element) -> str:
    return " ".join(part for kind in ("idType", "idNumber", "idCountry") if (part := text(element, kind)))
