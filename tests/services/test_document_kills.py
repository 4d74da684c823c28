"""kill -9 at each step of a document's way in: no row without its file, and nothing that waits for ever."""

from __future__ import annotations

import io
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from portal.adapters import files as store
from portal.clock import now
from portal.config import Settings
from portal.db import Database
from portal.jobs import documents as jobs
from portal.models import Application, Document
from portal.services import applications, documents, files
from tests import uploads
from tests.interviewing import account
from tests.services.test_outbox_kill import environment_of

POINTS = {"after the write": 0, "after the rename": 0, "before the commit": 0, "after the commit": 1}
"""Where the process is killed, and how many rows are there afterwards."""

SENDING = """
import io, os, signal, sys
from sqlalchemy import select
from portal.config import Settings
from portal.models import Application
from portal.db import view_as
from portal.models.viewers import JOINT
from portal.services import documents
from portal.start import prepare

content = sys.stdin.buffer.read()

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def watch(point):
    renamed = False
    def hook(what, arguments):  # the interpreter tells of each call before it is made
        nonlocal renamed
        if point == "after the rename" and renamed and what == "open":
            die()
        if what == "os.rename" and "unfinished" in str(arguments[0]):
            if point == "after the write":
                die()
            renamed = True
    sys.addaudithook(hook)

def send(point, reference):
    database = prepare(Settings())
    with database.transaction() as session:
        view_as(session, JOINT)
        application = session.scalars(select(Application).where(Application.reference == reference)).one()
        watch(point)
        upload = documents.Upload("page.jpg", io.BytesIO(content))
        documents.receive(session, application, "passport_page", upload, by=application.account)
        if point == "before the commit":
            die()
    if point == "after the commit":
        die()

for argument in sys.argv[1:]:
    child = os.fork()
    if not child:
        send(*argument.split("="))
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL, argument
"""

CHECKING = """
import os, signal, sys
from portal.config import Settings
from portal.jobs import documents
from portal.start import prepare

def hook(what, arguments):
    if what == "subprocess.Popen":  # the decoder is about to get the file
        os.kill(os.getpid(), signal.SIGKILL)

database = prepare(Settings())
sys.addaudithook(hook)
documents.check_document(database, document_id=sys.argv[1])
"""


@pytest.fixture
def folder(worker_database: Database, settings: Settings, tmp_path: Path) -> Iterator[Path]:
    """The file store of this test alone."""
    store.configure(settings.model_copy(update={"files": tmp_path / "files"}))
    yield tmp_path / "files"
    store.configure(settings)


def _run(settings: Settings, folder: Path, program: str, *arguments: str) -> int:
    environment = environment_of(settings, settings.smtp_url) | {"PASSAGE_FILES": str(folder)}
    done = subprocess.run([sys.executable, "-c", program, *arguments], env=environment, input=uploads.jpeg(),
                          capture_output=True)  # fmt: skip
    assert done.returncode in (0, -signal.SIGKILL), done.stderr.decode()[-2000:]
    return done.returncode


def _draft(database: Database, number: int) -> str:
    with database.transaction() as session:
        holder = account(session, f"traveller{number}@example.org")
        return applications.start(session, holder, by=holder).reference


def _documents(database: Database, reference: str) -> list[Document]:
    with database.transaction() as session:
        query = select(Document).join(Application).where(Application.reference == reference)
        return list(session.scalars(query))


def test_a_web_process_killed_while_it_receives(database: Database, settings: Settings, folder: Path) -> None:
    references = {point: _draft(database, number) for number, point in enumerate(POINTS)}
    assert _run(settings, folder, SENDING, *[f"{point}={reference}" for point, reference in references.items()]) == 0
    rows = {point: _documents(database, reference) for point, reference in references.items()}
    assert {point: len(found) for point, found in rows.items()} == POINTS
    left = [path for path in folder.rglob("*") if path.is_file()]
    assert len(left) == len(POINTS), "each of them had written its file"
    then = (now() - 2 * files.ORPHAN_AFTER).timestamp()
    for path in left:
        os.utime(path, (then, then))
    with database.transaction() as session:
        assert files.sweep(session) == 2
        [document] = session.scalars(select(Document))
        assert [path.name for path in folder.rglob("*") if path.is_file()] == [document.file_key]
        documents.check(session, document)
        assert document.state == "ready", "what was answered for is whole"


def test_a_worker_killed_while_it_checks(
    database: Database,
    worker_database: Database,
    worker_settings: Settings,
    folder: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    reference = _draft(database, 1)
    with database.transaction() as session:
        application = session.scalars(select(Application)).one()
        upload = documents.Upload("page.jpg", io.BytesIO(uploads.jpeg()))
        documents.receive(session, application, "passport_page", upload, by=application.account)
    [document] = _documents(database, reference)
    assert _run(worker_settings, folder, CHECKING, str(document.id)) == -signal.SIGKILL
    assert [one.state for one in _documents(database, reference)] == ["checking"], "that is what the traveller sees"
    jobs.check_document(worker_database, document_id=str(document.id))
    with database.transaction() as session, caplog.at_level(logging.ERROR):
        again = session.get_one(Document, document.id)
        assert (again.state, len(again.pages)) == ("ready", 1)
        assert files.sweep(session) == 0
        assert not caplog.records
