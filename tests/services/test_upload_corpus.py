"""A larger corpus of good and bad uploads, where there is one: beside the project, or where the environment says."""

from __future__ import annotations

import base64
import csv
import io
import json
import os
import resource
import time
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy.orm import Session

from portal.domain import documents as rules
from portal.domain.errors import RuleViolation
from portal.models import Application, Document
from portal.services import applications, documents
from portal.services.documents import Upload
from tests.interviewing import account

BESIDE = Path(__file__).parents[3] / "shared/data/uploads"
CORPUS = Path(os.environ.get("PASSAGE_UPLOAD_CORPUS", BESIDE))
MANIFEST = CORPUS / "manifest.csv"
ENTRIES = list(csv.DictReader(MANIFEST.read_text().splitlines())) if MANIFEST.exists() else []

pytestmark = pytest.mark.skipif(
    not ENTRIES, reason="no upload corpus beside the project, and PASSAGE_UPLOAD_CORPUS names none"
)


@pytest.fixture
def application(session: Session) -> Application:
    holder = account(session)
    return applications.start(session, holder, by=holder)


@pytest.mark.parametrize("entry", ENTRIES, ids=[entry["id"] for entry in ENTRIES])
def test_each_upload_meets_its_verdict(session: Session, application: Application, entry: dict[str, str]) -> None:
    began = time.monotonic()
    document = _sent(session, application, entry)
    assert time.monotonic() - began < 60
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 600_000  # kB
    if document is None or document.state == "refused":
        assert "reject" in (entry["expected"], entry["alt_ok"])
        return
    assert entry["expected"] == "accept" or entry["alt_ok"] == "accept_sanitised"
    assert document.state == "ready"
    for page in document.pages:
        _check_page(documents.page_image(page), entry["post"].split(";"))
    for wanted in entry["post"].split(";"):
        if wanted.startswith("pages:"):
            assert len(document.pages) == int(wanted.removeprefix("pages:"))
    name = document.name or ""
    assert "/" not in name
    assert len(name) <= rules.LONGEST_NAME


def _sent(session: Session, application: Application, entry: dict[str, str]) -> Document | None:
    content = (CORPUS / entry["file"]).read_bytes()
    if entry["encoding"] == "b64":
        content = base64.b64decode(content)
    upload = Upload(json.loads(entry["upload_name_json"]), io.BytesIO(content))
    try:
        document = documents.receive(session, application, "passport_page", upload, by=application.account)
    except RuleViolation as refused:
        assert str(refused.message)
        return None
    documents.check(session, document)
    session.refresh(document, ["pages"])
    return document


def _check_page(shown: bytes, wanted: list[str]) -> None:
    picture = Image.open(io.BytesIO(shown))
    picture.load()
    assert picture.format == "JPEG"
    assert not picture.getexif()
    assert not {"comment", "xmp", "photoshop", "exif", "icc_profile"} & set(picture.info)
    for mark in wanted:
        if mark.startswith("absent:"):
            assert mark.removeprefix("absent:").encode() not in shown
    if "portrait" in wanted:
        assert picture.height > picture.width
    if "has_contrast" in wanted:
        low, high = picture.convert("L").getextrema()
        assert high - low > 100
