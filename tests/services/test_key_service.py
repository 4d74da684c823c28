"""AWS KMS as moto plays it: keys are drawn wrapped, open at start, and open for nothing but their own kind."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner

from portal.adapters import key_service, key_source
from portal.adapters.key_service import KeyService, Refused
from portal.cli import main
from portal.config import Settings
from portal.start import connect
from tests.mailbox import free_port

boto3 = pytest.importorskip("boto3", reason="boto3 is not installed")
moto_server = pytest.importorskip("moto.server", reason="moto is not installed")


@pytest.fixture(scope="module")
def service() -> Iterator[tuple[str, str]]:
    """A key service over HTTP: its address, and the id of a key in it."""
    with pytest.MonkeyPatch.context() as environment:
        for name, value in (("AWS_ACCESS_KEY_ID", "tests"), ("AWS_SECRET_ACCESS_KEY", "tests"),
                            ("AWS_DEFAULT_REGION", "ca-central-1"), ("no_proxy", "127.0.0.1")):  # fmt: skip
            environment.setenv(name, value)
        server = moto_server.ThreadedMotoServer(ip_address="127.0.0.1", port=free_port(), verbose=False)
        server.start()
        try:
            address = f"http://127.0.0.1:{server._port}"
            made = boto3.client("kms", endpoint_url=address).create_key(Description="Passage")
            yield address, made["KeyMetadata"]["KeyId"]
        finally:
            server.stop()


def through_kms(settings: Settings, service: tuple[str, str]) -> Settings:
    """The settings with keys that the service wrapped: two master keys and an index key."""
    address, key = service
    kms = KeyService(address)
    update: dict[str, Any] = {
        "master_key": None, "old_master_keys": None, "index_key": None, "kms_endpoint": address,
        "kms_master_keys": f"{kms.draw(key, 'master')} {kms.draw(key, 'master')}",
        "kms_index_keys": kms.draw(key, "index"),
    }  # fmt: skip
    return settings.model_copy(update=update)


def test_what_it_draws_opens_again_as_the_same_key(settings: Settings, service: tuple[str, str]) -> None:
    told = through_kms(settings, service)
    one, again = key_source.keyring(told), key_source.keyring(told)
    assert one.key_ids == again.key_ids and len(one.key_ids["master"]) == 2
    wrapped = one.new_wrapped_key("somebody")
    sealed = one.seal(wrapped, "somebody", "person.name", b"words")
    assert again.open(wrapped, "somebody", "person.name", sealed) == b"words"


def test_a_key_of_another_kind_or_a_damaged_one_does_not_open(service: tuple[str, str]) -> None:
    address, key = service
    kms = KeyService(address)
    wrapped = kms.draw(key, "index")
    assert len(kms.unwrap(wrapped, "index")) == 32
    with pytest.raises(Refused, match="InvalidCiphertext"):
        kms.unwrap(wrapped, "master")
    damaged = bytearray(base64.b64decode(wrapped))
    damaged[-1] ^= 1
    with pytest.raises(Refused):
        kms.unwrap(base64.b64encode(damaged).decode(), "index")
    with pytest.raises(Refused, match="not base64"):
        kms.unwrap("§", "index")


def test_a_start_without_the_service_is_refused_in_one_line(
    settings: Settings, service: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    told = through_kms(settings, service).model_copy(update={"kms_endpoint": f"http://127.0.0.1:{free_port()}"})
    monkeypatch.setattr(key_service, "TRIES", 1)
    with pytest.raises(SystemExit, match=r"^PASSAGE_KMS_MASTER_KEYS: the key service cannot be reached"):
        connect(told)


def test_the_command_draws_through_it(service: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    address, key = service
    environment = {"PASSAGE_KMS_ENDPOINT": address}
    drawn = CliRunner().invoke(main, ["keys", "draw", "--kind", "index", "--kms", key], env=environment)
    assert drawn.exit_code == 0 and len(KeyService(address).unwrap(drawn.stdout.strip(), "index")) == 32
    refused = CliRunner().invoke(main, ["keys", "draw", "--kms", "alias/none"], env=environment)
    assert refused.exit_code == 2 and "NotFoundException" in refused.stderr
    plain = CliRunner().invoke(main, ["keys", "draw"])
    assert len(base64.b64decode(plain.stdout)) == 32
