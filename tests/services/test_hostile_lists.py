"""Files that are broken, odd or meant to harm, in each format of look-out lists: refused whole, in both languages."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.adapters.lookout_formats import FORMATS, Unreadable
from portal.adapters.lookout_formats.rows import LONGEST_DETAIL, LONGEST_NAME, MOST_NAMES
from portal.clock import today
from portal.domain.errors import NotOpenToThis
from portal.i18n import LANGUAGES, speaking
from portal.models import LookoutEntry, LookoutUpload
from portal.services import list_publishing, lookout_lists
from tests.publishing import two

SAMPLES = Path(__file__).parent.parent.parent / "demo/data/lookouts"
OWN = "entry_key,names,birth_dates,weak_names,remarks\nX-1,Élise Œuvrard,1975,,Invented\nX-2,Arman Valkur,1957,,\n"
GOOD: dict[str, list[bytes]] = {
    "own-csv": [OWN.encode()],
    "ofac-csv": [(SAMPLES / name).read_bytes() for name in ("sdn.csv", "alt.csv", "add.csv")],
    "ofac-xml": [(SAMPLES / "sdn.xml").read_bytes()],
    "un-xml": [(SAMPLES / "un.xml").read_bytes()],
    "sema-xml": [(SAMPLES / "sema.xml").read_bytes()],
}
XML = ("ofac-xml", "un-xml", "sema-xml")
ROOTS = {"ofac-xml": b"sdnList", "un-xml": b"CONSOLIDATED_LIST", "sema-xml": b"data-set"}
NAMES = {
    "own-csv": "Arman Valkur", "ofac-csv": "VALCOURT, Armand", "ofac-xml": "VALCOURT", "un-xml": "CYRUS",
    "sema-xml": "Ouvrard",
}  # fmt: skip
"""A name of an invented person in each sample."""


def _changed(kind: str, old: str, new: str) -> list[bytes]:
    first, *others = GOOD[kind]
    assert old.encode() in first
    return [first.replace(old.encode(), new.encode(), 1), *others]


def _zipped(kind: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("list", GOOD[kind][0])
    return packed.getvalue()


def _declaring(kind: str, subset: bytes) -> bytes:
    """The good file with this document type, and an entity where a name stood."""
    content = GOOD[kind][0].replace(NAMES[kind].encode(), b"&x;", 1)
    at = content.index(b"?>") + 2
    return content[:at] + b"<!DOCTYPE " + ROOTS[kind] + subset + b">" + content[at:]


LAUGHS = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
TYPES = {
    "billion laughs": b' [<!ENTITY l0 "ha">' + LAUGHS + b'<!ENTITY x "&l9;">]',
    "quadratic": b' [<!ENTITY x "' + b"a" * 100_000 + b'">]',
    "a file of ours": b' [<!ENTITY x SYSTEM "file:///etc/passwd">]',
    "an address": b' [<!ENTITY x SYSTEM "http://127.0.0.1:9/list">]',
    "a parameter": b' [<!ENTITY % p SYSTEM "http://127.0.0.1:9/p.dtd"> %p; <!ENTITY x "y">]',
    "another DTD": b' SYSTEM "http://127.0.0.1:9/list.dtd"',
}


def _said(problem: object) -> list[str]:
    told = []
    for language in LANGUAGES:
        with speaking(language):
            told.append(str(problem))
    return told


def _refused(kind: str, files: list[bytes]) -> str:
    with pytest.raises(Unreadable) as caught:
        FORMATS[kind](files)
    english, french = _said(caught.value.problem)
    assert english != french, "a problem is said in both languages"
    return english


@pytest.mark.parametrize("kind", FORMATS)
def test_the_samples_are_good(kind: str) -> None:
    reading = FORMATS[kind](GOOD[kind])
    assert reading.rows and not reading.errors


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("content", ["nothing", "bytes", "a zip", "a picture", "a page"])
def test_what_is_no_list_is_refused(kind: str, content: str) -> None:
    other = {
        "nothing": b"",
        "bytes": bytes(range(256)) * 40,
        "a zip": _zipped(kind),
        "a picture": b"\x89PNG\r\n\x1a\n" + bytes(200),
        "a page": b"<!doctype html><html><head><title>403</title></head><body><p>No</body></html>",
    }[content]
    _refused(kind, [other, *GOOD[kind][1:]])


@pytest.mark.parametrize("kind", XML)
@pytest.mark.parametrize("name", TYPES)
def test_a_document_type_is_refused_whatever_it_declares(kind: str, name: str) -> None:
    assert "document type" in _refused(kind, [_declaring(kind, TYPES[name])])


@pytest.mark.parametrize("kind", XML)
def test_xml_that_lies_about_its_letters_nests_deeply_or_has_two_roots_is_refused(kind: str) -> None:
    (content,) = GOOD[kind]
    body = content[content.index(b"?>") + 2 :]
    deep = b"<a>" * 2000 + b"</a>" * 2000
    for bad in (
        b'<?xml version="1.0" encoding="x-none"?>' + body,
        b'<?xml version="1.0" encoding="utf-8"?>' + body.replace(NAMES[kind].encode(), b"\xc9lise", 1),
        content.replace(b"</" + ROOTS[kind] + b">", deep + b"</" + ROOTS[kind] + b">"),
        content + content,
        content.replace(NAMES[kind].encode(), b"&#0;", 1),
        content.replace(NAMES[kind].encode(), b"&nbsp;", 1),
        content.replace(NAMES[kind].encode(), b"a" * 11_000_000, 1),
    ):
        _refused(kind, [bad])


@pytest.mark.parametrize("kind", XML)
def test_xml_is_read_in_the_encoding_that_it_declares(kind: str) -> None:
    text = GOOD[kind][0].decode().replace(NAMES[kind], "Élise", 1)
    body = text[text.index("?>") + 2 :].encode("ascii", "xmlcharrefreplace").decode().replace("&#201;", "É")
    for encoding in ("utf-16", "windows-1252", "utf-8-sig"):
        head = f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig")}"?>'
        reading = FORMATS[kind]([(head + body).encode(encoding)])
        assert any("Élise" in name for row in reading.rows for name in row["names"]), encoding


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1252"])
@pytest.mark.parametrize("kind", ["own-csv", "ofac-csv"])
def test_csv_is_read_in_any_usual_encoding(kind: str, encoding: str) -> None:
    files = [file.decode().replace(NAMES[kind], "Élise").encode(encoding) for file in GOOD[kind]]
    assert any("Élise" in name for row in FORMATS[kind](files).rows for name in row["names"])


@pytest.mark.parametrize("kind", ["own-csv", "ofac-csv"])
def test_letters_that_cannot_be_read_are_named_not_guessed(kind: str) -> None:
    cut = [GOOD[kind][0].decode().encode("utf-16")[:-3], *GOOD[kind][1:]]  # in the middle of a letter
    other = [GOOD[kind][0].replace(NAMES[kind].encode(), b"\x81\x8d"), *GOOD[kind][1:]]
    for files in (cut, other):
        try:
            assert FORMATS[kind](files).errors
        except Unreadable as error:
            assert _said(error.problem)


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("what", ["no name", "a long name", "many words"])
def test_an_unfit_entry_is_named_and_the_others_do_not_stand_alone(kind: str, what: str) -> None:
    name = {"no name": "", "a long name": "a" * (LONGEST_NAME + 1), "many words": "a " * 40_000}[what]
    if kind == "un-xml" and what == "no name":
        files = _changed(
            kind, "<FIRST_NAME>CYRUS</FIRST_NAME><SECOND_NAME>BLANCHE</SECOND_NAME><THIRD_NAME>ASTORIN</THIRD_NAME>", ""
        )
    elif kind in ("ofac-xml", "sema-xml") and what == "no name":
        given = {
            "ofac-xml": ("<firstName>Armand</firstName><lastName>VALCOURT</lastName>", ""),
            "sema-xml": ("<LastName>Ouvrard</LastName><GivenName>Quentin</GivenName>", ""),
        }[kind]
        files = _changed(kind, *given)
    else:
        files = _changed(kind, NAMES[kind], name)
    errors = FORMATS[kind](files).errors
    assert len(errors) == 1 and errors[0].entry_key and errors[0].line >= 1
    english, french = _said(errors[0].problem)
    assert english != french and ("no name" in english) is (what == "no name")


def test_too_many_names_and_too_long_remarks_are_named() -> None:
    head = "entry_key,names,birth_dates,remarks\n"
    names = "|".join(f"Name {n}" for n in range(MOST_NAMES + 1))
    for line in (f"X-1,{names},1975,\n", f"X-1,Roy,1975,{'a' * LONGEST_DETAIL}\n"):
        (error,) = FORMATS["own-csv"]([(head + line).encode()]).errors
        assert "more" in str(error.problem)


@pytest.mark.parametrize("kind", FORMATS)
def test_an_entry_that_stands_there_twice_is_named(kind: str) -> None:
    first, *others = GOOD[kind]
    if kind.endswith("csv"):
        lines = first.splitlines(keepends=True)
        doubled = b"".join([*lines[:2], lines[1 if kind == "own-csv" else 0], *lines[2:]])
    else:
        parts = {"ofac-xml": "sdnEntry", "un-xml": "INDIVIDUAL", "sema-xml": "record"}
        start, end = f"<{parts[kind]}>".encode(), f"</{parts[kind]}>".encode()
        entry = first[first.index(start) : first.index(end) + len(end)]
        doubled = first.replace(entry, entry + entry, 1).replace(b"<Record_Count>3", b"<Record_Count>4")
    assert "twice" in str(FORMATS[kind]([doubled, *others]).errors[-1].problem)


@pytest.mark.parametrize(("kind", "count"), [("own-csv", 2), ("un-xml", 2), ("ofac-csv", 2), ("ofac-csv", 4)])
def test_a_file_too_many_or_too_few_is_refused_not_left_out(session: Session, kind: str, count: int) -> None:
    files = [GOOD[kind][0]] * count
    version = list_publishing.bring(
        session, "A", "CA", kind, files, is_shared=False, source_on=today(), by=two(session, "CA")[0]
    )
    list_publishing.read(session, version.id)
    assert version.state == "unfit" and version.problem and version.problem["fr"] != version.problem["en"]


@pytest.mark.parametrize("kind", FORMATS)
def test_nothing_of_a_bad_file_is_imported(session: Session, kind: str) -> None:
    by, other = two(session, "CA")
    cut = [GOOD[kind][0][: len(GOOD[kind][0].rstrip()) - 12], *GOOD[kind][1:]]
    unfit = _changed(kind, NAMES[kind], "a" * (LONGEST_NAME + 1))
    for files in (cut, unfit):
        version = list_publishing.bring(session, "A", "CA", kind, files, is_shared=False, source_on=today(), by=by)
        list_publishing.read(session, version.id)
        assert version.state == "unfit" and (version.problem or version.errors)
        for told in (version.problem, *version.errors):
            assert told is None or told["fr"] != told["en"]
        with pytest.raises(NotOpenToThis):
            list_publishing.publish(session, version, by=other)
    for table in (LookoutEntry, LookoutUpload):
        assert session.scalar(select(func.count()).select_from(table)) == 0
    assert lookout_lists.current_versions(session, "CA") == []
