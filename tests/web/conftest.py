"""A whole programme that a file of tests shares: made once for each file that asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from portal.config import Settings
from tests import servers, world
from tests.world import World


@pytest.fixture(scope="module")
def urls_here(server: Any, template: str) -> Iterator[servers.Urls]:
    """The addresses of a database that this file alone uses."""
    urls = servers.new_database(server, template)
    yield urls
    servers.drop_database(server, urls)


@pytest.fixture(scope="module")
def here(urls_here: servers.Urls, settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The world, in a database of its own."""
    with world.world(settings, urls_here, tmp_path_factory.mktemp("world")) as built:
        yield built
