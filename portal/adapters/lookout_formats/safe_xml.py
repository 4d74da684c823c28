"""XML from outside, read element by element: no document type, no entities, nothing fetched."""

from __future__ import annotations

import io
from collections.abc import Iterator

from lxml import etree

from portal.adapters.lookout_formats.rows import Unreadable
from portal.i18n import Lazy as _l

NOT_XML = _l("The file is not whole, or is not XML.")
HAS_TYPE = _l("The file declares a document type. Such files are not read.")
OTHER_LIST = _l("The file is XML of another kind than was chosen.")


def elements(content: bytes, root: str, *wanted: str) -> Iterator[etree._Element]:
    """Each element called one of `wanted` under `root`, whole, in the order of the file; names without namespaces.

    Raises Unreadable for broken or truncated XML, another root, and any document type (so no entity is ever defined).
    """
    try:
        yield from _elements(content, root, wanted)
    except etree.XMLSyntaxError as error:
        raise Unreadable(NOT_XML) from error


def _elements(content: bytes, root: str, wanted: tuple[str, ...]) -> Iterator[etree._Element]:
    events = etree.iterparse(
        io.BytesIO(content),
        events=("start", "end"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    is_first = True
    for event, element in events:
        if is_first:
            _check_root(element, root)
            is_first = False
        if event == "end" and name_of(element) in wanted:
            yield element
            element.clear()


def _check_root(element: etree._Element, root: str) -> None:
    if element.getroottree().docinfo.internalDTD is not None:
        raise Unreadable(HAS_TYPE)
    if name_of(element) != root:
        raise Unreadable(OTHER_LIST)


def name_of(element: etree._Element) -> str:
    """The element's name without its namespace."""
    return str(etree.QName(element).localname)


def children(element: etree._Element, *path: str) -> list[etree._Element]:
    """What lies at `path` below the element."""
    found = [element]
    for step in path:
        found = [child for one in found for child in one if isinstance(child.tag, str) and name_of(child) == step]
    return found


def texts(element: etree._Element, *path: str) -> list[str]:
    """The texts at `path`, those that say something."""
    return [text.strip() for one in children(element, *path) if (text := one.text or "").strip()]


def text(element: etree._Element, *path: str) -> str:
    """The first text at `path`; empty where there is none."""
    return next(iter(texts(element, *path)), "")


def line(element: etree._Element) -> int:
    """Where the element begins in the file."""
    return int(element.sourceline or 0)
