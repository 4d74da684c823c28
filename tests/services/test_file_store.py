"""The store of files: pieces that only fit where they belong, in a folder and in a bucket alike."""

from __future__ import annotations

import io
import logging
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from sqlalchemy.orm import Session

from portal.adapters import files as store
from portal.adapters import sealed_files
from portal.adapters.file_bucket import StoreAway
from portal.adapters.sealed_files import PIECE, TAG
from portal.config import Settings
from portal.models import Application
from portal.services import applications, documents, files
from portal.services.documents import StoreUnavailable, Upload
from tests import uploads
from tests.interviewing import account
from tests.mailbox import free_port

boto3 = pytest.importorskip("boto3", reason="boto3 is not installed")
moto_server = pytest.importorskip("moto.server", reason="moto is not installed")


@pytest.fixture(scope="module")
def service() -> Iterator[str]:
    """An S3 service over HTTP that has a bucket."""
    with pytest.MonkeyPatch.context() as environment:
        for name, value in (("AWS_ACCESS_KEY_ID", "tests"), ("AWS_SECRET_ACCESS_KEY", "tests"),
                            ("AWS_DEFAULT_REGION", "ca-central-1"), ("no_proxy", "127.0.0.1")):  # fmt: skip
            environment.setenv(name, value)
        server = moto_server.ThreadedMotoServer(ip_address="127.0.0.1", port=free_port(), verbose=False)
        server.start()
        try:
            address = f"http://127.0.0.1:{server._port}"
            where = {"LocationConstraint": "ca-central-1"}
            boto3.client("s3", endpoint_url=address).create_bucket(Bucket="passage", CreateBucketConfiguration=where)
            yield address
        finally:
            server.stop()


@pytest.fixture(params=["folder", "bucket"])
def place(request: pytest.FixtureRequest, app: object, settings: Settings, tmp_path: Path) -> Iterator[str]:
    """Where files are kept."""
    update: dict[str, object] = {"files": tmp_path / "files"}
    if request.param == "bucket":
        update |= {"files_bucket": "s3://passage/files", "files_endpoint": request.getfixturevalue("service")}
    store.configure(settings.model_copy(update=update))
    yield request.param
    for key, _ in list(store.all_keys()):
        store.delete(key)
    store.configure(settings)


@pytest.fixture
def application(session: Session) -> Application:
    holder = account(session)
    return applications.start(session, holder, by=holder)


def _sealed(key: bytes, content: bytes) -> bytes:
    return b"".join(sealed_files.sealed(key, "here", io.BytesIO(content)))


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE])
def test_what_is_sealed_in_pieces_opens_again(size: int) -> None:
    key, content = sealed_files.new_key(), bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    assert sealed_files.opened(key, "here", _sealed(key, content)) == content


def test_pieces_fit_nowhere_else() -> None:
    key, step = sealed_files.new_key(), PIECE + TAG
    whole = _sealed(key, b"a" * PIECE + b"b" * PIECE + b"c")
    spoilt = {
        "cut after a piece": whole[: 2 * step],
        "cut in a piece": whole[:-1],
        "a piece is missing": whole[step:],
        "changed places": whole[step : 2 * step] + whole[:step] + whole[2 * step :],
        "one bit": whole[:9] + bytes([whole[9] ^ 1]) + whole[10:],
        "something added": whole + whole[-17:],
        "nothing": b"",
    }
    for what, content in spoilt.items():
        with pytest.raises(InvalidTag):
            pytest.fail(f"{what}: {len(sealed_files.opened(key, 'here', content))} bytes were opened")
    for other in ((key, "there"), (sealed_files.new_key(), "here")):
        with pytest.raises(InvalidTag):
            sealed_files.opened(*other, whole)


def test_both_places_keep_find_and_forget(place: str, application: Application) -> None:
    content, owner = b"secret words " * 500_000, application.person  # more than one part of S3's
    key = files.keep(owner, io.BytesIO(content), of=application.id)
    assert files.read(owner, key, of=application.id) == content
    assert b"secret words" not in store.get(key)
    [(found, written_at)] = store.all_keys()
    assert (found, store.exists(key)) == (key, True)
    assert abs(datetime.now(UTC) - written_at) < timedelta(minutes=1)
    with pytest.raises(InvalidTag):
        files.read(owner, key, of=uuid.uuid4())
    store.delete(key)
    store.delete(key)
    assert not store.exists(key)
    with pytest.raises(FileNotFoundError):
        store.get(key)


def test_documents_live_in_both_places(
    place: str, session: Session, application: Application, caplog: pytest.LogCaptureFixture
) -> None:
    upload = Upload("page.jpg", io.BytesIO(uploads.jpeg()))
    document = documents.receive(session, application, "passport_page", upload, by=application.account)
    documents.check(session, document)
    session.refresh(document, ["pages"])
    assert documents.page_image(document.pages[0]).startswith(b"\xff\xd8")
    assert files.sweep(session) == 0
    store.delete(document.pages[0].file_key)
    with caplog.at_level(logging.ERROR):
        files.sweep(session)
    assert document.pages[0].file_key in caplog.text


def test_each_file_has_a_key_of_its_own(place: str, application: Application) -> None:
    first, second = (files.keep(application.person, b"the same", of=application.id) for _ in range(2))
    assert store.get(first)[-24:] != store.get(second)[-24:]


def test_a_bucket_that_is_away_is_said_and_nothing_is_kept(
    app: object, settings: Settings, session: Session, application: Application
) -> None:
    away = {"files_bucket": "s3://passage", "files_endpoint": f"http://127.0.0.1:{free_port()}"}
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ACCESS_KEY_ID", "tests")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "tests")
        environment.setenv("AWS_DEFAULT_REGION", "ca-central-1")
        store.configure(settings.model_copy(update=away))
    try:
        with pytest.raises(StoreUnavailable) as refused:
            upload = Upload("page.jpg", io.BytesIO(uploads.jpeg()))
            documents.receive(session, application, "passport_page", upload, by=application.account)
        assert not refused.value.is_full
        assert isinstance(refused.value.__cause__, StoreAway)
        assert documents.of_application(session, application) == []
    finally:
        store.configure(settings)
