"""Documents: kept sealed, drawn anew, refused with a reason; nothing of a bad file reaches anybody."""

from __future__ import annotations

import io
import os
import re
import resource
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from cryptography.exceptions import InvalidTag
from PIL import Image
from sqlalchemy.orm import Session

from portal.adapters import files as store
from portal.adapters import imaging
from portal.clock import now, today
from portal.config import Settings
from portal.domain import documents as rules
from portal.domain.errors import NotFound, NotOpenToThis, RuleViolation
from portal.models import Application, Document, InformationRequest, Person
from portal.services import applications, documents, files, sections
from portal.services.documents import StoreUnavailable, Upload
from tests import uploads
from tests.full_disks import no_file_larger_than
from tests.interviewing import account, officer

KIND = "passport_page"


@pytest.fixture(autouse=True)
def folder(app: object, settings: Settings, tmp_path: Path) -> Iterator[Path]:
    """A file store for this test alone."""
    store.configure(settings.model_copy(update={"files": tmp_path / "files"}))
    yield tmp_path / "files"
    store.configure(settings)


@pytest.fixture
def application(session: Session) -> Application:
    holder = account(session)
    return applications.start(session, holder, by=holder)


def _send(session: Session, application: Application, content: bytes, name: str = "page.jpg") -> Document:
    upload = Upload(name, io.BytesIO(content))
    return documents.receive(session, application, KIND, upload, by=application.account)


def _checked(session: Session, application: Application, content: bytes) -> Document:
    document = _send(session, application, content)
    documents.check(session, document)
    session.refresh(document, ["pages"])
    return document


def _limits(session: Session) -> rules.Limits:
    return documents.limits_of(session)


def test_what_is_kept_is_sealed_and_closed_to_others(session: Session, application: Application, folder: Path) -> None:
    content = uploads.jpeg()
    document = _send(session, application, content, "My passport.jpg")
    [path] = [path for path in folder.rglob("*") if path.is_file()]
    assert path.name == document.file_key
    assert path.stat().st_mode & 0o777 == 0o600
    assert {one.stat().st_mode & 0o777 for one in (folder, path.parent)} == {0o700}
    assert content[20:60] not in path.read_bytes()
    assert files.read(application.person, document.file_key, of=application.id) == content
    with pytest.raises(InvalidTag):
        files.read(Person(), document.file_key, of=application.id)
    with pytest.raises(InvalidTag):
        files.read(application.person, document.file_key, of=uuid.uuid4())
    store.put(other := store.new_key(), [path.read_bytes()])
    with pytest.raises(InvalidTag):
        files.read(application.person, other, of=application.id)


@pytest.mark.parametrize("key", ["../../etc/passwd", "", "a/b", "A" * 32, "0" * 31, "0" * 33, "0" * 31 + "\n"])
def test_only_our_own_keys_become_paths(key: str) -> None:
    with pytest.raises(ValueError, match="not a key"):
        store.get(key)


@pytest.mark.parametrize("name", uploads.GOOD)
def test_a_good_file_becomes_pages(session: Session, application: Application, name: str) -> None:
    document = _checked(session, application, uploads.GOOD[name]())
    assert (document.state, document.refusal) == ("ready", None)
    assert len(document.pages) == (30 if "30" in name else 1)
    for page in document.pages:
        picture = Image.open(io.BytesIO(documents.page_image(page)))
        picture.load()
        assert (picture.format, picture.mode, picture.size) == ("JPEG", "RGB", (page.width, page.height))
    draft = sections.drafts_of(session, application)["uploads"]
    assert (draft.is_complete, draft.answers) == (True, {"ready": [KIND]})


@pytest.mark.parametrize(
    "make",
    [lambda: uploads.jpeg(320, 200, orientation=6), uploads.heic, lambda: uploads.heic("turned_by_its_box")],
    ids=["jpeg", "heic", "heic with a box"],
)
def test_a_photo_is_turned_upright_and_says_nothing_but_its_pixels(
    session: Session, application: Application, make: Callable[[], bytes]
) -> None:
    sent = make()
    assert uploads.MARK in sent
    [page] = _checked(session, application, sent).pages
    shown = documents.page_image(page)
    picture = Image.open(io.BytesIO(shown))
    assert picture.size == (200, 320)
    top, bottom = picture.getpixel((100, 10)), picture.getpixel((100, 310))
    assert min(top) > 240 > max(bottom), "the white half is on top"
    assert uploads.MARK not in shown
    assert not picture.getexif()
    assert set(picture.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "dpi"}


@pytest.mark.parametrize("name", uploads.REFUSED_AT_ONCE)
def test_what_is_no_document_is_refused_before_it_is_kept(
    session: Session, application: Application, folder: Path, name: str
) -> None:
    make, code = uploads.REFUSED_AT_ONCE[name]
    with pytest.raises(RuleViolation) as refused:
        _send(session, application, make(), "passport.jpg")
    assert refused.value.message == rules.refusal_text(code, _limits(session))
    assert documents.of_application(session, application) == []
    assert [path for path in folder.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("name", uploads.REFUSED_WHEN_OPENED)
def test_what_cannot_be_opened_is_refused_with_a_reason_within_bounds(
    session: Session, application: Application, name: str
) -> None:
    make, code = uploads.REFUSED_WHEN_OPENED[name]
    content, began = make(), time.monotonic()
    document = _checked(session, application, content)
    assert (document.state, document.refusal, document.pages) == ("refused", code, [])
    assert time.monotonic() - began < imaging.PATIENCE
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 600_000  # kB
    assert not sections.drafts_of(session, application)["uploads"].is_complete


def test_the_child_knows_nothing_of_ours() -> None:
    source = imaging.CHILD.read_text()
    assert re.findall(r".*portal.*", source) == ["        from portal.adapters import mrz_reader"]
    assert "environ" not in source
    assert set(imaging.ENVIRONMENT) == {"OPENBLAS_NUM_THREADS"}
    loads = "import sys; from portal.adapters import mrz_reader; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-I", "-c", loads], capture_output=True, text=True, check=True)
    ours = {name for name in done.stdout.split() if name.startswith("portal.")}
    assert {".".join(name.split(".")[:2]) for name in ours} == {"portal.adapters", "portal.domain"}


def test_a_file_over_the_limit_is_refused(session: Session, application: Application) -> None:
    limit = _limits(session).bytes
    padded = uploads.jpeg() + bytes(limit)
    with pytest.raises(RuleViolation) as refused:
        _send(session, application, padded)
    assert "15 MB" in str(refused.value.message)
    assert _send(session, application, padded[:limit]).size == limit


def test_another_file_replaces_the_first_whose_bytes_are_forgotten(session: Session, application: Application) -> None:
    first = _checked(session, application, uploads.jpeg())
    second = _send(session, application, uploads.png())
    assert documents.current(session, application, KIND) is second
    assert not sections.drafts_of(session, application)["uploads"].is_complete
    keys = [first.file_key, *(page.file_key for page in first.pages)]
    documents.discard(first)
    documents.discard(second)
    assert [store.exists(key) for key in keys] == [False, False]
    assert store.exists(second.file_key)
    with pytest.raises(NotFound):
        documents.page_for_owner(session, application, first.id, 1)


def test_a_second_worker_changes_nothing(session: Session, application: Application) -> None:
    document = _send(session, application, uploads.jpeg())
    content = documents.begin_check(session, document)
    assert content == documents.begin_check(session, document)
    drawing = imaging.draw(content, _limits(session))
    documents.finish_check(session, document, drawing)
    documents.finish_check(session, document, imaging.Drawing(refusal="damaged"))
    session.refresh(document, ["pages"])
    assert (document.state, len(document.pages)) == ("ready", 1)
    assert documents.begin_check(session, document) is None


def test_documents_are_wanted_in_a_draft_or_when_an_officer_asks(session: Session, application: Application) -> None:
    application.status = "under_review"
    session.flush()
    with pytest.raises(NotOpenToThis):
        _send(session, application, uploads.jpeg())
    request = InformationRequest(
        application=application,
        application_id=application.id,
        agency="CA",
        language="en",
        wants_document=True,
        asked_by=officer(session, "CA").id,
        asked_at=now(),
        due_on=today() + timedelta(days=30),
    )
    session.add(request)
    session.flush()
    with pytest.raises(NotOpenToThis):  # the passport page was sent with the answers, and those are frozen
        _send(session, application, uploads.jpeg())
    upload = Upload("letter.pdf", io.BytesIO(uploads.pdf()))
    document = documents.receive(session, application, "requested_document", upload, by=application.account)
    documents.check(session, document)
    assert document.state == "ready"


def test_a_person_can_send_so_many_files_and_no_more(session: Session, application: Application) -> None:
    for _ in range(_limits(session).files):
        _send(session, application, uploads.png())
    with pytest.raises(RuleViolation, match="as many files"):
        _send(session, application, uploads.png())


def test_a_full_disk_keeps_nothing_half_and_loses_nothing(
    session: Session, application: Application, folder: Path
) -> None:
    before = _checked(session, application, uploads.jpeg())
    kept = sorted(folder.rglob("*"))
    with no_file_larger_than(500_000), pytest.raises(StoreUnavailable) as refused:
        _send(session, application, uploads.jpeg() + bytes(2_000_000))
    assert refused.value.is_full
    assert sorted(path for path in folder.rglob("*") if path.is_file()) == [path for path in kept if path.is_file()]
    assert documents.current(session, application, KIND) is before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may make a disk of its own")
def test_a_small_disk_that_is_really_full(session: Session, application: Application, tmp_path: Path) -> None:
    place = tmp_path / "small"
    place.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", place], capture_output=True).returncode:
        pytest.skip("nothing can be mounted here")
    try:
        store.configure(SimpleNamespace(files=place / "files", files_bucket=None))  # type: ignore[arg-type]
        with pytest.raises(StoreUnavailable) as refused:
            _send(session, application, uploads.jpeg() + bytes(2_000_000))
        assert refused.value.is_full
        assert _send(session, application, uploads.jpeg()).state == "received", "a small file still fits"
        assert [path.suffix for path in (place / "files").rglob("*") if path.is_file()] == [""]
    finally:
        subprocess.run(["umount", "-l", place], check=True)


def test_the_sweep_removes_what_no_row_needs_and_nothing_else(session: Session, application: Application) -> None:
    kept = _checked(session, application, uploads.jpeg())
    orphan, young = files.keep(application.person, b"orphan"), files.keep(application.person, b"young")
    for key in (orphan, kept.file_key, *(page.file_key for page in kept.pages)):
        _age(key)
    assert files.sweep(session) == 1
    assert not store.exists(orphan)
    assert store.exists(young)
    assert store.exists(kept.file_key)
    documents.remove(session, kept, by=application.account)
    assert files.sweep(session) == 2


def _age(key: str) -> None:
    then = time.time() - 2 * files.ORPHAN_AFTER.total_seconds()
    os.utime(store.path_of(key), (then, then))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("passport.jpg", "passport.jpg"),
        ("../../../../tmp/portal_traversal.jpg", "portal_traversal.jpg"),
        ("C:\\Users\\me\\scan.pdf", "scan.pdf"),
        ("Fu\u0308hrerschein – Ödön.jpg", "Führerschein – Ödön.jpg"),
        ("gpj.\u202egpj.exe", "gpj.gpj.exe"),
        ("a\0b\r\nc.jpg", "abc.jpg"),
        ("=cmd|' /C calc'!A0.jpg", "C calc'!A0.jpg"),
        ("", ""),
    ],
)
def test_a_name_is_shown_and_never_used(name: str, shown: str) -> None:
    assert rules.shown_name(name) == shown


def test_a_long_name_is_cut_and_keeps_its_ending() -> None:
    shown = rules.shown_name("a" * 1000 + ".jpg")
    assert len(shown) <= rules.LONGEST_NAME
    assert shown.endswith("….jpg")


def test_every_refusal_has_words(session: Session) -> None:
    for code in rules.REFUSALS:
        text = str(rules.refusal_text(code, _limits(session)))
        assert text.endswith(".")
        assert "%" not in text
    makers: list[tuple[Callable[[], bytes], str]] = [
        *uploads.REFUSED_AT_ONCE.values(),
        *uploads.REFUSED_WHEN_OPENED.values(),
    ]
    assert {code for _, code in makers} <= set(rules.REFUSALS)
