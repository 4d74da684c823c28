"""The documents that travellers send: which there are, what is accepted, and why one is refused."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from pathlib import PurePosixPath

from portal.i18n import Lazy as _l

FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/heic": "HEIC", "application/pdf": "PDF"}
"""The media types that are accepted, with the names that people know them by. The content decides, never the name."""

ACCEPT = ",".join([*FORMATS, ".heic", ".heif"])
"""What a file field offers. A phone offers its camera too; the endings are for browsers without the type."""

LONGEST_NAME = 120


@dataclass(frozen=True)
class DocumentType:
    """A kind of document: what it is called, what it must show, and whether several files may show it together."""

    key: str
    title: _l
    hint: _l
    many: bool = False


WHOLE = _l("Show every page of the document, and every corner of each page.")

DOCUMENT_TYPES = (
    DocumentType(
        "passport_page",
        _l("Passport page with your photo"),
        _l("Show the whole page with your photo and the two lines of letters and numbers at the bottom."),
    ),
    DocumentType(
        "consent_letter",
        _l("Letter of consent of the other parent or guardian"),
        _l("Show the whole letter, with the date and the signature, and the identity document of whoever signed it."),
        many=True,
    ),
    DocumentType(
        "other_passport",
        _l("Passport of another citizenship"),
        _l("Show the page with your photo. A passport that has expired is fine."),
        many=True,
    ),
    DocumentType(
        "resident_card",
        _l("Permanent resident card"),
        _l("Show both sides of the card, or every page of the paper that made you a permanent resident."),
        many=True,
    ),
    DocumentType(
        "member_card",
        _l("Membership card"),
        _l("Show both sides of the card. One that has ended is fine."),
        many=True,
    ),
    DocumentType(
        "entry_ca",
        _l("Visa or travel authorization for Canada"),
        _l("Show the page of your passport with the visa, or the confirmation of the authorization."),
        many=True,
    ),
    DocumentType(
        "entry_us",
        _l("Visa or travel authorization for the United States"),
        _l("Show the page of your passport with the visa, or the confirmation of the authorization."),
        many=True,
    ),
    DocumentType(
        "residence_proof",
        _l("Proof of address"),
        _l(
            "A driver’s licence, an identity card of a province or state, a bill or a bank statement with your address."
        ),
        many=True,
    ),
    DocumentType(
        "name_papers",
        _l("Papers of a change of name"),
        _l("A marriage certificate, a court order, or the certificate of the change of name."),
        many=True,
    ),
    DocumentType(
        "court_papers",
        _l("Court papers"),
        _l("For each arrest, charge or conviction: the paper in which the court or the police says how it ended."),
        many=True,
    ),
    DocumentType(
        "pardon_papers",
        _l("Papers of a pardon, waiver or rehabilitation"),
        _l("The letter or certificate with which a country granted it."),
        many=True,
    ),
    DocumentType(
        "birth_certificate",
        _l("Birth certificate of the child"),
        _l("It must show the names of the parents."),
    ),
    DocumentType(
        "custody_papers",
        _l("Custody papers"),
        _l("The court’s order or the agreement about custody. Show every page."),
        many=True,
    ),
    DocumentType("requested_document", _l("Document that an officer asked for"), WHOLE, many=True),
)

BY_KEY = {kind.key: kind for kind in DOCUMENT_TYPES}


@dataclass(frozen=True)
class Limits:
    """What one file may have at most, and how many files one person may send."""

    bytes: int
    pages: int
    pixels: int
    files: int


USUAL_LIMITS = Limits(bytes=15_000_000, pages=30, pixels=60_000_000, files=40)
"""What the programme began with, for looks without a database; the setting `uploads` says what is in force."""

REFUSALS = {
    "empty": _l("The file is empty. Choose the file again, or take a new photo."),
    "too_large": _l("The file is larger than %(megabytes)s MB. Choose a smaller file, or take a smaller photo."),
    "wrong_format": _l(
        "The file is not a JPEG, PNG, HEIC or PDF. Save it in one of these formats, or take a photo of it."
    ),
    "damaged": _l("We could not open the file, because a part of it is damaged. Save it or take the photo again."),
    "password": _l("The PDF asks for a password, so officers could not read it. Send a copy without a password."),
    "too_many_pages": _l("The PDF has more than %(pages)s pages. Send only the pages that we ask for."),
    "too_many_pixels": _l("The picture has more than %(megapixels)s megapixels. Make it smaller, and send that."),
    "too_heavy": _l("The file takes too long to open. Take a photo of the document, and send the photo."),
    "virus": _l("Our virus scanner found a harmful program in the file. Take a photo of the document, and send that."),
    "not_checked": _l("We could not check the file now. Try again in a few minutes."),
    "too_many_files": _l("You have sent as many files as we can take. Contact us if you need to send another."),
}
"""Why a document is refused, and what to do: one sentence for each, one act for each."""


def refusal_text(code: str, limits: Limits) -> _l:
    """What a person reads when a document is refused. Raises KeyError for an unknown code."""
    return _l(
        REFUSALS[code].message,
        megabytes=limits.bytes // 1_000_000,
        pages=limits.pages,
        megapixels=limits.pixels // 1_000_000,
    )


def shown_name(name: str) -> str:
    """A file's name fit to be shown: the last part only, no control characters, not too long. Never used as a path."""
    last = PurePosixPath(unicodedata.normalize("NFC", name).replace("\\", "/")).name
    plain = "".join(character for character in last if unicodedata.category(character)[0] != "C").strip()
    if len(plain) <= LONGEST_NAME:
        return plain
    stem, dot, ending = plain.rpartition(".")
    ending = ending if dot and len(ending) <= 5 else ""
    return f"{(stem or plain)[: LONGEST_NAME - 7]}…{dot if ending else ''}{ending}"


@dataclass(frozen=True)
class StateText:
    """How a document's state is called, and in which colour."""

    label: _l
    kind: str


STATES = {
    "missing": StateText(_l("Not sent"), "attention"),
    "optional": StateText(_l("Optional"), "neutral"),
    "received": StateText(_l("Being checked"), "info"),
    "checking": StateText(_l("Being checked"), "info"),
    "ready": StateText(_l("Readable"), "success"),
    "refused": StateText(_l("Cannot be used"), "error"),
}
