"""A real Chromium, and the portal that it visits."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, sync_playwright

from portal import create_app
from tests import programme
from tests.running import RunningPortal, running_portal

AXE = (Path(__file__).parent / "axe.min.js").read_text()
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
             "--disable-sync", "--no-first-run", "--disable-quic"]  # fmt: skip


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One Chromium for this process."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory, server: object, template: str) -> Iterator[RunningPortal]:
    """The portal as it really runs, with its programme loaded."""
    with running_portal(tmp_path_factory.mktemp("portal"), server, template) as portal:
        programme.load(portal.settings(), portal.urls["owner"])
        portal.start()
        yield portal


@pytest.fixture(scope="module")
def addresses(portal: RunningPortal) -> Iterator[Flask]:
    """The same application in this process, for the addresses of its pages."""
    app = create_app(portal.settings())
    yield app
    app.extensions["database"].engine.dispose()
